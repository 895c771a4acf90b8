public import HubKernel
public import HubWire

/// A session: a slot and its generation, so that an old name never reaches a new owner.
public struct SessionID: Hashable, Sendable, BitwiseCopyable {
  public let slot: UInt16
  public let generation: UInt16
  public init(slot: UInt16, generation: UInt16) {
    self.slot = slot
    self.generation = generation
  }
}

/// The shell's name for a connection; the engine only hands it back.
public typealias ConnectionKey = UInt64

/// 128 random bits from the shell that stand for a session in its tickets.
public struct ResumeSecret: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// What happens to the engine. Between two ticks, events are applied in the order they are given.
public enum Event: Sendable {
  /// The first message of a connection. `secret` becomes the session's if a new one starts.
  case hello(ConnectionKey, Hello, Credentials, secret: ResumeSecret)
  case message(SessionID, ClientMessage)
  case move(SessionID, MoveMessage)
  case ack(SessionID, tick: UInt16)
  /// The connection is gone without `bye`; the session may be resumed.
  case disconnected(SessionID)
  /// A connection that waits for a place is gone.
  case abandoned(ConnectionKey)
  /// What the tick just run cost: CPU of the hub's thread since the one before, and the ticks left out because of it.
  case load(workMicroseconds: Int, skippedTicks: Int)
  /// What was written down of earlier runs; before anybody joins.
  case restored(AdministrativeState)
  /// How the rooms of a space are booked: told to everybody there, and to who comes. A ready `rooms` message.
  case rooms(space: String, [UInt8])
  /// An answer to a session, from outside the engine.
  case tell(SessionID, [UInt8])
  /// The same to whoever is that account or, without one, that person; to nobody if they are not there.
  case tellOwner(String, [UInt8])
  /// What a running booking makes of its room; nil: none runs. `locked`: whether the room is shut to those it doesn't name;
  /// nil: stays as it is.
  case bookingRuns(BookedPlace, RunningBooking?, locked: Bool?)
  /// Whether people can speak with each other in a room, by its bookings.
  case bookingVoice(BookedPlace, Bool)
  /// A running booking ends soon: told to those in its room.
  case bookingEnds(BookedPlace, minutes: Int, goTo: BookedPlace)
  /// A booking is over. With `graceSeconds`, those in the room who may not be there any more are brought to `goTo` after so long.
  case bookingOver(BookedPlace, graceSeconds: Int?, goTo: BookedPlace)
  /// News of the media server.
  case sfu(SFUEvent)
  /// The log's answer to ``Directive/commit(_:)``.
  case committed(id: UInt64, CommitOutcome)
  /// What became of ``Directive/upload(_:_:)``: each gets one answer.
  case uploaded(id: UInt64, isStored: Bool)
  /// Nobody may enter any more; everybody is told when to come back.
  case drain(retryAfterMs: Int)
}

/// What the shell shall do.
public enum Directive: Sendable {
  /// This connection now speaks for this session.
  case accepted(ConnectionKey, SessionID)
  /// A participant wants a room: answered with ``Event/tell(_:_:)`` as soon as it is known how that went.
  case booking(SessionID, BookingMessage, Grant, owner: String)
  /// Send a text message (shared bytes): with the next frame, or at once if somebody waits for it.
  case send(SessionID, [UInt8], isUrgent: Bool = false)
  /// Tell a connection that has no session yet that it waits for a place; nothing else is read from it until then.
  case wait(ConnectionKey, [UInt8])
  /// Tell a connection that has no session why, then close it.
  case reject(ConnectionKey, message: [UInt8]?, CloseCode)
  /// Close the session's connection. The session itself may live on.
  case close(SessionID, CloseCode)
  /// Write this down for good, in order.
  case record(AdministrativeRecord)
  /// Close a connection that no longer speaks for its session.
  case release(ConnectionKey, CloseCode)
  /// Write these to the log and answer with ``Event/committed(id:_:)``. Until then nobody is told of them.
  case commit(NoteCommit)
  /// Keep that this author is that account, apart from the log, so that it can be forgotten. Before the commit in which the
  /// author first stands in this stay. No answer.
  case author(id: String, account: String)
  /// This session is in another place than its newest ticket says: give it one now.
  case ticket(SessionID)
  /// Hand this session the servers by which browsers find a way to each other, with fresh credentials.
  case voiceServers(SessionID)
  /// For the media server.
  case sfu(SFUOrder)
  /// Tell this session where to send an image. Answer with ``Event/uploaded(id:isStored:)`` once it is stored, or never will be.
  case upload(SessionID, ImageUpload)
  /// No exhibit names these images any more: forget them. No answer.
  case dropImages([String])
  /// Save this state of a space, which its log has as of `sequence`. No answer.
  case snapshot(space: String, sequence: UInt64, state: [UInt8])
}

/// What the operator sees counted. Fixed keys; adding is the only operation.
public struct EngineCounters: Sendable, Equatable {
  public var joins = 0
  public var resumes = 0
  public var leaves = 0
  /// Sessions ended by a host or moderator.
  public var removed = 0
  public var portals = 0
  /// People who found a space full and got into one of its overflow instances.
  public var overflows = 0
  public var movesAccepted = 0
  public var movesStale = 0
  public var movesRateLimited = 0
  public var chats = 0
  public var chatsDeleted = 0
  public var notesStored = 0
  /// Voice links begun, descriptions and candidates passed on.
  public var voiceLinks = 0
  public var voiceRelayed = 0
  /// Connections to the media server begun, and broken on its side.
  public var sfuLinks = 0
  public var sfuBroken = 0
  public var eventsTold = 0
  public var eventsCounted = 0
  /// Steps of ``OverloadControl``, up or down.
  public var overloadChanges = 0
  /// By the raw value of the reason.
  public var corrections: [String: Int] = [:]
  /// By error code.
  public var refusals: [String: Int] = [:]
  public init() {}
}

/// What an engine is started with.
public struct EngineConfig: Sendable {
  public var limits = Limits()
  /// Where clients load the world file.
  public var worldURL = "/worlds/world.json"
  public var idleAwaySeconds = 300
  /// Number of the first chat message. Pages outlive the hub, so it is above those of earlier runs.
  public var firstChat: UInt64 = 1
  /// After the last acknowledgement.
  public var lostSeconds = 3
  public var goneSeconds = 30
  public var closeSilentSeconds = 10
  /// All randomness inside comes from here: arrival places, person ids.
  public var seed: UInt64 = 1
  public var voice = VoiceParameters()
  package var noteMutation = NoteMutation.none
  public init() {}
}
