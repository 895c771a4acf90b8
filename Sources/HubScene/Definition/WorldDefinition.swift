/// A text in the two languages of the hub.
public struct LocalizedText: Sendable, Equatable {
  public var de: String
  public var en: String
  public init(de: String, en: String) {
    self.de = de
    self.en = en
  }
}

/// Where in the source text a definition came from: an index into the reader's table of paths. Opaque here.
public struct Origin: RawRepresentable, Sendable, Hashable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public static let none = Origin(rawValue: -1)
}

/// A place to arrive at: the id of a space and the id of a spawn node in it.
public struct Destination: Sendable, Equatable {
  public var space: String
  public var spawn: String
  public init(space: String, spawn: String) {
    self.space = space
    self.spawn = spawn
  }
}

/// A world file's content as plain values, read but not yet checked: see ``World/init(_:)``.
public struct WorldDefinition: Sendable {
  public var id: String
  public var title: LocalizedText
  public var description: LocalizedText
  /// Path of the assets manifest, relative to the world file.
  public var assetsPath: String?
  public var start: Destination
  /// Whether people come in by a name alone; else it takes an invitation or an account.
  public var admitsGuests: Bool
  public var spaces: [SpaceDefinition]
  public init(
    id: String, title: LocalizedText, description: LocalizedText, assetsPath: String? = nil,
    start: Destination, admitsGuests: Bool = true, spaces: [SpaceDefinition]
  ) {
    self.id = id
    self.title = title
    self.description = description
    self.assetsPath = assetsPath
    self.start = start
    self.admitsGuests = admitsGuests
    self.spaces = spaces
  }
}

/// One space: its own coordinates, scene graph and interest grid.
public struct SpaceDefinition: Sendable {
  public var id: String
  public var title: LocalizedText
  public var description: LocalizedText
  /// Corners of the box that holds everything, metres.
  public var boundsMin: Vector3
  public var boundsMax: Vector3
  /// Edge of a cell of the interest grid, metres.
  public var cellMeters: Double
  /// People at once.
  public var capacity: Int
  /// How many more of this space open, one after another, when it is full.
  public var overflow: Int
  public var environment: EnvironmentDefinition
  /// All nodes, nested ones flattened, parents before the children nested in them.
  public var nodes: [NodeDefinition]
  public var origin: Origin
  public init(
    id: String, title: LocalizedText, description: LocalizedText, boundsMin: Vector3, boundsMax: Vector3,
    cellMeters: Double = 8, capacity: Int = 300, overflow: Int = 0,
    environment: EnvironmentDefinition = .init(), nodes: [NodeDefinition] = [], origin: Origin = .none
  ) {
    self.id = id
    self.title = title
    self.description = description
    self.boundsMin = boundsMin
    self.boundsMax = boundsMax
    self.cellMeters = cellMeters
    self.capacity = capacity
    self.overflow = overflow
    self.environment = environment
    self.nodes = nodes
    self.origin = origin
  }

  /// Cells of the interest grid over the bounds: floor bands of 8 m on y; the grid begins at a multiple of 2
  /// cm on x and z and of 32 cm on y (docs/PROTOCOL.md).
  public var gridSize: (columns: Int, bands: Int, rows: Int) {
    func cells(_ low: Double, _ high: Double, edge: Double, multiple: Double) -> Int {
      let start = (low / multiple).rounded(.down) * multiple
      return Int(min(max(((high - start) / edge).rounded(.up), 1), 1e6))
    }
    return (
      cells(boundsMin.x, boundsMax.x, edge: cellMeters, multiple: 0.02),
      cells(boundsMin.y, boundsMax.y, edge: 8, multiple: 0.32),
      cells(boundsMin.z, boundsMax.z, edge: cellMeters, multiple: 0.02)
    )
  }
}

/// How a space looks: for clients only.
public struct EnvironmentDefinition: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case indoor, outdoor }
  public var kind: Kind
  /// Colours as `#rrggbb`.
  public var sky: String
  public var floor: String
  public var ambient: Double
  public var sunDirection: Vector3
  public init(
    kind: Kind = .indoor, sky: String = "#cfe8ff", floor: String = "#b8a58a", ambient: Double = 0.7,
    sunDirection: Vector3 = Vector3(0.4, -1, 0.3)
  ) {
    self.kind = kind
    self.sky = sky
    self.floor = floor
    self.ambient = ambient
    self.sunDirection = sunDirection
  }
}
