import HubEngine
import HubJSON
import HubKernel
import HubNet
import HubReplication
import HubWire

/// Stands between the sockets and the engine: decodes what comes, obeys what the engine says, binds frames late.
/// Lives on the loop's thread.
final class HubShell: SocketHandler {
  /// One open connection.
  private final class Link {
    let id: ConnectionID
    let openedTick: Tick
    /// Set once its `hello` was accepted.
    var session: SessionID?
    var queue = ControlQueue()
    /// What is queued still goes out, then the close frame; nothing is read any more.
    var isClosing = false

    init(id: ConnectionID, openedTick: Tick) {
      self.id = id
      self.openedTick = openedTick
    }
  }

  let engine: Engine
  let metrics: HubMetrics
  private let router: HTTPRouter
  private let limits: Limits
  private let moderatorKey: [UInt8]?
  private unowned var loop: SocketLoop!
  private var links: [Link?]
  private var linkOfSession: [Link?]
  private var now: Tick = 0
  private var stoppingSince: Tick?
  private(set) var connectionCount = 0

  init(engine: Engine, metrics: HubMetrics, router: HTTPRouter, moderatorKey: [UInt8]?) {
    self.engine = engine
    self.metrics = metrics
    self.router = router
    self.moderatorKey = moderatorKey
    limits = engine.config.limits
    links = Array(repeating: nil, count: limits.connectionsMax)
    linkOfSession = Array(repeating: nil, count: limits.sessionsMax)
  }

  var isStopping: Bool { stoppingSince != nil }

  func attach(_ loop: SocketLoop) { self.loop = loop }

  // MARK: - What comes in

  func admit(_ request: UpgradeRequest) -> UpgradeRefusal? {
    if isStopping { return UpgradeRefusal(httpStatus: 503) }
    guard router.allows(origin: request.origin, host: request.host) else {
      metrics.refused("origin")
      return UpgradeRefusal(httpStatus: 403)
    }
    return nil
  }

