public import HubKernel

/// A seeded walk through a floor plan, in closed form from the last known instant on: where the bot is at a moment
/// depends on its seed and on where and when it began, on nothing the network does.
public struct Walker: Sendable {
  /// What a space offers to walkers.
  public struct Ground: Sendable {
    public var plan: FloorPlan
    /// Ways into the portals that the scenario's walkers take.
    public var portals: [RouteField]
    public init(plan: FloorPlan, portals: [RouteField]) {
      self.plan = plan
      self.portals = portals
    }
  }

  private var random: SeededRandom
  public let style: MotionStyle
  public let isMover: Bool
  public let isRunner: Bool
  public private(set) var current: MotionSegment
  public let sway: Sway?
  /// The last stretches walked, newest last: for looking back.
  private var past: [MotionSegment] = []
  private var planned: [MotionSegment] = []
  private var portal: Int?
  /// Where a bot that does not move wants to stand; nil once it is there.
  private var home: (x: Double, z: Double)?
  /// The walk has ended inside a portal: it stands there until the hub moves it.
  public private(set) var isInPortal = false

  /// - Parameter home: the place to go to first, if any.
  public init(
    seed: UInt64, style: MotionStyle, at pose: Pose, startMs: Double, home: (x: Double, z: Double)? = nil
  ) {
    random = SeededRandom(seed: seed)
    self.style = style
    isMover = random.unit() < style.moverShare
    isRunner = random.unit() < style.runnerShare
    self.home = home
    var swayRandom = SeededRandom(seed: seed ^ 0x7377_6179)
    sway = style.sways ? Sway { swayRandom.unit() } : nil
    current = MotionSegment(standingAt: MotionPose(pose), startMs: startMs, durationMs: 300)
    stand(at: pose, startMs)
  }

  /// The hub has put the bot somewhere: the walk begins anew from there, standing for 300 ms.
  public mutating func restart(at pose: Pose, startMs: Double) {
    planned.removeAll(keepingCapacity: true)
    portal = nil
    isInPortal = false
    stand(at: pose, startMs)
  }

  /// The path lies where the hub has put the body, less its sway.
  private mutating func stand(at pose: Pose, _ startMs: Double) {
    past.removeAll(keepingCapacity: true)
    var path = MotionPose(pose)
    if let offset = sway?.at(ms: startMs) {
      path.x -= offset.x
      path.z -= offset.z
    }
    current = MotionSegment(standingAt: path, startMs: startMs, durationMs: 300)
  }

  /// Truth at an instant that is not before any asked for earlier.
  public mutating func pose(atMs ms: Double, on ground: Ground?) -> MotionPose {
    while ms >= current.endMs {
      if planned.isEmpty { plan(current.pose(atMs: current.endMs), current.endMs, ground) }
      if past.count == 8 { past.removeFirst() }
      past.append(current)
      current = planned.removeFirst()
    }
    return swayed(current.pose(atMs: ms), ms)
  }

  /// Truth at an instant in the near past; nil where it is not known any more, or the hub has put the body elsewhere
  /// since.
  public func poseBack(atMs ms: Double) -> MotionPose? {
    if ms >= current.startMs { return ms <= current.endMs ? swayed(current.pose(atMs: ms), ms) : nil }
    for segment in past.reversed() where ms >= segment.startMs { return swayed(segment.pose(atMs: ms), ms) }
    return nil
  }

  private func swayed(_ pose: MotionPose, _ ms: Double) -> MotionPose {
    guard let sway else { return pose }
    let offset = sway.at(ms: ms)
    var pose = pose
    pose.x += offset.x
    pose.z += offset.z
    pose.velocityX += offset.velocityX
    pose.velocityZ += offset.velocityZ
    return pose
  }

  private mutating func plan(_ here: MotionPose, _ startMs: Double, _ ground: Ground?) {
    var here = here
    here.speed = 0
    (here.velocityX, here.velocityZ) = (0, 0)
    guard let ground, !isInPortal else { return stand(here, startMs) }
    if let portal { return walk(portal, here, startMs, ground) }
    if let home { return goHome(home, here, startMs, ground) }
    guard isMover, current.isWalk == false else { return stand(here, startMs) }
    if style.portalChance > 0, !ground.portals.isEmpty, random.unit() < style.portalChance {
      portal = random.below(ground.portals.count)
      return walk(portal ?? 0, here, startMs, ground)
    }
    guard let target = target(here, ground.plan) else { return stand(here, startMs) }
    walk(to: target, here, startMs)
  }

