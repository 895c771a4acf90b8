/// Units of the authoritative state. Truth is integers, so that every machine computes the same bytes.
public enum Units {
  /// Position steps per metre (one step is 2.5 mm).
  public static let stepsPerMeter: Int32 = 400
  /// Velocity steps per metre per second (one step is 1/32 m/s).
  public static let velocityStepsPerMeterPerSecond: Int32 = 32
  /// Yaw steps per full turn; yaw is a `UInt16` that wraps. 0 looks along -z, positive turns left (towards -x).
  public static let yawStepsPerTurn: Int32 = 65536
  /// Ticks per second of simulation time.
  public static let ticksPerSecond = 20
  /// Milliseconds in a tick.
  public static let tickMilliseconds = 50

  /// Metres to position steps, rounded to nearest. Traps on values no space can hold (see ``Limits``).
  @inlinable public static func steps(meters: Double) -> Int32 {
    Int32((meters * Double(stepsPerMeter)).rounded(.toNearestOrAwayFromZero))
  }

  @inlinable public static func meters(steps: Int32) -> Double { Double(steps) / Double(stepsPerMeter) }
}

/// A tick of simulation time: 50 ms. 32 bits last 6.8 years; the wire carries the low 16.
public typealias Tick = UInt32
