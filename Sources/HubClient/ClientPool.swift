import HubKernel
public import HubNet
import HubWire

/// Any number of clients over real WebSockets on one thread. The shell around ``ClientSession``: obeys its directives,
/// asks owners for poses, paces them.
///
/// The clients' turns lie 2 to 42 ms after the hub's tick, spread evenly, so that a MOVE is there before the tick it
/// was meant for and thousands of them do not come in one burst.
public final class ClientPool: SocketHandler {
  /// Where the hub is.
  public let target: ClientTarget
  public private(set) var clients: [PooledClient] = []
  /// The best clock among the clients: they share a machine.
  public private(set) var clock = ClockSync()
  /// Called about every 5 ms on the pool's thread.
  public var everyStep: ((_ nowMs: Double) -> Void)?
  /// Called on the pool's thread after ``LoopHandle/wake()``.
  public var whenWoken: (() -> Void)?
  /// SIGINT or SIGTERM came; without it the pool stops.
  public var whenStopRequested: (() -> Void)?
  /// Turns that came after their place in the tick.
  public private(set) var lateTurns = 0

  private static let turns = 8
  private static let leadMs = 6.0
  /// Between two reads of a drained client: the hub wants an acknowledgement within 250 ms.
  private static let drainTicks = 4
  private var byConnection: [PooledClient?]
  private var starts: [(atMs: Double, client: Int)] = []
  private var random: SeededRandom
  private var turnTick: Int64 = -1
  private var turnsDone = 0
  private var loop: (any ClientLoop)!

  /// Create and run on one thread.
  /// - Parameter isCrowd: thousands of clients for little processor time, by a plain epoll loop of our own. Only
  ///   there ``setReading(_:bytesPerSecond:)`` and ``sendWire(_:_:)`` do something. Targets with TLS are served by the
  ///   library all the same.
  /// - Throws: among others `descriptorLimit` with the number needed.
  public init(
    target: ClientTarget, clientsMax: Int, seed: UInt64, handlesSignals: Bool = false, isCrowd: Bool = false
  ) throws(SocketLoopError) {
    self.target = target
    random = SeededRandom(seed: seed)
    byConnection = Array(repeating: nil, count: clientsMax + 64)
    if isCrowd, target.tls == .none {
      let crowd = try CrowdLoop(
        linksMax: clientsMax + 64, seed: seed, handlesSignals: handlesSignals, handler: self)
      crowd.whenDrained = { [unowned self] in drained($0, $1, newest: $2) }
      loop = crowd
      return
    }
    var configuration = SocketLoopConfiguration()
    configuration.clientUsesTLS = target.tls != .none
    configuration.connectionsMax = 1
    configuration.clientConnectionsMax = clientsMax
    configuration.messageBytesMaxAtFirst = 1 << 20
    configuration.fragmentsMax = 64
    configuration.tickMicroseconds = 5000
    configuration.batchMicroseconds = 1000
    configuration.handlesSignals = handlesSignals
    loop = try SocketLoop(configuration, handler: self)
  }

  /// Wakes and stops the pool from other threads.
  public var handle: LoopHandle { loop.handle }
  /// Serves until ``stop()``.
  public func run() { loop.run() }
  public func stop() { loop.stop() }

  /// A new client; ``start(_:atMs:)`` connects it.
  public func add(_ configuration: ClientConfiguration, owner: any ClientOwner) -> PooledClient {
    let client = PooledClient(session: ClientSession(configuration), owner: owner)
    client.index = clients.count
    clients.append(client)
    return client
  }

  /// A new session in the place of one that is over.
  public func replace(_ old: PooledClient, _ configuration: ClientConfiguration, owner: any ClientOwner)
    -> PooledClient
  {
    precondition(old.connection == nil, "the former connection is still there")
    let client = PooledClient(session: ClientSession(configuration), owner: owner)
    client.index = old.index
    clients[old.index] = client
    return client
  }

  /// Connects at a local instant.
  public func start(_ client: PooledClient, atMs: Double) {
    let at = starts.firstIndex { $0.atMs <= atMs } ?? starts.count
    starts.insert((atMs, client.index), at: at)
  }

  /// Sends a control message in order.
  public func send(_ text: [UInt8], _ client: PooledClient) {
    guard client.isOpen, let connection = client.connection else { return }
    client.texts.append(text)
    loop.requestWritable(connection)
  }

  /// Sends bytes as one binary message in order, whatever they are: for tests of the hub's patience.
  public func sendRaw(binary: [UInt8], _ client: PooledClient) {
    guard client.isOpen, let connection = client.connection else { return }
    client.raws.append(binary)
    loop.requestWritable(connection)
  }

