import HubJSON
import HubScene

/// The components of a node; see ``WorldReader``. A component that cannot be read is left out: told once.
enum ComponentReader {
  static func read(_ reader: ValueReader) -> Components {
    var components = Components()
    guard
      let object = reader.object(known: [
        "shape", "model", "collider", "area", "spawn", "light", "sign", "exhibit", "board",
        "dynamic",
      ])
    else { return components }
    components.shape = object.optional("shape").flatMap(shape)
    components.model = object.optional("model").flatMap(model)
    components.collider = object.optional("collider").flatMap(collider)
    components.area = object.optional("area").flatMap(area)
    components.spawn = object.optional("spawn").flatMap(spawn)
    components.light = object.optional("light").flatMap(light)
    components.sign = object.optional("sign").flatMap(sign)
    components.exhibit = object.optional("exhibit").flatMap(exhibit)
    components.board = object.optional("board").flatMap(board)
    components.dynamic = object.optional("dynamic").flatMap(dynamic)
    return components
  }

  private static func shape(_ reader: ValueReader) -> ShapeComponent? {
    let object = reader.object(known: ["kind", "size", "color", "material"])
    let kind = object?.required("kind")?.word(ShapeComponent.Kind.self)
    let size = WorldReader.vector(object?.required("size"))
    let color = object?.optional("color")?.string()
    let material = object?.optional("material")?.word(ShapeComponent.Material.self)
    guard let kind, let size else { return nil }
    return ShapeComponent(kind: kind, size: size, color: color ?? "#cccccc", material: material ?? .matte)
  }

  private static func model(_ reader: ValueReader) -> ModelComponent? {
    reader.object(known: ["asset"])?.required("asset")?.string().map(ModelComponent.init(asset:))
  }

  private static func collider(_ reader: ValueReader) -> ColliderComponent? {
    let object = reader.object(known: ["kind", "size"])
    let kind = object?.required("kind")?.word(ColliderComponent.Kind.self)
    let size = object?.optional("size")
    let vector = WorldReader.vector(size)
    guard let kind, size == nil || vector != nil else { return nil }
    return ColliderComponent(kind: kind, size: vector)
  }

  private static func area(_ reader: ValueReader) -> AreaComponent? {
    let object = reader.object(known: ["purpose", "size", "locked", "capacity", "to", "attenuation"])
    let purpose = object?.required("purpose")?.word(AreaComponent.Purpose.self)
    let size = WorldReader.vector(object?.required("size"))
    let locked = object?.optional("locked")?.bool() ?? false
    let capacity = object?.optional("capacity")?.integer()
    let to = object?.optional("to").map(WorldReader.destination)
    let heard = object?.optional("attenuation")
    let attenuation = heard.flatMap(attenuation)
    guard let purpose, let size, heard == nil || attenuation != nil else { return nil }
    return AreaComponent(
      purpose: purpose, size: size, locked: locked, capacity: capacity, to: to, attenuation: attenuation)
  }

  private static func attenuation(_ reader: ValueReader) -> Attenuation? {
    let object = reader.object(known: ["model", "referenceMeters", "rolloff", "maxMeters"])
    let model = object?.required("model")?.word(Attenuation.Model.self)
    let reference = object?.optional("referenceMeters")?.number()
    let rolloff = object?.optional("rolloff")?.number()
    let maxMeters = object?.optional("maxMeters")?.integer()
    return model.map {
      Attenuation(model: $0, referenceMeters: reference, rolloff: rolloff, maxMeters: maxMeters)
    }
  }

  private static func spawn(_ reader: ValueReader) -> SpawnComponent? {
    reader.object(known: ["radius"])?.required("radius")?.number().map(SpawnComponent.init(radius:))
  }

