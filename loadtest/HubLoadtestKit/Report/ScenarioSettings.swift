import HubJSON

extension Scenario {
  /// The settings as a report tells them.
  var settings: JSONObject {
    JSONObject([
      .init("space", space.map { .string($0) } ?? .null),
      .init("moverShare", .number(style.moverShare)), .init("pauseMeanMs", .number(style.pauseMeanMs)),
      .init("clusters", .int(Int64(clusters))), .init("arrivalsPerSecond", .number(arrivalsPerSecond)),
      .init("settleSeconds", .number(settleSeconds)), .init("chatsPerMinute", .number(chatsPerMinute)),
      .init("leaveShare", .number(leaveShare)), .init("vanishShare", .number(vanishShare)),
      .init("resumeShare", .number(resumeShare)),
    ])
  }
}
