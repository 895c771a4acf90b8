public import HubKernel
public import HubWire

/// The fixed grid of a space: equal cells on x and z, floor bands of 8 m on y, pages of slots on each cell.
///
/// Cell index = `(band * countZ + cz) * countX + cx`; page id = `pageNumber * cells + cell`. Nothing of it changes
/// while the space is open, so a page id means the same for everybody, for ever.
public struct SpaceGrid: Equatable, Sendable, BitwiseCopyable {
  /// Lowest corner in steps; multiples of 8 (x, z) and 128 (y).
  public let originX: Int32
  public let originY: Int32
  public let originZ: Int32
  /// Cell edge in steps: 3,200 (8 m) or 1,600 (4 m).
  public let cellSteps: Int32
  public let countX: Int32
  public let countBands: Int32
  public let countZ: Int32
  /// Cells along the edge of a coarse cell; ``coarseCells`` coarse cells cover the space, each in one band.
  public let coarseEdge: Int32
  public let coarseCountX: Int32
  public let coarseCountZ: Int32

  /// Why bounds make no grid.
  public enum Refusal: Error, Equatable, Sendable {
    case emptyBounds
    /// Only 8 m and 4 m leave room for the hysteresis inside the coded range.
    case cellEdge(steps: Int32)
    case tooManyCells(Int)
    /// Each floor band has at least one coarse cell, and there are 512 of those at most.
    case tooManyBands(Int)
  }

  /// A grid that covers `minimum ... maximum` (steps). Throws where the space is empty or needs over 8,191 cells.
  public init(
    minimum: (x: Int32, y: Int32, z: Int32), maximum: (x: Int32, y: Int32, z: Int32), cellSteps: Int32
  ) throws(Refusal) {
    guard cellSteps == 3200 || cellSteps == 1600 else { throw .cellEdge(steps: cellSteps) }
    guard minimum.x < maximum.x, minimum.y < maximum.y, minimum.z < maximum.z else { throw .emptyBounds }
    func down(_ value: Int32, _ multiple: Int32) -> Int64 {
      let rest = Int64(value) % Int64(multiple)
      return Int64(value) - (rest < 0 ? rest + Int64(multiple) : rest)
    }
    let x = down(minimum.x, CodedVolume.originMultipleXZ)
    let y = down(minimum.y, CodedVolume.originMultipleY)
    let z = down(minimum.z, CodedVolume.originMultipleXZ)
    func cells(_ low: Int64, _ high: Int32, _ edge: Int32) -> Int64 {
      (Int64(high) - low + Int64(edge) - 1) / Int64(edge)
    }
    let nx = cells(x, maximum.x, cellSteps)
    let ny = cells(y, maximum.y, CodedVolume.bandSteps)
    let nz = cells(z, maximum.z, cellSteps)
    let total = Self.product(nx, ny, nz)
    guard total <= Int64(FrameLimits.cells) else { throw .tooManyCells(Int(total)) }
    try self.init(
      origin: (Int32(clamping: x), Int32(clamping: y), Int32(clamping: z)), cellSteps: cellSteps,
      counts: (Int32(nx), Int32(ny), Int32(nz)))
  }

  /// The grid as `space` describes it to a client: origin in steps, cell edge in steps, counts along x, y (bands), z.
  public init(
    origin: (x: Int32, y: Int32, z: Int32), cellSteps: Int32, counts: (x: Int32, bands: Int32, z: Int32)
  ) throws(Refusal) {
    guard cellSteps == 3200 || cellSteps == 1600 else { throw .cellEdge(steps: cellSteps) }
    guard counts.x > 0, counts.bands > 0, counts.z > 0 else { throw .emptyBounds }
    let total = Self.product(Int64(counts.x), Int64(counts.bands), Int64(counts.z))
    guard total <= Int64(FrameLimits.cells) else { throw .tooManyCells(Int(total)) }
    // A billion steps (2,500 km) on each side keep every sum below far inside 32 bits.
    let limit: Int32 = 1 << 30
    guard abs(Int64(origin.x)) <= limit, abs(Int64(origin.y)) <= limit, abs(Int64(origin.z)) <= limit else {
      throw .emptyBounds
    }
    (originX, originY, originZ) = origin
    self.cellSteps = cellSteps
    (countX, countBands, countZ) = counts
    guard Int(counts.bands) <= FrameLimits.coarseCells else { throw .tooManyBands(Int(counts.bands)) }
    func across(_ cells: Int32, _ edge: Int32) -> Int32 { (cells + edge - 1) / edge }
    var edge: Int32 = 2
    while Int(across(counts.x, edge)) * Int(across(counts.z, edge)) * Int(counts.bands)
      > FrameLimits.coarseCells
    {
      edge += 1
    }
    coarseEdge = edge
    coarseCountX = across(counts.x, edge)
    coarseCountZ = across(counts.z, edge)
  }

