import CLibwebsockets
import Glibc
internal import Synchronization

/// One thread that serves sockets and keeps the tick. Created and run on the same thread; everything but
/// ``handle`` belongs to that thread.
///
/// A round of ``run()``: read what is ready, deliver wakes, write what was asked for, run the tick and the phases whose time has come,
/// then pause so that reads come in batches. Writes go straight to the socket: only a socket that did not take all of the last one is
/// waited for. The library's own round looks at every socket, so it is left to what needs it (HTTP answers, blocked writers, closing);
/// readable sockets are found by ``ReadableSet``.
public final class SocketLoop {
  public let configuration: SocketLoopConfiguration
  /// For other threads.
  public let handle: LoopHandle
  /// Ports in the order of ``SocketLoopConfiguration/listeners``.
  public let boundPorts: [Int]

  var handler: (any SocketHandler)?
  let table: SlotTable
  /// Sockets accepted and not yet gone.
  var acceptedCount = 0
  var clientCount = 0
  /// An upgrade between its admission and its opening, which the library does in one go.
  var admittedUpgrade: UpgradeRequest?
  /// Ends that must not be told inside the call that caused them.
  var endsToTell: [(ConnectionID, ConnectionEnd)] = []
  /// Kept so that one more descriptor can be opened when none is left, see ``accept``.
  var reserveDescriptor: Int32
  var signalDescriptor: Int32 = -1
  /// The library was asked for a writable callback: don't pause.
  var writesAsked = false
  /// A blocked socket or a message of the library's own waits for its next round: after the pause.
  var wantsFullRound = false
  /// Slots whose handler wants to write, in the order of asking.
  var ready: [UInt32] = []
  var readyNow: [UInt32] = []
  let readable: ReadableSet
  /// WebSocket connections, either side.
  var openCount = 0
  /// Seconds of the loop's clock, as of this round.
  var second: Int32 = 0
  var isStopping = false
  /// Where ``meterReceived(_:)`` goes on, and when it last looked.
  var meterCursor = 0
  var meteredNs: Int64 = 0
  var date = DateHeader()

  let memory: LibraryMemory
  let sendRoom: UnsafeMutableRawBufferPointer
  private let listening: [ListeningSocket]
  private let usesTLS: Bool
  private(set) var listenerVhosts: [OpaquePointer] = []
  private(set) var innerVhost: OpaquePointer?
  private(set) var context: OpaquePointer?
  private(set) var startNs: Int64

  /// Creation and destruction touch state the libraries share between contexts.
  private static let contextLock = Mutex<Void>(())
  /// At least so often the library looks at all sockets, whatever there is to do: for its timers, and for what TLS has read ahead.
  private var fullRoundNs: Int64 { clientCount > 0 || needsTLS ? 5_000_000 : 250_000_000 }

  /// Binds the listeners; peers wait in the backlog until ``run()``. The loop keeps `handler` until `run()` returns.
  public init(_ configuration: SocketLoopConfiguration, handler: any SocketHandler) throws(SocketLoopError) {
    precondition(configuration.hangUpSeconds > configuration.pingSeconds && configuration.frameBytesMax > 0)
    precondition(configuration.phasesPerTick > 0)
    LibraryLog.install()
    let count = configuration.connectionsMax + configuration.clientConnectionsMax
    try DescriptorLimit.ensure(count + configuration.listeners.count + configuration.descriptorsForOthers)
    var listening: [ListeningSocket] = []
    for listener in configuration.listeners {
      if let tls = listener.tls { try Self.checkReadable([tls.certificatePath, tls.keyPath]) }
      listening.append(try ListeningSocket(listener))
    }
    self.configuration = configuration
    usesTLS = configuration.listeners.contains { $0.tls != nil }
    self.listening = listening
    self.handler = handler
    handle = LoopHandle()
    boundPorts = listening.map(\.port)
    table = SlotTable(count: count)
    readable = try ReadableSet()
    memory = LibraryMemory(configuration)
    sendRoom = .allocate(
      byteCount: SendBatch.roomBytes(frameBytesMax: configuration.frameBytesMax), alignment: 16)
    reserveDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    startNs = ThreadClock.monotonicNs()
    try createContext()
    if configuration.handlesSignals { try openSignals() }
  }

  deinit {
    destroyContext()
    sendRoom.deallocate()
    if reserveDescriptor >= 0 { closeDescriptor(reserveDescriptor) }
    if signalDescriptor >= 0 { closeDescriptor(signalDescriptor) }
  }

  // MARK: Running