  /// Bytes as they are, heads of WebSocket frames and all: for what no honest client sends.
  public func sendWire(_ bytes: [UInt8], _ client: PooledClient) {
    guard client.isOpen, let connection = client.connection else { return }
    (loop as? CrowdLoop)?.sendWire(bytes, connection)
  }

  /// How fast this side takes what comes: nil at once, 0 not at all, as a machine that is busy or gone to sleep.
  public func setReading(_ client: PooledClient, bytesPerSecond: Double?) {
    guard let connection = client.connection else { return }
    (loop as? CrowdLoop)?.setReading(connection, bytesPerSecond: bytesPerSecond)
  }

  /// Until this connection ends, frames are counted and acknowledged but not looked into: for crowds beyond what a machine
  /// can read. Such a client reads every 200 ms, so that it acknowledges as often as others, and pings no more: what it
  /// reads late would tell a wrong time. So it begins once its clock is set. Only of a crowd.
  public func drain(_ client: PooledClient) { client.wantsDrain = true }

  private func drainIfDue(_ client: PooledClient) {
    guard client.wantsDrain, let connection = client.connection, let crowd = loop as? CrowdLoop else {
      return
    }
    if !client.isDrained {
      guard client.session.clock.samples >= client.session.configuration.pingsAtFirst else { return }
      client.isDrained = true
      client.session.pingNoMore()
      crowd.setDrained(connection)
    } else if (Int(turnTick) + client.index / Self.turns) % Self.drainTicks == 0 {
      crowd.drain(connection)
    }
  }

  private func drained(_ id: ConnectionID, _ drained: DrainedBytes, newest: RawSpan) {
    guard let client = client(id) else { return }
    let now = MonotonicClock.nowMs()
    client.owner?.drained(client, drained, nowMs: now)
    guard client.isResponsive else { return }
    do throws(ClientError) {
      obey(try client.session.drained(frames: drained.frames, newest: newest, nowMs: now), client, now)
    } catch {
      client.owner?.failed(client, error)
      client.closeCode = 4000
      loop.close(id, code: 4000, reason: "protocol-error", afterSending: false)
    }
  }

  /// Says `bye`; the hub closes.
  public func leave(_ client: PooledClient) { obey(client.session.bye(), client, MonotonicClock.nowMs()) }

  /// Cuts the connection without a word, as a vanished peer would.
  public func vanish(_ client: PooledClient) {
    guard let connection = client.connection else { return }
    loop.abort(connection)
  }

  // MARK: SocketHandler

