public import HubKernel

/// One space at run time: scene graph, areas, spawns, what moves by itself, and what bodies meet.
public struct Space: Sendable {
  public let definition: SpaceDefinition
  /// Index in ``World/spaces``.
  public private(set) var index: Int
  /// Index of the space of the file that this is an instance of: its own but for overflow instances.
  public let base: Int
  /// 1: the space of the file itself; 2 and up: its overflow instances, by their number.
  public private(set) var instance = 1
  /// May be changed at run time; colliders and areas are those of the file.
  public var graph: SceneGraph
  public let areas: AreaTable
  /// In the order of the file.
  public let spawns: [Spawn]
  public private(set) var dynamics: Dynamics
  public private(set) var collision: CollisionMap

  /// The id in the file; an overflow instance's has its number after a `~`, which no id of a file holds.
  public var id: String { instance == 1 ? definition.id : "\(definition.id)~\(instance)" }

  /// A disc to arrive in.
  public struct Spawn: Sendable {
    public var nodeID: String
    public var position: Vector3
    public var radius: Double
    /// Heading on arrival, 1/65536 turn.
    public var yaw: UInt16
  }

  /// - Precondition: the definition has no findings.
  init(valid definition: SpaceDefinition, index: Int) {
    self.definition = definition
    self.index = index
    base = index
    let nodes = definition.nodes
    let hierarchy = Hierarchy(nodes)
    precondition(hierarchy.order.count == nodes.count, "checked: no cycles")
    let owners = DynamicOwners(nodes, hierarchy)

    graph = SceneGraph(boundsMin: definition.boundsMin, boundsMax: definition.boundsMax)
    var handles = [NodeID?](repeating: nil, count: nodes.count)
    for at in hierarchy.order.map(Int.init) {
      let parent = hierarchy.parents[at] >= 0 ? handles[Int(hierarchy.parents[at])] : nil
      do {
        handles[at] = try graph.add(
          nodes[at].id, parent: parent, transform: nodes[at].transform, components: nodes[at].components)
      } catch { preconditionFailure("checked: \(error)") }
    }
    graph.updateTransforms()

    var areas: [Area] = []
    var spawns: [Spawn] = []
    var colliders: [Collider] = []
    var sources = owners.nodes.map { at in
      Dynamics.Source(
        item: Self.item(nodes[at], hierarchy.worlds[at]), world: hierarchy.worlds[at],
        parentWorld: hierarchy.parents[at] >= 0 ? hierarchy.worlds[Int(hierarchy.parents[at])] : .identity,
        sensor: hierarchy.worlds[at].origin)
    }
    for (at, node) in nodes.enumerated() {
      let world = hierarchy.worlds[at]
      if let area = node.components.area, let box = OrientedBox(standingOn: world, size: area.size) {
        areas.append(
          Area(
            nodeID: node.id, title: node.title, alt: node.alt, purpose: area.purpose, box: box,
            locked: area.locked, capacity: area.purpose == .seat ? 1 : area.capacity, portal: area.to,
            attenuation: area.attenuation))
      }
      if let spawn = node.components.spawn {
        spawns.append(Spawn(nodeID: node.id, position: world.origin, radius: spawn.radius, yaw: world.yaw))
      }
      if let collider = node.components.collider, let size = collider.size ?? node.components.shape?.size,
        let box = OrientedBox(standingOn: world, size: size)
      {
        let owner = owners.owner[at]
        colliders.append(Collider(box: box, kind: .init(collider.kind), door: owner))
        if owner >= 0, owners.nodes[Int(owner)] == at { sources[Int(owner)].sensor = box.base }
      }
    }
    self.areas = AreaTable(areas, boundsMin: definition.boundsMin, boundsMax: definition.boundsMax)
    self.spawns = spawns
    dynamics = Dynamics(sources)
    collision = CollisionMap(
      colliders: colliders, areas: areas.map(\.box), boundsMin: definition.boundsMin,
      boundsMax: definition.boundsMax, dynamics: sources.count)
  }

  /// The same space once more, for those who find this one full.
  func overflowing(number: Int, index: Int) -> Space {
    var copy = self
    copy.instance = number
    copy.index = index
    return copy
  }

  private static func item(_ node: NodeDefinition, _ world: Affine) -> Dynamics.Item {
    guard let motion = node.components.dynamic else { preconditionFailure("not a dynamic node") }
    let origin = world.origin
    return Dynamics.Item(
      nodeID: node.id, title: node.title, alt: node.alt, motion: motion,
      rest: Pose(
        x: Units.steps(meters: origin.x), y: Units.steps(meters: origin.y), z: Units.steps(meters: origin.z),
        yaw: world.yaw))
  }

  /// Moves doors, turntables and trams on to `tick`. Doors sense the bodies given; one that closed or began
  /// to open changes what bodies meet. Call once a tick, before moves are checked. O(doors × bodies), no
  /// allocation.
  public mutating func stepDynamics(tick: Tick, bodies: Span<Pose>) {
    dynamics.step(to: tick, bodies: bodies)
    for index in 0..<dynamics.count {
      if let state = dynamics.doorState(index) { collision.setDoor(index, closed: state == .closed) }
    }
  }

  /// Asks a door to open or to close; whether the asker may is the caller's to know.
  public mutating func requestDoor(_ index: Int, open: Bool) { dynamics.request(index, open: open) }

  /// Locks or unlocks a door.
  public mutating func setDoorLocked(_ index: Int, _ locked: Bool) { dynamics.setLocked(index, locked) }

  /// The server's truth about a move: see ``CollisionMap/check(from:to:elapsedTicks:body:barred:)``.
  public func check(
    from: Pose, to: Pose, elapsedTicks: Int, body: inout BodyState, barred: borrowing AreaSet
  ) -> MoveVerdict {
    collision.check(from: from, to: to, elapsedTicks: elapsedTicks, body: &body, barred: barred)
  }

  /// A free pose in the disc of a spawn, standing on its ground, facing its heading. Falls back to the middle
  /// of the disc when nothing in it is free.
  public func arrival(spawn: Int, random: inout SeededRandom) -> Pose {
    let spawn = spawns[spawn]
    var spot = spawn.position
    if let free = collision.freeSpot(near: spot, radius: spawn.radius, random: &random) {
      spot = free
    } else {
      spot.y = collision.groundHeight(x: spot.x, z: spot.z, nearY: spot.y)
    }
    return Pose(
      x: Units.steps(meters: spot.x), y: Units.steps(meters: spot.y), z: Units.steps(meters: spot.z),
      yaw: spawn.yaw)
  }
}

/// Which dynamic node, if any, carries each node of a space.
struct DynamicOwners {
  /// Node indices of the dynamic nodes, in the order of the file.
  var nodes: [Int] = []
  /// By node: index into ``nodes`` of itself or its nearest dynamic ancestor, -1 for none.
  var owner: [Int32]

  init(_ definitions: [NodeDefinition], _ hierarchy: Hierarchy) {
    owner = Array(repeating: -1, count: definitions.count)
    for (at, node) in definitions.enumerated() where node.components.dynamic != nil {
      owner[at] = Int32(nodes.count)
      nodes.append(at)
    }
    for at in hierarchy.order.map(Int.init) where owner[at] < 0 && hierarchy.parents[at] >= 0 {
      owner[at] = owner[Int(hierarchy.parents[at])]
    }
  }
}

extension Collider.Kind {
  init(_ kind: ColliderComponent.Kind) {
    switch kind {
    case .solid: self = .solid
    case .floor: self = .floor
    case .ramp: self = .ramp
    }
  }
}
