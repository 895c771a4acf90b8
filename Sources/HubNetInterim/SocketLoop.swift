import CLibwebsockets
import Foundation
import Synchronization

/// An address to listen on.
public struct Listener: Sendable {
  public var host: String
  /// 0 takes a free one; see ``SocketLoop/ports``.
  public var port: Int
  public var acceptsWebSockets: Bool
  public var tlsCertificate: String?
  public var tlsKey: String?
  public init(
    host: String, port: Int, acceptsWebSockets: Bool, tlsCertificate: String? = nil, tlsKey: String? = nil
  ) {
    self.host = host
    self.port = port
    self.acceptsWebSockets = acceptsWebSockets
    self.tlsCertificate = tlsCertificate
    self.tlsKey = tlsKey
  }
}

public struct SocketLoopConfig: Sendable {
  public var listeners: [Listener] = []
  public var webSocketPath = "/ws"
  public var subprotocol = "hub.v1"
  public var connectionsMax = 1024
  public var sendBufferBytes = 65_536
  public var firstMessageBytesMax = 4096
  public var textMessageBytesMax = 8192
  public var binaryMessageBytesMax = 64
  public var fragmentsMax = 16
  /// Longest time between two looks at the sockets: reads then come in batches. 0 looks at once.
  public var paceMicroseconds: UInt32 = 2000
  public var tickMicroseconds: Int64 = 50_000
  public var ticks = true
  public init() {}
}

/// Why the loop did not start.
public enum SocketLoopError: Error, Equatable, CustomStringConvertible {
  case portTaken(host: String, port: Int)
  case addressUnavailable(host: String, port: Int)
  case tooFewFiles(limit: Int, needed: Int)
  case certificate(String)
  case library(String)
  public var description: String {
    switch self {
    case .portTaken(let host, let port): "port \(port) on \(host) is taken by another program"
    case .addressUnavailable(let host, let port): "cannot listen on \(host):\(port): no such address here, or no right to"
    case .tooFewFiles(let limit, let needed):
      "this process may open \(limit) files, \(needed) are needed: raise `ulimit -n` or lower the number of connections"
    case .certificate(let path): "cannot read the certificate or key \(path)"
    case .library(let text): "libwebsockets: \(text)"
    }
  }
}

/// One libwebsockets service loop on the calling thread: HTTP, WebSocket, and the tick.
public final class SocketLoop {
  struct Connection {
    var generation: UInt32 = 0
    var wsi: OpaquePointer?
    var isOpen = false
    var hasHadMessage = false
    var incoming: [UInt8] = []
    var fragments = 0
    var closing: (code: UInt16, reason: String)?
  }
  struct Body {
    var bytes: [UInt8]
    var offset: Int
  }

  fileprivate static let timerOwnerOffset = MemoryLayout<lws_sorted_usec_list_t>.stride
  let config: SocketLoopConfig
  unowned let handler: any SocketHandler
  var context: OpaquePointer?
  var connections: [Connection]
  var freeSlots: [Int]
  var bodies: [OpaquePointer: Body] = [:]
  let buffer: UnsafeMutableRawBufferPointer
  public private(set) var ports: [Int] = []
  private var isStopped = false
  /// The library's timer, and this loop's address right behind it.
  private var timer: UnsafeMutableRawPointer
  private var tickClock: TickClock
  private var protocolTable: UnsafeMutablePointer<lws_protocols>
  private var retry: UnsafeMutablePointer<lws_retry_bo_t>
  private var names: [UnsafeMutablePointer<CChar>] = []

  /// Opens all listeners or throws; nothing is served before ``run()``.
  public init(_ config: SocketLoopConfig, handler: any SocketHandler) throws(SocketLoopError) {
    self.config = config
    self.handler = handler
    connections = Array(repeating: Connection(), count: config.connectionsMax)
    freeSlots = Array((0..<config.connectionsMax).reversed())
    buffer = .allocate(byteCount: Int(hub_lws_pre) + config.sendBufferBytes, alignment: 16)
    timer = .allocate(byteCount: Self.timerOwnerOffset + 8, alignment: 16)
    timer.initializeMemory(as: UInt8.self, repeating: 0, count: Self.timerOwnerOffset + 8)
    protocolTable = .allocate(capacity: 3)
    protocolTable.initialize(repeating: lws_protocols(), count: 3)
    retry = .allocate(capacity: 1)
    retry.initialize(to: lws_retry_bo_t())
    tickClock = TickClock(periodMicroseconds: config.tickMicroseconds, now: Self.nowMicroseconds())
    try Self.ensureFiles(config.connectionsMax + 64)
    try open()
  }

