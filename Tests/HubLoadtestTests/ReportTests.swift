import Foundation
import HubJSON
import HubKernel
import HubLoadtestKit
import Testing

/// A report small enough to read.
enum SampleReport {
  static func text(
    avatars: Int = 100, near: [Double] = [0.01, 0.02, 0.03], cpu: String = "0.5", kilobytes: Double = 5,
    lateness: [Double] = [1, 2, 3], scenario: String = "hall", problems: String = "{}"
  ) -> String {
    var errors = Distribution.meters()
    for value in near { errors.record(value) }
    let written = (try? JSON.write(errors.json)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return """
      {"format": 1, "scenario": "\(scenario)", "seed": "1", "avatars": \(avatars), "viewers": 10, "seconds": 60,
       "interruption": null, "frames": {"perSecond": \(Double(avatars) * 20), "perClientPerSecond": 20},
       "bytes": {"parts": {"s0": \(kilobytes * 1000)}},
       "visibility": {"recall": 1, "expected": 1000, "missed": 0},
       "errorNowMeters": {"near": \(written)}, "ticks": {"skippedOwnWork": 0},
       "server": {"cpuCores": \(cpu)}, "loadtester": {"cpuCores": 0.25},
       "people": {"unexpectedEnds": 0, "connectFailures": 0, "joined": \(avatars)}, "problems": \(problems),
       "testers": [],
       "timeline": {"here": [\(avatars), \(avatars), \(avatars)], "serverCpuCores": [0.4, 0.5, 0.6],
         "stepLatenessP99Ms": [\(lateness.map { "\($0)" }.joined(separator: ", "))],
         "bytesPerClientPerSecond": [\(kilobytes * 1000), \(kilobytes * 1000), \(kilobytes * 1000)]}}
      """
  }

  static func document(
    avatars: Int = 100, near: [Double] = [0.01, 0.02, 0.03], cpu: String = "0.5", kilobytes: Double = 5,
    lateness: [Double] = [1, 2, 3], scenario: String = "hall", problems: String = "{}"
  ) throws -> ReportDocument {
    let text = text(
      avatars: avatars, near: near, cpu: cpu, kilobytes: kilobytes, lateness: lateness, scenario: scenario,
      problems: problems)
    return try ReportDocument(text: Array(text.utf8), name: "sample")
  }
}

@Suite struct RecordedCountsTests {
  @Test func aDistributionReadsBackAsItself() throws {
    var distribution = Distribution.milliseconds()
    var random = SeededRandom(seed: 3)
    for _ in 0..<5000 { distribution.record(random.unit() * random.unit() * 900) }
    let counts = try #require(RecordedCounts(distribution.json))
    #expect(counts.buckets == distribution.recorded.buckets)
    for percent in [0.1, 50, 90, 99, 99.9, 100] {
      // JSON keeps the largest value to a millionth, the histogram library to a unit.
      let own = try #require(distribution.recorded.percentile(percent))
      #expect(((try #require(counts.percentile(percent))) - own).magnitude <= 1e-6)
      let hdr = try #require(distribution.percentile(percent))
      #expect(((try #require(counts.percentile(percent))) - hdr).magnitude <= 0.01)
    }
    #expect((try #require(counts.mean) - (try #require(distribution.mean))).magnitude < 1e-5)
  }

  @Test func addingIsRecordingEverythingInOne() {
    var (a, b, both) = (Distribution.meters(), Distribution.meters(), Distribution.meters())
    var random = SeededRandom(seed: 4)
    for index in 0..<3000 {
      let value = random.unit() * (index % 3 == 0 ? 40 : 0.4)
      if index % 2 == 0 { a.record(value) } else { b.record(value) }
      both.record(value)
    }
    let sum = a.recorded.adding(b.recorded)
    #expect(sum.buckets == both.recorded.buckets && sum.largest == both.largest)
    #expect(sum.percentile(99) == both.recorded.percentile(99))
  }

