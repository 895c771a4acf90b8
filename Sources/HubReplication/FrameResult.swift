public import HubKernel

/// What one frame needs to know beyond the space and the view.
public struct FrameRequest: Sendable {
  /// Index of the reader in its ``ClientViews``.
  public var view: Int
  /// Where the reader looks from: its avatar's true pose in this space.
  public var viewer: Pose
  /// The hub's monotonic milliseconds, modulo 65,536.
  public var serverMs: UInt16
  /// Sequence of the newest MOVE applied.
  public var ackedInput: UInt8

  public init(view: Int, viewer: Pose, serverMs: UInt16, ackedInput: UInt8) {
    self.view = view
    self.viewer = viewer
    self.serverMs = serverMs
    self.ackedInput = ackedInput
  }
}

/// Why no frame was written. The client misses nothing: the next frame heals the gap.
public enum FrameSkip: String, Sendable, CaseIterable {
  /// Nothing has changed that is due, and the keep-alive isn't either.
  case nothingDue
  /// Too many frames unacknowledged.
  case windowFull
  /// The byte bucket is empty.
  case bucketEmpty
}

/// What ``SpaceReplicator/buildFrame(_:_:into:)`` did.
public enum FrameResult: Sendable, Equatable {
  /// The first `bytes` of the buffer are a frame and must be sent; the view counts it as sent.
  case written(FrameStats)
  case skipped(FrameSkip)
}

/// Where the bytes of a frame went. `bytes` is the sum of all the others' bytes.
public struct FrameStats: Sendable, Equatable, BitwiseCopyable {
  public var bytes = 0
  /// Words of UPDATE records, by tier; focus counts as S0.
  public var updateBytes = PerTier(0, 0, 0)
  public var updates = PerTier(0, 0, 0)
  /// LEAVE and ENTER records of pages that go on at their tier, and all of focus' enters and leaves.
  public var enterLeaveBytes = 0
  /// Blocks that empty their page first, headers included.
  public var keyframeBytes = 0
  public var keyframes = 0
  /// Blocks of digests, headers included.
  public var digestBytes = 0
  /// Frame header, block headers, DROP blocks.
  public var framingBytes = 0

  public init() {}
}
