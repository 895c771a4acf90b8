public import HubScene

/// Where in a space a bot may walk without ever being corrected: cells of half a metre whose surroundings hold nothing
/// that blocks, on one level, outside portals, seats, locked areas and areas with a limited number of places.
///
/// A cell is usable if all points a quarter of a metre apart within half a metre of its middle are free for a body:
/// then every point of the cell has more than a decimetre to spare.
public struct FloorPlan: Sendable {
  public static let cellMeters = 0.5
  static let spacing = 0.25

  public let columns: Int
  public let rows: Int
  let originX: Double
  let originZ: Double
  /// By cell: height of the ground, or nan where no bot may walk.
  private(set) var height: [Float]
  /// By cell: number of the connected region, -1 where no bot may walk.
  private(set) var region: [Int32]
  /// Cells of each region, in order.
  public private(set) var regions: [[Int32]] = []

  public init(_ space: Space) {
    let low = space.definition.boundsMin
    let high = space.definition.boundsMax
    originX = low.x
    originZ = low.z
    columns = max(Int(((high.x - low.x) / Self.cellMeters).rounded(.down)), 1)
    rows = max(Int(((high.z - low.z) / Self.cellMeters).rounded(.down)), 1)
    height = Array(repeating: .nan, count: columns * rows)
    region = Array(repeating: -1, count: columns * rows)
    let barred = space.areas.areas.filter {
      $0.purpose == .portal || $0.purpose == .seat || $0.locked || $0.capacity != nil
    }.map(\.box)
    findUsable(Self.samples(space, barred, columns * 2 + 1, rows * 2 + 1))
    findRegions()
  }

  /// Heights at the corners of a grid of a quarter of a metre; nan where a body can't stand.
  private static func samples(_ space: Space, _ barred: [OrientedBox], _ nx: Int, _ nz: Int) -> [Float] {
    var samples = [Float](repeating: .nan, count: nx * nz)
    let low = space.definition.boundsMin
    for row in 0..<nz {
      for column in 0..<nx {
        let x = low.x + Double(column) * spacing
        let z = low.z + Double(row) * spacing
        let ground = space.collision.groundHeight(x: x, z: z, nearY: 0)
        guard space.collision.isFree(x: x, y: ground, z: z) else { continue }
        let point = Vector3(x, ground + 0.01, z)
        if barred.contains(where: { $0.contains(point) }) { continue }
        samples[row * nx + column] = Float(ground)
      }
    }
    return samples
  }

  private mutating func findUsable(_ samples: [Float]) {
    let nx = columns * 2 + 1
    let nz = rows * 2 + 1
    for row in 0..<rows {
      for column in 0..<columns {
        let level = samples[(row * 2 + 1) * nx + column * 2 + 1]
        guard level.isFinite else { continue }
        var isUsable = true
        for z in row * 2 - 1...row * 2 + 3 {
          for x in column * 2 - 1...column * 2 + 3 where isUsable {
            isUsable = x >= 0 && x < nx && z >= 0 && z < nz && (samples[z * nx + x] - level).magnitude < 0.001
          }
        }
        if isUsable { height[row * columns + column] = level }
      }
    }
  }

  private mutating func findRegions() {
    var queue: [Int32] = []
    for start in height.indices where height[start].isFinite && region[start] < 0 {
      let number = Int32(regions.count)
      queue.removeAll(keepingCapacity: true)
      queue.append(Int32(start))
      region[start] = number
      var head = 0
      while head < queue.count {
        let at = Int(queue[head])
        head += 1
        forEachNeighbour(at) { next in
          guard region[next] < 0, height[next] == height[at] else { return }
          region[next] = number
          queue.append(Int32(next))
        }
      }
      regions.append(queue.sorted())
    }
  }

  func forEachNeighbour(_ cell: Int, _ body: (Int) -> Void) {
    let column = cell % columns
    if column > 0 { body(cell - 1) }
    if column + 1 < columns { body(cell + 1) }
    if cell >= columns { body(cell - columns) }
    if cell + columns < columns * rows { body(cell + columns) }
  }

  /// The cell of a point, or nil outside the plan.
  public func cell(x: Double, z: Double) -> Int? {
    let column = Int(((x - originX) / Self.cellMeters).rounded(.down))
    let row = Int(((z - originZ) / Self.cellMeters).rounded(.down))
    guard column >= 0, column < columns, row >= 0, row < rows else { return nil }
    return row * columns + column
  }

  public func isUsable(_ cell: Int) -> Bool { region[cell] >= 0 }
  /// The connected region of a cell; nil where no bot may walk.
  public func region(of cell: Int) -> Int? { region[cell] >= 0 ? Int(region[cell]) : nil }

  /// Middle of a cell.
  public func center(_ cell: Int) -> (x: Double, z: Double) {
    (
      originX + (Double(cell % columns) + 0.5) * Self.cellMeters,
      originZ + (Double(cell / columns) + 0.5) * Self.cellMeters
    )
  }

  /// Whether every cell that the straight line touches is usable and on one level (Amanatides and Woo: A Fast Voxel
  /// Traversal Algorithm, 1987).
  public func sees(fromX x0: Double, z z0: Double, toX x1: Double, z z1: Double) -> Bool {
    guard var at = cell(x: x0, z: z0), let end = cell(x: x1, z: z1), isUsable(at) else { return false }
    let level = region[at]
    let (dx, dz) = (x1 - x0, z1 - z0)
    let (stepX, stepZ) = (dx > 0 ? 1 : -1, dz > 0 ? 1 : -1)
    func first(_ from: Double, _ delta: Double, _ origin: Double) -> Double {
      guard delta != 0 else { return .infinity }
      let place = (from - origin) / Self.cellMeters
      let rest = delta > 0 ? place.rounded(.down) + 1 - place : place - place.rounded(.down)
      return rest * Self.cellMeters / delta.magnitude
    }
    var nextX = first(x0, dx, originX)
    var nextZ = first(z0, dz, originZ)
    let (deltaX, deltaZ) = (Self.cellMeters / dx.magnitude, Self.cellMeters / dz.magnitude)
    var steps = columns + rows + 2
    while at != end {
      // Through a corner: both neighbours count as touched.
      if (nextX - nextZ).magnitude < 1e-9 {
        let side = at + stepX
        guard side >= 0, side < region.count, region[side] == level else { return false }
      }
      if nextX < nextZ {
        at += stepX
        nextX += deltaX
      } else {
        at += stepZ * columns
        nextZ += deltaZ
      }
      steps -= 1
      guard steps > 0, at >= 0, at < region.count, region[at] == level else { return false }
    }
    return true
  }

  /// The usable cell nearest to a point, at most `within` metres away.
  public func nearestUsable(x: Double, z: Double, within: Double) -> Int? {
    var best: (cell: Int, distance: Double)?
    let reach = Int((within / Self.cellMeters).rounded(.up))
    let column = Int(((x - originX) / Self.cellMeters).rounded(.down))
    let row = Int(((z - originZ) / Self.cellMeters).rounded(.down))
    for r in max(row - reach, 0)...max(min(row + reach, rows - 1), max(row - reach, 0)) where r < rows {
      for c in max(column - reach, 0)...max(min(column + reach, columns - 1), max(column - reach, 0))
      where c < columns && region[r * columns + c] >= 0 {
        let middle = center(r * columns + c)
        let distance = (middle.x - x) * (middle.x - x) + (middle.z - z) * (middle.z - z)
        if distance < best?.distance ?? (within * within) { best = (r * columns + c, distance) }
      }
    }
    return best?.cell
  }
}
