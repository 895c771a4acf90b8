import HubKernel
import HubScene
import Testing

/// A graph beside a plain table of parents and local transforms that says what it should hold.
private struct Twin {
  var graph = SceneGraph(boundsMin: Vector3(-50, -5, -50), boundsMax: Vector3(50, 20, 50))
  var nodes: [NodeID] = []
  var parent: [NodeID: NodeID] = [:]
  var local: [NodeID: Transform] = [:]
  var components: [NodeID: Components] = [:]
  var serial = 0

  /// From the root down, multiplied anew.
  func world(of node: NodeID) -> Affine {
    let own = Affine(local[node]!)
    guard let parent = parent[node] else { return own }
    return world(of: parent).appending(own)
  }

  func isBelow(_ node: NodeID, _ ancestor: NodeID) -> Bool {
    node == ancestor || parent[node].map { isBelow($0, ancestor) } == true
  }

  func depth(_ node: NodeID) -> Int { parent[node].map { depth($0) + 1 } ?? 1 }

  static func transform(_ random: inout SeededRandom) -> Transform {
    Transform(
      position: Vector3(
        random.double(in: -12...12), random.double(in: -1...2), random.double(in: -12...12)),
      rotation: Quaternion(yawDegrees: random.double(in: -180...180)),
      scale: random.below(4) == 0 ? Vector3(random.double(in: 0.5...1.5), 1, 0.8) : .one)
  }

  mutating func add(_ random: inout SeededRandom) throws {
    var parent = nodes.isEmpty || random.below(5) == 0 ? nil : nodes[random.below(nodes.count)]
    if let under = parent, depth(under) >= 12 { parent = nil }
    let transform = Self.transform(&random)
    var components = Components()
    if random.below(3) > 0 {
      components.shape = ShapeComponent(
        kind: .box,
        size: Vector3(random.double(in: 0.1...4), random.double(in: 0.1...3), random.double(in: 0.1...4)))
    }
    serial += 1
    let node = try graph.add("n\(serial)", parent: parent, transform: transform, components: components)
    nodes.append(node)
    self.parent[node] = parent
    local[node] = transform
    self.components[node] = components
  }

  mutating func change(_ random: inout SeededRandom) throws {
    switch random.below(10) {
    case 0...3: try add(&random)
    case 4...6:
      let node = nodes[random.below(nodes.count)]
      local[node] = Self.transform(&random)
      try graph.setTransform(local[node]!, of: node)
    case 7...8:
      let node = nodes[random.below(nodes.count)]
      let under = random.below(4) == 0 ? nil : nodes[random.below(nodes.count)]
      if let under, isBelow(under, node) {
        #expect(throws: SceneError.cycle) { try graph.move(node, to: under) }
      } else {
        try graph.move(node, to: under)
        parent[node] = under
      }
    default:
      let node = nodes[random.below(nodes.count)]
      try graph.remove(node)
      let gone = nodes.filter { isBelow($0, node) }
      nodes.removeAll { gone.contains($0) }
      for node in gone {
        #expect(!graph.contains(node))
        parent[node] = nil
        local[node] = nil
      }
    }
  }

  func corners(_ node: NodeID) -> [Vector3] {
    let size = components[node]?.shape?.size ?? .zero
    let frame = world(of: node)
    return [-0.5, 0.5].flatMap { x in
      [0.0, 1].flatMap { y in
        [-0.5, 0.5].map { z in frame.point(Vector3(x * size.x, y * size.y, z * size.z)) }
      }
    }
  }

  func bounds(_ node: NodeID) -> AxisBox {
    let all = corners(node)
    func extent(_ of: (Vector3) -> Double) -> (Double, Double) { (all.map(of).min()!, all.map(of).max()!) }
    let (x, y, z) = (extent { $0.x }, extent { $0.y }, extent { $0.z })
    return AxisBox(min: Vector3(x.0, y.0, z.0), max: Vector3(x.1, y.1, z.1))
  }
}

private func isClose(_ a: Vector3, _ b: Vector3) -> Bool { (a - b).length < 1e-9 * (1 + a.length) }

@Suite struct SceneGraphTests {
  @Test(arguments: [1, 2, 3])
  func worldTransformsEqualARecomputationFromTheRootAfterAnyChanges(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var twin = Twin()
    for _ in 0..<40 { try twin.add(&random) }
    for _ in 0..<200 {
      for _ in 0..<(1 + random.below(4)) where !twin.nodes.isEmpty { try twin.change(&random) }
      twin.graph.updateTransforms()
      #expect(twin.graph.count == twin.nodes.count)
      let wrong = twin.nodes.filter { node in
        let (found, expected) = (twin.graph.worldTransform(of: node), twin.world(of: node))
        return !isClose(found.origin, expected.origin) || !isClose(found.axisX, expected.axisX)
          || !isClose(found.axisY, expected.axisY) || !isClose(found.axisZ, expected.axisZ)
      }
      #expect(wrong.isEmpty)
      if twin.nodes.isEmpty { try twin.add(&random) }
    }
  }

