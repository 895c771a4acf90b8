/// The checks of one node by itself.
enum NodeValidator {
  static func check(_ node: NodeDefinition, assets: [String: String]?, _ check: inout FindingList) {
    let transform = node.transform
    check.vector(transform.position, -8192...8192, "position", " m")
    if transform.scale.x == transform.scale.y, transform.scale.y == transform.scale.z {
      check.range(transform.scale.x, 0.001...1000, "scale")
    } else {
      check.vector(transform.scale, 0.001...1000, "scale")
    }
    let length = transform.rotation.lengthSquared
    check.expect(
      (length - 1).magnitude <= 1e-3, "rotation",
      "found a quaternion of length \(length.squareRoot().short), expected length 1")
    if node.components.hasMeaning, node.alt == nil {
      check.add("", "node \"\(node.id)\" means something to people, expected \"alt\" with \"de\" and \"en\"")
    }
    let components = node.components
    if let shape = components.shape {
      check.size(shape.size, "components.shape.size", flat: shape.kind == .plane)
      check.color(shape.color, "components.shape.color")
    }
    if let model = components.model {
      asset(model.asset, "components.model.asset", "model/", "a model", assets, &check)
    }
    if let collider = components.collider {
      if let size = collider.size {
        check.size(size, "components.collider.size")
      } else if let shape = components.shape {
        check.expect(
          shape.size.y > 0, "components.collider",
          "no size, and the node's shape has no height, expected \"size\"")
      } else {
        check.add("components.collider", "no size and no shape to take it from, expected \"size\"")
      }
    }
    if let area = components.area { self.area(area, &check) }
    if let spawn = components.spawn { check.range(spawn.radius, 0...50, "components.spawn.radius", " m") }
    if let light = components.light {
      check.color(light.color, "components.light.color")
      check.range(light.intensity, 0...1000, "components.light.intensity")
      check.range(light.rangeMeters, 0...1000, "components.light.rangeMeters", " m")
    }
    if let sign = components.sign {
      check.range(sign.width, 0.01...100, "components.sign.size[0]", " m")
      check.range(sign.height, 0.01...100, "components.sign.size[1]", " m")
    }
    if let exhibit = components.exhibit {
      if let link = exhibit.link { self.link(link, &check) }
      if let image = exhibit.image {
        asset(image, "components.exhibit.image", "image/", "an image", assets, &check)
      }
    }
    if let board = components.board {
      check.range(board.width, 0.3...20, "components.board.size[0]", " m")
      check.range(board.height, 0.3...20, "components.board.size[1]", " m")
    }
    if let motion = components.dynamic { dynamic(motion, &check) }
  }

  private static func asset(
    _ id: String, _ field: String, _ family: String, _ what: String, _ assets: [String: String]?,
    _ check: inout FindingList
  ) {
    check.id(id, field)
    guard let assets else { return }
    guard let mediaType = assets[id] else {
      return check.add(field, "no asset \"\(id)\" in the manifest, expected the id of one")
    }
    check.expect(
      mediaType.hasPrefix(family), field, "asset \"\(id)\" is \(mediaType), expected \(what) (\(family)…)")
  }

  private static func area(_ area: AreaComponent, _ check: inout FindingList) {
    check.size(area.size, "components.area.size")
    if let capacity = area.capacity {
      check.expect(
        (1...4096).contains(capacity), "components.area.capacity",
        "found \(capacity), expected 1 to 4096 people")
      check.expect(
        area.purpose != .seat || capacity == 1, "components.area.capacity",
        "found \(capacity) on a seat, expected 1 or none: a seat holds one person")
    }
    if area.purpose == .portal {
      check.expect(area.to != nil, "components.area", "a portal without \"to\", expected a space and a spawn")
    } else {
      check.expect(
        area.to == nil, "components.area.to",
        "\"to\" on an area for \(area.purpose.rawValue), expected it on portals only")
    }
    if let heard = area.attenuation { attenuation(heard, in: area.purpose, &check) }
  }

  private static func attenuation(
    _ heard: Attenuation, in purpose: AreaComponent.Purpose, _ check: inout FindingList
  ) {
    let field = "components.area.attenuation"
    check.expect(
      [.voice, .bookable, .stage].contains(purpose), field,
      "\"attenuation\" on an area for \(purpose.rawValue), expected it where people speak: voice, bookable, stage"
    )
    check.range(heard.referenceMeters, 0.1...100, field + ".referenceMeters", " m")
    check.range(heard.rolloff, 0...(heard.model == .linear ? 1 : 10), field + ".rolloff")
    check.expect(
      (1...200).contains(heard.maxMeters), field + ".maxMeters",
      "found \(heard.maxMeters), expected 1 to 200 m")
    check.expect(
      heard.referenceMeters < Double(heard.maxMeters), field + ".maxMeters",
      "found \(heard.maxMeters) m, expected more than referenceMeters (\(heard.referenceMeters.short) m)")
  }

  private static func link(_ link: String, _ check: inout FindingList) {
    let isPlain = link.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x3c && $0 != 0x3e }
    check.expect(
      link.hasPrefix("https://") && link.utf8.count > 8 && link.utf8.count <= 2048 && isPlain,
      "components.exhibit.link", "found \"\(link)\", expected an address that begins with https://")
  }

  private static func dynamic(_ motion: DynamicComponent, _ check: inout FindingList) {
    let fastest = WorldLimits.metersPerSecondMax
    switch motion {
    case .door(let door):
      check.range(door.sensorMeters, 0...20, "components.dynamic.sensorMeters", " m")
      check.range(door.secondsToOpen, 0.1...60, "components.dynamic.secondsToOpen", " s")
      check.range(door.holdSeconds, 0...600, "components.dynamic.holdSeconds", " s")
      switch door.way {
      case .slide(let way):
        check.expect(
          way.length >= 0.01 && way.length <= 20, "components.dynamic.slide",
          "found a way of \(way.length.short) m, expected 0.01 to 20 m")
        check.expect(
          way.length / max(door.secondsToOpen, 0.1) <= fastest, "components.dynamic.secondsToOpen",
          "the door moves faster than \(fastest) m/s, expected more seconds")
      case .swing(let degrees):
        check.range(degrees, -180...180, "components.dynamic.swingDegrees", " degrees")
        check.expect(
          degrees != 0, "components.dynamic.swingDegrees", "found 0, expected an angle to swing by")
      }
    case .turntable(let seconds):
      check.range(seconds, 1...3600, "components.dynamic.secondsPerTurn", " s")
    case .path(let path):
      check.expect(
        (2...256).contains(path.points.count), "components.dynamic.points",
        "found \(path.points.count) points, expected 2 to 256")
      for (index, point) in path.points.enumerated() {
        check.vector(point, -8192...8192, "components.dynamic.points[\(index)]", " m")
        if index > 0 {
          check.expect(
            (point - path.points[index - 1]).length >= 0.01, "components.dynamic.points[\(index)]",
            "the same point as the one before, expected at least 0.01 m between them")
        }
      }
      check.range(path.metersPerSecond, 0.1...fastest, "components.dynamic.metersPerSecond", " m/s")
      check.range(path.dwellSeconds, 0...600, "components.dynamic.dwellSeconds", " s")
    }
  }
}
