import HubJSON
import HubScene

/// A world file's document as plain values. What does not fit is noted and replaced by something harmless, so
/// that the checks of meaning can go on.
struct WorldReader {
  let findings = DocumentFindings()
  /// Paths of definitions: what their ``Origin`` indexes.
  private(set) var origins: [JSONPath] = []

  mutating func read(_ document: JSONValue) -> WorldDefinition {
    let root = ValueReader(value: document, path: .root, findings: findings)
    let object = root.object(known: [
      "$schema", "format", "id", "title", "description", "assets", "start", "guests", "spaces",
    ])
    _ = object?.optional("$schema")?.string()
    if let format = object?.required("format")?.integer(), format != 1 {
      findings.add(JSONPath.root.appending(key: "format"), "found format \(format), expected 1")
    }
    let start = object?.required("start").map(Self.destination)
    return WorldDefinition(
      id: object?.required("id")?.string() ?? "",
      title: Self.text(object?.required("title"), scalarsMax: 100),
      description: Self.text(object?.required("description")),
      assetsPath: object?.optional("assets")?.string(),
      start: start ?? Destination(space: "", spawn: ""),
      admitsGuests: object?.optional("guests")?.bool() ?? true,
      spaces: object?.required("spaces")?.array()?.map { readSpace($0) } ?? [])
  }

  private mutating func note(_ path: JSONPath) -> Origin {
    origins.append(path)
    return Origin(rawValue: Int32(origins.count - 1))
  }

  private mutating func readSpace(_ reader: ValueReader) -> SpaceDefinition {
    let object = reader.object(known: [
      "id", "title", "description", "bounds", "cellMeters", "capacity", "overflow", "environment", "nodes",
    ])
    let bounds = object?.required("bounds")?.object(known: ["min", "max"])
    var space = SpaceDefinition(
      id: object?.required("id")?.string() ?? "",
      title: Self.text(object?.required("title"), scalarsMax: 100),
      description: Self.text(object?.required("description")),
      boundsMin: Self.vector(bounds?.required("min")) ?? Vector3(-4096, 0, -4096),
      boundsMax: Self.vector(bounds?.required("max")) ?? Vector3(-4096, 0, -4096),
      origin: note(reader.path))
    if bounds?.object["min"] == nil || bounds?.object["max"] == nil {
      // Already told; anything that holds the nodes will do.
      (space.boundsMin, space.boundsMax) = (Vector3(-200, -1, -200), Vector3(200, 9, 200))
    }
    space.cellMeters = object?.optional("cellMeters")?.number() ?? 8
    space.capacity = object?.optional("capacity")?.integer() ?? 300
    space.overflow = object?.optional("overflow")?.integer() ?? 0
    if let environment = object?.optional("environment") { space.environment = Self.environment(environment) }
    for node in object?.optional("nodes")?.array() ?? [] { readNode(node, parent: .root, into: &space.nodes) }
    return space
  }

  private static func environment(_ reader: ValueReader) -> EnvironmentDefinition {
    var environment = EnvironmentDefinition()
    let object = reader.object(known: ["kind", "sky", "floor", "ambient", "sunDirection"])
    if let kind = object?.optional("kind")?.word(EnvironmentDefinition.Kind.self) { environment.kind = kind }
    if let sky = object?.optional("sky")?.string() { environment.sky = sky }
    if let floor = object?.optional("floor")?.string() { environment.floor = floor }
    if let ambient = object?.optional("ambient")?.number() { environment.ambient = ambient }
    if let sun = vector(object?.optional("sunDirection")) { environment.sunDirection = sun }
    return environment
  }

  /// Depth is bounded by the document's.
  private mutating func readNode(
    _ reader: ValueReader, parent: ParentReference, into nodes: inout [NodeDefinition]
  ) {
    let object = reader.object(known: [
      "id", "parent", "position", "yawDegrees", "rotation", "scale", "title", "alt", "components", "children",
    ])
    var node = NodeDefinition(
      id: object?.required("id")?.string() ?? "", parent: parent, origin: note(reader.path))
    if let named = object?.optional("parent"), let id = named.string() {
      if parent == .root {
        node.parent = .id(id)
      } else {
        findings.add(
          named.path, "\"parent\" on a node inside \"children\", expected one or the other", atKey: true)
      }
    }
    if let object { node.transform = transform(object) }
    node.title = object?.optional("title").map { Self.text($0, scalarsMax: 100) }
    node.alt = object?.optional("alt").map { Self.text($0) }
    if let components = object?.optional("components") { node.components = ComponentReader.read(components) }
    let index = nodes.count
    nodes.append(node)
    for child in object?.optional("children")?.array() ?? [] {
      readNode(child, parent: .index(index), into: &nodes)
    }
  }

  private func transform(_ object: ObjectReader) -> Transform {
    var transform = Transform()
    if let position = Self.vector(object.optional("position")) { transform.position = position }
    if let yaw = object.optional("yawDegrees"), let degrees = yaw.number() {
      if object.object["rotation"] != nil {
        findings.add(yaw.path, "\"yawDegrees\" beside \"rotation\", expected one or the other", atKey: true)
      }
      if (-36000...36000).contains(degrees) {
        transform.rotation = Quaternion(yawDegrees: degrees)
      } else {
        findings.add(yaw.path, "found \(degrees), expected -36000 to 36000 degrees")
      }
    } else if let q = object.optional("rotation")?.numbers(4) {
      transform.rotation = Quaternion(q[0], q[1], q[2], q[3])
    }
    if let scale = object.optional("scale") {
      switch scale.value {
      case .int, .real: transform.scale = scale.number().map { Vector3($0, $0, $0) } ?? .one
      default: transform.scale = Self.vector(scale) ?? .one
      }
    }
    return transform
  }

  // MARK: - Parts shared with components

  static func vector(_ reader: ValueReader?) -> Vector3? {
    reader?.numbers(3).map { Vector3($0[0], $0[1], $0[2]) }
  }

  static func destination(_ reader: ValueReader) -> Destination {
    let object = reader.object(known: ["space", "spawn"])
    return Destination(
      space: object?.required("space")?.string() ?? "", spawn: object?.required("spawn")?.string() ?? "")
  }

  /// Both languages, each with words in it.
  static func text(_ reader: ValueReader?, scalarsMax: Int = 4000) -> LocalizedText {
    let object = reader?.object(known: ["de", "en"])
    return LocalizedText(
      de: object?.required("de")?.text(scalarsMax: scalarsMax) ?? "",
      en: object?.required("en")?.text(scalarsMax: scalarsMax) ?? "")
  }
}