  func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) {
    links[Int(id.index)] = Link(id: id, openedTick: now)
    connectionCount += 1
    loop.setMessageBytesMax(id, limits.helloBytesMax)
  }

  func closed(_ id: ConnectionID, _ end: ConnectionEnd) {
    guard let link = link(id) else { return }
    links[Int(id.index)] = nil
    connectionCount -= 1
    // Who closes on purpose (RFC 6455: 1000 normal, 1001 a page that goes) has left; every other end may come back.
    if case .closedByPeer(1000, _) = end { leave(link) }
    if case .closedByPeer(1001, _) = end { leave(link) }
    part(link)
    obey()
  }

  func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    guard let link = link(id), !link.isClosing else { return }
    if text { engine.clockMs = Int(loop.elapsedMicroseconds / 1000) }
    guard text || message.byteCount <= limits.binaryMessageBytesMax else { return close(link, .tooBig) }
    guard let session = link.session else { return receivedFirst(link, text, message) }
    do {
      if text {
        engine.handle(.message(session, try JSON.decode(ClientMessage.self, from: message)))
      } else {
        switch try ClientPoseMessage.read(message) {
        case .move(let move): engine.handle(.move(session, move))
        case .ack(let ack): engine.handle(.ack(session, tick: ack.ackTick))
        }
      }
    } catch {
      engine.malformed(session, "\(error)")
    }
    obey()
  }

  /// Before `hello` nothing else is read.
  private func receivedFirst(_ link: Link, _ text: Bool, _ message: RawSpan) {
    guard text, case .hello(let hello)? = try? JSON.decode(ClientMessage.self, from: message) else {
      metrics.refused("hello-expected")
      return close(link, .protocolError)
    }
    guard let secret = SystemRandom.resumeSecret() else { return close(link, .internalError) }
    engine.handle(.hello(link.id.key, hello, role: role(hello.key), secret: secret))
    obey()
  }

  private func role(_ key: String?) -> Role {
    guard let key, let moderatorKey else { return .guest }
    return constantTimeEqual(Array(key.utf8), moderatorKey) ? .moderator : .guest
  }

  func turnedAway(_ why: TurnedAway) { metrics.refused("\(why)") }

  // MARK: - The tick

  func tick(_ timing: TickTiming) {
    // Tick 0 is the start itself: the engine's first one is 1.
    guard timing.index > 0 else { return }
    now = Tick(truncatingIfNeeded: timing.index)
    engine.step(tick: now, unixMs: WallClock.unixMilliseconds())
    obey()
    for link in links {
      guard let link, !link.isClosing else { continue }
      if let session = link.session {
        askForFrame(link, session)
      } else if now &- link.openedTick >= Tick(limits.helloSecondsMax * Units.ticksPerSecond) {
        metrics.refused("hello-timeout")
        close(link, .helloTimeout)
      }
    }
    metrics.ticked(timing)
    if let since = stoppingSince, now &- since >= 40 || connectionCount == 0 { loop.stop() }
  }

  /// A socket that has not drained since the last tick is left alone: newer truth will come. It counts as pressure of
  /// that client only if the socket itself takes nothing: after a stall of ours all of them wait, through no fault of theirs.
  private func askForFrame(_ link: Link, _ session: SessionID) {
    if loop.awaitsWritable(link.id) {
      if loop.isChoked(link.id) { engine.noteNotWritable(session) }
      metrics.frameSkipped("not-writable")
    } else if engine.isFrameDue(session) {
      loop.requestWritable(link.id)
    }
  }

  // MARK: - What goes out

  /// One message: what is queued first, since a frame may speak of what it announces; then the frame of this moment.
  func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    guard let link = link(id) else { return }
    if let message = link.queue.popFirst() {
      buffer.send(.text, copying: message)
      metrics.sentControl(bytes: message.count)
      buffer.more = !link.queue.isEmpty || (!link.isClosing && link.session.map(engine.isFrameDue) ?? false)
      return
    }
    guard !link.isClosing, let session = link.session else { return }
    let serverMs = UInt64(max(0, loop.elapsedMicroseconds) / 1000)
    switch engine.writeFrame(session: session, serverMs: serverMs, into: buffer.bytes) {
    case .written(let stats):
      buffer.send(.binary, count: stats.bytes)
      metrics.sentFrame(stats)
    case .skipped(let reason):
      if reason != .nothingDue { metrics.frameSkipped(reason.rawValue) }
    }
  }

  /// Does what the engine has decided.
  private func obey() {
    engine.drainDirectives { directive in
      switch directive {
      case .accepted(let key, let session):
        guard let link = link(ConnectionID(key: key)) else { return }
        link.session = session
        linkOfSession[Int(session.slot)] = link
        loop.setMessageBytesMax(link.id, limits.textMessageBytesMax)
      case .send(let session, let bytes):
        if let link = linkOfSession[Int(session.slot)] { enqueue(link, bytes) }
      case .reject(let key, let message, let code):
        guard let link = link(ConnectionID(key: key)) else { return }
        metrics.refused(code.reason)
        if let message { enqueue(link, message) }
        close(link, code)
      case .close(let session, let code):
        if let link = linkOfSession[Int(session.slot)] { close(link, code) }
      case .release(let key, let code):
        guard let link = link(ConnectionID(key: key)) else { return }
        link.session = nil
        close(link, code)
      }
    }
  }

  private func enqueue(_ link: Link, _ bytes: [UInt8]) {
    guard !link.isClosing else { return }
    guard link.queue.append(bytes, bytesMax: limits.controlQueueBytesMax) else {
      metrics.refused("slow")
      return close(link, .slow)
    }
    loop.requestWritable(link.id)
  }

  private func close(_ link: Link, _ code: CloseCode) {
    guard !link.isClosing else { return }
    link.isClosing = true
    metrics.closed(code)
    part(link)
    loop.close(link.id, code: code.rawValue, reason: code.reason)
  }

  private func leave(_ link: Link) {
    guard let session = link.session, linkOfSession[Int(session.slot)] === link else { return }
    engine.handle(.message(session, .bye))
  }

  /// From here on the session has no connection; it may resume over another one.
  private func part(_ link: Link) {
    guard let session = link.session, linkOfSession[Int(session.slot)] === link else { return }
    linkOfSession[Int(session.slot)] = nil
    engine.handle(.disconnected(session))
  }

  private func link(_ id: ConnectionID) -> Link? {
    guard let link = links[Int(id.index)], link.id == id else { return nil }
    return link
  }

  // MARK: - HTTP and the end

  func http(_ id: ConnectionID, _ request: HTTPRequest) -> HTTPResponse? {
    router.respond(request, shell: self)
  }

  /// Tells everybody when to come back, gives the messages two seconds to leave, then ends the loop. A second signal
  /// does not wait.
  func stopRequested(signal: Int32) {
    guard !isStopping else { return loop.stop() }
    stoppingSince = now
    engine.handle(.drain(retryAfterMs: 2000))
    obey()
  }
}

extension ConnectionID {
  /// Both halves in 64 bits, for the engine to hand back.
  var key: ConnectionKey { UInt64(generation) << 32 | UInt64(index) }
  init(key: ConnectionKey) {
    self.init(index: UInt32(truncatingIfNeeded: key), generation: UInt32(key >> 32))
  }
}