  private mutating func stand(_ here: MotionPose, _ startMs: Double) {
    // Exponential pauses; a look around ends some of them early.
    let pause = -logarithm(1 - random.unit()) * style.pauseMeanMs
    let look = -logarithm(1 - random.unit()) * 1000 / style.looksPerSecond
    let still = isMover ? min(pause, look) : look
    planned.append(MotionSegment(standingAt: here, startMs: startMs, durationMs: max(still, 50)))
    guard look < pause || !isMover else { return }
    // A sum of 12 uniforms less 6 is near enough to a normal.
    var normal = -6.0
    for _ in 0..<12 { normal += random.unit() }
    planned.append(
      MotionSegment(
        standingAt: here, startMs: startMs + max(still, 50), durationMs: 0,
        turn: normal * style.lookTurnsSigma))
  }

  private mutating func walk(to target: (x: Double, z: Double), _ here: MotionPose, _ startMs: Double) {
    var here = here
    let turn = MotionSegment.turn(from: here.yaw, alongX: target.x - here.x, z: target.z - here.z)
    let turning = MotionSegment(standingAt: here, startMs: startMs, durationMs: 0, turn: turn)
    planned.append(turning)
    here.yaw += turn
    planned.append(
      MotionSegment(
        from: here, toX: target.x, z: target.z,
        metersPerSecond: isRunner ? style.runMetersPerSecond : style.walkMetersPerSecond,
        startMs: turning.endMs))
  }

  private mutating func walk(_ portal: Int, _ here: MotionPose, _ startMs: Double, _ ground: Ground) {
    let route = ground.portals[portal]
    if let next = route.waypoint(ground.plan, x: here.x, z: here.z) { return walk(to: next, here, startMs) }
    self.portal = nil
    let atEntry = (here.x - route.entry.x).magnitude < 0.01 && (here.z - route.entry.z).magnitude < 0.01
    guard atEntry else { return stand(here, startMs) }
    isInPortal = true
    walk(to: route.goal, here, startMs)
  }

  private mutating func goHome(
    _ home: (x: Double, z: Double), _ here: MotionPose, _ startMs: Double, _ ground: Ground
  ) {
    if ground.plan.sees(fromX: here.x, z: here.z, toX: home.x, z: home.z) {
      self.home = nil
      return walk(to: home, here, startMs)
    }
    // Not in sight: towards it by whatever lies nearest to it, a few times; then stay.
    var best: (x: Double, z: Double)?
    var nearest = Double.infinity
    for _ in 0..<8 {
      guard let target = target(here, ground.plan) else { continue }
      let distance = (target.x - home.x) * (target.x - home.x) + (target.z - home.z) * (target.z - home.z)
      if distance < nearest { (best, nearest) = (target, distance) }
    }
    guard let best else {
      self.home = nil
      return stand(here, startMs)
    }
    walk(to: best, here, startMs)
  }

  /// A point in sight, at most a leg away.
  private mutating func target(_ here: MotionPose, _ plan: FloorPlan) -> (x: Double, z: Double)? {
    guard let cell = plan.cell(x: here.x, z: here.z) else { return nil }
    guard plan.isUsable(cell) else {
      // Arrived at the edge: step to the nearest place with room around it.
      return plan.nearestUsable(x: here.x, z: here.z, within: 1.5).map(plan.center)
    }
    for _ in 0..<12 {
      let turn = random.unit() * 360
      let length = 1 + random.unit() * (style.legMetersMax - 1)
      let (sin, cos) = Trigonometry.sinCos(degrees: turn)
      let (x, z) = (here.x + cos * length, here.z + sin * length)
      if plan.sees(fromX: here.x, z: here.z, toX: x, z: z) { return (x, z) }
    }
    return nil
  }
}
