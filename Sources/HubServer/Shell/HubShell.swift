import HubEngine
import HubJSON
import HubKernel
import HubNet
import HubReplication
import HubWire

/// Stands between the sockets and the engine: decodes what comes, obeys what the engine says, binds frames late.
/// Lives on the loop's thread.
final class HubShell: SocketHandler {
  let engine: Engine
  let metrics: HubMetrics
  let router: HTTPRouter
  let limits: Limits
  private let moderatorKey: [UInt8]?
  private(set) unowned var loop: SocketLoop!
  let table: LinkTable
  /// The rooms' calendars; nil where none are configured.
  var bookings: BookingDesk?
  /// The relay for voice; nil: there is none.
  var voiceServers: VoiceServers?
  /// The media server; nil: there is none.
  var sfu: JanusDesk?
  private(set) var writer: StoreWriter!
  private var answers: [StoreWriter.Answer] = []
  private(set) var now: Tick = 0
  private var stoppingSince: Tick?
  /// Checks tokens; nil: this hub takes none.
  var desk: IdentityDesk?
  /// Has people sign in with the provider's accounts; nil: this hub has no provider.
  var login: LoginDesk?
  /// Images on their way in, and those that are stored, by SHA-256.
  let uploads: UploadDesk
  var pictures: [String: (mediaType: String, bytes: [UInt8])] = [:]
  /// Takes what has to outlive the process.
  var onRecord: (AdministrativeRecord) -> Void = { _ in }

  let gate: Gate
  let tickets: TicketOffice
  /// Who may ask the admin listener.
  let adminRules: EdgeRules

  init(
    engine: Engine, metrics: HubMetrics, router: HTTPRouter, moderatorKey: [UInt8]?, edge: EdgeRules,
    adminHost: String, tickets: TicketOffice
  ) {
    self.engine = engine
    self.metrics = metrics
    self.router = router
    self.moderatorKey = moderatorKey
    limits = engine.config.limits
    uploads = UploadDesk(seconds: limits.uploadSecondsMax)
    self.tickets = tickets
    let places = limits.connectionsMax + Self.clientConnectionsMax
    gate = Gate(rules: edge, places: places)
    var adminRules = EdgeRules()
    adminRules.listensOn = adminHost
    self.adminRules = adminRules
    table = LinkTable(connectionsMax: places, sessionsMax: limits.sessionsMax)
  }

  /// Frames of a tick leave in so many bursts, one after another within the tick, each to its part of the connections.
  static let sendPhases = 5
  /// Lines the hub opens itself: to the media server. They take places among the connections.
  static let clientConnectionsMax = 1

  var connectionCount: Int { table.count }
  var isStopping: Bool { stoppingSince != nil }

  func attach(_ loop: SocketLoop, _ writer: StoreWriter) {
    self.loop = loop
    self.writer = writer
  }

  /// Of the loop's clock.
  var nowMs: Int { Int(loop.elapsedMicroseconds / 1000) }

  // MARK: - What comes in

  func admits(place: Int, address: String, listener: Int) -> Bool {
    guard listener == 0, !gate.admits(place: place, address: address, nowMs: nowMs) else { return true }
    metrics.refused("address-connections")
    return false
  }

  func departed(place: Int) { gate.departed(place: place) }

  func flooded(_ id: ConnectionID) {
    guard let link = table.find(id) else { return }
    metrics.refused("flood")
    close(link, .flooding)
  }

  func admit(_ request: UpgradeRequest) -> UpgradeRefusal? {
    if isStopping { return UpgradeRefusal(httpStatus: 503) }
    guard case .status(let status, let reason) = gate.admits(request) else { return nil }
    metrics.refused(reason)
    return UpgradeRefusal(httpStatus: status)
  }

