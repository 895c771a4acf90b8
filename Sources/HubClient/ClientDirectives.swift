public import HubWire

/// What a ``ClientSession`` asks its shell to do. Empty ones allocate nothing.
public struct ClientDirectives: Sendable {
  /// Text messages to send, in order.
  public var texts: [[UInt8]] = []
  /// The newest word on where we are: one binary message, late-bound; a newer one takes its place.
  public var pose: ClientPoseMessage?
  /// Close with this code.
  public var close: UInt16?
  /// What the hub told that the owner may want to know; the session itself has obeyed already.
  public var news: ServerMessage?

  public init() {}

  public var isEmpty: Bool { texts.isEmpty && pose == nil && close == nil && news == nil }
}

/// Why a client gives up on what a hub sends.
public enum ClientError: Error, Equatable, Sendable {
  /// Not JSON, or a known message with keys of a wrong type.
  case badMessage(String)
  /// Binary layouts differ: hashes of ours and theirs.
  case layouts(ours: String, theirs: String)
  /// A frame that contradicts what was told, or is malformed.
  case badFrame(String)
  /// A frame or a `space` before `welcome`, a grid that is none.
  case outOfOrder(String)
}

/// How a ``ClientSession`` behaves.
public struct ClientConfiguration: Sendable {
  public var hello: Hello
  /// False: says nothing after connecting, as a stranger would: for tests of the hub's patience.
  public var saysHello = true
  /// False: frames are acknowledged and their header is kept, but nobody is tracked: for crowds of bots.
  public var keepsReplica = true
  /// False: only what the session itself needs is read of the control lane; lists of people and chat stay bytes.
  public var readsEverything = true
  /// True: `voice` is read even so.
  public var readsVoice = false
  /// Pings at first, 250 ms apart, then one every so many ms.
  public var pingsAtFirst = 8
  public var pingIntervalMs = 5000.0
  /// An acknowledgement is owed this long after a frame at the latest; the hub wants it within 250 ms.
  public var acknowledgeWithinMs = 200.0

  public init(hello: Hello) { self.hello = hello }
}
