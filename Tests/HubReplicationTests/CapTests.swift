import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct CapTests {
  @Test func noReaderIsToldOver2048IndividualsAndTheNearestStay() throws {
    var scene = try Scene(entities: 3000, views: 1)
    var walkers = LineWalkers(seed: 4, count: 2600, meters: 40)
    for index in walkers.poses.indices { #expect(holds(scene.add(index, walkers.poses[index]))) }
    var replica = Replica(grid: scene.space.grid)
    for round in 0..<120 {
      walkers.step()
      for index in walkers.poses.indices {
        scene.space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
      }
      scene.step()
      let frame = scene.frame(from: Scene.at(20, 20))
      guard !frame.bytes.isEmpty else { continue }
      #expect(frame.bytes.count <= 40_960)
      try replica.apply(frame.bytes.span.bytes)
      #expect(replica.slotCount <= 2048)
      if round > 20 { #expect(replica.tier(ofPage: 12) == .s0) }
    }
    #expect(replica.slotCount > 1500)
  }

  @Test func aStalledReaderWith512PagesCostsNothingAndHealsInOneFrame() throws {
    // 4 m cells, 23 x 23 = 529 of them in reach; everybody changes while the reader is silent.
    var scene = try Scene(meters: 92, cellSteps: 1600, entities: 2000, views: 1)
    var walkers = LineWalkers(seed: 8, count: 1700, meters: 92)
    for index in walkers.poses.indices { #expect(holds(scene.add(index, walkers.poses[index]))) }
    var replica = Replica(grid: scene.space.grid)
    let viewer = Scene.at(46, 46)
    func move(_ scene: inout Scene) {
      walkers.step()
      for index in walkers.poses.indices {
        scene.space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
      }
      scene.step()
    }
    for _ in 0..<60 {
      move(&scene)
      let frame = scene.frame(from: viewer)
      if !frame.bytes.isEmpty { try replica.apply(frame.bytes.span.bytes) }
    }
    #expect(scene.views.toldPages(0) == 512 && replica.toldPageCount == 512)
    #expect(scene.views.bytesPerView <= 2300)
    // 4 s of silence: below the 5 s after which far pages are dropped first.
    for _ in 0..<80 { move(&scene) }
    let healing = scene.frame(from: viewer)
    #expect(healing.bytes.count <= 40_960 && healing.bytes.count > 5_000)
    try replica.apply(healing.bytes.span.bytes)
    #expect(replica.toldPageCount >= 500 && replica.tick == scene.tick)
    // A minute of silence, everybody at rest: only what is near is told at once, the rest returns.
    for index in walkers.poses.indices {
      walkers.poses[index].velocityX = 0
      walkers.poses[index].velocityZ = 0
      scene.space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
    }
    for _ in 0..<1200 { scene.step() }
    let returning = scene.frame(from: viewer)
    try replica.apply(returning.bytes.span.bytes)
    #expect(replica.toldPageCount < 150 && returning.bytes.count < 12_000)
    for _ in 0..<60 {
      scene.step()
      let frame = scene.frame(from: viewer)
      if !frame.bytes.isEmpty { try replica.apply(frame.bytes.span.bytes) }
    }
    #expect(replica.toldPageCount == 512)
  }

  @Test(arguments: ReplicationMode.allCases)
  func everyModeShowsWhereEverybodyIs(_ mode: ReplicationMode) throws {
    var parameters = ReplicationParameters()
    parameters.mode = mode
    parameters.bytesPerSecond = 400_000
    var scene = try Scene(entities: 200, views: 1, parameters: parameters)
    var walkers = LineWalkers(seed: 2, count: 100, meters: 40)
    for index in walkers.poses.indices { #expect(holds(scene.add(index, walkers.poses[index]))) }
    var replica = Replica(grid: scene.space.grid)
    var bytes = 0
    for _ in 0..<100 {
      walkers.step()
      for index in walkers.poses.indices {
        scene.space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
      }
      scene.step()
      let frame = scene.frame(from: Scene.at(4, 4))
      bytes += frame.bytes.count
      if !frame.bytes.isEmpty { try replica.apply(frame.bytes.span.bytes) }
    }
    let nearest: Int32 = mode == .tiers ? 50 : 0
    var worst: Int32 = 0
    replica.forEachShown { entity in
      let truth = walkers.poses[Int(entity.id.rawValue)]
      let pose = entity.predictor.pose(at: scene.tick)
      if entity.tier == .s0 { worst = max(worst, abs(pose.x - truth.x), abs(pose.z - truth.z)) }
      if mode != .tiers { #expect(entity.tier == .s0 && pose.velocityX == 0) }
    }
    #expect(worst <= nearest)
    switch mode {
    case .broadcast: #expect(replica.shownCount == 100 && bytes > 80_000)
    case .grid: #expect(replica.shownCount < 80 && replica.shownCount > 10)
    case .tiers: #expect(replica.shownCount == 100 && bytes < 40_000)
    }
  }
}
