/// A node at run time. The generation tells a reused index from its former owner.
public struct NodeID: Sendable, Hashable, BitwiseCopyable {
  public var index: UInt32
  public var generation: UInt32
  public init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }
}

/// Why a change of the graph was refused.
public enum SceneError: Error, Sendable, Equatable {
  /// The node, or the parent named, is gone.
  case stale
  /// Another node of the space has this id.
  case duplicateID
  /// A node cannot come to stand under itself.
  case cycle
  /// More than 64 levels.
  case tooDeep
}

/// The scene graph of one space: structs of arrays by node index, world transforms kept as nodes change, and
/// a grid over where nodes are for queries (`SceneGraph+Queries.swift`).
public struct SceneGraph: Sendable {
  // By node index. Links are indices, -1 for none.
  var generations: [UInt32] = []
  var alive: [Bool] = []
  var parents: [Int32] = []
  var firstChildren: [Int32] = []
  var nextSiblings: [Int32] = []
  var previousSiblings: [Int32] = []
  var depths: [Int32] = []
  var ids: [String] = []
  var locals: [Transform] = []
  var worlds: [Affine] = []
  var componentsOf: [Components] = []
  var extents: [NodeExtent] = []
  var isDirty: [Bool] = []

  private var free: [Int32] = []
  private var dirty: [Int32] = []
  private var named: [String: Int32] = [:]
  var grid: NodeGrid

  /// Nodes in the graph.
  public private(set) var count = 0
  /// World transforms computed since the beginning: what a change costs, for tests and metrics.
  public private(set) var transformsComputed = 0

  /// An empty graph over the ground of a space.
  public init(boundsMin: Vector3, boundsMax: Vector3) {
    grid = NodeGrid(boundsMin: boundsMin, boundsMax: boundsMax)
  }

  // MARK: - Reading

  /// Whether the node is (still) in the graph.
  public func contains(_ node: NodeID) -> Bool {
    let index = Int(node.index)
    return index < alive.count && alive[index] && generations[index] == node.generation
  }

  /// The node with this id. O(1).
  public func node(named id: String) -> NodeID? { named[id].map(nodeID) }

  /// - Precondition: the node is in the graph; so for all readers below.
  public func id(of node: NodeID) -> String { ids[checked(node)] }
  public func components(of node: NodeID) -> Components { componentsOf[checked(node)] }
  public func transform(of node: NodeID) -> Transform { locals[checked(node)] }
  public func parent(of node: NodeID) -> NodeID? {
    let parent = parents[checked(node)]
    return parent < 0 ? nil : nodeID(parent)
  }
  /// In no particular order.
  public func children(of node: NodeID) -> [NodeID] {
    var result: [NodeID] = []
    var child = firstChildren[checked(node)]
    while child >= 0 {
      result.append(nodeID(child))
      child = nextSiblings[Int(child)]
    }
    return result
  }
  /// As of the last ``updateTransforms()``.
  public func worldTransform(of node: NodeID) -> Affine { worlds[checked(node)] }
  /// All nodes, lowest index first.
  public var nodes: [NodeID] { alive.indices.filter { alive[$0] }.map { nodeID(Int32($0)) } }

  // MARK: - Changing

  /// Adds a node; its world transform comes with the next ``updateTransforms()``.
  public mutating func add(
    _ id: String, parent: NodeID? = nil, transform: Transform = .identity, components: Components = .init()
  ) throws(SceneError) -> NodeID {
    guard named[id] == nil else { throw .duplicateID }
    if let parent, !contains(parent) { throw .stale }
    let depth = parent.map { depths[Int($0.index)] + 1 } ?? 1
    guard depth <= Hierarchy.depthMax else { throw .tooDeep }
    let index = takeIndex()
    ids[Int(index)] = id
    named[id] = index
    locals[Int(index)] = transform
    componentsOf[Int(index)] = components
    extents[Int(index)] = NodeExtent(components)
    depths[Int(index)] = depth
    count += 1
    link(index, to: parent.map { Int32($0.index) } ?? -1)
    markDirty(index)
    return nodeID(index)
  }

  /// Removes a node and all below it. O(subtree).
  public mutating func remove(_ node: NodeID) throws(SceneError) {
    guard contains(node) else { throw .stale }
    unlink(Int32(node.index))
    var stack = [Int32(node.index)]
    while let index = stack.popLast() {
      let at = Int(index)
      var child = firstChildren[at]
      while child >= 0 {
        stack.append(child)
        child = nextSiblings[Int(child)]
      }
      grid.remove(index)
      named[ids[at]] = nil
      alive[at] = false
      generations[at] &+= 1
      isDirty[at] = false
      componentsOf[at] = Components()
      ids[at] = ""
      free.append(index)
      count -= 1
    }
  }