  private static func light(_ reader: ValueReader) -> LightComponent? {
    let object = reader.object(known: ["kind", "color", "intensity", "rangeMeters"])
    let kind = object?.required("kind")?.word(LightComponent.Kind.self)
    let color = object?.optional("color")?.string()
    let intensity = object?.optional("intensity")?.number()
    let range = object?.optional("rangeMeters")?.number()
    guard let kind else { return nil }
    return LightComponent(
      kind: kind, color: color ?? "#ffffff", intensity: intensity ?? 1, rangeMeters: range ?? 10)
  }

  private static func sign(_ reader: ValueReader) -> SignComponent? {
    let object = reader.object(known: ["text", "size"])
    let text = object?.required("text")
    let localized = WorldReader.text(text)
    guard let size = object?.required("size")?.numbers(2), text != nil else { return nil }
    return SignComponent(text: localized, width: size[0], height: size[1])
  }

  private static func exhibit(_ reader: ValueReader) -> ExhibitComponent? {
    let object = reader.object(known: ["text", "link", "image"])
    let text = object?.required("text")
    let localized = WorldReader.text(text)
    let link = object?.optional("link")?.string()
    let image = object?.optional("image")?.string()
    guard text != nil else { return nil }
    return ExhibitComponent(text: localized, link: link, image: image)
  }

  private static func board(_ reader: ValueReader) -> BoardComponent? {
    let object = reader.object(known: ["size"])
    guard let size = object?.required("size")?.numbers(2) else { return nil }
    return BoardComponent(width: size[0], height: size[1])
  }

  // MARK: - Motion

  private enum Motion: String, CaseIterable { case door, turntable, path }

  private static func dynamic(_ reader: ValueReader) -> DynamicComponent? {
    // Which keys belong depends on the motion; without one, any of them may.
    guard case .object(let members) = reader.value else {
      _ = reader.object(known: [])
      return nil
    }
    let known: [Motion: [String]] = [
      .door: ["slide", "swingDegrees", "sensorMeters", "secondsToOpen", "holdSeconds", "locked"],
      .turntable: ["secondsPerTurn"],
      .path: ["points", "metersPerSecond", "dwellSeconds", "loop"],
    ]
    let named: Motion? =
      if case .string(let word) = members["motion"] { Motion(rawValue: word) } else { nil }
    let keys = named.map { known[$0] ?? [] } ?? Motion.allCases.flatMap { known[$0] ?? [] }
    guard let object = reader.object(known: ["motion"] + keys) else { return nil }
    switch object.required("motion")?.word(Motion.self) {
    case .door: return door(object).map(DynamicComponent.door)
    case .turntable:
      return object.required("secondsPerTurn")?.number().map(DynamicComponent.turntable(secondsPerTurn:))
    case .path: return path(object).map(DynamicComponent.path)
    case nil: return nil
    }
  }

  private static func door(_ object: ObjectReader) -> DoorMotion? {
    object.exactlyOne(of: ["slide", "swingDegrees"])
    let slide = WorldReader.vector(object.optional("slide")).map(DoorMotion.Way.slide)
    let swing = object.optional("swingDegrees")?.number().map(DoorMotion.Way.swing(degrees:))
    let sensor = object.optional("sensorMeters")?.number()
    let opening = object.optional("secondsToOpen")?.number()
    let hold = object.optional("holdSeconds")?.number()
    let locked = object.optional("locked")?.bool()
    guard let way = slide ?? swing else { return nil }
    return DoorMotion(
      way: way, sensorMeters: sensor ?? 2.5, secondsToOpen: opening ?? 1.2, holdSeconds: hold ?? 3,
      locked: locked ?? false)
  }

  private static func path(_ object: ObjectReader) -> PathMotion? {
    let points = object.required("points")?.array()
    let vectors = points?.map { WorldReader.vector($0) }
    let speed = object.required("metersPerSecond")?.number()
    let dwell = object.optional("dwellSeconds")?.number()
    let loop = object.optional("loop")?.bool()
    guard let vectors, let speed, !vectors.contains(where: { $0 == nil }) else { return nil }
    return PathMotion(
      points: vectors.compactMap(\.self), metersPerSecond: speed, dwellSeconds: dwell ?? 0,
      loop: loop ?? false)
  }
}