  func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) {
    if let sfu, sfu.owns(id) { return sfu.opened(loop, nowMs: nowMs) }
    table.open(id, tick: now)
    loop.setMessageBytesMax(id, limits.helloBytesMax)
    guard let peer, !gate.opened(place: Int(id.index), peer, nowMs: nowMs) else { return }
    metrics.refused("address-connections")
    if let link = table.find(id) { close(link, .full) }
  }

  func closed(_ id: ConnectionID, _ end: ConnectionEnd) {
    if let sfu, sfu.owns(id) { return sfu.closed(nowMs: nowMs) }
    guard let link = table.find(id) else { return }
    // Who closes on purpose (RFC 6455: 1000 normal, 1001 a page that goes) has left; every other end may come back.
    if case .closedByPeer(1000, _) = end { leave(link) }
    if case .closedByPeer(1001, _) = end { leave(link) }
    part(link)
    table.close(link)
    obey()
  }

  func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    if let sfu, sfu.owns(id) {
      sfu.received(message, loop, nowMs: nowMs)
      takeNews(of: sfu)
      return obey()
    }
    guard let link = table.find(id), !table.links[link].isClosing else { return }
    if text { engine.clockMs = nowMs }
    guard text || message.byteCount <= limits.binaryMessageBytesMax else { return close(link, .tooBig) }
    guard let session = table.links[link].session else { return receivedFirst(link, text, message) }
    if table.links[link].cameWith != nil { spendTicket(link) }
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
    obey(answering: session)
  }

  private func takeNews(of sfu: JanusDesk) {
    for event in sfu.takeEvents() { engine.handle(.sfu(event)) }
  }

  /// Before `hello` nothing else is read.
  private func receivedFirst(_ link: Int, _ text: Bool, _ message: RawSpan) {
    guard let id = table.links[link].id else { return }
    guard !table.links[link].isChecking, !table.links[link].isWaiting, text,
      case .hello(let hello)? = try? JSON.decode(ClientMessage.self, from: message)
    else {
      metrics.refused("hello-expected")
      gate.failed(place: link, nowMs: nowMs)
      return close(link, .protocolError)
    }
    let ticket = openTicket(hello.resume, link)
    if ticket == nil, let waitMs = gate.waitBeforeHello(place: link, nowMs: nowMs) {
      metrics.refused("hello-rate")
      // Spread, so that a crowd behind one address does not knock in step.
      enqueue(link, Engine.rateLimited(retryAfterMs: waitMs + Int.random(in: 500..<4000)))
      return close(link, .full)
    }
    // Whoever has a ticket has shown their invitation before.
    if ticket == nil, let token = hello.token { return check(token, hello, link, id) }
    enter(link, id, hello, Credentials(Grant(role(hello.key, link))), ticket)
  }

  private func enter(
    _ link: Int, _ id: ConnectionID, _ hello: Hello, _ credentials: Credentials,
    _ ticket: SessionTicket? = nil
  ) {
    guard let secret = SystemRandom.resumeSecret() else { return close(link, .internalError) }
    var credentials = credentials
    credentials.address = gate.address(place: link)
    credentials.ticket = ticket
    engine.handle(.hello(id.key, hello, credentials, secret: secret))
    obey()
  }

  /// Nothing more is read from this connection until the verdict is there.
  private func check(_ token: String, _ hello: Hello, _ link: Int, _ id: ConnectionID) {
    guard let desk else { return refuse(link, .badToken, "this hub takes no invitations", .refused) }
    guard desk.check(token, of: hello, from: id) else {
      return refuse(link, .overloaded, "too many invitations are being checked", .full)
    }
    table.links[link].isChecking = true
  }

  func woken() {
    takeImageAnswers()
    takeAnswers()
    login?.drain(self) { loop.respond($0, $1) }
    desk?.drain { verdict in
      guard let link = table.find(verdict.connection), table.links[link].isChecking,
        !table.links[link].isClosing
      else { return }
      table.links[link].isChecking = false
      switch verdict.result {
      case .success(let claims) where login?.isEnded(tokenID: claims.id) == true:
        metrics.refused("token-signed-out")
        refuse(link, .badToken, "signed out", .refused)
      case .success(let claims):
        if let credentials = desk?.credentials(claims) {
          enter(link, verdict.connection, verdict.hello, credentials)
        }
      case .failure(let why):
        gate.failed(place: link, nowMs: nowMs)
        metrics.refused("token-\(why.rawValue)")
        refuse(
          link, .badToken, why == .expired ? "the invitation has expired" : "no good invitation", .refused)
      }
    }
  }

  /// Tells a connection without a session why, then closes it.
  private func refuse(_ link: Int, _ code: ErrorCode, _ message: String, _ close: CloseCode) {
    enqueue(link, Self.error(code, message))
    self.close(link, close)
  }

  /// An `error` about what the engine knows nothing of.
  static func error(_ code: ErrorCode, _ message: String, ref: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "error")
    json.field("code", code.rawValue)
    json.field("message", message)
    json.field("retry", code.retry.rawValue)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  private func role(_ key: String?, _ link: Int) -> Role {
    guard let key, let moderatorKey else { return .guest }
    if constantTimeEqual(Array(key.utf8), moderatorKey) { return .moderator }
    gate.failed(place: link, nowMs: nowMs)
    return .guest
  }

  /// The disk has answered.
  private func takeAnswers() {
    writer.answers.drain(into: &answers)
    for answer in answers { engine.handle(.committed(id: answer.id, answer.outcome)) }
    obey()
  }

  func turnedAway(_ why: TurnedAway) { metrics.refused("\(why)") }

  // MARK: - The tick

  func tick(_ timing: TickTiming) {
    // Tick 0 is the start itself: the engine's first one is 1.
    guard timing.index > 0 else { return }
    now = Tick(truncatingIfNeeded: timing.index)
    engine.step(tick: now, unixMs: WallClock.unixMilliseconds())
    bookings?.ticked(now, engine)
    if let sfu {
      sfu.tick(loop, nowMs: nowMs)
      takeNews(of: sfu)
    }
    expireUploads()
    let skippedTicks = timing.skipCause == .ownWork ? timing.skipped : 0
    engine.handle(
      .load(workMicroseconds: Int(timing.last.totalCPUMicroseconds), skippedTicks: skippedTicks))
    obey()
    metrics.ticked(timing)
    if let since = stoppingSince, now &- since >= 40 || connectionCount == 0 { loop.stop() }
  }

  /// One part of the connections gets its frames.
  func phase(_ phase: Int, latenessMicroseconds: Int64) {
    guard now > 0 else { return }
    metrics.phased(latenessMicroseconds)
    var index = phase
    while index < table.end {
      defer { index += Self.sendPhases }
      guard let id = table.links[index].id, !table.links[index].isClosing else { continue }
      if let session = table.links[index].session {
        if now &- table.links[index].ticketTick >= Self.ticketTicks { giveTicket(index, session) }
        askForFrame(index, id, session)
      } else if table.links[index].isWaiting {
        if !table.links[index].queue.isEmpty { loop.requestWritable(id) }
      } else if now &- table.links[index].openedTick >= Tick(limits.helloSecondsMax * Units.ticksPerSecond) {
        metrics.refused("hello-timeout")
        close(index, .helloTimeout)
      }
    }
  }

  /// A socket that has not drained since the last tick is left alone: newer truth will come. It counts as pressure of
  /// that client only if the socket itself takes nothing: after a stall of ours all of them wait, through no fault of theirs.
  /// Messages nobody waits for leave with the next frame, one tick later at most: a send costs more than its bytes.
  private func askForFrame(_ link: Int, _ id: ConnectionID, _ session: SessionID) {
    if loop.awaitsWritable(id) {
      if loop.isChoked(id) { engine.noteNotWritable(session) }
      metrics.frameSkipped("not-writable")
    } else if engine.isFrameDue(session)
      || (!table.links[link].queue.isEmpty && table.links[link].queuedTick != now)
    {
      loop.requestWritable(id)
    }
  }

  // MARK: - Who goes

  private func leave(_ link: Int) {
    guard let session = table.links[link].session, table.find(session) == link else { return }
    engine.handle(.message(session, .bye))
  }

  /// From here on the session has no connection; it may resume over another one.
  func part(_ link: Int) {
    if table.links[link].isWaiting, let id = table.links[link].id {
      table.links[link].isWaiting = false
      engine.handle(.abandoned(id.key))
    }
    guard let session = table.links[link].session, table.find(session) == link else { return }
    table.part(session)
    engine.handle(.disconnected(session))
  }

  // MARK: - HTTP and the end

  func http(_ id: ConnectionID, _ request: HTTPRequest) -> HTTPResponse? {
    router.respond(id, request, shell: self)
  }

  /// Tells everybody when to come back, gives the messages two seconds to leave, then ends the loop. A second signal
  /// does not wait.
  func stopRequested(signal: Int32) {
    guard !isStopping else { return loop.stop() }
    stoppingSince = now
    // As of this moment, so that nobody stands where they stood five seconds ago.
    for link in 0..<table.end {
      if let session = table.links[link].session, !table.links[link].isClosing { giveTicket(link, session) }
    }
    engine.handle(.drain(retryAfterMs: 1000))
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
