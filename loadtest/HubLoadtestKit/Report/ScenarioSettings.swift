import HubJSON

extension Scenario {
  /// The settings as a report tells them: in the words of the scenario files.
  var settings: JSONObject {
    func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
      .object(JSONObject(members.map { .init($0.key, $0.value) }))
    }
    var members: [JSONObject.Member] = []
    func add(_ key: String, _ value: JSONValue?) { if let value { members.append(.init(key, value)) } }
    add("space", space.map { .string($0) })
    add(
      "arrivals",
      object([
        "curve": .string(arrivalCurve.rawValue), "perSecond": .number(arrivalsPerSecond),
        "groupMax": .int(Int64(arrivalGroupMax)), "settleSeconds": .number(settleSeconds),
      ]))
    if clusters > 0 {
      add("starts", object(["clusters": .int(Int64(clusters)), "spreadMeters": .number(clusterMeters)]))
    }
    var motion = JSONObject([
      .init("moverShare", .number(style.moverShare)), .init("runnerShare", .number(style.runnerShare)),
      .init("walkMetersPerSecond", .number(style.walkMetersPerSecond)),
      .init("runMetersPerSecond", .number(style.runMetersPerSecond)),
      .init("pauseMeanSeconds", .number(style.pauseMeanMs / 1000)),
      .init("looksPerSecond", .number(style.looksPerSecond)),
      .init("legMetersMax", .number(style.legMetersMax)),
      .init("portalChance", .number(style.portalChance)), .init("sways", .bool(style.sways)),
    ])
    if let spaces = style.portalsTo { motion["portalsTo"] = .array(spaces.map { .string($0) }) }
    add("motion", .object(motion))
    add("chat", object(["perMinute": .number(chatsPerMinute)]))
    add(
      "voice",
      voice.map {
        object([
          "share": .number($0.share), "candidates": .int(Int64($0.candidates)),
          "glareShare": .number($0.glareShare), "restartsPerMinute": .number($0.restartsPerMinute),
        ])
      })
    add(
      "departures",
      object([
        "leaveShare": .number(leaveShare), "vanishShare": .number(vanishShare),
        "resumeShare": .number(resumeShare),
      ]))
    add(
      "storm",
      storm.map {
        object([
          "share": .number($0.share), "atSeconds": .number($0.atSeconds),
          "jitterSeconds": .number($0.jitterSeconds),
        ])
      })
    add(
      "readers",
      readers.map {
        object([
          "slowShare": .number($0.slowShare), "slowBytesPerSecond": .number($0.slowBytesPerSecond),
          "stalledShare": .number($0.stalledShare), "stallSeconds": .number($0.stallSeconds),
        ])
      })
    add(
      "hostile",
      hostile.map {
        object([
          "share": .number($0.share), "kinds": .array($0.kinds.map { .string($0.rawValue) }),
          "perSecond": .number($0.perSecond),
        ])
      })
    return JSONObject(members)
  }
}
