import HubEngine
import HubJSON
import HubKernel
import HubNetInterim
import HubReplication
import HubWire

/// Stands between the sockets and the engine: decodes what comes, obeys what the engine says, binds frames late.
/// Lives on the loop thread.
final class HubShell: SocketHandler {
  /// One open connection. `session` is set once its `hello` was accepted.
  struct Link {
    let id: ConnectionID
    var session: SessionID?
    let openedTick: Tick
    var queue = ControlQueue()
    /// A writable callback was asked for and has not come yet.
    var isAwaitingWritable = false
    /// Set: what is queued still goes out, then the close frame.
    var closing: CloseCode?
    var closingTick: Tick = 0
  }

  let engine: Engine
  let metrics: HubMetrics
  let router: HTTPRouter
  private let limits: Limits
  private let moderatorKey: [UInt8]?
  private var loop: SocketLoop?
  private var links: [Link?]
  private var linkOfSession: [ConnectionID?]
  private var now: Tick = 0
  private var stoppingSince: Tick = 0
  private(set) var isStopping = false

  init(engine: Engine, metrics: HubMetrics, router: HTTPRouter, moderatorKey: [UInt8]?) {
    self.engine = engine
    self.metrics = metrics
    self.router = router
    self.moderatorKey = moderatorKey
    limits = engine.config.limits
    links = Array(repeating: nil, count: limits.connectionsMax)
    linkOfSession = Array(repeating: nil, count: limits.sessionsMax)
  }

  func attach(_ loop: SocketLoop) { self.loop = loop }

  var connectionCount: Int { links.reduce(0) { $0 + ($1 == nil ? 0 : 1) } }

  // MARK: What comes in

  func opened(_ id: ConnectionID) { links[id.slot] = Link(id: id, openedTick: now) }

  func closed(_ id: ConnectionID) {
    guard let link = link(id) else { return }
    links[id.slot] = nil
    guard let session = link.session, linkOfSession[Int(session.slot)] == id else { return }
    linkOfSession[Int(session.slot)] = nil
    engine.handle(.disconnected(session))
    obey()
  }

  func received(_ id: ConnectionID, isText: Bool, _ bytes: RawSpan) {
    if isText { receivedText(id, bytes) } else { receivedBinary(id, bytes) }
  }

  private func receivedText(_ id: ConnectionID, _ bytes: RawSpan) {
    guard let link = link(id), link.closing == nil else { return }
    guard let session = link.session else { return receivedFirst(id, bytes) }
    do {
      engine.handle(.message(session, try JSON.decode(ClientMessage.self, from: bytes)))
    } catch {
      engine.malformed(session, error.description)
    }
    obey()
  }

  private func receivedBinary(_ id: ConnectionID, _ bytes: RawSpan) {
    guard let link = link(id), link.closing == nil else { return }
    guard let session = link.session else { return close(id, .protocolError) }
    do {
      switch try ClientPoseMessage.read(bytes) {
      case .move(let move): engine.handle(.move(session, move))
      case .ack(let ack): engine.handle(.ack(session, tick: ack.ackTick))
      }
    } catch {
      engine.malformed(session, "no MOVE and no ACK: \(error)")
    }
    obey()
  }

  /// Before `hello` nothing else is read.
  private func receivedFirst(_ id: ConnectionID, _ bytes: RawSpan) {
    guard case .hello(let hello)? = try? JSON.decode(ClientMessage.self, from: bytes) else {
      metrics.refused("hello-expected")
      return close(id, .protocolError)
    }
    guard let secret = SystemRandom.resumeSecret() else { return close(id, .internalError) }
    engine.handle(.hello(id.key, hello, role: role(hello.key), secret: secret))
    obey()
  }

  private func role(_ key: String?) -> Role {
    guard let key, let moderatorKey else { return .guest }
    return constantTimeEqual(Array(key.utf8), moderatorKey) ? .moderator : .guest
  }

  // MARK: The tick

  func tick(_ timing: TickTiming) {
    let begin = MonotonicClock.microseconds()
    now = timing.tick
    engine.step(tick: timing.tick, unixMs: MonotonicClock.unixMilliseconds())
    obey()
    for slot in links.indices {
      guard let link = links[slot] else { continue }
      if let code = link.closing {
        // Two seconds for what is queued; then the close frame goes, read or not.
        if now &- link.closingTick == 40 { loop?.close(link.id, code: code.rawValue, reason: code.reason) }
        continue
      }
      guard let session = link.session else {
        if now &- link.openedTick >= Tick(limits.helloSecondsMax * Units.ticksPerSecond) {
          metrics.refused("hello-timeout")
          close(link.id, .helloTimeout)
        }
        continue
      }
      if link.isAwaitingWritable {
        // The socket has not drained since the last tick: skip this client, newer truth will come.
        if link.queue.isEmpty { engine.noteNotWritable(session) }
        metrics.frameSkipped("not-writable")
      } else if engine.isFrameDue(session) {
        requestWritable(slot)
      }
    }
    metrics.ticked(timing, durationMicroseconds: MonotonicClock.microseconds() - begin)
    if isStopping, now &- stoppingSince >= 40 || connectionCount == 0 { loop?.stop() }
  }