  /// Puts a node elsewhere in its parent.
  public mutating func setTransform(_ transform: Transform, of node: NodeID) throws(SceneError) {
    guard contains(node) else { throw .stale }
    locals[Int(node.index)] = transform
    markDirty(Int32(node.index))
  }

  /// Hangs a node, with all below it, under another parent; its local transform stays. O(subtree).
  public mutating func move(_ node: NodeID, to parent: NodeID?) throws(SceneError) {
    guard contains(node) else { throw .stale }
    if let parent {
      guard contains(parent) else { throw .stale }
      var above = Int32(parent.index)
      while above >= 0 {
        guard above != Int32(node.index) else { throw .cycle }
        above = parents[Int(above)]
      }
    }
    let shift = (parent.map { depths[Int($0.index)] } ?? 0) + 1 - depths[Int(node.index)]
    let below = subtree(Int32(node.index))
    guard below.allSatisfy({ Int(depths[Int($0)] + shift) <= Hierarchy.depthMax }) else { throw .tooDeep }
    for index in below { depths[Int(index)] += shift }
    unlink(Int32(node.index))
    link(Int32(node.index), to: parent.map { Int32($0.index) } ?? -1)
    markDirty(Int32(node.index))
  }

  /// Recomputes the world transforms below every node changed since the last call, each once, parents first.
  /// O(changed nodes × depth + their subtrees); nothing when nothing changed.
  public mutating func updateTransforms() {
    for index in dirty where isDirty[Int(index)] && !hasDirtyAncestor(index) {
      var stack = [index]
      while let here = stack.popLast() {
        let at = Int(here)
        let local = Affine(locals[at])
        worlds[at] = parents[at] >= 0 ? worlds[Int(parents[at])].appending(local) : local
        transformsComputed += 1
        isDirty[at] = false
        grid.place(here, extents[at].bounds(in: worlds[at]))
        var child = firstChildren[at]
        while child >= 0 {
          stack.append(child)
          child = nextSiblings[Int(child)]
        }
      }
    }
    dirty.removeAll(keepingCapacity: true)
  }

  // MARK: - Parts

  func nodeID(_ index: Int32) -> NodeID { NodeID(index: UInt32(index), generation: generations[Int(index)]) }

  private func checked(_ node: NodeID) -> Int {
    precondition(contains(node), "node is gone")
    return Int(node.index)
  }

  private func hasDirtyAncestor(_ index: Int32) -> Bool {
    var above = parents[Int(index)]
    while above >= 0 {
      if isDirty[Int(above)] { return true }
      above = parents[Int(above)]
    }
    return false
  }

  private func subtree(_ root: Int32) -> [Int32] {
    var found = [root]
    var at = 0
    while at < found.count {
      var child = firstChildren[Int(found[at])]
      while child >= 0 {
        found.append(child)
        child = nextSiblings[Int(child)]
      }
      at += 1
    }
    return found
  }

  private mutating func markDirty(_ index: Int32) {
    guard !isDirty[Int(index)] else { return }
    isDirty[Int(index)] = true
    dirty.append(index)
  }

  private mutating func takeIndex() -> Int32 {
    if let index = free.popLast() {
      alive[Int(index)] = true
      firstChildren[Int(index)] = -1
      return index
    }
    let index = Int32(alive.count)
    generations.append(1)
    alive.append(true)
    parents.append(-1)
    firstChildren.append(-1)
    nextSiblings.append(-1)
    previousSiblings.append(-1)
    depths.append(1)
    ids.append("")
    locals.append(.identity)
    worlds.append(.identity)
    componentsOf.append(Components())
    extents.append(NodeExtent(Components()))
    isDirty.append(false)
    grid.addSlot()
    return index
  }

  private mutating func link(_ index: Int32, to parent: Int32) {
    let at = Int(index)
    parents[at] = parent
    previousSiblings[at] = -1
    nextSiblings[at] = -1
    guard parent >= 0 else { return }
    let first = firstChildren[Int(parent)]
    nextSiblings[at] = first
    if first >= 0 { previousSiblings[Int(first)] = index }
    firstChildren[Int(parent)] = index
  }

  private mutating func unlink(_ index: Int32) {
    let at = Int(index)
    let (parent, previous, next) = (parents[at], previousSiblings[at], nextSiblings[at])
    if previous >= 0 {
      nextSiblings[Int(previous)] = next
    } else if parent >= 0 {
      firstChildren[Int(parent)] = next
    }
    if next >= 0 { previousSiblings[Int(next)] = previous }
  }
}
