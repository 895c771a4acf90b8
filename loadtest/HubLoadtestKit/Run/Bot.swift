import HubClient
import HubKernel
import HubNet
import HubReplication
import HubWire

/// One simulated participant: walks its seeded path, talks now and then, counts what it receives. Viewers also decode.
final class Bot: ClientOwner {
  /// Waiting for a sight: of a newcomer, or of a change of state.
  struct Pending {
    var id: EntityID
    var animation: UInt8
    var sinceMs: Double
  }
  enum Presence: Equatable { case away, joining, here, leaving, vanished, resuming }
  /// What a bot is in the run for.
  enum Part: Equatable { case ordinary, slowReader, staller, hostile }

  static let settledMs = 1000.0
  static let pendingMaxMs = 5000.0

  unowned let test: LoadTest
  let number: Int
  let isViewer: Bool
  /// Its frames are counted, not looked into.
  let isDrained: Bool
  var client: PooledClient!
  var presence = Presence.away
  var part = Part.ordinary
  /// When it was to arrive; infinite once it has.
  var plannedMs = Double.infinity
  /// When its connection was cut in a storm; infinite once it is back.
  var cutMs = Double.infinity
  /// How long it waits before it resumes.
  var resumeDelayMs = 1000.0
  /// Frames held back by a planted fault.
  var delayed: [(dueMs: Double, frame: [UInt8])] = []
  private(set) var isFrozen = false
  private var tracedSegment: MotionSegment?
  var walker: Walker?
  /// Index of the space in the world.
  private(set) var space = -1
  private(set) var sinceMs = Double.infinity
  private(set) var id: EntityID?
  var bytes = ByteAccount()
  /// Nil: it takes no part in voice.
  var voice: VoiceBot?
  private(set) var bytesThisSecond = 0
  var nextSampleMs = 0.0
  private var nextChatMs = Double.infinity
  private var random: SeededRandom
  private var lastAnimation: UInt8 = 0
  /// Viewers only.
  var watched = WatchedAvatars()
  var newcomers: [Pending] = []
  var changes: [Pending] = []

  init(_ test: LoadTest, number: Int, isViewer: Bool, isDrained: Bool) {
    self.isDrained = isDrained
    self.test = test
    self.number = number
    self.isViewer = isViewer
    let everybody = test.options.firstBot + number
    random = SeededRandom(seed: test.options.seed &* 0x9E37_79B9 &+ UInt64(everybody))
    isFrozen = test.options.faults.freezes(everybody, seed: test.options.seed)
    if let settings = test.options.scenario.voice {
      var own = SeededRandom(seed: test.options.seed &* 31 &+ UInt64(everybody))
      if own.unit() < settings.share {
        voice = VoiceBot(settings, tester: test.options.firstBot, seed: own.next())
      }
    }
  }

  /// Stands in a space, moves by its path, is connected.
  var isHere: Bool { presence == .here && space >= 0 && walker != nil }
  func isSettled(_ nowMs: Double) -> Bool {
    isHere && nowMs - sinceMs > Self.settledMs && walker?.isInPortal == false
  }

  func truth(nowMs: Double) -> MotionPose? {
    guard space >= 0 else { return nil }
    let pose = walker?.pose(atMs: nowMs, on: test.grounds[space])
    if let trace = test.trace, let walker, walker.current != tracedSegment {
      tracedSegment = walker.current
      trace.path(number, walker.current, walker.sway, nowMs)
    }
    return pose
  }

  func takeBytesOfSecond() -> Int {
    defer { bytesThisSecond = 0 }
    return bytesThisSecond
  }

  func configuration() -> ClientConfiguration {
    var hello = Hello(name: "Bot \(test.options.firstBot + number)")
    hello.lang = number % 2 == 0 ? "de" : "en"
    hello.space = test.options.scenario.space
    hello.events = false
    hello.client = "hub-loadtest"
    var profile = ProfileChange()
    profile.languages = [number % 2 == 0 ? "de" : "en"]
    profile.interests = [Phrases.interests[number % Phrases.interests.count]]
    hello.profile = profile
    var configuration = ClientConfiguration(hello: hello)
    configuration.keepsReplica = isViewer
    configuration.readsEverything = false
    configuration.readsVoice = voice != nil
    configuration.pingIntervalMs = 10_000
    return configuration
  }

  // MARK: ClientOwner

  func pose(_ client: PooledClient, nowMs: Double) -> Pose? {
    guard presence == .here else { return nil }
    if nowMs >= nextChatMs { talk(nowMs) }
    if let texts = voice?.due(nowMs, &test.voice) { say(texts) }
    // A frozen one walks on, and tells nobody: whoever shows it is wrong.
    if isFrozen, test.stage == .measuring { return nil }
    return truth(nowMs: nowMs)?.quantized
  }

