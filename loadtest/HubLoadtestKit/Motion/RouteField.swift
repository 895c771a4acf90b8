public import HubScene

/// The way to one place from everywhere in a space: for each cell the neighbour that is nearer. Made once, walked by
/// every bot that wants to go there.
public struct RouteField: Sendable {
  /// By cell: the next cell on the way, -1 where there is none.
  private let next: [Int32]
  /// The last usable cell, and the point to walk to from there.
  public let entry: (x: Double, z: Double)
  public let goal: (x: Double, z: Double)

  /// The way into a box (a portal), through the usable cell nearest to its middle. Nil if none lies within 3 m with a
  /// clear straight line into the box.
  public init?(_ plan: FloorPlan, into box: OrientedBox, in space: Space) {
    let reach = max(box.halfWidth, box.halfDepth) + 3
    var candidates: [(cell: Int, distance: Double)] = []
    for cell in plan.region.indices where plan.isUsable(cell) {
      let at = plan.center(cell)
      let distance = ((at.x - box.base.x) * (at.x - box.base.x) + (at.z - box.base.z) * (at.z - box.base.z))
        .squareRoot()
      if distance <= reach { candidates.append((cell, distance)) }
    }
    candidates.sort { ($0.distance, $0.cell) < ($1.distance, $1.cell) }
    let found = candidates.first { candidate in
      let at = plan.center(candidate.cell)
      return Self.isClear(space, fromX: at.x, z: at.z, into: box)
    }
    guard let found else { return nil }
    var next = [Int32](repeating: -1, count: plan.columns * plan.rows)
    var queue = [Int32(found.cell)]
    next[found.cell] = Int32(found.cell)
    var head = 0
    while head < queue.count {
      let at = Int(queue[head])
      head += 1
      plan.forEachNeighbour(at) { neighbour in
        guard next[neighbour] < 0, plan.region[neighbour] == plan.region[at] else { return }
        next[neighbour] = Int32(at)
        queue.append(Int32(neighbour))
      }
    }
    self.next = next
    entry = plan.center(found.cell)
    goal = (box.base.x, box.base.z)
  }

  /// Whether a body can walk straight from a point until it stands in the box.
  private static func isClear(_ space: Space, fromX x: Double, z: Double, into box: OrientedBox) -> Bool {
    let (dx, dz) = (box.base.x - x, box.base.z - z)
    let length = (dx * dx + dz * dz).squareRoot()
    let level = space.collision.groundHeight(x: x, z: z, nearY: 0)
    var at = 0.0
    while at <= length {
      let k = length > 0 ? at / length : 0
      let (px, pz) = (x + dx * k, z + dz * k)
      let ground = space.collision.groundHeight(x: px, z: pz, nearY: level)
      guard (ground - level).magnitude < 0.001, space.collision.isFree(x: px, y: level, z: pz) else {
        return false
      }
      if box.contains(Vector3(px, level + 0.01, pz)) { return true }
      at += 0.05
    }
    return false
  }

  /// Whether a way leads there from a cell.
  public func leads(from cell: Int) -> Bool { next[cell] >= 0 }

  /// The farthest point of the way that can be seen from here, at most 24 m along it; nil at its end or off it.
  public func waypoint(_ plan: FloorPlan, x: Double, z: Double) -> (x: Double, z: Double)? {
    guard let start = plan.cell(x: x, z: z), next[start] >= 0, Int(next[start]) != start else { return nil }
    var best: (x: Double, z: Double)?
    var at = start
    for _ in 0..<48 {
      let following = Int(next[at])
      guard following != at else { break }
      at = following
      let point = plan.center(at)
      if plan.sees(fromX: x, z: z, toX: point.x, z: point.z) { best = point }
    }
    return best
  }
}
