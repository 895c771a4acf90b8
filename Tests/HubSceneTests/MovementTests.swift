import HubKernel
import HubScene
import Testing

private func pose(_ x: Double, _ y: Double, _ z: Double) -> Pose {
  Pose(x: Units.steps(meters: x), y: Units.steps(meters: y), z: Units.steps(meters: z))
}

private func box(
  _ x: Double, _ y: Double, _ z: Double, _ size: (Double, Double, Double), turned degrees: Double = 0
) -> OrientedBox {
  let (sin, cos) = Trigonometry.sinCos(degrees: degrees)
  return OrientedBox(
    base: Vector3(x, y, z), halfWidth: size.0 / 2, halfDepth: size.2 / 2, height: size.1, axisX: cos,
    axisZ: -sin)
}

private func map(_ colliders: [Collider], areas: [OrientedBox] = [], dynamics: Int = 0) -> CollisionMap {
  CollisionMap(
    colliders: colliders, areas: areas, boundsMin: Vector3(-20, -1, -20), boundsMax: Vector3(20, 9, 20),
    dynamics: dynamics)
}

/// A body that is moved tick by tick.
private struct Walker {
  var pose: Pose
  var body: BodyState
  var barred = AreaSet(count: 8)

  init(_ x: Double, _ y: Double, _ z: Double) {
    pose = HubSceneTests.pose(x, y, z)
    body = BodyState(standingAt: pose)
  }

  @discardableResult
  mutating func go(_ map: CollisionMap, to goal: Pose, ticks: Int = 20) -> MoveVerdict {
    let verdict = map.check(from: pose, to: goal, elapsedTicks: ticks, body: &body, barred: barred)
    pose = verdict.pose
    return verdict
  }

  @discardableResult
  mutating func go(_ map: CollisionMap, _ x: Double, _ y: Double, _ z: Double, ticks: Int = 20) -> MoveVerdict
  {
    go(map, to: HubSceneTests.pose(x, y, z), ticks: ticks)
  }
}

@Suite struct MovementTests {
  @Test func freeGroundIsWalkedAsProposed() {
    let map = map([])
    var walker = Walker(0, 0, 0)
    for step in 1...60 {
      let goal = pose(Double(step) * 0.08, 0, Double(step) * -0.06)
      let verdict = walker.go(map, to: goal, ticks: 1)
      #expect(verdict == MoveVerdict(pose: goal, refusal: nil))
    }
  }

  @Test func fasterThanSixMetersPerSecondIsShortenedToIt() {
    let map = map([])
    var walker = Walker(0, 0, 0)
    #expect(walker.go(map, 0.3, 0, 0, ticks: 1).refusal == nil)
    let verdict = walker.go(map, 2, 0, 0, ticks: 1)
    #expect(verdict.refusal == .speed)
    #expect(verdict.pose.x == pose(0.6, 0, 0).x)
    // Held-up messages: unused ticks count, up to 8 of them.
    #expect(walker.go(map, 0.6, 0, 0, ticks: 20).refusal == nil)
    #expect(walker.go(map, 3, 0, 0, ticks: 0).refusal == nil)
    #expect(walker.go(map, 3.5, 0, 0, ticks: 0).refusal == .speed)
    // However long the pause, never more than a second's way and what was left.
    #expect(walker.go(map, 19, 0, 0, ticks: 10_000).refusal == .speed)
    #expect(walker.pose.x <= pose(9.1, 0, 0).x)
  }

  @Test func boundsHoldAndSlideAlongTheEdge() {
    let map = map([])
    var walker = Walker(19, 0, 0)
    let verdict = walker.go(map, 21, 0, 2)
    #expect(verdict.refusal == .bounds)
    #expect(verdict.pose == pose(19.7, 0, 2))
    walker = Walker(0, 0, 0)
    #expect(walker.go(map, 0, 30, 0).refusal == .bounds)
    #expect(walker.go(map, 0, -0.9, 0).refusal == .height)
    #expect(walker.pose.y == 0)
  }

