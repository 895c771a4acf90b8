import HubJSON

/// A square hall with nothing in it, of any size: for sweeps over numbers of people and densities.
public enum BareHall {
  public static let sideMeters = 8.0...500.0

  /// A world file's text. The space is called `event-hall`, so that the hall scenarios run in it.
  /// - Parameters:
  ///   - sideMeters: inner side; within ``sideMeters``.
  ///   - capacity: people it takes.
  public static func worldText(sideMeters side: Double, capacity: Int) -> [UInt8] {
    precondition(sideMeters.contains(side))
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
    let space = object([
      ("id", .string("event-hall")), ("title", both("Leere Halle", "Bare hall")),
      ("description", both("Eine leere Halle zum Messen.", "An empty hall for measuring.")),
      ("bounds", object([("min", numbers([-half, -1, -half])), ("max", numbers([half, 7, half]))])),
      ("capacity", .int(Int64(capacity))), ("nodes", .array([spawn])),
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