  @Test(arguments: [
    "{}", "7", #"{"count": 1, "mean": 1, "max": 1, "histogram": {"unit": 0, "counts": [[1, 1]]}}"#,
    #"{"count": 1, "mean": 1, "max": 1, "histogram": {"unit": 1, "counts": [[2, 1], [1, 1]]}}"#,
    #"{"count": 1, "mean": 1, "max": 1, "histogram": {"unit": 1, "counts": [[1, -1]]}}"#,
    #"{"count": 1, "mean": 1, "max": 1, "histogram": {"unit": 1, "counts": [[1]]}}"#,
    #"{"count": 1, "mean": null, "max": 1, "histogram": {"unit": 1, "counts": [[1, 1]]}}"#,
    #"{"count": 1, "mean": 1, "max": 1, "histogram": {"unit": 1, "counts": [[9e99, 1]]}}"#,
  ])
  func whatIsNoDistributionIsNone(_ text: String) throws {
    #expect(RecordedCounts(try JSON.parse(Array(text.utf8))) == nil)
  }
}

@Suite struct ScenarioDocumentTests {
  /// Testers get their scenario as a document: nothing of it may be lost on the way.
  @Test func everyScenarioReadsBackFromItsDocument() throws {
    #expect(ScenarioFile.names.count > 5)
    for name in ScenarioFile.names {
      let scenario = try ScenarioFile.load(name)
      let again = try Scenario(document: scenario.document)
      #expect(
        again.document == scenario.document && again.name == scenario.name && again.style == scenario.style)
      #expect(again.storm == scenario.storm && again.readers == scenario.readers)
      #expect(again.voice == scenario.voice)
      #expect(again.hostile == scenario.hostile && again.clusters == scenario.clusters)
    }
  }

  @Test(arguments: ["{}", "[]", #"{"format": 2, "name": "x"}"#])
  func whatIsNoScenarioIsRefused(_ text: String) throws {
    let document = try JSON.parse(Array(text.utf8))
    #expect(throws: LoadtestError.self) { try Scenario(document: document) }
  }
}

@Suite struct ReportMergeTests {
  @Test func countsAddUpFiguresPerClientAreWeightedAndPercentilesComeFromAllValues() throws {
    let slow = [Double](repeating: 0.5, count: 2)
    let fast = [Double](repeating: 0.01, count: 198)
    let merged = try ReportMerge.merged([
      try SampleReport.document(avatars: 300, near: fast, cpu: "null", kilobytes: 4),
      try SampleReport.document(avatars: 100, near: slow, cpu: "0.5", kilobytes: 8, lateness: [9, 1]),
    ])
    #expect(merged.count("avatars") == 400 && merged.count("viewers") == 20)
    #expect(merged.number("frames.perSecond") == 8000 && merged.number("frames.perClientPerSecond") == 20)
    #expect(merged.number("bytes.parts.s0") == 5000)
    #expect(merged.number("server.cpuCores") == 0.5 && merged.number("loadtester.cpuCores") == 0.5)
    #expect(merged.number("seconds") == 60)
    // 99 of 100 values are fast: the 99th percentile is, the 99.5th is not. A mean of the two p99 would say 0.255.
    #expect(try #require(merged.number("errorNowMeters.near.p99")) < 0.011)
    let near = try #require(merged.distribution("errorNowMeters.near"))
    #expect(near.count == 200 && near.largest == 0.5)
    #expect(try #require(near.percentile(99.5)) > 0.49)
    #expect(merged.items("timeline.here") == [.int(400), .int(400), .int(400)])
    #expect(merged.items("timeline.bytesPerClientPerSecond").first == .real(5000))
    #expect(merged.items("timeline.stepLatenessP99Ms") == [.real(9), .real(2), .real(3)])
    #expect(merged.number("visibility.recall") == 1)
    #expect(merged.isClean)
  }

  @Test func reportsOfDifferentRunsAreNotMerged() throws {
    let one = try SampleReport.document()
    let other = try SampleReport.document(scenario: "hub")
    #expect(throws: ReportError.self) { try ReportMerge.merged([one, other]) }
    #expect(throws: ReportError.self) { try ReportMerge.merged([]) }
  }

  /// A new figure needs a decision: an integer is summed, a distribution added, but a real number has no rule by nature.
  @Test func everyRealNumberOfTheSchemaHasARule() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let schema = try JSON.parse(
      Array(Data(contentsOf: root.appendingPathComponent("loadtest/report.schema.json"))))
    var found = 0
    func walk(_ value: JSONValue, _ path: String) {
      guard case .object(let object) = value else { return }
      if case .object(let properties)? = object["properties"] {
        for member in properties.members {
          walk(member.value, path.isEmpty ? member.key : "\(path).\(member.key)")
        }
      }
      let type = object["type"]
      guard type == .string("number") || type == .array([.string("number"), .string("null")]) else { return }
      found += 1
      #expect(ReportMerge.rule(for: path) != nil, "\(path)")
    }
    walk(schema, "")
    #expect(found > 20)
  }
}