  /// Random walls at random angles, some a millimetre thin, and bodies that want to go anywhere.
  @Test(arguments: [31, 32, 33, 34])
  func noStepAtAnyAngleEverCrossesOrEntersAWall(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<8 {
      let walls = (0..<14).map { _ in
        box(
          random.double(in: -8...8), 0, random.double(in: -8...8),
          (random.double(in: 0.5...6), 2.5, random.below(3) == 0 ? 0.001 : random.double(in: 0.05...1)),
          turned: random.double(in: 0...180))
      }
      let map = map(walls.map { Collider(box: $0, kind: .solid) })
      guard let start = map.freeSpot(near: .zero, radius: 8, random: &random) else { continue }
      var walker = Walker(start.x, start.y, start.z)
      var refused = 0
      for _ in 0..<400 {
        let before = walker.pose
        let reach = random.below(4) == 0 ? 3.0 : 0.3
        let goal = pose(
          Vector3(before).x + random.double(in: -reach...reach), random.double(in: 0...1),
          Vector3(before).z + random.double(in: -reach...reach))
        let verdict = walker.go(map, to: goal, ticks: reach > 1 ? 20 : 1)
        if verdict.refusal != nil { refused += 1 }
        let (a, b) = (Vector3(before), Vector3(walker.pose))
        #expect(walls.allSatisfy { clearance(b, $0) >= 0.29 - 1e-9 }, "nearer than the radius less its skin")
        if verdict.refusal == nil, before != walker.pose {
          #expect(!walls.contains { crosses(a, b, $0) })
        }
      }
      #expect(refused > 5)
    }
  }

  /// The way of an accepted move: sampled, independent of the sweep.
  private func crosses(_ a: Vector3, _ b: Vector3, _ wall: OrientedBox) -> Bool {
    (0...40).contains { step in
      let t = Double(step) / 40
      return clearance(Vector3(a.x + (b.x - a.x) * t, 0, a.z + (b.z - a.z) * t), wall) < 0.29 - 1e-6
    }
  }

  /// Distance on the ground from a point to a box, 0 inside; on its own, not the engine's.
  private func clearance(_ p: Vector3, _ b: OrientedBox) -> Double {
    let (dx, dz) = (p.x - b.base.x, p.z - b.base.z)
    let lx = dx * b.axisX + dz * b.axisZ
    let lz = dz * b.axisX - dx * b.axisZ
    let (ox, oz) = (max(0, lx.magnitude - b.halfWidth), max(0, lz.magnitude - b.halfDepth))
    return (ox * ox + oz * oz).squareRoot()
  }

  @Test func refusedMovesSlideAlongTheWall() {
    let map = map([Collider(box: box(0, 0, -2, (10, 3, 0.2)), kind: .solid)])
    var walker = Walker(0, 0, 0)
    let verdict = walker.go(map, 2, 0, -4)
    #expect(verdict.refusal == .wall)
    #expect((Vector3(verdict.pose).x - 2).magnitude < 0.02)
    #expect((Vector3(verdict.pose).z + 1.6).magnitude < 0.01)
    #expect(verdict.pose.velocityX == 0 && verdict.pose.velocityZ == 0)
  }

