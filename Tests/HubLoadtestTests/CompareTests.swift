import Foundation
import HubJSON
import HubLoadtestKit
import Testing

@Suite struct LimitsTests {
  func limits(_ items: String) throws -> LimitsFile {
    let text = #"{"format": 1, "title": "t", "limits": [\#(items)]}"#
    return try LimitsFile(text: Array(text.utf8), name: "bar.json")
  }

  @Test(arguments: [
    (#"{"key": "server.cpuCores", "op": "<=", "limit": 0.5}"#, true),
    (#"{"key": "server.cpuCores", "op": "<", "limit": 0.5}"#, false),
    (#"{"key": "server.cpuCores", "op": ">=", "limit": 0.5}"#, true),
    (#"{"key": "server.cpuCores", "op": ">", "limit": 0.5}"#, false),
    (#"{"key": "avatars", "op": "==", "limit": 100}"#, true),
    (#"{"key": "avatars", "op": "==", "limit": 100.5}"#, false),
    (#"{"key": "scenario", "op": "==", "limit": "hall"}"#, true),
    (#"{"key": "scenario", "op": "==", "limit": "hub"}"#, false),
    (#"{"key": "errorNowMeters.near.p99", "op": "<=", "limit": 0.031}"#, true),
    (#"{"key": "server", "op": "<=", "limit": 1}"#, false),
    (#"{"key": "scenario", "op": "<=", "limit": 1}"#, false),
    (#"{"key": "no.such.key", "op": "<=", "limit": 1}"#, false),
    (#"{"key": "interruption", "op": "<=", "limit": 1}"#, false),
  ])
  func aLimitIsKeptOrNot(_ item: String, _ isKept: Bool) throws {
    let verdicts = try limits(item).verdicts(on: try SampleReport.document())
    #expect(verdicts.map(\.isKept) == [isKept])
  }

  @Test func anAimIsToldButNeverFailed() throws {
    let file = try limits(
      #"{"key": "server.cpuCores", "op": "<=", "limit": 0.6, "aim": 0.4, "label": "CPU"}"#)
    let verdict = try #require(file.verdicts(on: try SampleReport.document()).first)
    #expect(verdict.isKept && verdict.reachesAim == false)
    #expect(file.table([verdict]).contains("all 1 limits kept"))
    let failing = file.verdicts(on: try SampleReport.document(cpu: "null"))
    #expect(failing.map(\.found) == ["not measured"])
    let table = file.table(failing)
    #expect(table.contains("FAILED  CPU") && table.contains("1 of 1 limits not kept"))
  }

  @Test(arguments: [
    ("", "bar.json:1:1: "), ("{\n  \"format\": 1,\n}", "bar.json:3:"), ("[]", "bar.json:1:1: found array"),
    (
      "{\"format\": 2, \"title\": \"t\",\n\"limits\": [{\"key\": \"a\", \"op\": \"<\", \"limit\": 1}]}",
      "bar.json:1:12: format: expected 1"
    ),
    ("{\"format\": 1, \"title\": \"t\",\n\"limits\": []}", "bar.json:2:11: limits: no limits"),
    (
      "{\"format\": 1, \"title\": \"t\",\n\"limits\": [{\"key\": \"a\", \"op\": \"=<\", \"limit\": 1}]}",
      "bar.json:2:31: limits[0].op: \"=<\""
    ),
    (
      "{\"format\": 1, \"title\": \"t\",\n\"limits\": [{\"key\": \"a..b\", \"op\": \"<\", \"limit\": 1}]}",
      "bar.json:2:20: "
    ),
    (
      "{\"format\": 1, \"title\": \"t\",\n\"limits\": [{\"key\": \"a\", \"op\": \"<\", \"limit\": \"x\"}]}",
      "bar.json:2:45: "
    ),
    (
      "{\"format\": 1, \"title\": \"t\",\n\"limits\": [{\"key\": \"a\", \"op\": \"<\", \"limit\": null}]}",
      "found null"
    ),
    (
      "{\"format\": 1, \"title\": \"t\",\n\"limits\": [{\"key\": \"a\", \"op\": \"<\", \"limit\": 1, \"maybe\": 1}]}",
      "bar.json:2:48: limits[0].maybe: unknown key"
    ),
    ("{\"format\": 1, \"title\": \"t\",\n\"limits\": [7]}", "bar.json:2:12: limits[0]: found integer"),
  ])
  func faultsAreToldWithTheirPlace(_ text: String, _ message: String) {
    do throws(ReportError) {
      _ = try LimitsFile(text: Array(text.utf8), name: "bar.json")
      Issue.record("accepted")
    } catch {
      #expect(error.description.contains(message), "\(error)")
    }
  }

  @Test func allFaultsAreToldAtOnceInTheOrderOfTheText() {
    let text = """
      {"format": 1,
       "limits": [
        {"key": "a", "op": "near", "limit": 1},
        {"op": "<", "limit": true}
       ]}
      """
    do throws(ReportError) {
      _ = try LimitsFile(text: Array(text.utf8), name: "b")
      Issue.record("accepted")
    } catch {
      let lines = error.description.split(separator: "\n")
      #expect(lines.count == 4 && lines[0].contains("missing \"title\""))
      #expect(lines[1].hasPrefix("b:3:") && lines[2].hasPrefix("b:4:3") && lines[3].hasPrefix("b:4:"))
    }
  }

  @Test func shippedBarsAreSoundAndNameKeysThatReportsHave() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("loadtest/bars")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json")
    }
    #expect(files.count >= 2)
    let schema = try JSON.parse(
      Array(Data(contentsOf: folder.appendingPathComponent("../report.schema.json"))))
    for file in files {
      let limits = try LimitsFile(
        text: Array(Data(contentsOf: folder.appendingPathComponent(file))), name: file)
      for limit in limits.limits { #expect(isKey(limit.key, in: schema), "\(file): \(limit.key)") }
    }
  }

  private func isKey(_ path: String, in schema: JSONValue) -> Bool {
    guard case .object(let root) = schema, case .object(let definitions)? = root["$defs"] else {
      return false
    }
    var here = root
    for step in path.split(separator: ".") {
      if case .string(let reference)? = here["$ref"],
        case .object(let target)? = definitions[String(reference.split(separator: "/").last ?? "")]
      {
        here = target
      }
      guard case .object(let properties)? = here["properties"],
        case .object(let next)? = properties[String(step)]
      else { return false }
      here = next
    }
    return true
  }
}

@Suite struct ComparisonTests {
  @Test func aReportDoesNotDifferFromItself() throws {
    let report = try SampleReport.document()
    let comparison = ReportComparison(old: report, new: report)
    #expect(comparison.rows.isEmpty && comparison.settings.isEmpty && comparison.figuresCompared > 5)
    #expect(comparison.table.contains("no figure"))
  }

  @Test func aChangeIsToldAbsoluteAndAsRatio() throws {
    let comparison = ReportComparison(
      old: try SampleReport.document(kilobytes: 5), new: try SampleReport.document(kilobytes: 6))
    let row = try #require(comparison.rows.first { $0.key == "bytes.parts.s0" })
    #expect(row.change == 1000 && row.ratio == 1.2 && row.isBeyondNoise)
    #expect(comparison.table.contains("x1.200"))
  }

  @Test func noiseIsTheScatterOfTheSecondsWhereThereIsATimeLine() throws {
    // Seconds of 0.4, 0.5, 0.6: a standard error of 0.1/sqrt(3) each, twice that of the difference is 0.163.
    func changed(_ cpu: String) throws -> ReportComparison.Row? {
      ReportComparison(old: try SampleReport.document(), new: try SampleReport.document(cpu: cpu)).rows
        .first { $0.key == "server.cpuCores" }
    }
    let row = try #require(try changed("0.65"))
    #expect((try #require(row.noise) - 0.1633).magnitude < 0.001)
    #expect(!row.isBeyondNoise)
    #expect(try changed("0.67")?.isBeyondNoise == true)
  }

  @Test func aFigureThatIsMissingInOneIsBeyondNoise() throws {
    let comparison = ReportComparison(
      old: try SampleReport.document(), new: try SampleReport.document(cpu: "null"))
    let row = try #require(comparison.rows.first { $0.key == "server.cpuCores" })
    #expect(row.isBeyondNoise && row.change == nil && row.ratio == nil)
  }

  @Test func differentSettingsAreSaid() throws {
    let comparison = ReportComparison(
      old: try SampleReport.document(avatars: 100), new: try SampleReport.document(avatars: 200))
    #expect(comparison.settings == ["avatars 100 -> 200"])
    #expect(comparison.table.hasPrefix("not the same run: avatars 100 -> 200"))
  }
}
