import HubKernel
import HubScene
import Testing

private func text(_ s: String) -> LocalizedText { LocalizedText(de: s, en: s) }

private func world(_ nodes: [NodeDefinition]) throws -> World {
  var spawn = NodeDefinition(id: "entrance", transform: Transform(position: Vector3(0, 0, 8)))
  spawn.components.spawn = SpawnComponent(radius: 1)
  return try World(
    WorldDefinition(
      id: "w", title: text("w"), description: text("w"), start: Destination(space: "s", spawn: "entrance"),
      spaces: [
        SpaceDefinition(
          id: "s", title: text("s"), description: text("s"), boundsMin: Vector3(-40, -1, -40),
          boundsMax: Vector3(40, 9, 40), nodes: [spawn] + nodes)
      ]))
}

private func moving(
  _ id: String, at position: Vector3, yaw: Double = 0, parent: ParentReference = .root,
  _ motion: DynamicComponent
) -> NodeDefinition {
  var node = NodeDefinition(
    id: id, parent: parent, transform: Transform(position: position, rotation: Quaternion(yawDegrees: yaw)),
    alt: text(id))
  node.components.dynamic = motion
  return node
}

private func body(_ x: Double, _ z: Double) -> Pose {
  Pose(x: Units.steps(meters: x), y: 0, z: Units.steps(meters: z))
}

@Suite struct DynamicsTests {
  private func door(locked: Bool = false) throws -> Space {
    var node = moving(
      "door", at: Vector3(0, 0, 0), yaw: 90,
      .door(DoorMotion(way: .slide(Vector3(2, 0, 0)), secondsToOpen: 1, holdSeconds: 2, locked: locked)))
    node.components.collider = ColliderComponent(kind: .solid, size: Vector3(2, 2.2, 0.1))
    return try world([node]).spaces[0]
  }

  @Test func aDoorOpensForSomebodyNearHoldsAndCloses() throws {
    var space = try door()
    let near = [body(2, 0)]
    let far = [body(10, 0)]
    func blocks() -> Bool {
      var state = BodyState(standingAt: body(1, 0))
      return space.check(
        from: body(1, 0), to: body(-1, 0), elapsedTicks: 20, body: &state, barred: AreaSet(count: 0)
      ).refusal == .door
    }
    space.stepDynamics(tick: 1, bodies: far.span)
    #expect(space.dynamics.doorState(0) == .closed && blocks())
    space.stepDynamics(tick: 2, bodies: near.span)
    #expect(space.dynamics.doorState(0) == .opening && !blocks())
    for tick in 3...22 { space.stepDynamics(tick: Tick(tick), bodies: near.span) }
    #expect(space.dynamics.doorState(0) == .open)
    // Slid along its own x, which a turn of 90 degrees to the left points towards -z.
    #expect(space.dynamics.pose(0).z == Units.steps(meters: -2) && space.dynamics.pose(0).x == 0)
    #expect(space.dynamics.pose(0).yaw == 16384)
    for tick in 23...62 { space.stepDynamics(tick: Tick(tick), bodies: far.span) }
    #expect(space.dynamics.doorState(0) == .closing && space.dynamics.pose(0).velocityZ > 0)
    for tick in 63...81 { space.stepDynamics(tick: Tick(tick), bodies: far.span) }
    #expect(space.dynamics.doorState(0) == .closing && !blocks())
    // Somebody comes: it turns round where it is.
    space.stepDynamics(tick: 82, bodies: near.span)
    #expect(space.dynamics.doorState(0) == .opening)
    for tick in 83...200 { space.stepDynamics(tick: Tick(tick), bodies: far.span) }
    #expect(space.dynamics.doorState(0) == .closed && blocks())
    #expect(space.dynamics.pose(0) == space.dynamics.items[0].rest)
  }

  @Test func aLockedDoorStaysClosedUntilUnlocked() throws {
    var space = try door(locked: true)
    let near = [body(1, 0)]
    for tick in 1...50 { space.stepDynamics(tick: Tick(tick), bodies: near.span) }
    #expect(space.dynamics.doorState(0) == .closed)
    space.setDoorLocked(0, false)
    space.stepDynamics(tick: 51, bodies: near.span)
    #expect(space.dynamics.doorState(0) == .opening)
  }

