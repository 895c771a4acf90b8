extension CollisionMap {
  /// Height above the feet at which voices travel, metres: over tables and counters, not over walls.
  static let voiceHeight = 1.5

  /// Whether a wall or a closed door stands between two people's heads. Solids only; cost: the cells of the segment's
  /// bounding rectangle.
  public func blocksVoice(from a: Vector3, to b: Vector3) -> Bool {
    guard let range = index.cells(from: (a.x, a.z), to: (b.x, b.z)) else { return false }
    let low = min(a.y, b.y) + Self.voiceHeight
    let high = max(a.y, b.y) + Self.voiceHeight
    for row in range.rows {
      for column in range.columns {
        for at in index.items(of: row * range.stride + column) {
          let collider = colliders[Int(index.items[at])]
          guard collider.kind == .solid, collider.box.base.y <= low,
            collider.box.base.y + collider.box.height >= high
          else { continue }
          if collider.door >= 0, !isDoorClosed[Int(collider.door)] { continue }
          if Sweep.disc(a.x, a.z, by: b.x - a.x, b.z - a.z, radius: 0, against: collider.box) != nil {
            return true
          }
        }
      }
    }
    return false
  }
}
