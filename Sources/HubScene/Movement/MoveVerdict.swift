public import HubKernel

/// The figures of a walking body; docs/WORLDS.md gives them to clients.
public enum BodyShape {
  /// Metres. A contact is refused only ``skin`` deeper, so that a client's rounding never causes a
  /// correction.
  public static let radius = 0.3
  public static let skin = 0.01
  public static let height = 1.7
  /// What feet climb without a jump.
  public static let stepHeight = 0.4
  public static let jumpHeight = 1.2
}

/// What the server remembers of a body between moves. 8 bytes.
public struct BodyState: Sendable, Equatable, BitwiseCopyable {
  /// Height of the ground last stood on, position steps.
  public var supportY: Int32
  /// Ticks since then.
  public var airborneTicks: UInt16
  /// Distance left over from earlier ticks, position steps.
  public var allowance: UInt16

  /// A body that stands at this pose.
  public init(standingAt pose: Pose) {
    supportY = pose.y
    airborneTicks = 0
    allowance = 0
  }
}

/// Why a move was refused. The raw values are stable.
public enum MoveRefusal: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  case speed = 1
  case bounds = 2
  case wall = 3
  case door = 4
  case lockedArea = 5
  /// Too high above the ground, or under it.
  case height = 6
}

/// The answer to a proposed move.
public struct MoveVerdict: Sendable, Equatable, BitwiseCopyable {
  /// The pose to keep: the proposed one, or the nearest legal one (slid along what is in the way).
  public var pose: Pose
  /// Nil: accepted.
  public var refusal: MoveRefusal?
  public init(pose: Pose, refusal: MoveRefusal?) {
    self.pose = pose
    self.refusal = refusal
  }
}
