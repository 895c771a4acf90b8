import HubKernel
import HubScene
import HubWire

/// Availability as shown to others.
enum Status: String, CaseIterable { case available, busy, away, dnd }
/// Who finds a participant in lists.
enum Visibility: String { case everyone, space, invisible }
/// What a client draws, hence what it is sent.
enum ViewMode: String { case scene, list, hidden }

/// One participant's stay: profile, body and bookkeeping. In memory only; nothing of it is stored.
final class Participant {
  let session: SessionID
  let person: String
  let entity: EntityID
  let secret: ResumeSecret
  let credentials: Credentials
  /// Of the newest ticket handed out.
  var ticketNumber: UInt32 = 0
  var grant: Grant { credentials.grant }
  /// What the grant comes to in the space they are in.
  var roleHere: Role
  /// What stands for them as an author in a space's log; nil until it is needed.
  var author: String?
  var slot: Int { Int(session.slot) }

  // Profile.
  var name: String
  var languages: [String] = []
  var roleText: String?
  var interests: [String] = []
  var visibility = Visibility.everyone
  var chosenStatus = Status.available
  var searchText = ""

  // Connection.
  var connection: ConnectionKey?
  var viewMode = ViewMode.scene
  var wantsEvents = true
  var lastAckTick: Tick
  var lastInputTick: Tick
  var isIdle = false
  var isLost = false
  var isSilenced = false
  /// By a host or moderator: may not write.
  var isMuted = false
  var badMessages = 0
  var binaryBucket: TokenBucket
  var controlBucket: TokenBucket
  var chatBucket: TokenBucket
  var poseBucket: TokenBucket
  var eventBucket: TokenBucket
  var droppedInWindow = 0
  var dropWindowStart: Tick
  var eventsUntold = 0

  // Place.
  var space: Int
  /// Innermost area that is neither portal nor seat.
  var area: Int?
  var seat: Int?
  /// The space whose host has sent them here: `recall` brings them back.
  var sentFrom: Int?
  /// The space whose queue they stand in.
  var waitsFor: Int?

  // Body.
  var pose: Pose
  var body: BodyState
  var epoch: UInt32 = 0
  var pending: MoveMessage?
  var ackedInput: UInt8 = 0
  /// The last accepted claim: the base of extrapolation.
  var base: Pose
  /// How long before ``baseTick`` the base was true.
  var baseLateMs = 0
  var baseTick: Tick
  var checkedTick: Tick
  var handRaised = false
  var emote: UInt8 = 0
  var emoteUntil: Tick = 0
  /// Following: the slot and session of the one ahead.
  var following: SessionID?
  var followBlockedTicks = 0
  var followBegan: Pose
  var contacts = RecentContacts()
  /// Nil: not speaking with anybody, and no microphone was ever asked for.
  var voice: VoiceSeat?
  var voiceBucket: TokenBucket
  var captionBucket: TokenBucket

  /// Messages to them alone since about their last acknowledgement: no history has these.
  var direct: [(tick: Tick, json: [UInt8])] = []

  // Told.
  /// Tick of the newest frame on any connection: a change of space must not bring a second one of the same tick.
  var lastFrameTick: Tick = 0
  var rosterSequence: UInt64 = 0
  var rosterTold: UInt64 = 0
  /// By ``PersonField``: of the newest change of each; and what of the others' was told.
  var newsSequence = SIMD4<UInt64>()
  var newsTold: UInt64 = 0
  var entry: [UInt8] = []
  var near: [EntityID] = []

  init(
    session: SessionID, person: String, entity: EntityID, secret: ResumeSecret, credentials: Credentials,
    name: String,
    space: Int, pose: Pose, limits: Limits, now: Tick
  ) {
    self.session = session
    self.person = person
    self.entity = entity
    self.secret = secret
    self.credentials = credentials
    roleHere = credentials.grant.role
    self.name = name
    self.space = space
    self.pose = pose
    base = pose
    followBegan = pose
    baseTick = now
    checkedTick = now
    body = BodyState(standingAt: pose)
    lastAckTick = now
    lastInputTick = now
    dropWindowStart = now
    binaryBucket = TokenBucket(
      burst: limits.binaryBurstMax, perSecond: limits.binariesPerSecondMax, now: now)
    controlBucket = TokenBucket(
      burst: limits.controlBurstMax, perSecond: limits.controlsPerSecondMax, now: now)
    voiceBucket = TokenBucket(
      burst: limits.voiceBurstMax, perSecond: limits.voicePerSecondMax, now: now)
    captionBucket = TokenBucket(
      burst: limits.captionBurstMax, perSecond: limits.captionsPerSecondMax, now: now)
    chatBucket = TokenBucket(burst: limits.chatBurstMax, perSecond: limits.chatsPerSecondMax, now: now)
    poseBucket = TokenBucket(burst: limits.poseBurstMax, perSecond: limits.posesPerSecondMax, now: now)
    eventBucket = TokenBucket(burst: 10, perSecond: 10, now: now)
  }

  /// Who they are in what is written down: the account's pseudonym, else the id of this stay.
  var pseudonym: String { credentials.account ?? person }

  /// What others see: away by itself while idle or hidden.
  var status: Status { viewMode == .hidden || (isIdle && chosenStatus == .available) ? .away : chosenStatus }

  /// Position in metres.
  var point: Vector3 {
    Vector3(Units.meters(steps: pose.x), Units.meters(steps: pose.y), Units.meters(steps: pose.z))
  }
}
