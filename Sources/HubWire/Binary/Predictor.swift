public import HubKernel

/// What a reader extrapolates from: a coded pose in space coordinates and the tick it holds for. 24 bytes.
///
/// Between two records both sides evaluate the same closed form, so silence means "this still holds".
public struct Predictor: Equatable, Sendable, BitwiseCopyable {
  /// Position in steps of 2.5 mm at ``base``.
  public var x: Int32
  public var y: Int32
  public var z: Int32
  /// The tick at which the position holds.
  public var base: Tick
  /// Velocity in steps of 1/32 m/s.
  public var velocityX: Int16
  public var velocityZ: Int16
  public var yaw: UInt16
  public var animation: UInt8
  public var flags: PoseFlags

  @inlinable public init(
    x: Int32, y: Int32, z: Int32, base: Tick, velocityX: Int16, velocityZ: Int16, yaw: UInt16,
    animation: UInt8,
    flags: PoseFlags
  ) {
    self.x = x
    self.y = y
    self.z = z
    self.base = base
    self.velocityX = velocityX
    self.velocityZ = velocityZ
    self.yaw = yaw
    self.animation = animation
    self.flags = flags
  }

  /// x at `tick`: `x0 + ((5 * v * dt) >> 3)`, rounded down, in wide integers. One tick at 1/32 m/s is 5/8 step.
  @inlinable public func x(at tick: Tick) -> Int64 {
    Int64(x) + ((5 * Int64(velocityX) * (Int64(tick) - Int64(base))) >> 3)
  }

  /// z at `tick`; see ``x(at:)``.
  @inlinable public func z(at tick: Tick) -> Int64 {
    Int64(z) + ((5 * Int64(velocityZ) * (Int64(tick) - Int64(base))) >> 3)
  }

  /// The pose at a whole tick, as the server sees it. Positions saturate at the 32-bit range.
  @inlinable public func pose(at tick: Tick) -> Pose {
    Pose(
      x: Int32(clamping: x(at: tick)), y: y, z: Int32(clamping: z(at: tick)), velocityX: velocityX,
      velocityZ: velocityZ, yaw: yaw, animation: animation, flags: flags)
  }

  /// Position in metres at a fractional tick, for drawing.
  @inlinable public func meters(atTick tick: Double) -> (x: Double, y: Double, z: Double) {
    let dt = tick - Double(base)
    let scale = 1 / Double(Units.stepsPerMeter)
    return (
      (Double(x) + Double(velocityX) * dt * 0.625) * scale, Double(y) * scale,
      (Double(z) + Double(velocityZ) * dt * 0.625) * scale
    )
  }
}
