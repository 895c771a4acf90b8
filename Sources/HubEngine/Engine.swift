public import HubKernel
public import HubReplication
public import HubScene
import HubWire

/// The hub as a state machine: events and ticks in, directives out. It opens no socket, reads no clock and uses no
/// global randomness, so the same events give the same bytes. One thread owns it.
///
/// Order of a tick: events since the last one in their order, then movement, places, scene nodes, grid and predictors,
/// then what people are told. Frames are written later, one by one, when a connection can take one
/// (``writeFrame(session:serverMs:into:)``).
public final class Engine {
  public let config: EngineConfig
  public internal(set) var counters = EngineCounters()
  public internal(set) var now: Tick = 0
  public internal(set) var isDraining = false
  /// Wall clock of the current tick in Unix ms; only stamps chat.
  public internal(set) var unixMs: Int64 = 0

  let world: WorldDefinition
  var spaces: [SpaceRuntime] = []
  let start: World.Arrival
  var participants: [Participant?]
  var generations: [UInt16]
  var freeSlots: [Int]
  var slotOfEntity: [Int32]
  var sessionOfSecret: [ResumeSecret: SessionID] = [:]
  var sessionOfPerson: [String: SessionID] = [:]
  var entityIDs: EntityIDPool
  var random: SeededRandom
  var directives: [Directive] = []
  /// Of sessions that ended for good, until ``takeEndedSecrets()``.
  var endedSecrets: [ResumeSecret] = []
  var nextChat: UInt64
  /// Commits under way and the spaces in them.
  var commits: [UInt64: [Int]] = [:]
  var nextCommit: UInt64 = 1
  /// Account to author.
  var authors: [String: String] = [:]
  var images = ImageLedger()
  var views: ClientViews
  var overload = OverloadControl()
  /// Bans, revoked invitations, uses: what outlives the process.
  var administration = AdministrativeState()
  var mutedAccounts: Set<String> = []
  var calls: [PendingCall] = []
  /// Epochs of voice links: no two links of the hub share one.
  var nextVoiceEpoch = 1
  /// The media server: whether it is there, its next room, and whose each connection is.
  public internal(set) var isSFUUp = false
  var nextSFURoom = 1
  var sfuOwners: [Int: SessionID] = [:]
  var voiceOrder: UInt64 = 0
  /// Voice links that may still begin.
  var voiceBeginnings = 0
  /// One message, built once a tick for all who have been told as much: cursor -> (new cursor, bytes).
  var rosterMemo: [UInt64: (next: UInt64, bytes: [UInt8]?)] = [:]

  /// - Parameter world: a checked world; its spaces are taken over.
  public init(world: World, replication: ReplicationMode = .tiers, config: EngineConfig = EngineConfig()) {
    config.limits.validate()
    self.config = config
    self.world = world.definition
    start = world.start
    let capacity = config.limits.sessionsMax
    var parameters = ReplicationParameters(limits: config.limits)
    parameters.mode = replication
    views = ClientViews(capacity: capacity, parameters: parameters)
    participants = Array(repeating: nil, count: capacity)
    generations = Array(repeating: 0, count: capacity)
    freeSlots = Array((0..<capacity).reversed())
    slotOfEntity = Array(repeating: -1, count: 65536)
    entityIDs = EntityIDPool()
    random = SeededRandom(seed: config.seed)
    nextChat = config.firstChat
    openSpaces(world.spaces, parameters: parameters)
  }

  /// The hub's clock in milliseconds, as `welcome` and `pong` tell it: clients fit theirs to it, so the shell sets it
  /// before each event. Never behind the tick. It decides nothing: replays leave it alone.
  public var clockMs: Int = 0
  var toldClockMs: Int { max(clockMs, Int(now) * Units.tickMilliseconds) }

  /// People in the hub.
  public var sessionCount: Int { config.limits.sessionsMax - freeSlots.count }

