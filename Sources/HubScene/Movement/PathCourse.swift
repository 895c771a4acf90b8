import HubKernel

/// A vehicle's course as a closed form of the tick: rest, legs, and for a shuttle rest and the legs back.
struct PathCourse: Sendable {
  private struct Leg {
    var from: Pose
    var to: Pose
    /// Ticks from its start to its end.
    var ticks: Int32
    /// Tick of its start, counted from the departure at the first point.
    var start: Int32
    /// Heading before it, so that corners are taken in a curve.
    var yawBefore: UInt16
  }

  /// Ticks in which a corner's turn is made.
  private static let turnTicks: Int32 = 12

  private var legs: [Leg] = []
  private let legTicks: Int32
  private let dwellTicks: Int32
  private let loop: Bool

  /// - Parameter frame: of the node's parent.
  init(_ motion: PathMotion, frame: Affine) {
    precondition(motion.points.count >= 2)
    loop = motion.loop
    dwellTicks = Int32(Ticks.from(seconds: motion.dwellSeconds))
    let points = motion.points.map { frame.point($0) }
    var start: Int32 = 0
    for (index, point) in points.enumerated() where loop || index + 1 < points.count {
      let next = points[(index + 1) % points.count]
      let way = next - point
      let ticks = Int32(max(1, Ticks.from(seconds: way.length / motion.metersPerSecond)))
      // Straight up: keep the heading.
      let turns = way.x * way.x + way.z * way.z > 1e-6
      let yaw = turns ? Trigonometry.yaw(facingX: way.x, z: way.z) : legs.last?.from.yaw ?? frame.yaw
      func pose(_ v: Vector3) -> Pose {
        Pose(x: Units.steps(meters: v.x), y: Units.steps(meters: v.y), z: Units.steps(meters: v.z), yaw: yaw)
      }
      legs.append(
        Leg(
          from: pose(point), to: pose(next), ticks: ticks, start: start, yawBefore: legs.last?.from.yaw ?? yaw
        ))
      start += ticks
    }
    legTicks = start
    if loop, let last = legs.last { legs[0].yawBefore = last.from.yaw }
  }

  func pose(at tick: Tick) -> Pose {
    let cycle = loop ? dwellTicks + legTicks : 2 * (dwellTicks + legTicks)
    var t = Int32(tick % UInt32(cycle))
    if t < dwellTicks { return place(at: 0, direction: 0) }
    t -= dwellTicks
    if t < legTicks { return place(at: t, direction: 1) }
    t -= legTicks
    if t < dwellTicks { return place(at: legTicks, direction: 0) }
    return place(at: legTicks - (t - dwellTicks), direction: -1)
  }

  /// - Parameter time: ticks along the course from the first point.
  private func place(at time: Int32, direction: Int32) -> Pose {
    var low = 0
    var high = legs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if legs[middle].start <= time { low = middle } else { high = middle }
    }
    let leg = legs[low]
    let t = time - leg.start
    func between(_ a: Int32, _ b: Int32) -> Int32 { a + Int32(Int64(b - a) * Int64(t) / Int64(leg.ticks)) }
    var pose = leg.from
    pose.x = between(leg.from.x, leg.to.x)
    pose.y = between(leg.from.y, leg.to.y)
    pose.z = between(leg.from.z, leg.to.z)
    let turn = Int32(Int16(bitPattern: leg.from.yaw &- leg.yawBefore))
    let left = max(0, Self.turnTicks - t)
    pose.yaw = leg.from.yaw &- UInt16(truncatingIfNeeded: turn * left / Self.turnTicks)
    pose.velocityX = Velocity.steps(moved: (leg.to.x - leg.from.x) * direction, ticks: leg.ticks)
    pose.velocityZ = Velocity.steps(moved: (leg.to.z - leg.from.z) * direction, ticks: leg.ticks)
    pose.animation = direction == 0 ? 0 : 1
    return pose
  }
}