  @Test func aChangeRecomputesItsSubtreeOnceAndNothingElse() throws {
    var graph = SceneGraph(boundsMin: Vector3(-50, 0, -50), boundsMax: Vector3(50, 5, 50))
    var rows: [[NodeID]] = []
    for row in 0..<10 {
      var chain: [NodeID] = []
      for at in 0..<20 { chain.append(try graph.add("n\(row)-\(at)", parent: chain.last)) }
      rows.append(chain)
    }
    graph.updateTransforms()
    #expect(graph.transformsComputed == 200)
    graph.updateTransforms()
    #expect(graph.transformsComputed == 200)
    // A node near the end of a chain and one above it: the lower is not computed twice.
    try graph.setTransform(Transform(position: Vector3(1, 0, 0)), of: rows[3][15])
    try graph.setTransform(Transform(position: Vector3(2, 0, 0)), of: rows[3][12])
    graph.updateTransforms()
    #expect(graph.transformsComputed == 208)
    #expect(graph.worldTransform(of: rows[3][19]).origin == Vector3(3, 0, 0))
  }

  @Test func reusedIndicesDoNotAnswerToOldIDs() throws {
    var graph = SceneGraph(boundsMin: .zero, boundsMax: Vector3(10, 5, 10))
    let old = try graph.add("a")
    let child = try graph.add("b", parent: old)
    try graph.remove(old)
    let new = try graph.add("a")
    #expect(!graph.contains(old) && !graph.contains(child) && graph.contains(new))
    #expect(throws: SceneError.stale) { try graph.remove(old) }
    #expect(throws: SceneError.stale) { try graph.add("c", parent: child) }
    #expect(throws: SceneError.duplicateID) { try graph.add("a") }
    #expect(graph.node(named: "a") == new && graph.node(named: "b") == nil && graph.count == 1)
  }

  @Test func depthIsLimitedOnAddingAndMoving() throws {
    var graph = SceneGraph(boundsMin: .zero, boundsMax: Vector3(10, 5, 10))
    var chain = [try graph.add("n0")]
    for at in 1..<64 { chain.append(try graph.add("n\(at)", parent: chain.last)) }
    #expect(throws: SceneError.tooDeep) { try graph.add("deeper", parent: chain.last) }
    let top = try graph.add("top")
    #expect(throws: SceneError.tooDeep) { try graph.move(chain[0], to: top) }
    try graph.move(chain[32], to: top)
    #expect(graph.parent(of: chain[32]) == top)
  }

  @Test(arguments: [11, 12])
  func boxQueriesFindWhatALookAtEveryNodeFinds(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var twin = Twin()
    for _ in 0..<150 { try twin.add(&random) }
    var hits = 0
    for _ in 0..<150 {
      try twin.change(&random)
      twin.graph.updateTransforms()
      let (sin, cos) = Trigonometry.sinCos(degrees: random.double(in: 0...360))
      let box = OrientedBox(
        base: Vector3(random.double(in: -60...60), random.double(in: -3...3), random.double(in: -60...60)),
        halfWidth: random.double(in: 0.1...30), halfDepth: random.double(in: 0.1...10),
        height: random.double(in: 0.1...4), axisX: cos, axisZ: sin)
      let expected = twin.nodes.filter { box.touches(twin.bounds($0)) }.sorted { $0.index < $1.index }
      #expect(twin.graph.nodes(touching: box) == expected)
      hits += expected.count
    }
    #expect(hits > 200)
  }

  @Test(arguments: [21, 22])
  func raysFindTheNearestVolumeOfAll(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var twin = Twin()
    for _ in 0..<150 { try twin.add(&random) }
    twin.graph.updateTransforms()
    var hits = 0
    for _ in 0..<400 {
      let ray = Ray(
        origin: Vector3(random.double(in: -60...60), random.double(in: -1...4), random.double(in: -60...60)),
        direction: Vector3(
          random.double(in: -1...1), random.double(in: -0.2...0.2),
          random.below(9) == 0 ? 0 : random.double(in: -1...1)))
      let reach = random.double(in: 1...120)
      let found = twin.graph.firstHit(ray, distanceMax: reach)
      var best: Double?
      for node in twin.nodes where twin.components[node]?.shape != nil {
        if let at = march(ray, twin, node), at <= reach { best = min(best ?? .infinity, at) }
      }
      #expect((found?.distance == nil) == (best == nil))
      if let found, let best {
        #expect((found.distance - best).magnitude < 1e-6)
        hits += 1
      }
    }
    #expect(hits > 20)
  }

  /// Entry of a ray into a node's volume by its six faces' planes, told by the corners.
  private func march(_ ray: Ray, _ twin: Twin, _ node: NodeID) -> Double? {
    let size = twin.components[node]!.shape!.size
    let frame = twin.world(of: node)
    let direction = ray.direction * (1 / ray.direction.length)
    func cross(_ a: Vector3, _ b: Vector3) -> Vector3 {
      Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }
    var (from, to) = (0.0, Double.infinity)
    for (axis, u, v, low, high) in [
      (frame.axisX, frame.axisY, frame.axisZ, -size.x / 2, size.x / 2),
      (frame.axisY, frame.axisZ, frame.axisX, 0, size.y),
      (frame.axisZ, frame.axisX, frame.axisY, -size.z / 2, size.z / 2),
    ] {
      let normal = cross(u, v)
      for (side, outward) in [(low, -1.0), (high, 1.0)] {
        let sign = normal.dot(axis) > 0 ? outward : -outward
        let distance = (ray.origin - (frame.origin + axis * side)).dot(normal) * sign
        let speed = direction.dot(normal) * sign
        if speed == 0 {
          if distance > 0 { return nil }
        } else if speed < 0 {
          from = max(from, -distance / speed)
        } else {
          to = min(to, -distance / speed)
        }
      }
    }
    return from <= to ? from : nil
  }
}
