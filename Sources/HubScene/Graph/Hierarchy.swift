/// Parents, an order in which every parent comes before its children, and world transforms of a space's
/// nodes.
struct Hierarchy {
  /// Nodes deeper than this are refused: it bounds every walk towards the root.
  static let depthMax = 64

  /// Index of the parent, -1 for none, -2 where the file names one that does not exist.
  var parents: [Int32]
  /// Parents first. Nodes on a cycle, and those below one, are missing.
  var order: [Int32]
  /// 1 for a node at the root.
  var depths: [Int32]
  /// Indexed like the nodes; identity for nodes missing from `order`.
  var worlds: [Affine]

  /// O(nodes).
  init(_ nodes: [NodeDefinition]) {
    let count = nodes.count
    var byID: [String: Int32] = [:]
    byID.reserveCapacity(count)
    for (index, node) in nodes.enumerated() where byID[node.id] == nil { byID[node.id] = Int32(index) }
    parents = nodes.map { node in
      switch node.parent {
      case .root: -1
      case .index(let index): Int32(index)
      case .id(let id): byID[id] ?? -2
      }
    }
    // Children as lists inside two arrays, then a walk from the roots: whatever is not met hangs on a cycle.
    var firstChild = [Int32](repeating: -1, count: count)
    var nextSibling = [Int32](repeating: -1, count: count)
    for child in (0..<count).reversed() where parents[child] >= 0 {
      nextSibling[child] = firstChild[Int(parents[child])]
      firstChild[Int(parents[child])] = Int32(child)
    }
    order = []
    order.reserveCapacity(count)
    depths = Array(repeating: 0, count: count)
    worlds = Array(repeating: .identity, count: count)
    for root in 0..<count where parents[root] < 0 {
      order.append(Int32(root))
      depths[root] = 1
    }
    var at = 0
    while at < order.count {
      let node = Int(order[at])
      at += 1
      let local = Affine(nodes[node].transform)
      worlds[node] = parents[node] >= 0 ? worlds[Int(parents[node])].appending(local) : local
      var child = firstChild[node]
      while child >= 0 {
        depths[Int(child)] = depths[node] + 1
        order.append(child)
        child = nextSibling[Int(child)]
      }
    }
  }

  /// By node: whether it is its own ancestor. O(nodes).
  var onCycles: [Bool] {
    var result = [Bool](repeating: false, count: parents.count)
    // 0: not seen; otherwise the walk that saw the node first. A walk that meets itself has found a cycle.
    var seenBy = [Int32](repeating: 0, count: parents.count)
    for start in parents.indices where seenBy[start] == 0 {
      let walk = Int32(start) + 1
      var node = Int32(start)
      while node >= 0, seenBy[Int(node)] == 0 {
        seenBy[Int(node)] = walk
        node = parents[Int(node)]
      }
      guard node >= 0, seenBy[Int(node)] == walk else { continue }
      while !result[Int(node)] {
        result[Int(node)] = true
        node = parents[Int(node)]
      }
    }
    return result
  }
}

extension OrientedBox {
  /// The box of this size standing on a node's origin, or nil when the node's frame leans, mirrors or shears
  /// it.
  init?(standingOn world: Affine, size: Vector3) {
    let tolerance = 1e-6
    let x = world.axisX
    let y = world.axisY
    let z = world.axisZ
    let lengths = (x: x.length, y: y.length, z: z.length)
    guard lengths.x > tolerance, lengths.y > tolerance, lengths.z > tolerance,
      x.y.magnitude <= tolerance * lengths.x, z.y.magnitude <= tolerance * lengths.z,
      y.x.magnitude <= tolerance * lengths.y, y.z.magnitude <= tolerance * lengths.y, y.y > 0,
      x.dot(z).magnitude <= tolerance * lengths.x * lengths.z, z.z * x.x - z.x * x.z > 0
    else { return nil }
    self.init(
      base: world.origin, halfWidth: size.x * lengths.x / 2, halfDepth: size.z * lengths.z / 2,
      height: size.y * lengths.y, axisX: x.x / lengths.x, axisZ: x.z / lengths.x)
  }
}
