public import HubKernel
public import HubNet

/// Who decides what a ``PooledClient`` does. All calls come on the pool's thread.
public protocol ClientOwner: AnyObject {
  /// Where the avatar is now: position, velocity, heading. The pool carries it on by its velocity to the tick that will
  /// take it. Nil: nothing is sent. Asked once in a tick of the hub.
  func pose(_ client: PooledClient, nowMs: Double) -> Pose?
  /// A message came, before it is read. The bytes are only good during the call.
  func arrived(_ client: PooledClient, isText: Bool, _ message: RawSpan, nowMs: Double)
  /// Frames came to a drained client: counted, not looked into.
  func drained(_ client: PooledClient, _ drained: DrainedBytes, nowMs: Double)
  /// Whether a frame that came is applied now. If not, it is not acknowledged either, and the owner may hand it to
  /// ``ClientPool/apply(_:_:)`` later: for planted faults.
  func takes(_ client: PooledClient, frame: RawSpan, nowMs: Double) -> Bool
  /// A control message that the session has read and obeyed.
  func heard(_ client: PooledClient, _ message: ServerMessage, nowMs: Double)
  /// A frame has been applied. The bytes are only good during the call.
  func applied(_ client: PooledClient, frame: RawSpan, nowMs: Double)
  /// A MOVE for `tick` is on its way.
  func moved(_ client: PooledClient, _ pose: Pose, tick: Tick, nowMs: Double)
  /// The hub broke the protocol; the connection is being closed.
  func failed(_ client: PooledClient, _ error: ClientError)
  /// The connection ended, or was never made. Returns after how many ms to connect again; nil: not at all.
  /// - Parameter retryMs: what the protocol asks for.
  func ended(_ client: PooledClient, _ end: ConnectionEnd, retryMs: Double?, nowMs: Double) -> Double?
}

extension ClientOwner {
  public func pose(_ client: PooledClient, nowMs: Double) -> Pose? { nil }
  public func arrived(_ client: PooledClient, isText: Bool, _ message: RawSpan, nowMs: Double) {}
  public func drained(_ client: PooledClient, _ drained: DrainedBytes, nowMs: Double) {}
  public func takes(_ client: PooledClient, frame: RawSpan, nowMs: Double) -> Bool { true }
  public func heard(_ client: PooledClient, _ message: ServerMessage, nowMs: Double) {}
  public func applied(_ client: PooledClient, frame: RawSpan, nowMs: Double) {}
  public func moved(_ client: PooledClient, _ pose: Pose, tick: Tick, nowMs: Double) {}
  public func failed(_ client: PooledClient, _ error: ClientError) {}
  public func ended(
    _ client: PooledClient, _ end: ConnectionEnd, retryMs: Double?, nowMs: Double
  ) -> Double? { retryMs }
}

/// Frames that were counted and not looked into.
public struct DrainedBytes: Sendable, Equatable {
  public var frames = 0
  public var bytes = 0
  /// Heads of their WebSocket messages, not part of ``bytes``.
  public var heads = 0
  public init() {}
}

/// A session with its connection in a ``ClientPool``.
public final class PooledClient {
  public let session: ClientSession
  /// Place in ``ClientPool/clients``.
  public internal(set) var index = 0
  public weak var owner: (any ClientOwner)?

  var connection: ConnectionID?
  public internal(set) var isDrained = false
  var wantsDrain = false
  var isOpen = false
  /// False: neither acknowledges nor moves, as a page whose script hangs.
  public var isResponsive = true
  var texts: [[UInt8]] = []
  var firstText = 0
  var pendingPose: ClientPoseMessageSlot = .none
  /// Binary messages of the owner's own making, in order: nothing takes their place.
  var raws: [[UInt8]] = []
  var polledTick: Int64 = -1
  var closeCode: UInt16?

  init(session: ClientSession, owner: any ClientOwner) {
    self.session = session
    self.owner = owner
  }

  public var isConnected: Bool { isOpen }

  var hasMore: Bool { firstText < texts.count || !raws.isEmpty || pendingPose.isWaiting }
}