  /// Serves until ``stop()``, then cuts what is still open, telling the handler, and returns. Once only.
  public func run() {
    guard let context, !isStopping else { return }
    for (index, socket) in listening.enumerated() {
      adopt(descriptor: socket.release(), listenerVhosts[index], mark: index + 1)
    }
    if signalDescriptor >= 0, let innerVhost {
      adopt(descriptor: signalDescriptor, innerVhost, mark: Self.signalMark)
      signalDescriptor = -1
    }
    startNs = ThreadClock.monotonicNs()
    var clock = configuration.tickMicroseconds.map {
      PhasedClock(startNs: startNs, periodNs: Int64($0) * 1000, phases: configuration.phasesPerTick)
    }
    var nextFullNs = startNs
    while !handle.stopAsked {
      var now = ThreadClock.monotonicNs()
      let isQuiet = openCount == 0 || clock == nil
      if isQuiet {
        // Nobody to batch for: wait in the library until something happens or something is due.
        let deadline = min(clock?.deadlineNs ?? .max, now + 1_000_000_000)
        armTimer(context, deadline)
        if lws_service(context, writesAsked || !ready.isEmpty || deadline <= now ? -1 : 0) < 0 { break }
        // The library counts in whole milliseconds; the rest is slept exactly.
        if deadline - ThreadClock.monotonicNs() < 1_000_000 { ThreadClock.sleep(untilNs: deadline) }
      } else if writesAsked || wantsFullRound || now >= nextFullNs {
        nextFullNs = now + fullRoundNs
        writesAsked = false
        wantsFullRound = false
        // A negative timeout polls and does not wait.
        if lws_service(context, -1) < 0 { break }
      }
      if !isQuiet { serveReadable(context) }
      if isQuiet { writesAsked = false }
      // Reading left something of the library's own to be sent, as a rule a pong: it goes before what answers the
      // messages that came with it.
      if wantsFullRound {
        wantsFullRound = false
        if lws_service(context, -1) < 0 { break }
      }
      if handle.takeWake() { handler?.woken() }
      tellEnds()
      flushReady()
      now = ThreadClock.monotonicNs()
      checkLiveness(now)
      meterReceived(now)
      while let due = clock?.next(nowNs: now) {
        switch due {
        case .tick(let timing):
          handler?.tick(timing)
          clock?.tickEnded()
        case .phase(let phase, let lateness):
          handler?.phase(phase, latenessMicroseconds: lateness)
        }
        flushReady()
        now = ThreadClock.monotonicNs()
      }
      if !isQuiet || clock == nil { pause(untilNs: clock?.deadlineNs ?? .max) }
    }
    isStopping = true
    destroyContext()
    tellEnds()
    handler = nil
  }

  /// Ends ``run()`` after the current round.
  public func stop() { handle.stop() }

  /// Microseconds since the planned instant of tick 0, which is when ``run()`` began.
  public var elapsedMicroseconds: Int64 { (ThreadClock.monotonicNs() - startNs) / 1000 }

  /// Sockets accepted and still open, WebSocket or not.
  public var connectionCount: Int { acceptedCount }

  private func pause(untilNs deadline: Int64) {
    guard !writesAsked, ready.isEmpty, configuration.batchMicroseconds > 0 else { return }
    ThreadClock.sleep(
      untilNs: min(deadline, ThreadClock.monotonicNs() + Int64(configuration.batchMicroseconds) * 1000))
  }

  /// Bounds the library's wait. It counts in whole milliseconds and rounds down, then looks again.
  private func armTimer(_ context: OpaquePointer, _ deadline: Int64) {
    let wait = max(1, (deadline - ThreadClock.monotonicNs()) / 1000)
    memory.tickTimer.pointee.context = context
    lws_sul_schedule(context, 0, &memory.tickTimer.pointee.timer, hubnetOnTimer, wait)
  }

  func tellEnds() {
    while !endsToTell.isEmpty {
      let ends = endsToTell
      endsToTell.removeAll()
      for (id, end) in ends { handler?.closed(id, end) }
    }
  }

  // MARK: The library's context

  private var needsTLS: Bool { usesTLS || wantsClientTLS }
  private var wantsClientTLS: Bool { configuration.clientConnectionsMax > 0 && configuration.clientUsesTLS }

