public import HubKernel
import HubWire

/// Decides when the hub's idea of our avatar is wrong enough to send a MOVE: more than 1 cm or 3 degrees off, another
/// animation or other flags, or nothing sent for half a second in motion and a second at rest. The hub extrapolates what it got, so this evaluates the same
/// closed form for the tick that will take the message (Gaffer on Games, "State Synchronization", turned to the uplink).
public struct UplinkPredictor: Sendable {
  /// 1 cm in position steps.
  public static let errorSteps: Int64 = 4
  /// 3 degrees in 1/65536 turn.
  public static let yawError: Int32 = 546
  /// A moving avatar is confirmed every half second, a standing one every second; a tick less than the second, as the
  /// hub extrapolates no longer than that.
  public static let heartbeatTicksMoving: Tick = 10
  public static let heartbeatTicksAtRest: Tick = 19

  private var sent: Predictor?

  public init() {}

  /// Nothing has been sent: the next pose goes out. After joining, a correction, a change of space.
  public mutating func reset() { sent = nil }

  /// Whether the hub needs to hear of `pose`, which will hold at `tick`. At most one MOVE for a tick, so at most 20/s.
  public func wants(_ pose: Pose, at tick: Tick) -> Bool {
    guard let sent else { return true }
    guard tick > sent.base else { return false }
    let isMoving = pose.velocityX != 0 || pose.velocityZ != 0
    if tick - sent.base >= (isMoving ? Self.heartbeatTicksMoving : Self.heartbeatTicksAtRest) { return true }
    if pose.animation != sent.animation || pose.flags != sent.flags { return true }
    let turn = Int32(Int16(bitPattern: pose.yaw &- sent.yaw))
    if abs(turn) > Self.yawError { return true }
    let dx = Int64(pose.x) - sent.x(at: tick)
    let dy = Int64(pose.y) - Int64(sent.y)
    let dz = Int64(pose.z) - sent.z(at: tick)
    return dx * dx + dy * dy + dz * dz > Self.errorSteps * Self.errorSteps
  }

  /// The MOVE with this pose goes out for this tick.
  public mutating func note(_ pose: Pose, at tick: Tick) {
    sent = Predictor(
      x: pose.x, y: pose.y, z: pose.z, base: tick, velocityX: pose.velocityX, velocityZ: pose.velocityZ,
      yaw: pose.yaw, animation: pose.animation, flags: pose.flags)
  }
}