  /// The product of three positive numbers; saturates.
  private static func product(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 {
    let (ab, overflow) = a.multipliedReportingOverflow(by: b)
    let (abc, overflows) = ab.multipliedReportingOverflow(by: c)
    return overflow || overflows ? .max : abc
  }

  /// Coarse cells of the space, at most 512: what digests speak of.
  @inlinable public var coarseCells: Int { Int(coarseCountX) * Int(coarseCountZ) * Int(countBands) }

  /// Coarse cell of a cell: `(band * coarseCountZ + cz / edge) * coarseCountX + cx / edge`.
  @inlinable public func coarse(ofCell cell: Int) -> Int {
    let at = coordinates(ofCell: cell)
    return (Int(at.band) * Int(coarseCountZ) + Int(at.z / coarseEdge)) * Int(coarseCountX)
      + Int(at.x / coarseEdge)
  }

  /// Lowest corner of a coarse cell in steps.
  @inlinable public func corner(ofCoarse coarse: Int) -> CodedOrigin {
    let row = coarse / Int(coarseCountX)
    let x = Int32(coarse - row * Int(coarseCountX)) * coarseEdge
    let z = Int32(row % Int(coarseCountZ)) * coarseEdge
    return corner(ofCell: cell(x: x, band: Int32(row / Int(coarseCountZ)), z: z))
  }

  /// Cells of the space, at most 8,191.
  @inlinable public var cells: Int { Int(countX) * Int(countBands) * Int(countZ) }
  /// Page ids are `0 ..< pages`, at most 65,528.
  @inlinable public var pages: Int { cells * FrameLimits.pagesPerCell }

  @inlinable public func cell(x: Int32, band: Int32, z: Int32) -> Int {
    (Int(band) * Int(countZ) + Int(z)) * Int(countX) + Int(x)
  }

  /// Cell of a position inside the volume. Traps outside: clamp first.
  @inlinable public func cell(containing pose: Pose) -> Int {
    let x = (pose.x - originX) / cellSteps
    let z = (pose.z - originZ) / cellSteps
    let band = (pose.y - originY) / CodedVolume.bandSteps
    precondition(pose.x >= originX && pose.y >= originY && pose.z >= originZ)
    precondition(x < countX && z < countZ && band < countBands)
    return cell(x: x, band: band, z: z)
  }

  @inlinable public func coordinates(ofCell cell: Int) -> (x: Int32, band: Int32, z: Int32) {
    let row = cell / Int(countX)
    return (Int32(cell - row * Int(countX)), Int32(row / Int(countZ)), Int32(row % Int(countZ)))
  }

  /// Lowest corner of a cell in steps; its upper corner is one edge (x, z) or one band (y) above.
  @inlinable public func corner(ofCell cell: Int) -> CodedOrigin {
    let at = coordinates(ofCell: cell)
    return CodedOrigin(
      x: originX + at.x * cellSteps, y: originY + at.band * CodedVolume.bandSteps,
      z: originZ + at.z * cellSteps)
  }

  /// The corner from which words of a page count: the cell's corner less 1.12 m on x and z.
  @inlinable public func origin(ofPage page: Int) -> CodedOrigin {
    var origin = corner(ofCell: page % cells)
    origin.x -= CodedVolume.marginSteps
    origin.z -= CodedVolume.marginSteps
    return origin
  }

  /// The pose with its position inside the volume that the grid can code.
  @inlinable public func clamped(_ pose: Pose) -> Pose {
    var pose = pose
    pose.x = min(max(pose.x, originX), originX + countX * cellSteps - 1)
    pose.y = min(max(pose.y, originY), originY + countBands * CodedVolume.bandSteps - 1)
    pose.z = min(max(pose.z, originZ), originZ + countZ * cellSteps - 1)
    return pose
  }

  /// Whether an avatar of `cell` stays there: not over 1 m outside on x and z, not below its floor band, not over 1 m
  /// above it (the coded range starts at the band's floor, so the hysteresis of y is on the upper side only).
  @inlinable public func keeps(_ pose: Pose, inCell cell: Int) -> Bool {
    let corner = corner(ofCell: cell)
    let slack = CodedVolume.hysteresisSteps
    return pose.x >= corner.x - slack && pose.x <= corner.x + cellSteps + slack
      && pose.z >= corner.z - slack && pose.z <= corner.z + cellSteps + slack
      && pose.y >= corner.y && pose.y <= corner.y + CodedVolume.bandSteps + slack
  }
}
