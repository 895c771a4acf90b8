import HubKernel

/// Everything that can be wrong with the meaning of a world, found in one pass. Syntax, types, missing and
/// unknown members are the reader's: it hands over plausible values in their place.
public enum WorldValidator {
  /// All but what can only be seen by walking in the built world (``World/init(_:assets:)`` adds that).
  /// - Parameter assets: media types by id of the manifest's assets; nil leaves references to them unchecked.
  public static func findings(in world: WorldDefinition, assets: [String: String]? = nil) -> [WorldFinding] {
    var check = FindingList()
    check.id(world.id, "id")
    // What is wrong with a single one is told there.
    func times(_ space: SpaceDefinition) -> Int { 1 + min(max(space.overflow, 0), WorldLimits.overflowMax) }
    let spaces = world.spaces.reduce(0) { $0 + times($1) }
    check.expect(
      (1...WorldLimits.spacesMax).contains(spaces), "spaces",
      "found \(spaces) spaces, expected 1 to \(WorldLimits.spacesMax), overflow ones counted")
    let nodes = world.spaces.reduce(0) { $0 + $1.nodes.count }
    let nodesMax = Limits().nodesPerWorldMax
    check.expect(
      nodes <= nodesMax, "spaces", "found \(nodes) nodes in all spaces, expected at most \(nodesMax)")
    let dynamics = world.spaces.reduce(0) {
      $0 + times($1) * $1.nodes.count { $0.components.dynamic != nil }
    }
    check.expect(
      dynamics <= WorldLimits.dynamicsMax, "spaces",
      "found \(dynamics) dynamic nodes in all spaces, expected at most \(WorldLimits.dynamicsMax)")

    var names: Set<String> = []
    for space in world.spaces {
      check.origin = space.origin
      if !space.id.isEmpty, !names.insert(space.id).inserted {
        check.add("id", "another space has the id \"\(space.id)\", expected a unique one")
      }
      SpaceValidator.check(space, assets: assets, &check)
    }
    destinations(world, &check)
    reachability(world, &check)
    return check.findings
  }

  /// Start and portals lead to spawns that exist.
  private static func destinations(_ world: WorldDefinition, _ check: inout FindingList) {
    func problem(_ to: Destination) -> (field: String, message: String)? {
      guard let space = world.spaces.first(where: { $0.id == to.space }) else {
        return ("space", "no space \"\(to.space)\", expected the id of a space of this world")
      }
      guard let node = space.nodes.first(where: { $0.id == to.spawn }) else {
        return ("spawn", "no node \"\(to.spawn)\" in space \"\(to.space)\", expected the id of a spawn")
      }
      guard node.components.spawn != nil else {
        return ("spawn", "node \"\(to.spawn)\" has no spawn component, expected the id of a spawn")
      }
      return nil
    }
    check.origin = .none
    if !world.spaces.isEmpty, let found = problem(world.start) {
      check.add("start.\(found.field)", found.message)
    }
    for space in world.spaces {
      for node in space.nodes {
        guard let area = node.components.area, area.purpose == .portal, let to = area.to else { continue }
        check.origin = node.origin
        if let found = problem(to) { check.add("components.area.to.\(found.field)", found.message) }
      }
    }
  }

  /// Every space can be walked to from the start.
  private static func reachability(_ world: WorldDefinition, _ check: inout FindingList) {
    var reached: Set<String> = [world.start.space]
    var queue = [world.start.space]
    while let id = queue.popLast() {
      for node in world.spaces.first(where: { $0.id == id })?.nodes ?? [] {
        guard let to = node.components.area?.to, reached.insert(to.space).inserted else { continue }
        queue.append(to.space)
      }
    }
    guard world.spaces.contains(where: { $0.id == world.start.space }) else { return }
    for space in world.spaces where !space.id.isEmpty && !reached.contains(space.id) {
      check.origin = space.origin
      check.add(
        "id", "no way of portals leads from the start to space \"\(space.id)\", expected at least one")
    }
  }

  /// In every spawn's disc somebody can stand: for spaces built from a world without findings.
  static func spawnRoom(_ spaces: [Space]) -> [WorldFinding] {
    var check = FindingList()
    for space in spaces {
      for node in space.definition.nodes where node.components.spawn != nil {
        guard let spawn = space.spawns.first(where: { $0.nodeID == node.id }) else { continue }
        var random = SeededRandom(seed: 1)
        if space.collision.freeSpot(near: spawn.position, radius: spawn.radius, random: &random) == nil {
          check.origin = node.origin
          check.add(
            "components.spawn",
            "nowhere to stand within \(spawn.radius.short) m, expected room for a body 0.6 m wide, 1.7 m high"
          )
        }
      }
    }
    return check.findings
  }
}

/// Limits of world files that no other part of the hub shares.
enum WorldLimits {
  /// Overflow instances among them.
  static let spacesMax = 64
  static let overflowMax = 8
  static let dynamicsMax = 256
  static let areasPerSpaceMax = 4096
  /// As many as a server can be told to take (`--sessions-max`).
  static let peoplePerSpaceMax = 20_000
  /// What feet climb: 50 degrees.
  static let rampSlopeMax = 1.2
  /// What the velocity of a pose can say.
  static let metersPerSecondMax = 7.5
}

/// Collects findings about one definition after another.
struct FindingList {
  var findings: [WorldFinding] = []
  var origin = Origin.none

  mutating func add(_ field: String, _ message: String) {
    findings.append(WorldFinding(origin: origin, field: field, message: message))
  }

  mutating func expect(_ holds: Bool, _ field: String, _ message: @autoclosure () -> String) {
    if !holds { add(field, message()) }
  }

  /// `[a-z0-9][a-z0-9-]{0,62}`; an empty id has been reported by the reader.
  mutating func id(_ id: String, _ field: String) {
    guard !id.isEmpty else { return }
    let isWord = id.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    expect(
      isWord && id.utf8.count <= 63 && id.utf8.first != 0x2d, field,
      "found \"\(id)\", expected 1 to 63 of a-z, 0-9 and -, not beginning with -")
  }

  mutating func range(_ value: Double, _ range: ClosedRange<Double>, _ field: String, _ unit: String = "") {
    expect(
      range.contains(value), field,
      "found \(value.short), expected \(range.lowerBound.short) to \(range.upperBound.short)\(unit)")
  }

  mutating func vector(_ v: Vector3, _ range: ClosedRange<Double>, _ field: String, _ unit: String = "") {
    self.range(v.x, range, "\(field)[0]", unit)
    self.range(v.y, range, "\(field)[1]", unit)
    self.range(v.z, range, "\(field)[2]", unit)
  }

  /// - Parameter flat: whether the height may be 0.
  mutating func size(_ size: Vector3, _ field: String, flat: Bool = false) {
    range(size.x, 0.001...8192, "\(field)[0]", " m")
    range(size.y, (flat ? 0 : 0.001)...8192, "\(field)[1]", " m")
    range(size.z, 0.001...8192, "\(field)[2]", " m")
  }

  mutating func color(_ color: String, _ field: String) {
    let digits = color.utf8.dropFirst()
    let isHex = digits.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
    }
    expect(
      color.utf8.first == 0x23 && digits.count == 6 && isHex, field,
      "found \"\(color)\", expected a colour as #rrggbb")
  }
}

extension Double {
  /// Whole numbers without ".0".
  var short: String {
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