  func arrived(_ client: PooledClient, isText: Bool, _ message: RawSpan, nowMs: Double) {
    test.lastHeardMs = nowMs
    bytesThisSecond += message.byteCount
    if let trace = test.trace { self.trace(message, isText: isText, trace, nowMs) }
    if isText {
      bytes.add(text: message.byteCount)
      if let type = MessageType.peek(message), MessageType.matches(type, in: message, "chat") {
        test.chatsDelivered += 1
      }
    } else {
      do throws(WireError) { try bytes.add(frame: message) } catch { test.problem("frame: \(error)") }
    }
  }

  func drained(_ client: PooledClient, _ drained: DrainedBytes, nowMs: Double) {
    test.lastHeardMs = nowMs
    bytesThisSecond += drained.bytes
    bytes.add(drained)
    if part == .slowReader || part == .staller { test.trouble.noteFrame(of: self, nowMs) }
    if cutMs < .infinity { test.trouble.noteBack(self, nowMs) }
  }

  private func trace(_ message: RawSpan, isText: Bool, _ trace: Trace, _ nowMs: Double) {
    guard isText else { return trace.frame(number, message, nowMs) }
    var isKept = false
    if isViewer, let type = MessageType.peek(message) {
      isKept =
        MessageType.matches(type, in: message, "welcome") || MessageType.matches(type, in: message, "space")
        || MessageType.matches(type, in: message, "nodes")
    }
    trace.text(number, message, isKept: isKept, nowMs)
  }

  func takes(_ client: PooledClient, frame: RawSpan, nowMs: Double) -> Bool {
    let faults = test.options.faults
    guard isViewer, test.stage == .measuring, faults.isAny else { return true }
    if faults.dropShare > 0, random.unit() < faults.dropShare, PlantedFaults.holdsUpdatesOnly(frame) {
      test.framesDropped += 1
      return false
    }
    guard faults.delayMs > 0 else { return true }
    delayed.append((nowMs + faults.delayMs, frame.withUnsafeBytes { Array($0) }))
    return false
  }

  func applied(_ client: PooledClient, frame: RawSpan, nowMs: Double) {
    if part == .slowReader || part == .staller { test.trouble.noteFrame(of: self, nowMs) }
    if cutMs < .infinity { test.trouble.noteBack(self, nowMs) }
    if test.stage == .measuring {
      if let header = client.session.frameHeader { test.rhythm.note(header) }
      if isViewer, let frameTick = client.session.frameTick { watch(frameTick, nowMs) }
    }
    if isViewer, let trace = test.trace { self.trace(applied: trace, nowMs) }
    if isViewer, !newcomers.isEmpty || !changes.isEmpty { lookForPending(nowMs) }
  }

  private func watch(_ frameTick: Tick, _ nowMs: Double) {
    let clock = client.session.clock
    let atMs = clock.localMs(ofTick: Double(frameTick))
    client.session.withReplica { replica in
      watched.note(
        replica, tick: clock.tick(atMs: nowMs), frameTick: frameTick,
        truth: { [test] in test.truthBack($0, atMs: atMs) }, &test.aligned)
    }
  }

  private func trace(applied trace: Trace, _ nowMs: Double) {
    let clock = client.session.clock
    var known: [Bool] = []
    if test.stage == .measuring, let frameTick = client.session.frameTick {
      let atMs = clock.localMs(ofTick: Double(frameTick))
      known = watched.entries.map { test.truthBack($0.id, atMs: atMs) != nil }
    }
    trace.applied(number, tick: clock.tick(atMs: nowMs), known: known, nowMs)
  }

  private func lookForPending(_ nowMs: Double) {
    let appeared: (Double?) -> Void = { [test] waited in
      if let waited { test.timeToAppear.record(waited) } else { test.neverAppeared += 1 }
    }
    test.look(
      for: &newcomers, of: self, isNewcomers: true, nowMs, seen: { _, shown in shown != nil }, done: appeared)
    let changed: (Double?) -> Void = { [test] waited in
      guard let waited else {
        test.changesUnseen += 1
        return
      }
      test.staleness.record(waited)
      test.trouble.noteStaleness(waited, nowMs)
    }
    test.look(
      for: &changes, of: self, isNewcomers: false, nowMs,
      seen: { $1?.predictor.animation == $0.animation }, done: changed)
  }

