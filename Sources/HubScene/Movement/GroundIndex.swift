/// Which boxes can matter at a place on the ground: a grid over the bounds, each cell's boxes as a run in one
/// array. Built once; reading allocates nothing.
struct GroundIndex: Sendable {
  private let originX: Double
  private let originZ: Double
  private let cellsPerMeter: Double
  private let columns: Int
  private let rows: Int
  /// `starts[cell]..<starts[cell + 1]` are the cell's places in `items`.
  private let starts: [Int32]
  /// Indices of boxes, ascending in each cell.
  let items: [Int32]

  /// - Parameter margin: metres around each box that count as its own.
  init(_ boxes: [OrientedBox], margin: Double, boundsMin: Vector3, boundsMax: Vector3) {
    let width = max(1, boundsMax.x - boundsMin.x)
    let depth = max(1, boundsMax.z - boundsMin.z)
    var cell = 2.0
    while (width / cell + 1) * (depth / cell + 1) > 65536 { cell *= 2 }
    let (columns, rows) = (Int(width / cell) + 1, Int(depth / cell) + 1)
    self.columns = columns
    self.rows = rows
    originX = boundsMin.x
    originZ = boundsMin.z
    cellsPerMeter = 1 / cell
    func clamped(_ v: Double, _ origin: Double, _ count: Int) -> Int {
      Int(min(max(((v - origin) / cell).rounded(.down), 0), Double(count - 1)))
    }
    func forEachCell(_ visit: (_ box: Int, _ cell: Int) -> Void) {
      for (index, box) in boxes.enumerated() {
        let reach = box.reach
        // A hair more than the margin, against rounding at a cell's edge.
        let (x, z) = (reach.x + margin + 1e-6, reach.z + margin + 1e-6)
        guard box.base.x + x >= boundsMin.x, box.base.x - x <= boundsMax.x, box.base.z + z >= boundsMin.z,
          box.base.z - z <= boundsMax.z
        else { continue }
        for row in clamped(box.base.z - z, boundsMin.z, rows)...clamped(box.base.z + z, boundsMin.z, rows) {
          for column in clamped(
            box.base.x - x, boundsMin.x, columns)...clamped(
              box.base.x + x, boundsMin.x, columns)
          { visit(index, row * columns + column) }
        }
      }
    }
    var starts = [Int32](repeating: 0, count: columns * rows + 1)
    forEachCell { _, cell in starts[cell + 1] += 1 }
    for cell in 0..<columns * rows { starts[cell + 1] += starts[cell] }
    var fill = starts
    var items = [Int32](repeating: 0, count: Int(starts[columns * rows]))
    forEachCell { box, cell in
      items[Int(fill[cell])] = Int32(box)
      fill[cell] += 1
    }
    self.starts = starts
    self.items = items
  }

  /// The cell of a point; nil outside the bounds.
  func cell(x: Double, z: Double) -> Int? {
    let column = (x - originX) * cellsPerMeter
    let row = (z - originZ) * cellsPerMeter
    guard column >= 0, row >= 0, column < Double(columns), row < Double(rows) else { return nil }
    return Int(row) * columns + Int(column)
  }

  /// Places in ``items``.
  func items(of cell: Int) -> Range<Int> { Int(starts[cell])..<Int(starts[cell + 1]) }

  /// The cells touched by the bounding rectangle of a segment; nil when all of it is outside.
  func cells(from a: (x: Double, z: Double), to b: (x: Double, z: Double)) -> CellRange? {
    let x0 = (min(a.x, b.x) - originX) * cellsPerMeter
    let x1 = (max(a.x, b.x) - originX) * cellsPerMeter
    let z0 = (min(a.z, b.z) - originZ) * cellsPerMeter
    let z1 = (max(a.z, b.z) - originZ) * cellsPerMeter
    guard x1 >= 0, z1 >= 0, x0 < Double(columns), z0 < Double(rows) else { return nil }
    return CellRange(
      columns: Int(max(0, x0))...Int(min(x1, Double(columns - 1))),
      rows: Int(max(0, z0))...Int(min(z1, Double(rows - 1))), stride: columns)
  }

  struct CellRange {
    var columns: ClosedRange<Int>
    var rows: ClosedRange<Int>
    var stride: Int
  }
}
