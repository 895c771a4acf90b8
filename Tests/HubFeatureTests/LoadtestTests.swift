import Foundation
import HubJSON
import HubLoadtestKit
import Testing

/// The load tester against a real server: few bots, few seconds; no figure of speed is asserted.
@Suite struct LoadtestTests {
  /// Runs on a thread of its own: the socket loop blocks it.
  static func run(
    _ options: LoadtestOptions, say: @escaping @Sendable (String) -> Void = { _ in }
  ) async -> Result<LoadtestReport, LoadtestError> {
    await withCheckedContinuation { continuation in
      Thread {
        do throws(LoadtestError) {
          continuation.resume(returning: .success(try LoadTest(options, say: say).run()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }.start()
    }
  }

  static func options(_ hub: RunningHub, avatars: Int, seconds: Int) throws -> LoadtestOptions {
    var scenario = try ScenarioFile.load("hub")
    scenario.settleSeconds = 1.5
    scenario.chatsPerMinute = 60
    (scenario.leaveShare, scenario.vanishShare, scenario.resumeShare) = (0.2, 0.1, 0.1)
    let server = try #require(ServerAddress("ws://127.0.0.1:\(hub.port)/ws"))
    var options = LoadtestOptions(
      server: server, avatars: avatars, seconds: seconds, scenario: scenario, seed: 5)
    options.metrics = HTTPAddress(host: "127.0.0.1", port: hub.adminPort, path: "/metrics")
    return options
  }

  @Test func everybodyIsSeenNobodyIsCorrectedAndTheReportFitsItsSchema() async throws {
    let hub = try RunningHub()
    defer { hub.stop() }
    let report = try await Self.run(Self.options(hub, avatars: 10, seconds: 6)).get()
    #expect(report.isClean, "\(report.table)")
    #expect(report.checker.expected > 0 && report.checker.recall == 1, "\(report.table)")
    // On a machine too busy to deliver frames for half a second a viewer can't know better.
    #expect(!report.problems.keys.contains { $0.contains("up to date") }, "\(report.table)")
    #expect(report.corrections.isEmpty)
    #expect(report.people.announcedLeaves == 2 && report.people.vanished == 1 && report.people.resumed == 1)
    #expect(report.people.chatsSent > 0 && report.people.chatsDelivered >= report.people.chatsSent)
    #expect(report.server.ticks.map { $0 > 0 } == true && report.server.cpuCores != nil)
    #expect(report.bytes.total > 0 && report.framesPerSecond > 0)

    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let schema = try JSON.parse(
      Array(Data(contentsOf: root.appendingPathComponent("loadtest/report.schema.json"))))
    let written = try JSON.parse(report.jsonText())
    #expect(SchemaWalk(root: schema).problems(written, schema, at: "report") == [])
    var broken = written
    if case .object(var object) = broken {
      object["avatars"] = .string("many")
      object["surprise"] = .null
      broken = .object(object)
    }
    #expect(SchemaWalk(root: schema).problems(broken, schema, at: "report").count == 2)
  }

  @Test func botsThatOnlyCountAreServedAsTheOthersAre() async throws {
    let hub = try RunningHub()
    defer { hub.stop() }
    var options = try Self.options(hub, avatars: 16, seconds: 4)
    options.viewers = 4
    options.drainAbove = 8
    options.scenario.settleSeconds = 3
    (options.scenario.leaveShare, options.scenario.vanishShare) = (0, 0)
    let report = try await Self.run(options).get()
    #expect(report.drained == 8 && report.isClean && report.problems.isEmpty, "\(report.table)")
    #expect(report.checker.recall == 1 && report.bytes.unread > 0, "\(report.table)")
    // Half of the bots count, so half of the frames' bytes are theirs, give or take where people stand.
    let read = report.bytes.total - report.bytes.control - report.bytes.unread
    #expect(report.bytes.unread > read / 3 && report.bytes.unread < read * 3, "\(report.table)")
  }

  @Test func botsAgreeAboutVoiceAndNothingReachesAnybodyElse() async throws {
    let world = String(
      decoding: BareHall.worldText(sideMeters: 12, capacity: 20, voiceAreas: 4), as: UTF8.self)
    let hub = try RunningHub(world: world)
    defer { hub.stop() }
    var options = try Self.options(hub, avatars: 12, seconds: 6)
    options.scenario = try ScenarioFile.load("voice-rooms")
    options.scenario.clusters = 4
    options.scenario.settleSeconds = 1.5
    options.scenario.resumeShare = 0.1
    options.scenario.voice?.glareShare = 1
    options.scenario.voice?.restartsPerMinute = 6
    let report = try await Self.run(options).get()
    let voice = try #require(report.voice)
    #expect(report.isClean && report.problems.isEmpty, "\(report.table)")
    #expect(voice.links > 0 && voice.misdirected == 0 && voice.unsettled == 0, "\(report.table)")
    #expect(voice.restarts > 0 && voice.offers >= voice.answers && voice.answers > 0)
    #expect(voice.candidates > voice.answers && voice.relayMs.count > voice.answers)
    #expect(report.table.contains("voice: links"))
  }

  @Test func withoutMetricsTheServersFiguresAreNullAndItIsSaid() async throws {
    let hub = try RunningHub()
    defer { hub.stop() }
    var options = try Self.options(hub, avatars: 2, seconds: 1)
    options.metrics = HTTPAddress(host: "127.0.0.1", port: hub.port, path: "/metrics")
    let report = try await Self.run(options).get()
    #expect(report.server.cpuCores == nil && report.server.ticks == nil)
    #expect(report.metricsProblem?.contains("404") == true)
    #expect(report.table.contains("server figures are missing"))
  }

  @Test func aServerThatIsNotThereIsSaidBeforeAnythingStarts() async throws {
    let server = try #require(ServerAddress("ws://127.0.0.1:9/ws"))
    let options = try LoadtestOptions(
      server: server, avatars: 2, seconds: 1, scenario: ScenarioFile.load("hub"), seed: 1)
    guard case .failure(let error) = await Self.run(options) else {
      Issue.record("a run without a server")
      return
    }
    #expect(error.description.contains("the server is not there"))
  }

  @Test func aServerThatDiesEndsTheRunWithWhatThereIs() async throws {
    let hub = try RunningHub()
    let options = try Self.options(hub, avatars: 4, seconds: 600)
    // The first progress line after all have come: then the server goes.
    let (lines, line) = AsyncStream<String>.makeStream()
    async let result = Self.run(options) { line.yield($0) }
    for await text in lines where text.hasPrefix("measuring") || text.contains("4/4 here") { break }
    hub.stop()
    let report = try await result.get()
    #expect(report.interruption != nil)
    #expect(!report.isClean)
  }

  @Test func aScenarioWithoutItsSpaceIsRefused() async throws {
    let hub = try RunningHub()
    defer { hub.stop() }
    var options = try Self.options(hub, avatars: 2, seconds: 1)
    options.scenario = try ScenarioFile.load("hall")
    guard case .failure(let error) = await Self.run(options) else {
      Issue.record("a run in a space that is not there")
      return
    }
    #expect(error.description.contains("event-hall"))
  }
}

/// As much of JSON Schema as the report's uses: type, required, properties, additionalProperties, const, $ref.
struct SchemaWalk {
  let root: JSONValue

  func problems(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
    guard case .object(var rules) = schema else { return [] }
    if case .string(let reference)? = rules["$ref"], case .object(let top) = root,
      case .object(let definitions)? = top["$defs"],
      case .object(let target)? = definitions[String(reference.split(separator: "/").last ?? "")]
    {
      rules = target
    }
    var found: [String] = []
    if let type = rules["type"], !allowed(type).contains(where: { matches(value, $0) }) {
      found.append("\(path): \(value.kind)")
    }
    if let expected = rules["const"], expected != value { found.append("\(path): not the constant") }
    guard case .object(let object) = value else { return found }
    var known: JSONObject?
    if case .object(let properties)? = rules["properties"] { known = properties }
    if case .array(let required)? = rules["required"] {
      for case .string(let key) in required where object[key] == nil {
        found.append("\(path).\(key): missing")
      }
    }
    for member in object.members {
      if let rule = known?[member.key] {
        found += problems(member.value, rule, at: "\(path).\(member.key)")
      } else if let rest = rules["additionalProperties"] {
        if rest == .bool(false) { found.append("\(path).\(member.key): unknown") }
        found += problems(member.value, rest, at: "\(path).\(member.key)")
      }
    }
    return found
  }

  private func allowed(_ type: JSONValue) -> [String] {
    switch type {
    case .string(let name): [name]
    case .array(let names): names.compactMap { if case .string(let name) = $0 { name } else { nil } }
    default: []
    }
  }

  private func matches(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.null, "null"), (.object, "object"), (.array, "array"), (.string, "string"), (.int, "integer"),
      (.int, "number"),
      (.real, "number"), (.bool, "boolean"):
      true
    default: false
    }
  }
}
