import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct PageTests {
  @Test func aFullPageOverflowsIntoTheNextPageOfItsCell() throws {
    var scene = try Scene(entities: 600)
    for id in 0..<300 { #expect(holds(scene.add(id, Scene.at(4, 4)))) }
    scene.step()
    let cells = UInt16(scene.space.grid.cells)
    #expect(scene.space.occupants(page: 0) == 254 && scene.space.occupants(page: cells) == 46)
    #expect(scene.space.placement(of: EntityID(rawValue: 253))?.slot == 253)
    #expect(scene.space.placement(of: EntityID(rawValue: 254))?.page == cells)
    // A slot that comes free in the lower page is taken first, in the same tick.
    scene.space.remove(EntityID(rawValue: 7))
    #expect(holds(scene.add(900, Scene.at(4, 4))))
    scene.step()
    #expect(scene.space.placement(of: EntityID(rawValue: 900))?.page == 0)
    #expect(scene.space.placement(of: EntityID(rawValue: 900))?.slot == 7)

    var replica = Replica(grid: scene.space.grid)
    while replica.tick != scene.tick {
      let frame = scene.frame(from: Scene.at(4, 4))
      try replica.apply(frame.bytes.span.bytes)
      if replica.toldPageCount < 2 { scene.step() }
    }
    #expect(replica.shownCount == 300 && replica.toldPageCount == 2)
  }

  @Test func whoFindsAllPagesFullWaitsAndIsPlacedWhenASlotComesFree() throws {
    var parameters = ReplicationParameters()
    parameters.pageSlots = 2
    var scene = try Scene(entities: 40, parameters: parameters)
    for id in 0..<18 { #expect(holds(scene.add(id, Scene.at(4, 4)))) }
    scene.step()
    #expect(scene.space.unplacedCount == 2 && scene.space.count == 18)
    scene.space.remove(EntityID(rawValue: 0))
    scene.step()
    #expect(scene.space.unplacedCount == 1)
    scene.space.setPose(EntityID(rawValue: 17), Scene.at(20, 20))
    scene.step()
    #expect(scene.space.unplacedCount == 0)
  }

  @Test func aFullSpaceRefusesAndRecovers() throws {
    var scene = try Scene(entities: 2)
    #expect(scene.add(1, Scene.at(1, 1)) && scene.add(2, Scene.at(1, 1)))
    #expect(holds(!scene.add(3, Scene.at(1, 1))))
    #expect(scene.space.remove(EntityID(rawValue: 1)) && !scene.space.remove(EntityID(rawValue: 1)))
    scene.step()
    #expect(scene.add(3, Scene.at(1, 1)) && scene.space.count == 2)
    #expect(holds(!scene.space.setPose(EntityID(rawValue: 1), Scene.at(1, 1))))
    #expect(scene.space.pose(of: EntityID(rawValue: 3)) == Scene.at(1, 1))
  }

  @Test func pagesOutgrowTheirTablesWithoutLosingAnybody() throws {
    // 16 x 16 cells: more pages than the tables begin with.
    var scene = try Scene(meters: 128, entities: 300)
    for id in 0..<256 {
      #expect(holds(scene.add(id, Scene.at(Double(id % 16) * 8 + 4, Double(id / 16) * 8 + 4))))
    }
    for id in 0..<20 { #expect(holds(scene.space.contains(EntityID(rawValue: UInt16(id))))) }
    scene.step()
    #expect(scene.space.pageCount == 256)
    var replica = Replica(grid: scene.space.grid)
    for _ in 0..<8 {
      let frame = scene.frame(from: Scene.at(64, 64))
      if !frame.bytes.isEmpty { try replica.apply(frame.bytes.span.bytes) }
      scene.step()
    }
    #expect(replica.shownCount > 150)
  }
}
