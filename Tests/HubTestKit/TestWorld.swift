import HubKernel
public import HubScene

/// A small world for tests: a hall with a wall, a stage, a seat, a locked store, a door and a portal into a yard,
/// where a turntable turns and a portal leads back. Units are metres; the hall is 40 by 40.
public enum TestWorld {
  public static func text(_ english: String) -> LocalizedText {
    LocalizedText(de: english + " (de)", en: english)
  }

  public static func make() throws -> World { try World(definition()) }

  public static func definition(hallCapacity: Int = 300, yardCapacity: Int = 50) -> WorldDefinition {
    WorldDefinition(
      id: "test-world", title: text("Test world"), description: text("For tests"),
      start: Destination(space: "hall", spawn: "entrance"),
      spaces: [hall(capacity: hallCapacity), yard(capacity: yardCapacity)])
  }

  private static func hall(capacity: Int) -> SpaceDefinition {
    SpaceDefinition(
      id: "hall", title: text("Hall"), description: text("A hall"), boundsMin: Vector3(-20, -1, -20),
      boundsMax: Vector3(20, 9, 20), capacity: capacity,
      nodes: [
        node("entrance", Vector3(0, 0, 15)) { $0.spawn = SpawnComponent(radius: 1.5) },
        node("from-yard", Vector3(-15, 0, 0)) { $0.spawn = SpawnComponent(radius: 1) },
        node("wall", Vector3(8, 0, 0)) {
          $0.collider = ColliderComponent(kind: .solid, size: Vector3(0.2, 3, 10))
        },
        node("stage", Vector3(0, 0, -15)) {
          $0.area = AreaComponent(purpose: .stage, size: Vector3(10, 4, 6))
        },
        node("corner", Vector3(-14, 0, 12)) {
          $0.area = AreaComponent(
            purpose: .voice, size: Vector3(6, 3, 6), capacity: 2,
            attenuation: Attenuation(model: .linear, referenceMeters: 2, maxMeters: 12))
        },
        node("store", Vector3(15, 0, -15)) {
          $0.area = AreaComponent(purpose: .quiet, size: Vector3(6, 3, 6), locked: true)
        },
        node("pinboard", Vector3(0, 0.8, 19.8)) { $0.board = BoardComponent(width: 3, height: 1.2) },
        node("seat-1", Vector3(5, 0, 10)) {
          $0.area = AreaComponent(purpose: .seat, size: Vector3(0.6, 1.5, 0.6))
        },
        node("to-yard", Vector3(-19, 0, 0)) {
          $0.area = AreaComponent(
            purpose: .portal, size: Vector3(1, 3, 3), to: Destination(space: "yard", spawn: "gate"))
        },
        node("door", Vector3(15, 0, 10)) {
          $0.collider = ColliderComponent(kind: .solid, size: Vector3(2, 2.2, 0.1))
          $0.dynamic = .door(DoorMotion(way: .slide(Vector3(2, 0, 0))))
        },
      ])
  }

  private static func yard(capacity: Int) -> SpaceDefinition {
    SpaceDefinition(
      id: "yard", title: text("Yard"), description: text("A yard"), boundsMin: Vector3(-30, -1, -30),
      boundsMax: Vector3(30, 9, 30), capacity: capacity, environment: EnvironmentDefinition(kind: .outdoor),
      nodes: [
        node("gate", Vector3(0, 0, 10)) { $0.spawn = SpawnComponent(radius: 1) },
        node("to-hall", Vector3(0, 0, 20)) {
          $0.area = AreaComponent(
            purpose: .portal, size: Vector3(3, 3, 1), to: Destination(space: "hall", spawn: "from-yard"))
        },
        node("turntable", Vector3(10, 0, 0)) { $0.dynamic = .turntable(secondsPerTurn: 12) },
      ])
  }

  private static func node(_ id: String, _ position: Vector3, _ fill: (inout Components) -> Void)
    -> NodeDefinition
  {
    var components = Components()
    fill(&components)
    return NodeDefinition(
      id: id, transform: Transform(position: position), title: text(id), alt: text("This is " + id),
      components: components)
  }
}