  deinit {
    if let context { lws_context_destroy(context) }
    buffer.deallocate()
    timer.deallocate()
    protocolTable.deallocate()
    retry.deallocate()
    for name in names { free(name) }
  }

  static func nowMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }

  /// Milliseconds since tick 0.
  public var elapsedMilliseconds: UInt64 { UInt64(max(0, Self.nowMicroseconds() - tickClock.start) / 1000) }

  private func keep(_ text: String) -> UnsafeMutablePointer<CChar> {
    let copy = strdup(text)!
    names.append(copy)
    return copy
  }

  private static func ensureFiles(_ needed: Int) throws(SocketLoopError) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    if limit.rlim_cur < rlim_t(needed) {
      limit.rlim_cur = min(limit.rlim_max, rlim_t(needed))
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    guard limit.rlim_cur >= rlim_t(needed) else { throw .tooFewFiles(limit: Int(limit.rlim_cur), needed: needed) }
  }

  /// libwebsockets shares a port that is in use (SO_REUSEPORT), so we look first.
  private static func probe(_ listener: Listener) throws(SocketLoopError) {
    guard listener.port != 0 else { return }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(listener.host, String(listener.port), &hints, &found) == 0, let info = found else {
      throw .addressUnavailable(host: listener.host, port: listener.port)
    }
    defer { freeaddrinfo(found) }
    let socket = socket(info.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
    defer { Foundation.close(socket) }
    var one: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    guard bind(socket, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(socket, 1) == 0 else {
      if errno == EADDRINUSE { throw .portTaken(host: listener.host, port: listener.port) }
      throw .addressUnavailable(host: listener.host, port: listener.port)
    }
  }

  private func open() throws(SocketLoopError) {
    lws_set_log_level(LLL_ERR | LLL_WARN) { _, line in
      guard let line else { return }
      _ = write(2, "libwebsockets: ", 15)
      _ = write(2, line, strlen(line))
    }
    for listener in config.listeners { try Self.probe(listener) }
    protocolTable[0].name = UnsafePointer(keep("http"))
    protocolTable[0].callback = onSocketEvent
    protocolTable[0].rx_buffer_size = 4096
    protocolTable[1].name = UnsafePointer(keep(config.subprotocol))
    protocolTable[1].callback = onSocketEvent
    protocolTable[1].per_session_data_size = MemoryLayout<UInt64>.size
    protocolTable[1].rx_buffer_size = 4096
    protocolTable[1].tx_packet_size = config.sendBufferBytes
    retry.pointee.secs_since_valid_ping = 20
    retry.pointee.secs_since_valid_hangup = 45
    var info = lws_context_creation_info()
    info.port = CONTEXT_PORT_NO_LISTEN
    info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS) | UInt64(LWS_SERVER_OPTION_VALIDATE_UTF8)
    if config.listeners.contains(where: { $0.tlsCertificate != nil }) {
      info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
    }
    info.user = Unmanaged.passUnretained(self).toOpaque()
    info.fd_limit_per_thread = UInt32(config.connectionsMax + 64)
    info.pt_serv_buf_size = UInt32(config.sendBufferBytes)
    info.max_http_header_data = 4096
    info.max_http_header_pool = 512
    info.timeout_secs = 5
    info.retry_and_idle_policy = UnsafePointer(retry)
    guard let context = lws_create_context(&info) else { throw .library("no context") }
    self.context = context
    for (index, listener) in config.listeners.enumerated() {
      var info = lws_context_creation_info()
      info.port = Int32(listener.port)
      info.iface = UnsafePointer(keep(listener.host))
      info.vhost_name = UnsafePointer(keep("listener-\(index)"))
      info.protocols = UnsafePointer(protocolTable)
      info.options = UInt64(LWS_SERVER_OPTION_VALIDATE_UTF8)
      info.timeout_secs = 5
      info.keepalive_timeout = 5
      info.retry_and_idle_policy = UnsafePointer(retry)
      if let certificate = listener.tlsCertificate, let key = listener.tlsKey {
        for path in [certificate, key] where access(path, R_OK) != 0 { throw .certificate(path) }
        info.ssl_cert_filepath = UnsafePointer(keep(certificate))
        info.ssl_private_key_filepath = UnsafePointer(keep(key))
        info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
      }
      guard let vhost = lws_create_vhost(context, &info) else {
        throw .addressUnavailable(host: listener.host, port: listener.port)
      }
      ports.append(Int(lws_get_vhost_listen_port(vhost)))
    }
  }

  // MARK: Running

  /// Serves until ``stop()``.
  public func run() {
    if config.ticks {
      (timer + Self.timerOwnerOffset).storeBytes(of: Unmanaged.passUnretained(self).toOpaque(), as: UnsafeMutableRawPointer.self)
      tickClock = TickClock(periodMicroseconds: config.tickMicroseconds, now: Self.nowMicroseconds())
      armTimer()
    }
    while !isStopped {
      if stopSignal.load(ordering: .relaxed) != 0, stopSignal.exchange(0, ordering: .relaxed) != 0 {
        handler.stopRequested()
      }
      guard lws_service(context, 0) >= 0 else { break }
      guard config.paceMicroseconds > 0, !isStopped else { continue }
      let untilTick = config.ticks ? tickClock.nextDeadline - Self.nowMicroseconds() : Int64.max
      let pause = min(Int64(config.paceMicroseconds), untilTick)
      if pause > 100 { usleep(UInt32(pause)) }
    }
  }

  public func stop() {
    isStopped = true
    if let context { lws_cancel_service(context) }
  }

  fileprivate func armTimer() {
    let wait = max(1, tickClock.nextDeadline - Self.nowMicroseconds())
    lws_sul_schedule(context, 0, timer.assumingMemoryBound(to: lws_sorted_usec_list_t.self), onTick, wait)
  }

  fileprivate func runDueTicks() {
    let due = tickClock.due(now: Self.nowMicroseconds())
    for index in 0..<due.count {
      handler.tick(
        TickTiming(
          tick: due.first + UInt32(index),
          latenessMicroseconds: Self.nowMicroseconds() - tickClock.deadline(due.first + UInt32(index)),
          skipped: index == 0 ? due.skipped : 0, skippedByOwnWork: due.skippedByOwnWork))
    }
    tickClock.finished(due, now: Self.nowMicroseconds())
    armTimer()
  }

  /// Asks for one ``SocketHandler/writable(_:_:)``.
  public func requestWritable(_ id: ConnectionID) {
    guard let wsi = wsi(id) else { return }
    lws_callback_on_writable(wsi)
  }

  /// Closes with a close frame, at the next writable moment.
  public func close(_ id: ConnectionID, code: UInt16, reason: String) {
    guard let wsi = wsi(id) else { return }
    connections[id.slot].closing = (code, reason)
    lws_callback_on_writable(wsi)
    lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_SEND, 5)
  }

  func wsi(_ id: ConnectionID) -> OpaquePointer? {
    let connection = connections[id.slot]
    return connection.isOpen && connection.generation == id.generation ? connection.wsi : nil
  }

  /// From now on SIGTERM and SIGINT end in ``SocketHandler/stopRequested()``.
  public static func catchSignals() {
    for number in [SIGTERM, SIGINT] { signal(number) { stopSignal.store($0, ordering: .relaxed) } }
    signal(SIGPIPE, SIG_IGN)
  }
}

private let stopSignal = Atomic<Int32>(0)

private func onTick(_ sul: UnsafeMutablePointer<lws_sorted_usec_list_t>?) {
  guard let sul else { return }
  let owner = (UnsafeMutableRawPointer(sul) + SocketLoop.timerOwnerOffset).load(as: UnsafeMutableRawPointer.self)
  Unmanaged<SocketLoop>.fromOpaque(owner).takeUnretainedValue().runDueTicks()
}
