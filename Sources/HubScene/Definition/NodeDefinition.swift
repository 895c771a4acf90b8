/// How a node names its parent in the file.
public enum ParentReference: Sendable, Equatable {
  case root
  /// Nested: the index of the parent among the space's flattened nodes, always lower than the node's own.
  case index(Int)
  /// By id, anywhere in the space.
  case id(String)
}

/// A node as the file states it.
public struct NodeDefinition: Sendable {
  public var id: String
  public var parent: ParentReference
  public var transform: Transform
  public var title: LocalizedText?
  /// Text alternative.
  public var alt: LocalizedText?
  public var components: Components
  public var origin: Origin
  public init(
    id: String, parent: ParentReference = .root, transform: Transform = .identity,
    title: LocalizedText? = nil,
    alt: LocalizedText? = nil, components: Components = .init(), origin: Origin = .none
  ) {
    self.id = id
    self.parent = parent
    self.transform = transform
    self.title = title
    self.alt = alt
    self.components = components
    self.origin = origin
  }
}

/// The typed components of a node; each at most once.
public struct Components: Sendable {
  public var shape: ShapeComponent?
  public var model: ModelComponent?
  public var collider: ColliderComponent?
  public var area: AreaComponent?
  public var spawn: SpawnComponent?
  public var light: LightComponent?
  public var sign: SignComponent?
  public var exhibit: ExhibitComponent?
  public var board: BoardComponent?
  public var dynamic: DynamicComponent?
  public init() {}

  /// Whether the node means something to a participant and needs a text alternative.
  public var hasMeaning: Bool {
    area != nil || sign != nil || exhibit != nil || board != nil || dynamic != nil
  }
}

/// A coloured primitive; centred on the node in x and z, standing on its origin.
public struct ShapeComponent: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case box, cylinder, sphere, cone, plane }
  public enum Material: String, Sendable, CaseIterable {
    case matte, wood, metal, glass, fabric, grass, water, emissive
  }
  public var kind: Kind
  public var size: Vector3
  public var color: String
  public var material: Material
  public init(kind: Kind, size: Vector3, color: String = "#cccccc", material: Material = .matte) {
    self.kind = kind
    self.size = size
    self.color = color
    self.material = material
  }
}

/// A glTF asset of the manifest.
public struct ModelComponent: Sendable, Equatable {
  public var asset: String
  public init(asset: String) { self.asset = asset }
}

/// A box that bodies meet; stands on the node's origin.
public struct ColliderComponent: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Blocks bodies wherever it overlaps them.
    case solid
    /// Can be stepped onto where its top is at most 0.4 m above the feet; blocks like `solid` above that.
    case floor
    /// Like `floor`, its top rising from 0 at its +z side to its height at its -z side.
    case ramp
  }
  public var kind: Kind
  /// Nil: that of the node's shape.
  public var size: Vector3?
  public init(kind: Kind, size: Vector3? = nil) {
    self.kind = kind
    self.size = size
  }
}

/// A volume with a purpose; an upright box standing on the node's origin.
public struct AreaComponent: Sendable, Equatable {
  public enum Purpose: String, Sendable, CaseIterable { case voice, stage, bookable, quiet, portal, seat }
  public var purpose: Purpose
  public var size: Vector3
  public var locked: Bool
  /// People at once; nil: as many as the space holds.
  public var capacity: Int?
  /// Of a portal.
  public var to: Destination?
  /// How voice sounds in a voice or bookable area or on a stage; nil: as such places do by default.
  public var attenuation: Attenuation?
  public init(
    purpose: Purpose, size: Vector3, locked: Bool = false, capacity: Int? = nil, to: Destination? = nil,
    attenuation: Attenuation? = nil
  ) {
    self.purpose = purpose
    self.size = size
    self.locked = locked
    self.capacity = capacity
    self.to = to
    self.attenuation = attenuation
  }
}

/// A disc to arrive in; the node's yaw is the heading on arrival.
public struct SpawnComponent: Sendable, Equatable {
  public var radius: Double
  public init(radius: Double) { self.radius = radius }
}

/// For clients only.
public struct LightComponent: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable { case point, spot }
  public var kind: Kind
  public var color: String
  public var intensity: Double
  public var rangeMeters: Double
  public init(kind: Kind, color: String, intensity: Double, rangeMeters: Double) {
    self.kind = kind
    self.color = color
    self.intensity = intensity
    self.rangeMeters = rangeMeters
  }
}

/// A board with a text; width and height in metres.
public struct SignComponent: Sendable, Equatable {
  public var text: LocalizedText
  public var width: Double
  public var height: Double
  public init(text: LocalizedText, width: Double, height: Double) {
    self.text = text
    self.width = width
    self.height = height
  }
}

/// Something to look at and read about.
public struct ExhibitComponent: Sendable, Equatable {
  public var text: LocalizedText
  /// https only.
  public var link: String?
  /// An asset of the manifest.
  public var image: String?
  public init(text: LocalizedText, link: String? = nil, image: String? = nil) {
    self.text = text
    self.link = link
    self.image = image
  }
}

/// A surface for sticky notes: width and height in metres, centred on the node in x, its lower edge on the node's origin,
/// facing +z.
public struct BoardComponent: Sendable, Equatable {
  public var width: Double
  public var height: Double
  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }
}

/// A node that moves by itself, in the interest grid like an avatar.
public enum DynamicComponent: Sendable, Equatable {
  case door(DoorMotion)
  /// Turns left evenly about the vertical.
  case turntable(secondsPerTurn: Double)
  case path(PathMotion)
}

/// Opens when somebody is near; solid while closed.
public struct DoorMotion: Sendable, Equatable {
  public enum Way: Sendable, Equatable {
    /// Where the leaf slides, metres in the node's own axes.
    case slide(Vector3)
    /// How far the leaf swings about the node's origin; positive turns left.
    case swing(degrees: Double)
  }
  public var way: Way
  public var sensorMeters: Double
  public var secondsToOpen: Double
  public var holdSeconds: Double
  public var locked: Bool
  public init(
    way: Way, sensorMeters: Double = 2.5, secondsToOpen: Double = 1.2, holdSeconds: Double = 3,
    locked: Bool = false
  ) {
    self.way = way
    self.sensorMeters = sensorMeters
    self.secondsToOpen = secondsToOpen
    self.holdSeconds = holdSeconds
    self.locked = locked
  }
}

/// Runs along points given in the frame of the node's parent (they take the place of `position`). Rests at
/// the first point; a loop goes on from the last to the first, otherwise it rests at the last and runs back.
public struct PathMotion: Sendable, Equatable {
  public var points: [Vector3]
  public var metersPerSecond: Double
  public var dwellSeconds: Double
  public var loop: Bool
  public init(points: [Vector3], metersPerSecond: Double, dwellSeconds: Double = 0, loop: Bool = false) {
    self.points = points
    self.metersPerSecond = metersPerSecond
    self.dwellSeconds = dwellSeconds
    self.loop = loop
  }
}
