/// Half a line through the space.
public struct Ray: Sendable {
  public var origin: Vector3
  /// Any length above 0.
  public var direction: Vector3
  public init(origin: Vector3, direction: Vector3) {
    self.origin = origin
    self.direction = direction
  }
}

/// What a ray met first.
public struct RayHit: Sendable, Equatable {
  public var node: NodeID
  /// Metres from the ray's origin; 0 when it begins inside.
  public var distance: Double
}

/// Queries see the graph as of the last ``SceneGraph/updateTransforms()``.
extension SceneGraph {
  /// The nodes whose bounding box (along the axes) touches an upright box, lowest index first.
  public func nodes(touching box: OrientedBox) -> [NodeID] {
    let reach = box.reach
    let around = AxisBox(
      min: Vector3(box.base.x - reach.x, box.base.y, box.base.z - reach.z),
      max: Vector3(box.base.x + reach.x, box.base.y + box.height, box.base.z + reach.z))
    var found: [Int32] = []
    let query = grid.range(around)
    for row in query.row0...query.row1 {
      for column in query.column0...query.column1 {
        for node in grid.cells[Int(row) * grid.columns + Int(column)] {
          // A node in several cells is looked at in the first one it shares with the query.
          guard let range = grid.ranges[Int(node)], column == max(range.column0, query.column0),
            row == max(range.row0, query.row0)
          else { continue }
          if box.touches(grid.bounds[Int(node)]) { found.append(node) }
        }
      }
    }
    for node in grid.large where box.touches(grid.bounds[Int(node)]) { found.append(node) }
    return found.sorted().map(nodeID)
  }

  /// The first node volume that a ray enters within `distanceMax` metres; on a tie, the lowest index.
  /// Cost: the nodes in the cells under the ray.
  public func firstHit(_ ray: Ray, distanceMax: Double) -> RayHit? {
    let length = ray.direction.length
    precondition(length > 0 && distanceMax >= 0)
    let direction = ray.direction * (1 / length)
    var best: (node: Int32, distance: Double)?
    func look(_ nodes: [Int32]) {
      for node in nodes {
        guard let distance = extents[Int(node)].entry(ray.origin, direction, in: worlds[Int(node)]),
          distance <= distanceMax
        else { continue }
        if let old = best, (old.distance, old.node) <= (distance, node) { continue }
        best = (node, distance)
      }
    }
    look(grid.large)
    // Row by row, the cells that the ray's part over that row can touch.
    let end = ray.origin + direction * distanceMax
    let query = grid.range(
      AxisBox(
        min: Vector3(Swift.min(ray.origin.x, end.x), 0, Swift.min(ray.origin.z, end.z)),
        max: Vector3(Swift.max(ray.origin.x, end.x), 0, Swift.max(ray.origin.z, end.z))))
    for row in query.row0...query.row1 {
      let z0 = row == 0 ? -Double.infinity : grid.originZ + Double(row) * grid.cellMeters
      let z1 = Int(row) == grid.rows - 1 ? Double.infinity : grid.originZ + Double(row + 1) * grid.cellMeters
      guard let part = Self.clip(ray.origin.z, direction.z, distanceMax, z0, z1) else { continue }
      let xs = (ray.origin.x + direction.x * part.lowerBound, ray.origin.x + direction.x * part.upperBound)
      let slack = 1e-9 * (1 + xs.0.magnitude + xs.1.magnitude)
      let columns = grid.range(
        AxisBox(
          min: Vector3(Swift.min(xs.0, xs.1) - slack, 0, 0), max: Vector3(Swift.max(xs.0, xs.1) + slack, 0, 0)
        ))
      for column in columns.column0...columns.column1 {
        look(grid.cells[Int(row) * grid.columns + Int(column)])
      }
    }
    return best.map { RayHit(node: nodeID($0.node), distance: $0.distance) }
  }

  /// The part of 0...length in which `origin + t * direction` lies in low...high, a little widened.
  private static func clip(
    _ origin: Double, _ direction: Double, _ length: Double, _ low: Double, _ high: Double
  ) -> ClosedRange<Double>? {
    guard direction.magnitude > 1e-12 else {
      return origin >= low - 1e-9 && origin <= high + 1e-9 ? 0...length : nil
    }
    let a = (low - origin) / direction
    let b = (high - origin) / direction
    let from = Swift.max(0, Swift.min(a, b) - 1e-9)
    let to = Swift.min(length, Swift.max(a, b) + 1e-9)
    return from <= to ? from...to : nil
  }
}

extension OrientedBox {
  /// Separating axes: the vertical, the two of the space and the two of the box. Touching counts.
  public func touches(_ other: AxisBox) -> Bool {
    guard base.y <= other.max.y, base.y + height >= other.min.y else { return false }
    let reach = self.reach
    guard base.x - reach.x <= other.max.x, base.x + reach.x >= other.min.x, base.z - reach.z <= other.max.z,
      base.z + reach.z >= other.min.z
    else { return false }
    let middle = local(x: (other.min.x + other.max.x) / 2, z: (other.min.z + other.max.z) / 2)
    let halfX = (other.max.x - other.min.x) / 2
    let halfZ = (other.max.z - other.min.z) / 2
    return middle.x.magnitude <= halfWidth + axisX.magnitude * halfX + axisZ.magnitude * halfZ
      && middle.z.magnitude <= halfDepth + axisZ.magnitude * halfX + axisX.magnitude * halfZ
  }
}

extension NodeExtent {
  /// Distance at which a ray (unit direction) enters this volume placed by `world`; nil when it misses.
  func entry(_ origin: Vector3, _ direction: Vector3, in world: Affine) -> Double? {
    // Into the node's frame by Cramer's rule, where the volume is a box along the axes.
    func cross(_ a: Vector3, _ b: Vector3) -> Vector3 {
      Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
    let yz = cross(world.axisY, world.axisZ)
    let zx = cross(world.axisZ, world.axisX)
    let xy = cross(world.axisX, world.axisY)
    let volume = world.axisX.dot(yz)
    guard volume != 0 else { return nil }
    let o = origin - world.origin
    var from = 0.0
    var to = Double.infinity
    func slab(_ o: Double, _ d: Double, _ low: Double, _ high: Double) -> Bool {
      guard d != 0 else { return o >= low && o <= high }
      let a = (low - o) / d
      let b = (high - o) / d
      from = Swift.max(from, Swift.min(a, b))
      to = Swift.min(to, Swift.max(a, b))
      return from <= to
    }
    guard slab(yz.dot(o) / volume, yz.dot(direction) / volume, -halfWidth, halfWidth),
      slab(zx.dot(o) / volume, zx.dot(direction) / volume, 0, height),
      slab(xy.dot(o) / volume, xy.dot(direction) / volume, -halfDepth, halfDepth)
    else { return nil }
    return from
  }
}