  /// Applies one event now.
  public func handle(_ event: Event) {
    switch event {
    case .hello(let connection, let hello, let credentials, let secret):
      join(connection: connection, hello: hello, credentials: credentials, secret: secret)
    case .message(let session, let message):
      guard let p = participant(session) else { return }
      handle(message, from: p)
    case .move(let session, let move):
      guard let p = participant(session), takesBinary(p) else { return }
      take(move, from: p)
    case .ack(let session, let tick):
      guard let p = participant(session), takesBinary(p) else { return }
      acknowledge(p, tick16: tick)
    case .disconnected(let session):
      guard let p = participant(session) else { return }
      p.connection = nil
    case .abandoned(let connection): abandon(connection)
    case .load(let workMicroseconds, let skippedTicks):
      noteLoad(workMicroseconds: workMicroseconds, skippedTicks: skippedTicks)
    case .restored(let state): administration = state
    case .rooms(let space, let bytes): setRooms(space, bytes)
    case .tell(let session, let bytes): if let p = participant(session) { send(p, bytes) }
    case .tellOwner(let owner, let bytes): tellOwner(owner, bytes)
    case .bookingRuns(let place, let booking, let locked): setBooking(place, booking, locked: locked)
    case .bookingVoice(let place, let isOn): setVoice(place, isOn)
    case .bookingEnds(let place, let minutes, let goTo): tellBookingEnds(place, minutes, goTo)
    case .bookingOver(let place, let graceSeconds, let goTo): endBooking(place, graceSeconds, goTo)
    case .sfu(let event): sfu(event)
    case .committed(let id, let outcome): finishCommit(id, outcome)
    case .uploaded(let id, let isStored): images.finish(id, isStored: isStored, now)
    case .drain(let retryAfterMs):
      drain(retryAfterMs: retryAfterMs)
    }
  }

  /// Hands over what is to be done, in order, and forgets it.
  public func drainDirectives(_ body: (Directive) -> Void) {
    var index = 0
    while index < directives.count {
      body(directives[index])
      index += 1
    }
    directives.removeAll(keepingCapacity: true)
  }

  func participant(_ session: SessionID) -> Participant? {
    let slot = Int(session.slot)
    guard slot < participants.count, let p = participants[slot], p.session == session else { return nil }
    return p
  }

  func send(_ p: Participant, _ bytes: [UInt8], isUrgent: Bool = false) {
    if p.connection != nil { directives.append(.send(p.session, bytes, isUrgent: isUrgent)) }
  }

  /// The same bytes to everybody in a space.
  func broadcast(_ space: SpaceRuntime, _ bytes: [UInt8]) {
    for slot in space.members { if let p = participants[slot] { send(p, bytes) } }
  }

  func refuse(
    _ p: Participant, _ code: ErrorCode, _ message: String, ref: Int? = nil, retryAfterMs: Int? = nil
  ) {
    counters.refusals[code.rawValue, default: 0] += 1
    send(p, Messages.error(code, message, ref: ref, retryAfterMs: retryAfterMs))
  }

  func drain(retryAfterMs: Int) {
    isDraining = true
    for case let p? in participants {
      // Spread the return over as long again, and over a millisecond for each of a crowd, so that not all knock at once.
      let jitter = random.below(max(1, retryAfterMs, sessionCount))
      send(p, Messages.closing(retryAfterMs: retryAfterMs + jitter, reason: "going-down"))
      if p.connection != nil { directives.append(.close(p.session, .goingDown)) }
    }
  }
}

extension Engine {
  /// Where the hub has this session's avatar.
  public func truth(of session: SessionID) -> Pose? { participant(session)?.pose }

  /// Id of the space a session is in.
  public func spaceID(of session: SessionID) -> String? { participant(session).map { spaces[$0.space].id } }

  /// What a connection is told that knocks too often, before it has a session.
  public static func rateLimited(retryAfterMs: Int) -> [UInt8] {
    Messages.error(
      .rateLimited, "too many knock at once, or this address too often", ref: nil, retryAfterMs: retryAfterMs)
  }
}