  // MARK: What goes out

  /// One message: what is queued first, since a frame may speak of what it announces; then the frame of this moment.
  func writable(_ id: ConnectionID, _ buffer: UnsafeMutableRawBufferPointer) -> Outgoing {
    guard link(id) != nil else { return .nothing }
    links[id.slot]!.isAwaitingWritable = false
    if let message = links[id.slot]!.queue.popFirst() {
      buffer.copyBytes(from: message)
      metrics.sentControl(bytes: message.count)
      let link = links[id.slot]!
      let more = !link.queue.isEmpty || link.closing != nil || link.session.map(engine.isFrameDue) ?? false
      if more { links[id.slot]!.isAwaitingWritable = true }
      return .message(bytes: message.count, isText: true, more: more)
    }
    if let code = links[id.slot]!.closing { return .close(code: code.rawValue, reason: code.reason) }
    guard let session = links[id.slot]!.session else { return .nothing }
    switch engine.writeFrame(session: session, serverMs: loop?.elapsedMilliseconds ?? 0, into: buffer) {
    case .written(let stats):
      metrics.sentFrame(stats)
      return .message(bytes: stats.bytes, isText: false, more: false)
    case .skipped(let reason):
      if reason != .nothingDue { metrics.frameSkipped(reason.rawValue) }
      return .nothing
    }
  }

  /// Does what the engine has decided.
  private func obey() {
    engine.drainDirectives { directive in
      switch directive {
      case .accepted(let key, let session):
        let id = ConnectionID(key: key)
        guard link(id) != nil else { return }
        links[id.slot]!.session = session
        linkOfSession[Int(session.slot)] = id
      case .send(let session, let bytes):
        guard let id = linkOfSession[Int(session.slot)] else { return }
        enqueue(id, bytes)
      case .reject(let key, let message, let code):
        let id = ConnectionID(key: key)
        guard link(id) != nil else { return }
        metrics.refused(code.reason)
        if let message { enqueue(id, message) }
        close(id, code)
      case .close(let session, let code):
        guard let id = linkOfSession[Int(session.slot)] else { return }
        close(id, code)
      case .release(let key, let code):
        let id = ConnectionID(key: key)
        guard link(id) != nil else { return }
        links[id.slot]!.session = nil
        close(id, code)
      }
    }
  }

  private func enqueue(_ id: ConnectionID, _ bytes: [UInt8]) {
    guard links[id.slot] != nil, links[id.slot]!.closing == nil else { return }
    guard links[id.slot]!.queue.append(bytes, bytesMax: limits.controlQueueBytesMax) else {
      metrics.refused("slow")
      return close(id, .slow)
    }
    requestWritable(id.slot)
  }

  private func requestWritable(_ slot: Int) {
    guard let link = links[slot], !link.isAwaitingWritable else { return }
    links[slot]!.isAwaitingWritable = true
    loop?.requestWritable(link.id)
  }

  /// Sends what is queued, then the close frame.
  private func close(_ id: ConnectionID, _ code: CloseCode) {
    guard links[id.slot] != nil, links[id.slot]!.closing == nil else { return }
    links[id.slot]!.closing = code
    links[id.slot]!.closingTick = now
    metrics.closed(code)
    if let session = links[id.slot]!.session, linkOfSession[Int(session.slot)] == id {
      // From here on the session has no connection; it may resume over another one.
      linkOfSession[Int(session.slot)] = nil
      engine.handle(.disconnected(session))
    }
    requestWritable(id.slot)
  }

  private func link(_ id: ConnectionID) -> Link? {
    guard let link = links[id.slot], link.id == id else { return nil }
    return link
  }

  // MARK: HTTP and the end

  func admit(_ request: UpgradeRequest) -> Int? {
    if isStopping { return 503 }
    guard router.allows(origin: request.origin, host: request.host) else {
      metrics.refused("origin")
      return 403
    }
    return nil
  }

  func http(_ request: HTTPRequest) -> HTTPResponse { router.respond(request, shell: self) }

  /// Tells everybody when to come back, gives the messages two seconds to leave, then ends the loop.
  func stopRequested() {
    guard !isStopping else {
      loop?.stop()
      return
    }
    isStopping = true
    stoppingSince = now
    engine.handle(.drain(retryAfterMs: 2000))
    obey()
  }
}
