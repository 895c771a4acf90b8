import HubKernel

/// The checks of one space and its nodes as a hierarchy.
enum SpaceValidator {
  static func check(_ space: SpaceDefinition, assets: [String: String]?, _ check: inout FindingList) {
    let before = check.findings.count
    check.id(space.id, "id")
    bounds(space, &check)
    environment(space.environment, &check)
    let people = WorldLimits.peoplePerSpaceMax
    check.expect(
      (1...people).contains(space.capacity), "capacity",
      "found \(space.capacity), expected 1 to \(people) people")
    check.expect(
      (0...WorldLimits.overflowMax).contains(space.overflow), "overflow",
      "found \(space.overflow), expected 0 to \(WorldLimits.overflowMax) more of the space")
    let areas = space.nodes.count { $0.components.area != nil }
    check.expect(
      areas <= WorldLimits.areasPerSpaceMax, "nodes",
      "found \(areas) areas, expected at most \(WorldLimits.areasPerSpaceMax)")

    var names: Set<String> = []
    for node in space.nodes {
      check.origin = node.origin
      check.id(node.id, "id")
      if !node.id.isEmpty, !names.insert(node.id).inserted {
        check.add("id", "another node of the space has the id \"\(node.id)\", expected a unique one")
      }
      NodeValidator.check(node, assets: assets, &check)
    }
    hierarchy(space, since: before, &check)
  }

  private static func bounds(_ space: SpaceDefinition, _ check: inout FindingList) {
    let (low, high) = (space.boundsMin, space.boundsMax)
    let extent = Limits().spaceMetersMax
    let before = check.findings.count
    check.vector(low, -extent...extent, "bounds.min", " m")
    check.vector(high, -extent...extent, "bounds.max", " m")
    check.expect(
      high.x - low.x >= 2, "bounds.max[0]",
      "found \(high.x.short), expected at least 2 m more than bounds.min[0]")
    check.expect(
      high.z - low.z >= 2, "bounds.max[2]",
      "found \(high.z.short), expected at least 2 m more than bounds.min[2]")
    check.expect(low.y <= 0, "bounds.min[1]", "found \(low.y.short), expected 0 or less: the ground is at 0")
    check.expect(high.y >= 2, "bounds.max[1]", "found \(high.y.short), expected at least 2: room to stand")
    check.expect(
      space.cellMeters == 4 || space.cellMeters == 8, "cellMeters",
      "found \(space.cellMeters.short), expected 4 or 8")
    guard check.findings.count == before else { return }
    let grid = space.gridSize
    let cells = Limits().cellsMax
    check.expect(
      grid.columns * grid.bands * grid.rows <= cells, "bounds",
      "found \(grid.columns) by \(grid.rows) cells in \(grid.bands) bands of 8 m, expected at most \(cells) cells"
    )
    check.expect(
      grid.bands <= 512, "bounds", "found \(grid.bands) bands of 8 m, expected at most 512: 4,096 m of height"
    )
  }

  private static func environment(_ environment: EnvironmentDefinition, _ check: inout FindingList) {
    check.color(environment.sky, "environment.sky")
    check.color(environment.floor, "environment.floor")
    check.range(environment.ambient, 0...4, "environment.ambient")
    check.vector(environment.sunDirection, -1000...1000, "environment.sunDirection")
    check.expect(
      environment.sunDirection != .zero, "environment.sunDirection", "found zero, expected a direction")
  }

  /// Parents, cycles, depth; then what can only be said of nodes in their place.
  private static func hierarchy(_ space: SpaceDefinition, since before: Int, _ check: inout FindingList) {
    let hierarchy = Hierarchy(space.nodes)
    let cycles = hierarchy.onCycles
    for (at, node) in space.nodes.enumerated() {
      check.origin = node.origin
      if hierarchy.parents[at] == -2, case .id(let parent) = node.parent {
        check.add("parent", "no node \"\(parent)\" in this space, expected the id of a node")
      }
      if cycles[at] {
        check.add("parent", "node \"\(node.id)\" is its own ancestor, expected parents without a cycle")
      }
      check.expect(
        hierarchy.depths[at] <= Hierarchy.depthMax, "",
        "\(hierarchy.depths[at]) levels below the space, expected at most \(Hierarchy.depthMax)")
    }
    // A wrong number would only be told again by what follows from it.
    let places = ["position", "rotation", "scale", "parent", "bounds"]
    guard !check.findings[before...].contains(where: { f in places.contains { f.field.hasPrefix($0) } })
    else {
      return
    }
    let owners = DynamicOwners(space.nodes, hierarchy)
    for (at, node) in space.nodes.enumerated() {
      check.origin = node.origin
      PlaceValidator(space: space, hierarchy: hierarchy, owners: owners).check(at, node, &check)
    }
  }
}

