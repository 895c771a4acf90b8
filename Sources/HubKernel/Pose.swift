/// The authoritative pose of anything that moves: integers only (see ``Units``). 20 bytes.
public struct Pose: Equatable, Hashable, Sendable, BitwiseCopyable {
  /// Position in steps of 2.5 mm, in the coordinates of the space (y up, right-handed).
  public var x: Int32
  public var y: Int32
  public var z: Int32
  /// Horizontal velocity in steps of 1/32 m/s. There is no vertical velocity on the wire.
  public var velocityX: Int16
  public var velocityZ: Int16
  /// Heading in 1/65536 turn; wraps.
  public var yaw: UInt16
  /// Locomotion or gesture, 0-63; see ``Animation``. Unknown values are kept.
  public var animation: UInt8
  /// Six bits; see ``PoseFlags``.
  public var flags: PoseFlags

  @inlinable public init(
    x: Int32, y: Int32, z: Int32, velocityX: Int16 = 0, velocityZ: Int16 = 0, yaw: UInt16 = 0,
    animation: UInt8 = 0, flags: PoseFlags = []
  ) {
    self.x = x
    self.y = y
    self.z = z
    self.velocityX = velocityX
    self.velocityZ = velocityZ
    self.yaw = yaw
    self.animation = animation
    self.flags = flags
  }
}

/// What a body is doing. A level that lasts, never an edge. The wire carries 6, 5 or 4 bits of it by tier,
/// so the ones that matter from far away have the low numbers.
public enum Animation {
  public static let idle: UInt8 = 0
  public static let walk: UInt8 = 1
  public static let run: UInt8 = 2
  public static let sit: UInt8 = 3
  public static let wave: UInt8 = 4
  public static let clap: UInt8 = 5
  public static let dance: UInt8 = 6
  public static let nod: UInt8 = 7
}

/// Six state bits of a pose. Tiers S1 and S2 carry only the low two.
public struct PoseFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The body jumped (teleport): draw without smoothing.
  public static let snap = PoseFlags(rawValue: 1)
  /// Reserved for an extension; must be sent as 0 and ignored on reading.
  public static let ext = PoseFlags(rawValue: 2)
  public static let talking = PoseFlags(rawValue: 4)
  public static let handRaised = PoseFlags(rawValue: 8)
  public static let seated = PoseFlags(rawValue: 16)
  public static let airborne = PoseFlags(rawValue: 32)
}