  private func createContext() throws(SocketLoopError) {
    var info = lws_context_creation_info()
    info.port = CONTEXT_PORT_NO_LISTEN
    info.options =
      UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS) | UInt64(LWS_SERVER_OPTION_VALIDATE_UTF8)
      | UInt64(LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME)
    if needsTLS { info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT) }
    info.user = Unmanaged.passUnretained(self).toOpaque()
    info.timeout_secs = UInt32(configuration.handshakeSecondsMax)
    info.timeout_secs_ah_idle = UInt32(configuration.handshakeSecondsMax)
    info.keepalive_timeout = Int32(configuration.handshakeSecondsMax)
    info.max_http_header_data = 4096
    info.pt_serv_buf_size = 16_384
    info.retry_and_idle_policy = memory.liveness
    let bits = Self.contextLock.withLock { _ in UInt(bitPattern: lws_create_context(&info)) }
    guard let created = OpaquePointer(bitPattern: bits) else {
      throw .library("no context could be created")
    }
    context = created
    handle.attach(created)
    innerVhost = try createInnerVhost(created, info)
    for (index, socket) in listening.enumerated() {
      listenerVhosts.append(try createVhost(created, info, socket.listener, index))
    }
  }

  private func createInnerVhost(
    _ context: OpaquePointer, _ base: lws_context_creation_info
  ) throws(SocketLoopError) -> OpaquePointer {
    var info = base
    info.port = CONTEXT_PORT_NO_LISTEN
    info.vhost_name = memory.string("hubnet-inner")
    info.protocols = memory.protocols([
      (LibraryMemory.clientName, LibraryMemory.ProtocolID.client, 4096),
      (LibraryMemory.descriptorName, LibraryMemory.ProtocolID.descriptor, 0),
    ])
    if wantsClientTLS, let path = configuration.clientAuthoritiesPath {
      try Self.checkReadable([path])
      info.client_ssl_ca_filepath = memory.string(path)
    }
    guard let vhost = lws_create_vhost(context, &info) else { throw .library("no vhost could be created") }
    if wantsClientTLS, lws_init_vhost_client_ssl(&info, vhost) != 0 {
      throw .library("TLS for client connections could not be set up")
    }
    return vhost
  }

  private func createVhost(
    _ context: OpaquePointer, _ base: lws_context_creation_info, _ listener: Listener, _ index: Int
  ) throws(SocketLoopError) -> OpaquePointer {
    var info = base
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER
    info.vhost_name = memory.string("hubnet-\(index)")
    var entries: [(name: String, id: UInt32, receiveBytes: Int)] = [
      (LibraryMemory.httpName, LibraryMemory.ProtocolID.http, 0)
    ]
    if let endpoint = listener.webSocket {
      // The library takes the first of the table for those who offer none.
      let place = endpoint.isAssumed ? 0 : 1
      entries.insert((endpoint.subprotocol, LibraryMemory.ProtocolID.webSocket, 512), at: place)
    }
    entries.append((LibraryMemory.descriptorName, LibraryMemory.ProtocolID.descriptor, 0))
    info.protocols = memory.protocols(entries)
    if let tls = listener.tls {
      info.ssl_cert_filepath = memory.string(tls.certificatePath)
      info.ssl_private_key_filepath = memory.string(tls.keyPath)
      info.alpn = memory.string("http/1.1")
    }
    guard let vhost = lws_create_vhost(context, &info) else {
      guard let tls = listener.tls else { throw .library("no vhost could be created") }
      throw .tlsRejected(
        certificatePath: tls.certificatePath, keyPath: tls.keyPath,
        reason: "not PEM, or the key does not belong to the certificate")
    }
    return vhost
  }

  private func destroyContext() {
    guard let context else { return }
    handle.detach()
    let bits = UInt(bitPattern: context)
    Self.contextLock.withLock { _ in lws_context_destroy(OpaquePointer(bitPattern: bits)) }
    self.context = nil
    listenerVhosts = []
    innerVhost = nil
  }

  private static func checkReadable(_ paths: [String]) throws(SocketLoopError) {
    for path in paths where access(path, R_OK) != 0 {
      throw .fileUnreadable(path: path, reason: systemMessage(errno))
    }
  }
}

/// The loop looks at the clock by itself; this keeps the timer going. The library runs what is due before it waits, and
/// with no timer left it would wait until a socket is ready, however long.
@c(hubnet_on_timer)
func hubnetOnTimer(_ timer: UnsafeMutablePointer<lws_sorted_usec_list_t>?) {
  guard let timer else { return }
  let context = UnsafeMutableRawPointer(timer).assumingMemoryBound(to: hub_tick_timer.self).pointee.context
  lws_sul_schedule(context, 0, timer, hubnetOnTimer, 500)
}
