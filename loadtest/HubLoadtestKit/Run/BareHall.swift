import HubJSON

/// A square hall with nothing in it, of any size: for sweeps over numbers of people and densities.
public enum BareHall {
  public static let sideMeters = 8.0...500.0
  /// How many places for talking fit, each at least 2 m wide.
  public static func voiceAreas(sideMeters side: Double) -> ClosedRange<Int> {
    let perRow = Int(side / 3)
    return 0...min(perRow * perRow, 1000)
  }

  /// A world file's text. The space is called `event-hall`, so that the hall scenarios run in it.
  /// - Parameters:
  ///   - sideMeters: inner side; within ``sideMeters``.
  ///   - capacity: people it takes.
  ///   - voiceAreas: square places for talking, side by side in a grid with a metre between them; within
  ///     ``voiceAreas(sideMeters:)``.
  public static func worldText(sideMeters side: Double, capacity: Int, voiceAreas: Int = 0) -> [UInt8] {
    precondition(sideMeters.contains(side) && Self.voiceAreas(sideMeters: side).contains(voiceAreas))
    func both(_ de: String, _ en: String) -> JSONValue { object([("de", .string(de)), ("en", .string(en))]) }
    func object(_ members: [(String, JSONValue)]) -> JSONValue {
      .object(JSONObject(members.map { .init($0.0, $0.1) }))
    }
    func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .real($0) }) }
    let half = side / 2
    let spawn = object([
      ("id", .string("entrance")), ("position", numbers([0, 0, 0])),
      ("components", object([("spawn", object([("radius", .real(min(50, max(1, half - 2))))]))])),
    ])
    let perRow = (1...).first { $0 * $0 >= voiceAreas } ?? 1
    let pitch = side / Double(perRow)
    let areas = (0..<voiceAreas).map { number in
      func middle(_ index: Int) -> Double { (Double(index) + 0.5) * pitch - half }
      let size = numbers([pitch - 1, 3, pitch - 1])
      return object([
        ("id", .string("talk-\(number + 1)")),
        ("position", numbers([middle(number % perRow), 0, middle(number / perRow)])),
        ("title", both("Gespräch \(number + 1)", "Talk \(number + 1)")),
        ("alt", both("Ein Platz zum Reden.", "A place for talking.")),
        ("components", object([("area", object([("purpose", .string("voice")), ("size", size)]))])),
      ])
    }
    let space = object([
      ("id", .string("event-hall")), ("title", both("Leere Halle", "Bare hall")),
      ("description", both("Eine leere Halle zum Messen.", "An empty hall for measuring.")),
      ("bounds", object([("min", numbers([-half, -1, -half])), ("max", numbers([half, 7, half]))])),
      ("capacity", .int(Int64(capacity))), ("nodes", .array([spawn] + areas)),
    ])
    let world = object([
      ("format", .int(1)), ("id", .string("bare-hall")), ("title", both("Leere Halle", "Bare hall")),
      ("description", both("Eine leere Halle zum Messen.", "An empty hall for measuring.")),
      ("start", object([("space", .string("event-hall")), ("spawn", .string("entrance"))])),
      ("spaces", .array([space])),
    ])
    do throws(JSONError) {
      return try JSON.write(world, indent: 2) + [0x0A]
    } catch {
      preconditionFailure("finite numbers: \(error)")
    }
  }
}