  @Test func aTurntableIsAClosedFormOfTheTick() throws {
    var space = try world([moving("t", at: Vector3(3, 0, 0), yaw: 45, .turntable(secondsPerTurn: 24))])
      .spaces[0]
    let nobody: [Pose] = []
    for tick: Tick in [0, 1, 120, 479, 480, 100_000, .max] {
      space.stepDynamics(tick: tick, bodies: nobody.span)
      let expected = UInt16(truncatingIfNeeded: 8192 + (Int(tick) % 480) * 65536 / 480)
      #expect(space.dynamics.pose(0).yaw == expected)
    }
  }

  @Test(arguments: [true, false])
  func aVehicleRunsItsCourseSteadilyAndForEver(_ loop: Bool) throws {
    let frame = NodeDefinition(
      id: "track", transform: Transform(position: Vector3(1, 0, 2), rotation: Quaternion(yawDegrees: 90)))
    let points = [Vector3(0, 0, 0), Vector3(20, 0, 0), Vector3(20, 0, -10)]
    var space = try world([
      frame,
      moving(
        "tram", at: .zero, parent: .id("track"),
        .path(PathMotion(points: points, metersPerSecond: 4, dwellSeconds: 5, loop: loop))),
    ]).spaces[0]
    let nobody: [Pose] = []
    func pose(_ tick: Tick) -> Pose {
      space.stepDynamics(tick: tick, bodies: nobody.span)
      return space.dynamics.pose(0)
    }
    // The parent's turn to the left makes +x into -z.
    #expect(pose(0).x == 400 && pose(0).z == 800 && pose(99).z == 800 && pose(0).animation == 0)
    #expect(pose(150).z == 800 - 50 * 80 && pose(150).velocityZ == -128 && pose(150).animation == 1)
    #expect(pose(150).yaw == 0, "it looks where it goes: along -z")
    #expect(pose(200).x == 400 && pose(200).z == 800 - 8000)
    let cycle: Tick = loop ? 100 + 100 + 50 + 112 : 2 * (100 + 150)
    for tick: Tick in stride(from: 0, to: cycle, by: 7) { #expect(pose(tick) == pose(tick + 3 * cycle)) }
    var before = pose(0)
    for tick in 1...2 * cycle {
      let here = pose(tick)
      let (dx, dz) = (Double(here.x - before.x), Double(here.z - before.z))
      #expect((dx * dx + dz * dz).squareRoot() <= 81, "no jumps")
      before = here
    }
    if !loop { #expect(pose(300).z == pose(250).z && pose(300).animation == 0, "rests at the last point") }
  }

  @Test func arrivalsStandFreeInTheDiscAndLookTheSpawnsWay() throws {
    var pillar = NodeDefinition(id: "pillar", transform: Transform(position: Vector3(0, 0, 8)))
    pillar.components.collider = ColliderComponent(kind: .solid, size: Vector3(0.5, 3, 0.5))
    let space = try world([pillar]).spaces[0]
    var random = SeededRandom(seed: 9)
    for _ in 0..<100 {
      let pose = space.arrival(spawn: 0, random: &random)
      let at = Vector3(pose)
      #expect(space.collision.isFree(x: at.x, y: at.y, z: at.z))
      #expect((Vector3(at.x, 0, at.z) - Vector3(0, 0, 8)).length <= 1.01)
    }
  }

  @Test func areasAreFoundByPointWithTheirOverlaps() throws {
    var random = SeededRandom(seed: 17)
    var nodes: [NodeDefinition] = []
    for index in 0..<40 {
      var node = NodeDefinition(
        id: "a\(index)",
        transform: Transform(
          position: Vector3(random.double(in: -35...35), 0, random.double(in: -35...35)),
          rotation: Quaternion(yawDegrees: random.double(in: 0...360))), alt: text("a"))
      node.components.area = AreaComponent(
        purpose: .voice, size: Vector3(random.double(in: 1...12), 3, random.double(in: 1...12)))
      nodes.append(node)
    }
    let space = try world(nodes).spaces[0]
    var overlaps = 0
    for _ in 0..<3000 {
      let point = Vector3(
        random.double(in: -45...45), random.double(in: -1...4), random.double(in: -45...45))
      let hits = space.areas.containing(point)
      let expected = (0..<space.areas.count).filter { space.areas[$0].box.contains(point) }
      #expect((0..<hits.count).map { hits[$0] } == Array(expected.prefix(AreaHits.capacity)))
      if expected.count > 1 { overlaps += 1 }
    }
    #expect(overlaps > 20)
  }
}
