public import HubKernel

/// A stretch of a path in closed form: standing, turning on the spot, or walking straight with a trapezoid of speed.
public struct MotionSegment: Sendable, Equatable {
  public static let accelerationMax = 4.0
  /// Half a turn in a second.
  public static let turnsPerSecondMax = 0.5

  public private(set) var startMs: Double
  public private(set) var durationMs: Double
  let x: Double
  let y: Double
  let z: Double
  /// Heading at the start in turns, and by how much it changes.
  let yaw: Double
  let turn: Double
  /// Unit direction and metres walked; 0: on the spot.
  let directionX: Double
  let directionZ: Double
  let length: Double
  /// Speed on the level stretch, m/s.
  let speed: Double

  /// Stands, turning by `turn` turns meanwhile if it is not 0.
  public init(standingAt p: MotionPose, startMs: Double, durationMs: Double, turn: Double = 0) {
    self.startMs = startMs
    self.durationMs = max(durationMs, turn.magnitude / Self.turnsPerSecondMax * 1000)
    (x, y, z, yaw) = (p.x, p.y, p.z, p.yaw)
    self.turn = turn
    (directionX, directionZ, length, speed) = (0, 0, 0, 0)
  }

  /// Walks straight to a point, looking as before.
  public init(from p: MotionPose, toX: Double, z toZ: Double, metersPerSecond: Double, startMs: Double) {
    self.startMs = startMs
    (x, y, z, yaw) = (p.x, p.y, p.z, p.yaw)
    turn = 0
    let (dx, dz) = (toX - p.x, toZ - p.z)
    length = (dx * dx + dz * dz).squareRoot()
    directionX = length > 0 ? dx / length : 0
    directionZ = length > 0 ? dz / length : 0
    speed = min(metersPerSecond, (length * Self.accelerationMax).squareRoot())
    durationMs = length > 0 ? (length / speed + speed / Self.accelerationMax) * 1000 : 0
  }

  public var endMs: Double { startMs + durationMs }
  public var isWalk: Bool { length > 0 }
  /// Turns needed to look along the walk of a segment from here to there.
  static func turn(from yaw: Double, alongX dx: Double, z dz: Double) -> Double {
    let target = Double(Trigonometry.yaw(facingX: dx, z: dz)) / 65536
    return (target - yaw).remainder(dividingBy: 1)
  }

  public func pose(atMs ms: Double) -> MotionPose {
    let t = min(max(ms - startMs, 0), durationMs) / 1000
    var pose = MotionPose(x: x, y: y, z: z, yaw: yaw)
    if turn != 0 { pose.yaw += turn * (durationMs > 0 ? t * 1000 / durationMs : 1) }
    guard length > 0 else { return pose }
    let a = Self.accelerationMax
    let total = durationMs / 1000
    let ramp = speed / a
    let walked: Double
    if t < ramp {
      pose.speed = a * t
      walked = a * t * t / 2
    } else if t <= total - ramp {
      pose.speed = speed
      walked = speed * ramp / 2 + speed * (t - ramp)
    } else {
      let rest = total - t
      pose.speed = a * rest
      walked = length - a * rest * rest / 2
    }
    pose.x += directionX * walked
    pose.z += directionZ * walked
    pose.velocityX = directionX * pose.speed
    pose.velocityZ = directionZ * pose.speed
    return pose
  }
}

/// Truth at an instant: metres, metres per second, turns.
public struct MotionPose: Sendable, Equatable {
  public var x: Double
  public var y: Double
  public var z: Double
  /// In turns; 0 looks along -z, growing to the left; not reduced.
  public var yaw: Double
  public var velocityX = 0.0
  public var velocityZ = 0.0
  public var speed = 0.0

  public init(x: Double, y: Double, z: Double, yaw: Double) {
    self.x = x
    self.y = y
    self.z = z
    self.yaw = yaw
  }

  /// Standing where the hub says.
  public init(_ pose: Pose) {
    self.init(
      x: Units.meters(steps: pose.x), y: Units.meters(steps: pose.y), z: Units.meters(steps: pose.z),
      yaw: Double(pose.yaw) / 65536)
  }

  /// As the wire's integers.
  public var quantized: Pose {
    Pose(
      x: Units.steps(meters: x), y: Units.steps(meters: y), z: Units.steps(meters: z),
      velocityX: Int16((velocityX * 32).rounded()), velocityZ: Int16((velocityZ * 32).rounded()),
      yaw: UInt16(truncatingIfNeeded: Int((yaw * 65536).rounded())),
      animation: speed == 0 ? Animation.idle : speed > 2.2 ? Animation.run : Animation.walk)
  }
}
