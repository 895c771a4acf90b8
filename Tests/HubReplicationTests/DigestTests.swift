import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct DigestTests {
  @Test func aCrowdBeyondTheCapIsKnownByCountsThatAddUpToEverybody() throws {
    var scene = try Scene(entities: 4001, views: 2)
    var walkers = LineWalkers(seed: 31, count: 4000, meters: 40)
    // 2,100 of them stand in one cell, which has room for 2,032.
    for index in 0..<2100 {
      walkers.poses[index].x = 16 * 400 + Int32(index % 46) * 69
      walkers.poses[index].z = 16 * 400 + Int32(index / 46) * 69
    }
    for index in walkers.poses.indices { #expect(holds(scene.add(index, walkers.poses[index]))) }
    let isPlaced = scene.space.insert(EntityID(rawValue: 4000), pose: Scene.at(20, 20), isPerson: false)
    #expect(isPlaced)
    scene.views.setWantsPoses(1, false)
    var replica = Replica(grid: scene.space.grid)
    var listReader = Replica(grid: scene.space.grid)
    replica.setNodes([EntityID(rawValue: 4000)].span)
    func rounds(_ count: Int, moving: Bool) throws {
      for _ in 0..<count {
        if moving {
          walkers.step()
          for index in 2100..<4000 {
            scene.space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
          }
        }
        scene.step()
        let frame = scene.frame(from: Scene.at(38, 38))
        #expect(frame.bytes.count <= 40_960)
        if frame.isWritten { try replica.apply(frame.bytes.span.bytes) }
        let listed = scene.frame(1, from: Scene.at(1, 1))
        if listed.isWritten { try listReader.apply(listed.bytes.span.bytes) }
      }
    }
    try rounds(60, moving: true)
    #expect(replica.slotCount <= 2048 && replica.digestTotal > 3900)
    // Once everybody has stood for two seconds, every coarse cell's count is exact.
    try rounds(50, moving: false)
    #expect(scene.space.unplacedCount > 60)
    #expect(replica.slotCount <= 2048 && replica.slotCount > 1000)
    #expect(replica.digestTotal == 4000 && listReader.digestTotal == 4000)
    let individuals = replica.individualCounts().reduce(0, +)
    let impostors = replica.impostorCounts().reduce(0, +)
    #expect(individuals + impostors == 4000 && impostors > 1900)
    #expect(listReader.slotCount == 0 && listReader.impostorCounts().reduce(0, +) == 4000)
    replica.verify()
  }

  @Test func aDigestSaysWhereACrowdIsAndWhatItDoes() throws {
    var scene = try Scene(entities: 16, views: 1)
    // Coarse cells of two by two cells: 16 m. The last ones of 40 m reach beyond the grid.
    #expect(scene.space.grid.coarseEdge == 2 && scene.space.grid.coarseCells == 9)
    for index in 0..<10 {
      var pose = Scene.at(20 + Double(index % 2) * 4, 24, velocityX: index < 5 ? 45 : 0)
      pose.animation = index < 6 ? Animation.dance : Animation.walk
      pose.flags = index < 2 ? [.talking, .seated] : index < 8 ? .handRaised : []
      pose.y = 400
      #expect(holds(scene.add(index, pose)))
    }
    var replica = Replica(grid: scene.space.grid)
    scene.step(50)
    let frame = scene.frame(from: Scene.at(1, 1))
    try replica.apply(frame.bytes.span.bytes)
    let held = replica.digest(coarse: 4)
    let digest = try #require(held)
    // From the corner (16, 16): 4 to 8 m on x, 8 m on z, of an edge of 16 m.
    #expect(digest.count == 10 && digest.x == 96 && digest.z == 128 && digest.y == 25)
    #expect(digest.spread == 32 && digest.velocityX == 11 && digest.velocityZ == 0)
    #expect(digest.moving == 8 && digest.seated == 3 && digest.talking == 3 && digest.handRaised == 9)
    #expect(digest.animation == Animation.dance)
    #expect(
      replica.digestTotal == 10 && replica.digest(coarse: 5) == nil && replica.digest(coarse: 99) == nil)
    // Everybody leaves: the cell is forgotten.
    for index in 0..<10 { #expect(holds(scene.space.remove(EntityID(rawValue: UInt16(index))))) }
    scene.step(45)
    let empty = scene.frame(from: Scene.at(1, 1))
    try replica.apply(empty.bytes.span.bytes)
    #expect(replica.digestTotal == 0 && replica.digest(coarse: 4) == nil)
  }

  @Test func aCrowdThatSwaysIsNotToldAgain() throws {
    var scene = try Scene(entities: 64, views: 1)
    for index in 0..<50 { #expect(holds(scene.add(index, Scene.at(3 + Double(index % 7), 3)))) }
    var replica = Replica(grid: scene.space.grid)
    var digestBytes = 0
    for round in 0..<200 {
      for index in 0..<50 {
        let pose = Scene.at(3 + Double(index % 7) + Double((round + index) % 3) * 0.1, 3)
        scene.space.setPose(EntityID(rawValue: UInt16(index)), pose)
      }
      scene.step()
      let frame = scene.frame(from: Scene.at(30, 30))
      guard case .written(let stats) = frame.result else { continue }
      digestBytes += stats.digestBytes
      try replica.apply(frame.bytes.span.bytes)
    }
    #expect(digestBytes == 4 + 14 && replica.digestTotal == 50)
  }

  @Test(arguments: [
    (1, 1, 1, 2), (5, 2, 5, 2), (64, 1, 64, 3), (90, 1, 91, 5), (8191, 1, 1, 16), (1, 512, 15, 15),
  ])
  func coarseCellsCoverTheGridAndAre512AtMost(_ x: Int, _ bands: Int, _ z: Int, _ edge: Int) throws {
    let grid = try SpaceGrid(
      origin: (0, 0, 0), cellSteps: 3200, counts: (Int32(x), Int32(bands), Int32(z)))
    #expect(grid.coarseEdge == Int32(edge) && grid.coarseCells <= 512)
    var seen = [Int](repeating: 0, count: grid.coarseCells)
    for cell in 0..<grid.cells {
      let coarse = grid.coarse(ofCell: cell)
      seen[coarse] += 1
      let (corner, coarseCorner) = (grid.corner(ofCell: cell), grid.corner(ofCoarse: coarse))
      #expect(corner.y == coarseCorner.y)
      #expect(corner.x >= coarseCorner.x && corner.x < coarseCorner.x + grid.coarseEdge * 3200)
      #expect(corner.z >= coarseCorner.z && corner.z < coarseCorner.z + grid.coarseEdge * 3200)
    }
    #expect(seen.allSatisfy { $0 > 0 && $0 <= Int(grid.coarseEdge * grid.coarseEdge) })
  }

  @Test func moreBandsThanCoarseCellsMakeNoGrid() {
    #expect(throws: SpaceGrid.Refusal.tooManyBands(513)) {
      try SpaceGrid(origin: (0, 0, 0), cellSteps: 3200, counts: (1, 513, 1))
    }
  }
}
