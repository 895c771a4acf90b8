import HubKernel
import HubLoadtestKit
import HubReplication
import HubWire
import Testing

/// A crowd on circles in one space, replicated in memory to one viewer; faults are planted between the hub and the checker.
struct CircleCrowd {
  static let radius = 2.0
  static let speed = 1.4
  var count = 100
  /// Frames reach the viewer so many ticks late.
  var delayTicks = 0
  /// Every so-many-th avatar stops being updated in the hub's truth; 0: none.
  var freezeEvery = 0
  /// Every so-many-th avatar is never inserted; 0: none.
  var hideEvery = 0

  func truth(_ index: Int, tick: Double) -> TrueAvatar {
    let angle = Self.speed / Self.radius * tick * 0.05 + Double(index)
    let (s, c) = Trigonometry.sinCos(degrees: angle * 180 / Double.pi)
    return TrueAvatar(
      id: EntityID(rawValue: UInt16(index + 1)), x: Double(index % 10) * 3 - 13.5 + c * Self.radius, y: 0,
      z: Double(index / 10) * 3 - 13.5 + s * Self.radius, yaw: 0, isMoving: true)
  }

  func pose(_ index: Int, tick: Tick) -> Pose {
    let at = truth(index, tick: Double(tick))
    let angle = (Self.speed / Self.radius * Double(tick) * 0.05 + Double(index)) * 180 / Double.pi
    let (s, c) = Trigonometry.sinCos(degrees: angle)
    return Pose(
      x: Units.steps(meters: at.x), y: 0, z: Units.steps(meters: at.z),
      velocityX: Int16((-s * Self.speed * 32).rounded()), velocityZ: Int16((c * Self.speed * 32).rounded()))
  }

  func run() throws -> PoseChecker {
    let grid = try SpaceGrid(minimum: (-8000, 0, -8000), maximum: (8000, 3200, 8000), cellSteps: 3200)
    var space = SpaceReplicator(grid: grid, entityCapacity: 256)
    var views = ClientViews(capacity: 1)
    views.reset(0, now: 0)
    var replica = Replica(grid: grid, ownID: EntityID(rawValue: 5000))
    var checker = PoseChecker(sightMeters: 60)
    let viewer = TrueAvatar(id: EntityID(rawValue: 5000), x: 0, y: 0, z: 0, yaw: 0, isMoving: false)
    var frames: [(tick: Tick, bytes: [UInt8])] = []
    var buffer = [UInt8](repeating: 0, count: space.parameters.frameBytesMax)
    for tick in Tick(1)...400 {
      for index in 0..<count where hideEvery == 0 || index % hideEvery != 0 {
        let isFrozen = freezeEvery > 0 && index % freezeEvery == 0 && tick > 100
        var pose = pose(index, tick: isFrozen ? 100 : tick)
        if isFrozen { (pose.velocityX, pose.velocityZ) = (0, 0) }
        let id = EntityID(rawValue: UInt16(index + 1))
        if !space.setPose(id, pose) {
          let inserted = space.insert(id, pose: pose)
          precondition(inserted)
        }
      }
      space.step(tick: tick)
      let request = FrameRequest(view: 0, viewer: Pose(x: 0, y: 0, z: 0), serverMs: 0, ackedInput: 0)
      let result = buffer.withUnsafeMutableBytes { space.buildFrame(request, &views, into: $0) }
      if case .written(let stats) = result {
        frames.append((tick, Array(buffer[..<stats.bytes])))
        views.ack(0, tick16: UInt16(truncatingIfNeeded: tick))
      }
      while let first = frames.first, first.tick + Tick(delayTicks) <= tick {
        try replica.apply(first.bytes.span.bytes)
        frames.removeFirst()
      }
      guard tick > 120, tick % 7 == 0 else { continue }
      let truths = (0..<count).map { truth($0, tick: Double(tick)) }
      checker.sample(
        replica, tick: Double(tick), viewer: viewer, viewerIsSettled: true, truth: truths.span)
    }
    return checker
  }
}

@Suite struct PlantedFaultTests {
  @Test func aSoundHubStaysInsideItsBounds() throws {
    let checker = try CircleCrowd().run()
    #expect(checker.recall == 1)
    #expect(checker.expected == 100 * 40)
    // Evaluated at ticks: the tier's bound, the motion since its last evaluation, and rounding.
    #expect(try #require(checker.near.percentile(99)) < 0.12)
    #expect(try #require(checker.far.percentile(99)) < 0.45)
  }

  @Test func framesLateBy100MsShowAsTheWayWalkedBesideThePrediction() throws {
    let sound = try CircleCrowd().run()
    var crowd = CircleCrowd()
    crowd.delayTicks = 2
    let late = try crowd.run()
    // What the hub would have told two ticks earlier is missing: errors grow in every band, by no more than the
    // distance walked in 100 ms (14 cm) and a bound.
    for (a, b) in [(sound.near, late.near), (sound.mid, late.mid), (sound.far, late.far)] {
      let before = try #require(a.percentile(99))
      let after = try #require(b.percentile(99))
      #expect(after > before * 1.05)
      #expect(after - before < 0.14 + 0.05)
      #expect(try #require(b.mean) > #require(a.mean))
    }
    #expect(late.recall == 1)
  }

  @Test func oneInAHundredFrozenShowsInTheTailAlone() throws {
    let sound = try CircleCrowd().run()
    var crowd = CircleCrowd()
    crowd.freezeEvery = 100
    let frozen = try crowd.run()
    // Avatar 0 stands at (-13.5, -13.5), far from the viewer, and its truth walks a circle of 4 m across.
    #expect(frozen.far.largest > 3.5 && frozen.far.largest < 4.1)
    #expect(sound.far.largest < 0.6)
    let p50 = try #require(frozen.far.percentile(50))
    #expect((p50 - (try #require(sound.far.percentile(50)))).magnitude < 0.01)
    #expect(frozen.recall == 1)
  }

  @Test func aMissingAvatarLowersRecallByItsShare() throws {
    var crowd = CircleCrowd()
    crowd.hideEvery = 50
    #expect(try crowd.run().recall == 0.98)
  }
}