/// What can only be said of a node once its place in the space is known.
struct PlaceValidator {
  let space: SpaceDefinition
  let hierarchy: Hierarchy
  let owners: DynamicOwners

  func check(_ at: Int, _ node: NodeDefinition, _ check: inout FindingList) {
    let world = hierarchy.worlds[at]
    inside(world.origin, "position", "the node", &check)
    if let area = node.components.area {
      upright(world, area.size, "components.area", "an area", &check)
    }
    if let collider = node.components.collider, let size = collider.size ?? node.components.shape?.size {
      upright(world, size, "components.collider", "a collider", &check)
      if collider.kind == .ramp, let box = OrientedBox(standingOn: world, size: size) {
        let slope = box.height / (2 * box.halfDepth)
        check.expect(
          slope <= WorldLimits.rampSlopeMax, "components.collider",
          "a ramp that rises \(slope.short) m a metre, expected at most \(WorldLimits.rampSlopeMax)")
      }
      let owner = owners.owner[at]
      if owner >= 0, let motion = space.nodes[owners.nodes[Int(owner)]].components.dynamic {
        if case .door = motion {
          check.expect(
            collider.kind == .solid, "components.collider.kind",
            "found \(collider.kind.rawValue) on a door, expected solid")
        } else {
          check.add(
            "components.collider",
            "a collider on a moving node stands still, expected it on a node outside (only doors carry colliders)"
          )
        }
      }
    }
    if let spawn = node.components.spawn {
      let reach = spawn.radius + 0.3
      let (p, low, high) = (world.origin, space.boundsMin, space.boundsMax)
      check.expect(
        p.x - reach >= low.x && p.x + reach <= high.x && p.z - reach >= low.z && p.z + reach <= high.z,
        "components.spawn.radius",
        "the disc of \(spawn.radius.short) m reaches out of the bounds, expected it inside")
    }
    if let motion = node.components.dynamic { dynamic(at, node, motion, &check) }
  }

  private func inside(_ point: Vector3, _ field: String, _ what: String, _ check: inout FindingList) {
    let (low, high) = (space.boundsMin, space.boundsMax)
    let slack = 1e-6
    check.expect(
      point.x >= low.x - slack && point.x <= high.x + slack && point.y >= low.y - slack
        && point.y <= high.y + slack && point.z >= low.z - slack && point.z <= high.z + slack, field,
      "\(what) is at (\(point.x.short), \(point.y.short), \(point.z.short)), expected it inside the space's bounds"
    )
  }

  private func upright(
    _ world: Affine, _ size: Vector3, _ field: String, _ what: String, _ check: inout FindingList
  ) {
    check.expect(
      OrientedBox(standingOn: world, size: size) != nil, field,
      "\(what) leans or is sheared, expected it and the nodes above to turn about the vertical only")
  }

  private func dynamic(
    _ at: Int, _ node: NodeDefinition, _ motion: DynamicComponent, _ check: inout FindingList
  ) {
    let parent = hierarchy.parents[at]
    if parent >= 0, owners.owner[Int(parent)] >= 0 {
      check.add(
        "components.dynamic", "a moving node under another moving node, expected its parents to stand still")
    }
    upright(hierarchy.worlds[at], .one, "components.dynamic", "a moving node", &check)
    switch motion {
    case .path(let path):
      let frame = parent >= 0 ? hierarchy.worlds[Int(parent)] : .identity
      for (index, point) in path.points.enumerated() {
        inside(frame.point(point), "components.dynamic.points[\(index)]", "the point", &check)
      }
    case .door(let door):
      if case .slide(let way) = door.way {
        inside(
          hierarchy.worlds[at].point(way), "components.dynamic.slide", "the open door", &check)
      }
    case .turntable: break
    }
  }
}
