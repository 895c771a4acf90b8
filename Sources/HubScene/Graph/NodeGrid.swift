/// A box along the axes of the space.
public struct AxisBox: Sendable, Equatable, BitwiseCopyable {
  public var min: Vector3
  public var max: Vector3
  public init(min: Vector3, max: Vector3) {
    self.min = min
    self.max = max
  }
}

/// The volume of a node in its own frame: from its shape, collider, area and sign; a point without any.
struct NodeExtent: Sendable, BitwiseCopyable {
  var halfWidth = 0.0
  var height = 0.0
  var halfDepth = 0.0

  init(_ components: Components) {
    func grow(_ size: Vector3?) {
      guard let size else { return }
      halfWidth = max(halfWidth, size.x / 2)
      height = max(height, size.y)
      halfDepth = max(halfDepth, size.z / 2)
    }
    grow(components.shape?.size)
    grow(components.collider?.size)
    grow(components.area?.size)
    grow(components.sign.map { Vector3($0.width, $0.height, 0) })
  }

  /// The box along the axes around this volume placed by `world`.
  func bounds(in world: Affine) -> AxisBox {
    let middle = world.point(Vector3(0, height / 2, 0))
    let x = world.axisX
    let y = world.axisY
    let z = world.axisZ
    let h = height / 2
    let reach = Vector3(
      x.x.magnitude * halfWidth + y.x.magnitude * h + z.x.magnitude * halfDepth,
      x.y.magnitude * halfWidth + y.y.magnitude * h + z.y.magnitude * halfDepth,
      x.z.magnitude * halfWidth + y.z.magnitude * h + z.z.magnitude * halfDepth)
    return AxisBox(min: middle - reach, max: middle + reach)
  }
}

/// Which nodes are near a place: lists of node indices in the cells of a grid over the ground. Nodes over
/// more than `cellsPerNodeMax` cells stand in one list that every query looks through.
struct NodeGrid: Sendable {
  static let cellsPerNodeMax = 256

  /// Cells that a node or a query covers, both ends included.
  struct Range: Sendable, Equatable, BitwiseCopyable {
    var column0: Int32
    var row0: Int32
    var column1: Int32
    var row1: Int32
    var cells: Int { Int(column1 - column0 + 1) * Int(row1 - row0 + 1) }
  }

  let originX: Double
  let originZ: Double
  let cellMeters: Double
  let columns: Int
  let rows: Int
  var cells: [[Int32]]
  var large: [Int32] = []
  /// By node index.
  var bounds: [AxisBox] = []
  var ranges: [Range?] = []

  init(boundsMin: Vector3, boundsMax: Vector3) {
    let width = max(1, boundsMax.x - boundsMin.x)
    let depth = max(1, boundsMax.z - boundsMin.z)
    var cell = 4.0
    while (width / cell + 1) * (depth / cell + 1) > 65536 { cell *= 2 }
    originX = boundsMin.x
    originZ = boundsMin.z
    cellMeters = cell
    columns = Int(width / cell) + 1
    rows = Int(depth / cell) + 1
    cells = Array(repeating: [], count: columns * rows)
  }

  /// What lies outside the grid counts as in its outermost cells.
  func range(_ box: AxisBox) -> Range {
    func cell(_ v: Double, _ origin: Double, _ count: Int) -> Int32 {
      Int32(min(max(((v - origin) / cellMeters).rounded(.down), 0), Double(count - 1)))
    }
    return Range(
      column0: cell(box.min.x, originX, columns), row0: cell(box.min.z, originZ, rows),
      column1: cell(box.max.x, originX, columns), row1: cell(box.max.z, originZ, rows))
  }

  mutating func addSlot() {
    bounds.append(AxisBox(min: .zero, max: .zero))
    ranges.append(nil)
  }

  /// Enters a node or moves it; cheap while it stays in its cells.
  mutating func place(_ node: Int32, _ box: AxisBox) {
    let new = range(box)
    bounds[Int(node)] = box
    guard ranges[Int(node)] != new else { return }
    remove(node)
    ranges[Int(node)] = new
    guard new.cells <= Self.cellsPerNodeMax else { return large.append(node) }
    for row in new.row0...new.row1 {
      for column in new.column0...new.column1 { cells[Int(row) * columns + Int(column)].append(node) }
    }
  }

  mutating func remove(_ node: Int32) {
    guard let old = ranges[Int(node)] else { return }
    ranges[Int(node)] = nil
    func drop(_ list: inout [Int32]) {
      guard let at = list.firstIndex(of: node) else { preconditionFailure("the grid lost a node") }
      list.swapAt(at, list.count - 1)
      list.removeLast()
    }
    guard old.cells <= Self.cellsPerNodeMax else { return drop(&large) }
    for row in old.row0...old.row1 {
      for column in old.column0...old.column1 { drop(&cells[Int(row) * columns + Int(column)]) }
    }
  }
}
