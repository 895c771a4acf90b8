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

  static let settledMs = 1000.0
  static let pendingMaxMs = 5000.0

  unowned let test: LoadTest
  let number: Int
  let isViewer: Bool
  var client: PooledClient!
  var presence = Presence.away
  var walker: Walker?
  /// Index of the space in the world.
  private(set) var space = -1
  private(set) var sinceMs = Double.infinity
  private(set) var id: EntityID?
  var bytes = ByteAccount()
  private(set) var bytesThisSecond = 0
  var nextSampleMs = 0.0
  private var nextChatMs = Double.infinity
  private var random: SeededRandom
  private var lastAnimation: UInt8 = 0
  /// Viewers only.
  var newcomers: [Pending] = []
  var changes: [Pending] = []

  init(_ test: LoadTest, number: Int, isViewer: Bool) {
    self.test = test
    self.number = number
    self.isViewer = isViewer
    random = SeededRandom(seed: test.options.seed &* 0x9E37_79B9 &+ UInt64(number))
  }

  /// Stands in a space, moves by its path, is connected.
  var isHere: Bool { presence == .here && space >= 0 && walker != nil }
  func isSettled(_ nowMs: Double) -> Bool {
    isHere && nowMs - sinceMs > Self.settledMs && walker?.isInPortal == false
  }

  func truth(nowMs: Double) -> MotionPose? {
    guard space >= 0 else { return nil }
    return walker?.pose(atMs: nowMs, on: test.grounds[space])
  }

  func takeBytesOfSecond() -> Int {
    defer { bytesThisSecond = 0 }
    return bytesThisSecond
  }

  func configuration() -> ClientConfiguration {
    var hello = Hello(name: "Bot \(number)")
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
    configuration.pingIntervalMs = 10_000
    return configuration
  }

  // MARK: ClientOwner

  func pose(_ client: PooledClient, nowMs: Double) -> Pose? {
    guard presence == .here else { return nil }
    if nowMs >= nextChatMs { talk(nowMs) }
    return truth(nowMs: nowMs)?.quantized
  }

  func arrived(_ client: PooledClient, isText: Bool, _ message: RawSpan, nowMs: Double) {
    bytesThisSecond += message.byteCount
    if isText {
      bytes.add(text: message.byteCount)
      if let type = MessageType.peek(message), MessageType.matches(type, in: message, "chat") {
        test.chatsDelivered += 1
      }
    } else {
      do throws(WireError) { try bytes.add(frame: message) } catch { test.problem("frame: \(error)") }
    }
  }

  func applied(_ client: PooledClient, frame: RawSpan, nowMs: Double) {
    if isViewer, !newcomers.isEmpty || !changes.isEmpty { lookForPending(nowMs) }
  }

  private func lookForPending(_ nowMs: Double) {
    let appeared: (Double?) -> Void = { [test] waited in
      if let waited { test.timeToAppear.record(waited) } else { test.neverAppeared += 1 }
    }
    test.look(for: &newcomers, of: self, nowMs, seen: { _, shown in shown != nil }, done: appeared)
    let changed: (Double?) -> Void = { [test] waited in
      if let waited { test.staleness.record(waited) } else { test.changesUnseen += 1 }
    }
    test.look(
      for: &changes, of: self, nowMs, seen: { $1?.predictor.animation == $0.animation }, done: changed)
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
      } else if presence != .here {
        test.joined += 1
      }
      presence = .here
      let newID = EntityID(rawValue: welcome.id)
      if let id, id != newID { test.release(id, self) }
      id = newID
      test.claim(newID, self)
      scheduleChat(nowMs)
    case .space(let place): enter(place, nowMs)
    case .correct(let correction):
      test.corrections[correction.reason, default: 0] += 1
      walker?.restart(at: correction.pose.pose, startMs: nowMs)
    case .error(let error): test.problem("error \(error.code): \(error.message)")
    case .closing(_, let reason): test.problem("the server goes down: \(reason)")
    default: break
    }
  }

  private func enter(_ place: SpaceEntered, _ nowMs: Double) {
    guard let index = test.spaceIndex[place.space] else {
      return test.problem("unknown space \(place.space)")
    }
    space = index
    sinceMs = nowMs
    newcomers.removeAll(keepingCapacity: true)
    changes.removeAll(keepingCapacity: true)
    lastAnimation = Animation.idle
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
    test.noteEnd(of: self, end, retryMs: retryMs, nowMs: nowMs)
    switch presence {
    case .leaving, .vanished:
      if let id { test.release(id, self) }
      id = nil
      walker = nil
      presence = .away
      return nil
    case .resuming: return 1000
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