  func moved(_ client: PooledClient, _ pose: Pose, tick: Tick, nowMs: Double) {
    test.movesSent += 1
    guard pose.animation != lastAnimation, let id else { return }
    lastAnimation = pose.animation
    test.announceChange(Pending(id: id, animation: pose.animation, sinceMs: nowMs), in: space, from: self)
  }

  func heard(_ client: PooledClient, _ message: ServerMessage, nowMs: Double) {
    switch message {
    case .welcome(let welcome):
      if presence == .resuming {
        if welcome.resumed { test.resumed += 1 } else { test.problem("resume refused") }
      } else if presence != .here, part != .hostile || id == nil {
        test.joined += 1
      }
      presence = .here
      let newID = EntityID(rawValue: welcome.id)
      if let id, id != newID { test.release(id, self) }
      id = newID
      test.claim(newID, self)
      scheduleChat(nowMs)
      if !welcome.resumed {
        voice?.forget()
        voice?.joinMs = test.stage == .arriving ? .infinity : nowMs
      }
    case .voice(let news):
      if let texts = voice?.heard(news, nowMs: nowMs, &test.voice) { say(texts) }
    case .space(let place): enter(place, nowMs)
    case .correct(let correction):
      test.corrections[correction.reason, default: 0] += 1
      walker?.restart(at: correction.pose.pose, startMs: nowMs)
    case .error(let error) where voice != nil && error.code == "not-linked": test.voice.crossed += 1
    case .error(let error):
      if part != .hostile { test.problem("error \(error.code): \(error.message)") }
    case .closing(_, let reason): test.problem("the server goes down: \(reason)")
    default: break
    }
  }

  private func enter(_ place: SpaceEntered, _ nowMs: Double) {
    guard let index = test.spaceIndex[place.space] else {
      return test.problem("unknown space \(place.space)")
    }
    if isDrained { test.pool.drain(client) }
    space = index
    sinceMs = nowMs
    newcomers.removeAll(keepingCapacity: true)
    changes.removeAll(keepingCapacity: true)
    lastAnimation = Animation.idle
    delayed.removeAll(keepingCapacity: true)
    if plannedMs < .infinity {
      test.joinMs.record(max(nowMs - plannedMs, 0))
      plannedMs = .infinity
    }
    let pose = place.pose.pose
    if place.reason == "portal" { test.portals += 1 }
    if walker == nil {
      walker = Walker(
        seed: random.next(), style: test.options.scenario.style, at: pose, startMs: nowMs,
        home: test.home(of: number, in: index))
    } else {
      walker?.restart(at: pose, startMs: nowMs)
    }
    test.announceNewcomer(self, nowMs)
  }

  func failed(_ client: PooledClient, _ error: ClientError) { test.problem("protocol: \(error)") }

  func ended(_ client: PooledClient, _ end: ConnectionEnd, retryMs: Double?, nowMs: Double) -> Double? {
    space = -1
    sinceMs = .infinity
    delayed.removeAll(keepingCapacity: true)
    test.noteEnd(of: self, end, retryMs: retryMs, nowMs: nowMs)
    // Whoever was thrown out comes again, to see whether the door holds.
    if part == .hostile, presence != .leaving {
      presence = .joining
      return test.stage == .leaving || test.stage == .over ? nil : 1000 + random.unit() * 2000
    }
    switch presence {
    case .leaving, .vanished:
      if let id { test.release(id, self) }
      id = nil
      walker = nil
      presence = .away
      return nil
    case .resuming: return resumeDelayMs
    case .away, .joining, .here:
      presence = .joining
      return retryMs
    }
  }

  // MARK: Talking

  private func scheduleChat(_ nowMs: Double) {
    let perMinute = test.options.scenario.chatsPerMinute
    nextChatMs = perMinute > 0 ? nowMs - logarithm(1 - random.unit()) * 60_000 / perMinute : .infinity
  }

  private func talk(_ nowMs: Double) {
    scheduleChat(nowMs)
    var chat = SendChat(to: "space", text: Phrases.talk[random.below(Phrases.talk.count)])
    chat.ref = number
    test.chatsSent += 1
    test.pool.send(ClientRequest.chat(chat), client)
  }

  private func say(_ texts: [[UInt8]]) {
    for text in texts { test.pool.send(text, client) }
  }
}

enum Phrases {
  static let interests = [
    "mobility data", "Bürgerbeteiligung", "sensors", "KI in der Verwaltung", "open data",
  ]
  static let talk = [
    "Hallo zusammen!", "Who is going to the stage?", "Ich bin am Exponat mit der Straßenbahn.",
    "See you in the lab.",
    "Gibt es die Folien irgendwo?", "Thanks, that helps.", "Wo ist der nächste freie Schulungsraum?",
    "One moment.",
  ]
}
