/// A world that has passed every check, ready to run: one ``Space`` for each of its definition's.
public struct World: Sendable {
  public let definition: WorldDefinition
  /// In the order of the file; after them their overflow instances (``SpaceDefinition/overflow``), in the same order.
  public var spaces: [Space]
  /// Where newcomers arrive.
  public let start: Arrival

  /// A destination resolved to indices.
  public struct Arrival: Sendable, Equatable {
    public var space: Int
    /// Index in the space's ``Space/spawns``.
    public var spawn: Int
    public init(space: Int, spawn: Int) {
      self.space = space
      self.spawn = spawn
    }
  }

  /// Checks the definition and builds its spaces.
  /// - Parameter assets: media types by id of the manifest's assets; nil leaves references to them unchecked.
  /// - Throws: ``WorldInvalid`` with everything that is wrong at once.
  public init(_ definition: WorldDefinition, assets: [String: String]? = nil) throws(WorldInvalid) {
    var findings = WorldValidator.findings(in: definition, assets: assets)
    guard findings.isEmpty else { throw WorldInvalid(findings: findings) }
    self.definition = definition
    spaces = definition.spaces.indices.map { Space(valid: definition.spaces[$0], index: $0) }
    findings = WorldValidator.spawnRoom(spaces)
    guard findings.isEmpty else { throw WorldInvalid(findings: findings) }
    for base in definition.spaces.indices {
      for number in 0..<definition.spaces[base].overflow {
        spaces.append(spaces[base].overflowing(number: number + 2, index: spaces.count))
      }
    }
    guard let start = Self.arrival(at: definition.start, spaces) else {
      preconditionFailure("a valid world has a start")
    }
    self.start = start
  }

  /// Index of the space with this id.
  public func space(named id: String) -> Int? { spaces.firstIndex { $0.id == id } }

  /// Indices of a destination's space and spawn.
  public func arrival(at destination: Destination) -> Arrival? { Self.arrival(at: destination, spaces) }

  private static func arrival(at destination: Destination, _ spaces: [Space]) -> Arrival? {
    guard let space = spaces.firstIndex(where: { $0.id == destination.space }),
      let spawn = spaces[space].spawns.firstIndex(where: { $0.nodeID == destination.spawn })
    else { return nil }
    return Arrival(space: space, spawn: spawn)
  }
}

/// What is wrong with a world's content, all at once.
public struct WorldInvalid: Error, Sendable {
  public let findings: [WorldFinding]
  public init(findings: [WorldFinding]) { self.findings = findings }
}

/// One thing that is wrong.
public struct WorldFinding: Sendable, Equatable {
  /// The definition it is about; ``Origin/none`` for the world itself.
  public var origin: Origin
  /// Where in that definition, as a path in the file's own words, e.g. `components.area.to.spawn`; may be
  /// empty.
  public var field: String
  /// What is wrong and what was expected.
  public var message: String
  public init(origin: Origin, field: String, message: String) {
    self.origin = origin
    self.field = field
    self.message = message
  }
}
