import HubKernel
import HubLoadtestKit
import HubScene
import Testing

/// A hall of 20 by 20 m with a block in the middle and a portal at one wall.
func hall() throws -> World {
  func text(_ t: String) -> LocalizedText { LocalizedText(de: t, en: t) }
  var block = Components()
  block.collider = ColliderComponent(kind: .solid, size: Vector3(6, 2, 6))
  var portal = Components()
  portal.area = AreaComponent(
    purpose: .portal, size: Vector3(2, 3, 1), to: Destination(space: "hall", spawn: "entrance"))
  var spawn = Components()
  spawn.spawn = SpawnComponent(radius: 2)
  let space = SpaceDefinition(
    id: "hall", title: text("Halle"), description: text("Halle"), boundsMin: Vector3(-10, -1, -10),
    boundsMax: Vector3(10, 7, 10),
    nodes: [
      NodeDefinition(id: "block", components: block),
      NodeDefinition(
        id: "door", transform: Transform(position: Vector3(0, 0, -9.4)), title: text("Tor"), alt: text("Tor"),
        components: portal),
      NodeDefinition(id: "entrance", transform: Transform(position: Vector3(0, 0, 7)), components: spawn),
    ])
  return try World(
    WorldDefinition(
      id: "w", title: text("W"), description: text("W"), start: Destination(space: "hall", spawn: "entrance"),
      spaces: [space]))
}

@Suite struct PathTests {
  @Test func theServersOwnChecksAcceptEveryStepOfEveryWalk() throws {
    let world = try hall()
    let space = world.spaces[0]
    let plan = FloorPlan(space)
    let ground = Walker.Ground(plan: plan, portals: [])
    let barred = AreaSet(count: space.areas.count)
    for seed in 0..<12 as Range<UInt64> {
      var style = MotionStyle(moverShare: 1, pauseMeanMs: 300)
      style.runnerShare = 0.5
      var random = SeededRandom(seed: seed)
      let start = space.arrival(spawn: 0, random: &random)
      var walker = Walker(seed: seed, style: style, at: start, startMs: 0)
      var from = start
      var body = BodyState(standingAt: start)
      var walked = 0.0
      for step in 1...1200 {
        // As the pool does it: the pose 40 ms before the tick, carried on by its velocity.
        let now = walker.pose(atMs: Double(step) * 50 - 40, on: ground)
        var pose = now.quantized
        pose.x += Int32((now.velocityX * 0.04 * 400).rounded())
        pose.z += Int32((now.velocityZ * 0.04 * 400).rounded())
        let verdict = space.check(from: from, to: pose, elapsedTicks: 1, body: &body, barred: barred)
        #expect(verdict.refusal == nil, "seed \(seed), step \(step)")
        walked += Double((from.x - pose.x).magnitude + (from.z - pose.z).magnitude) / 400
        from = verdict.pose
      }
      #expect(walked > 15, "seed \(seed) must get about")
    }
  }

  @Test func aPathIsTheSameHoweverOftenItIsAsked() throws {
    let ground = Walker.Ground(plan: FloorPlan(try hall().spaces[0]), portals: [])
    let style = MotionStyle(moverShare: 1, pauseMeanMs: 500)
    let start = Pose(x: 0, y: 0, z: 2800)
    var often = Walker(seed: 5, style: style, at: start, startMs: 0)
    var once = Walker(seed: 5, style: style, at: start, startMs: 0)
    for ms in stride(from: 0.0, through: 60_000, by: 7) { _ = often.pose(atMs: ms, on: ground) }
    #expect(often.pose(atMs: 60_001, on: ground) == once.pose(atMs: 60_001, on: ground))
  }

  @Test func bodiesNeitherJumpNorSpinNorRace() throws {
    let ground = Walker.Ground(plan: FloorPlan(try hall().spaces[0]), portals: [])
    var walker = Walker(
      seed: 9, style: MotionStyle(moverShare: 1, pauseMeanMs: 200), at: Pose(x: 0, y: 0, z: 2800), startMs: 0)
    var last = walker.pose(atMs: 0, on: ground)
    for ms in stride(from: 10.0, through: 60_000, by: 10) {
      let pose = walker.pose(atMs: ms, on: ground)
      let moved = ((pose.x - last.x) * (pose.x - last.x) + (pose.z - last.z) * (pose.z - last.z)).squareRoot()
      #expect(moved <= 3.5 * 0.01 + 1e-9)
      #expect((pose.speed - last.speed).magnitude <= 4 * 0.01 + 1e-9)
      #expect((pose.yaw - last.yaw).magnitude <= 0.5 * 0.01 + 1e-9)
      last = pose
    }
  }

  @Test func somebodyWhoWantsToLeaveReachesThePortalAndWaitsThere() throws {
    let space = try hall().spaces[0]
    let plan = FloorPlan(space)
    let box = space.areas[0].box
    let route = try #require(RouteField(plan, into: box, in: space))
    var style = MotionStyle(moverShare: 1, pauseMeanMs: 100)
    style.portalChance = 1
    var walker = Walker(seed: 3, style: style, at: Pose(x: 0, y: 0, z: 2800), startMs: 0)
    let ground = Walker.Ground(plan: plan, portals: [route])
    let pose = walker.pose(atMs: 60_000, on: ground)
    #expect(walker.isInPortal)
    #expect(box.contains(Vector3(pose.x, 0.01, pose.z)))
    walker.restart(at: Pose(x: 0, y: 0, z: 2800), startMs: 60_000)
    #expect(!walker.isInPortal)
  }

  @Test func strollersKeepOutOfPortalsAndWalls() throws {
    let plan = FloorPlan(try hall().spaces[0])
    #expect(plan.regions.count == 1)
    #expect(plan.cell(x: 0, z: 0).map(plan.isUsable) == false)
    #expect(plan.cell(x: 0, z: -9.4).map(plan.isUsable) == false)
    #expect(!plan.sees(fromX: 0, z: 7, toX: 0, z: -6))
    #expect(plan.sees(fromX: -6, z: 7, toX: -6, z: -6))
    #expect(plan.cell(x: 11, z: 0) == nil)
  }
}