  @Test func stepsUpToFortyCentimetersAreClimbedAndHigherOnesNot() {
    for (height, isClimbed) in [(0.2, true), (0.4, true), (0.41, false), (0.8, false)] {
      let map = map([Collider(box: box(0, 0, -3, (4, height, 4)), kind: .floor)])
      var walker = Walker(0, 0, 0)
      let verdict = walker.go(map, 0, 0, -2)
      #expect((verdict.refusal == nil) == isClimbed)
      #expect(verdict.pose.y == (isClimbed ? Units.steps(meters: height) : 0))
      if !isClimbed { #expect(Vector3(verdict.pose).z >= -1 + 0.29) }
    }
  }

  @Test func stairsAndRampsAreWalkedUpAndDown() {
    // Ten steps of 0.18 m to a landing, and a ramp down on its other side.
    var colliders = (1...10).map {
      Collider(box: box(0, 0, -Double($0) * 0.3, (2, Double($0) * 0.18, 0.3)), kind: .floor)
    }
    colliders.append(Collider(box: box(0, 1.6, -5.15, (2, 0.2, 4)), kind: .floor))
    colliders.append(Collider(box: box(0, 0, -9.15, (2, 1.8, 4), turned: 180), kind: .ramp))
    let map = map(colliders)
    var walker = Walker(0, 0, 1)
    var highest: Int32 = 0
    for step in 1...160 {
      let z = 1 - Double(step) * 0.08
      let ground = map.groundHeight(x: 0, z: z, nearY: Vector3(walker.pose).y)
      let verdict = walker.go(map, 0, ground, z, ticks: 1)
      #expect(verdict.refusal == nil)
      highest = max(highest, verdict.pose.y)
    }
    #expect(highest == Units.steps(meters: 1.8))
    #expect(walker.pose.y == 0)
    // The same way in strides of half a second, the feet told late.
    walker = Walker(0, 0, 1)
    for step in 1...12 {
      let verdict = walker.go(map, 0, Vector3(walker.pose).y, 1 - Double(step) * 0.5, ticks: 10)
      #expect(verdict.refusal == nil)
    }
    #expect(walker.pose.y == Units.steps(meters: 1.8))
  }

  @Test func theHighEndOfARampIsAWall() {
    let map = map([Collider(box: box(0, 0, 0, (2, 1.5, 4)), kind: .ramp)])
    var walker = Walker(0, 0, -4)
    #expect(walker.go(map, 0, 0, -1).refusal == .wall)
    #expect(Vector3(walker.pose).z <= -2.29)
    walker = Walker(0, 0, 4)
    #expect(walker.go(map, 0, 1.2, -0.5).refusal == nil)
    #expect((Vector3(walker.pose).y - 1.5 * 2.5 / 4).magnitude < 0.3)
  }

  @Test func jumpsReachAMeterTwentyAndNobodyHovers() {
    let map = map([])
    var walker = Walker(0, 0, 0)
    #expect(walker.go(map, 0, 1.2, 0, ticks: 8).refusal == nil)
    #expect(walker.go(map, 0, 1.4, 0, ticks: 1).refusal == .height)
    #expect(Vector3(walker.pose).y < 1.22)
    var ticks = 0
    while walker.pose.y > 0, ticks < 200 {
      walker.go(map, 0, 1.2, 0, ticks: 1)
      ticks += 1
    }
    #expect(ticks > 10 && ticks < 40)
    // Landed, the next jump is as high as the first.
    walker.go(map, 0, 0, 0, ticks: 1)
    #expect(walker.go(map, 0, 1.2, 0, ticks: 8).refusal == nil)
  }

  @Test func whoWalksOffALedgeFallsAndIsNotStuckBesideIt() {
    let map = map([Collider(box: box(0, 0, -3, (6, 2, 6)), kind: .floor)])
    var walker = Walker(0, 2, -1)
    #expect(walker.go(map, 0, 2, 0.1, ticks: 5).refusal == nil)
    for fallen in [1.9, 1.6, 1.0, 0.2, 0] {
      #expect(walker.go(map, 0, fallen, 0.15, ticks: 2).refusal == nil)
    }
    // Beside the ledge, nearer than the radius: deeper is refused, away is free.
    #expect(walker.go(map, 0, 0, 0.1, ticks: 5).refusal == .wall)
    #expect(walker.go(map, 0, 0, 0.6, ticks: 5).refusal == nil)
  }

  @Test func lowSolidsAreNotJumpedOver() {
    let map = map([Collider(box: box(0, 0, -1, (10, 0.8, 0.1)), kind: .solid)])
    var walker = Walker(0, 0, 0)
    walker.go(map, 0, 1.1, 0, ticks: 6)
    #expect(walker.go(map, 0, 1.1, -2, ticks: 8).refusal == .wall)
  }

  @Test func platformsAreWalkedUnderAndJumpsBelowThemHitNothing() {
    let map = map([Collider(box: box(0, 2.2, 0, (8, 0.3, 8)), kind: .floor)])
    var walker = Walker(6, 0, 0)
    #expect(walker.go(map, 2, 0, 0).refusal == nil)
    #expect(walker.go(map, 2, 1.1, 0, ticks: 6).refusal == nil)
    #expect(walker.go(map, 1, 1.1, 0, ticks: 6).refusal == nil)
    #expect(map.groundHeight(x: 0, z: 0, nearY: 0) == 0)
    #expect(map.groundHeight(x: 0, z: 0, nearY: 2.4) == 2.5)
  }

  @Test func closedDoorsStopAndOpenOnesDoNot() {
    var map = map([Collider(box: box(0, 0, -1, (2, 2.2, 0.1)), kind: .solid, door: 1)], dynamics: 2)
    var walker = Walker(0, 0, 0)
    #expect(walker.go(map, 0, 0, -2).refusal == .door)
    map.setDoor(1, closed: false)
    #expect(walker.go(map, 0, 0, -1).refusal == nil)
    // It closes on somebody: they may leave, from its very middle to either side, else on theirs.
    map.setDoor(1, closed: true)
    for way in [-1.0, 1] {
      var caught = Walker(0, 0, -1)
      #expect(caught.go(map, 0, 0, -1 + way).refusal == nil)
      #expect(caught.go(map, 0, 0, -1 - way).refusal == .door)
      caught = Walker(0, 0, -1 + way * 0.02)
      #expect(caught.go(map, 0, 0, -1 - way).refusal == .door)
      #expect(caught.go(map, 0, 0, -1 + way).refusal == nil)
    }
  }

  @Test func barredAreasAreNotEnteredAndCanBeLeft() {
    let map = map([], areas: [box(0, 0, -5, (4, 3, 4)), box(5, 0, 0, (2, 3, 2))])
    var walker = Walker(0, 0, 0)
    walker.barred.insert(0)
    let verdict = walker.go(map, 0.5, 0, -5)
    #expect(verdict.refusal == .lockedArea)
    #expect(Vector3(verdict.pose).z > -3)
    #expect(walker.go(map, 4, 0, 0).refusal == nil, "another area is open")
    walker = Walker(0, 0, -4)
    walker.barred.insert(0)
    #expect(walker.go(map, 0, 0, -5).refusal == nil)
    #expect(walker.go(map, 0, 0, -2.5).refusal == nil)
    #expect(walker.go(map, 0, 0, -4).refusal == .lockedArea)
    walker.barred.remove(0)
    #expect(walker.go(map, 0, 0, -4).refusal == nil)
  }

  @Test func freeSpotsAreFreeAndFoundOnlyWhereThereIsOne() {
    let pillars = (0..<9).map {
      Collider(box: box(Double($0 % 3) - 1, 0, Double($0 / 3) - 1, (0.3, 3, 0.3)), kind: .solid)
    }
    let map = map(pillars)
    var random = SeededRandom(seed: 3)
    for _ in 0..<200 {
      guard let spot = map.freeSpot(near: .zero, radius: 3, random: &random) else { continue }
      #expect(map.isFree(x: spot.x, y: spot.y, z: spot.z))
      #expect((spot.x * spot.x + spot.z * spot.z).squareRoot() <= 3.01)
    }
    let full = self.full
    #expect(full.freeSpot(near: .zero, radius: 1, random: &random) == nil)
  }

  private var full: CollisionMap { map([Collider(box: box(0, 0, 0, (6, 3, 6)), kind: .solid)]) }

  @Test func extremePosesAreAnsweredNotTrapped() {
    let map = map([Collider(box: box(0, 0, -1, (2, 2.2, 0.1)), kind: .solid)])
    var walker = Walker(0, 0, 0)
    for x in [Int32.min, -1, 0, .max] {
      for y in [Int32.min, 0, .max] {
        for ticks in [Int.min, 0, .max] {
          let goal = Pose(x: x, y: y, z: x)
          let verdict = walker.go(map, to: goal, ticks: ticks)
          #expect(Vector3(verdict.pose).x.magnitude <= 20 && Vector3(verdict.pose).y >= 0)
        }
      }
    }
  }
}