  public func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) {
    guard let client = client(id) else { return }
    client.isOpen = true
    let now = MonotonicClock.nowMs()
    obey(client.session.opened(nowMs: now), client, now)
  }

  public func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    guard let client = client(id) else { return }
    let now = MonotonicClock.nowMs()
    client.owner?.arrived(client, isText: text, message, nowMs: now)
    guard client.isResponsive,
      text || client.owner?.takes(client, frame: message, nowMs: now) ?? true
    else { return }
    take(client, text: text, message, now)
  }

  /// Applies a frame that its owner had held back.
  public func apply(_ frame: [UInt8], _ client: PooledClient) {
    guard client.isOpen else { return }
    take(client, text: false, frame.span.bytes, MonotonicClock.nowMs())
  }

  private func take(_ client: PooledClient, text: Bool, _ message: RawSpan, _ now: Double) {
    guard let id = client.connection else { return }
    do throws(ClientError) {
      var out: ClientDirectives
      if text {
        out = try client.session.received(text: message, nowMs: now)
      } else {
        out = try client.session.received(frame: message, nowMs: now)
        client.owner?.applied(client, frame: message, nowMs: now)
      }
      if let news = out.news {
        out.news = nil
        if case .pong = news { adoptClock(of: client.session) }
        if case .welcome = news { adoptClock(of: client.session) }
        client.owner?.heard(client, news, nowMs: now)
      }
      obey(out, client, now)
    } catch {
      client.owner?.failed(client, error)
      client.closeCode = 4000
      loop.close(id, code: 4000, reason: "protocol-error", afterSending: false)
    }
  }

  public func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    guard let client = client(id) else { return }
    if client.firstText < client.texts.count {
      buffer.send(.text, copying: client.texts[client.firstText])
      client.firstText += 1
      if client.firstText == client.texts.count {
        client.texts.removeAll(keepingCapacity: true)
        client.firstText = 0
      }
      buffer.more = client.hasMore
      return
    }
    if !client.raws.isEmpty {
      buffer.send(.binary, copying: client.raws.removeFirst())
      buffer.more = client.hasMore
      return
    }
    var count = 0
    switch client.pendingPose {
    case .none: return
    case .move(let move): move.store(into: buffer.bytes, at: &count)
    case .ack(let ack): ack.store(into: buffer.bytes, at: &count)
    }
    client.pendingPose = .none
    buffer.send(.binary, count: count)
  }

  public func closed(_ id: ConnectionID, _ end: ConnectionEnd) {
    guard let client = client(id) else { return }
    byConnection[Int(id.index)] = nil
    client.connection = nil
    client.isOpen = false
    client.isDrained = false
    client.wantsDrain = false
    client.texts.removeAll(keepingCapacity: true)
    client.firstText = 0
    client.raws.removeAll()
    client.pendingPose = .none
    var code: UInt16?
    if case .closedByPeer(let given, _) = end { code = given }
    if case .closedHere(let given) = end { code = given }
    let retry = client.session.closed(code: code, random: &random)
    let now = MonotonicClock.nowMs()
    if case .loopStopped = end { return }
    if let again = client.owner?.ended(client, end, retryMs: retry, nowMs: now) {
      start(client, atMs: now + again)
    }
  }

  public func tick(_ timing: TickTiming) {
    let now = MonotonicClock.nowMs()
    connectDue(now)
    takeTurns(now)
    everyStep?(now)
  }

  public func woken() { whenWoken?() }
  public func stopRequested(signal: Int32) {
    if let whenStopRequested { whenStopRequested() } else { stop() }
  }

  // MARK: Turns

  private func takeTurns(_ now: Double) {
    let tick = clock.tick(atMs: now)
    let whole = Int64(tick.rounded(.down))
    if whole != turnTick {
      if turnTick >= 0, turnsDone < Self.turns {
        lateTurns += 1
        for turn in turnsDone..<Self.turns { take(turn: turn, now) }
      }
      turnTick = whole
      turnsDone = 0
    }
    let due = min(max(Int(((tick - Double(whole)) * 50 - 2) / 5) + 1, 0), Self.turns)
    while turnsDone < due {
      take(turn: turnsDone, now)
      turnsDone += 1
    }
  }

  private func take(turn: Int, _ now: Double) {
    var index = turn
    while index < clients.count {
      let client = clients[index]
      index += Self.turns
      guard client.isOpen, client.isResponsive else { continue }
      drainIfDue(client)
      guard client.isOpen else { continue }
      obey(client.session.poll(nowMs: now), client, now)
      guard client.session.phase == .joined, let pose = client.owner?.pose(client, nowMs: now) else {
        continue
      }
      offer(pose, client, now)
    }
  }

  /// Carries the pose on to the tick that will take it, as any client can, and sends it if the hub needs it.
  private func offer(_ pose: Pose, _ client: PooledClient, _ now: Double) {
    let session = client.session
    let tick = session.moveTick(nowMs: now, leadMs: Self.leadMs)
    let aheadMs = session.clock.localMs(ofTick: Double(tick)) - now
    var pose = pose
    pose.x += Self.travelled(pose.velocityX, aheadMs)
    pose.z += Self.travelled(pose.velocityZ, aheadMs)
    guard let move = session.offer(pose, at: tick), let connection = client.connection else { return }
    client.pendingPose = .move(move)
    client.owner?.moved(client, pose, tick: tick, nowMs: now)
    loop.requestWritable(connection)
  }

  private static func travelled(_ velocity: Int16, _ ms: Double) -> Int32 {
    Int32((Double(velocity) / 32 * 400 * ms / 1000).rounded())
  }

  private func connectDue(_ now: Double) {
    while let next = starts.last, next.atMs <= now {
      starts.removeLast()
      let client = clients[next.client]
      guard client.connection == nil else { continue }
      do throws(SocketLoopError) {
        let id = try loop.connect(target)
        client.connection = id
        byConnection[Int(id.index)] = client
      } catch {
        let again = client.owner?.ended(client, .connectFailed(error.description), retryMs: 2000, nowMs: now)
        if let again { start(client, atMs: now + again) }
      }
    }
  }

  private func adoptClock(of session: ClientSession) {
    if clock.samples == 0 || session.clock.roundTripMs <= clock.roundTripMs { clock = session.clock }
  }

  private func client(_ id: ConnectionID) -> PooledClient? {
    guard let client = byConnection[Int(id.index)], client.connection == id else { return nil }
    return client
  }

  private func obey(_ out: ClientDirectives, _ client: PooledClient, _ now: Double) {
    guard !out.isEmpty, let connection = client.connection else { return }
    for text in out.texts { client.texts.append(text) }
    switch out.pose {
    case .ack(let ack): client.pendingPose.take(ack)
    case .move(let move): client.pendingPose = .move(move)
    case nil: break
    }
    if let code = out.close { loop.close(connection, code: code, reason: "", afterSending: true) }
    loop.requestWritable(connection)
  }
}
