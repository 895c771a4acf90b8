import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct GridTests {
  @Test func cellsAreNumberedByBandThenZThenX() throws {
    let grid = try SpaceGrid(minimum: (-8000, -400, -8000), maximum: (8000, 3600, 8000), cellSteps: 3200)
    #expect(grid.originX == -8000 && grid.originY == -512 && grid.originZ == -8000)
    #expect(
      grid.countX == 5 && grid.countBands == 2 && grid.countZ == 5 && grid.cells == 50 && grid.pages == 400)
    #expect(grid.cell(containing: Pose(x: -8000, y: -512, z: -8000)) == 0)
    #expect(grid.cell(containing: Pose(x: 7999, y: 0, z: -8000)) == 4)
    #expect(grid.cell(containing: Pose(x: -8000, y: 0, z: -4800)) == 5)
    #expect(grid.cell(containing: Pose(x: -8000, y: 2688, z: -8000)) == 25)
    let origin = grid.origin(ofPage: 50 * 3 + 31)
    #expect(origin.x == -8000 + 3200 - 448 && origin.y == -512 + 3200 && origin.z == -8000 + 3200 - 448)
  }

  @Test func originsAreMultiplesOfTheCoarsestSteps() throws {
    let grid = try SpaceGrid(minimum: (-1, -1, 7), maximum: (5, 5, 9), cellSteps: 1600)
    #expect(grid.originX == -8 && grid.originY == -128 && grid.originZ == 0 && grid.cells == 1)
  }

  @Test func aBodyKeepsItsCellForOneMetreOutside() throws {
    let grid = try SpaceGrid(minimum: (0, 0, 0), maximum: (9600, 6400, 9600), cellSteps: 3200)
    let middle = grid.cell(x: 1, band: 0, z: 1)
    for (x, z, y, keeps) in [
      (2800, 3300, 0, true), (2799, 3300, 0, false), (6800, 6800, 0, true), (6801, 3300, 0, false),
      (4000, 4000, 3600, true), (4000, 4000, 3601, false),
    ] as [(Int32, Int32, Int32, Bool)] {
      #expect(grid.keeps(Pose(x: x, y: y, z: z), inCell: middle) == keeps, "\(x) \(y) \(z)")
    }
    // Downwards there is no slack: the coded range begins at the band's floor.
    let above = grid.cell(x: 1, band: 1, z: 1)
    #expect(grid.keeps(Pose(x: 4000, y: 3200, z: 4000), inCell: above))
    #expect(!grid.keeps(Pose(x: 4000, y: 3199, z: 4000), inCell: above))
  }

  @Test func boundsWithoutAGridAreRefused() throws {
    #expect(throws: SpaceGrid.Refusal.emptyBounds) {
      try SpaceGrid(minimum: (0, 0, 0), maximum: (0, 10, 10), cellSteps: 3200)
    }
    #expect(throws: SpaceGrid.Refusal.cellEdge(steps: 6400)) {
      try SpaceGrid(minimum: (0, 0, 0), maximum: (10, 10, 10), cellSteps: 6400)
    }
    #expect(throws: SpaceGrid.Refusal.tooManyCells(8192)) {
      try SpaceGrid(minimum: (0, 0, 0), maximum: (3200 * 128, 10, 3200 * 64), cellSteps: 3200)
    }
    #expect(throws: SpaceGrid.Refusal.self) {
      try SpaceGrid(
        minimum: (.min, .min, .min), maximum: (.max, .max, .max), cellSteps: 1600)
    }
    #expect(throws: SpaceGrid.Refusal.self) {
      try SpaceGrid(origin: (.min, 0, 0), cellSteps: 3200, counts: (1, 1, 1))
    }
    #expect(throws: SpaceGrid.Refusal.self) {
      try SpaceGrid(origin: (0, 0, 0), cellSteps: 3200, counts: (.max, .max, .max))
    }
    let most = try SpaceGrid(minimum: (0, 0, 0), maximum: (3200 * 8191, 10, 10), cellSteps: 3200)
    #expect(most.pages == 65_528)
  }

  @Test func positionsOutsideTheVolumeAreClamped() throws {
    let grid = try SpaceGrid(minimum: (0, 0, 0), maximum: (3200, 3200, 3200), cellSteps: 3200)
    let pose = grid.clamped(Pose(x: .max, y: .min, z: -1))
    #expect(pose.x == 3199 && pose.y == 0 && pose.z == 0)
  }
}
