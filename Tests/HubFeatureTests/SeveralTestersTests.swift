import Foundation
import HubJSON
import HubLoadtestKit
import HubTestKit
import Testing

/// One run by several testers, over loopback.
@Suite struct SeveralTestersTests {
  /// Runs on a thread of its own: socket loops block it.
  static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: body()) }.start()
    }
  }

  static func coordinate(
    _ options: LoadtestOptions, testers: Int, listening: @escaping @Sendable (Int) -> Void
  ) async -> Result<ReportDocument, LoadtestError> {
    await onThread {
      do throws(LoadtestError) {
        let coordinator = try Coordinator(
          Coordinator.Plan(options: options, testers: testers, host: "127.0.0.1", port: 0), say: { _ in })
        coordinator.whenListening = listening
        return .success(try coordinator.run())
      } catch {
        return .failure(error)
      }
    }
  }

  static func join(_ port: Int) async -> Result<LoadtestReport, LoadtestError> {
    await onThread {
      do throws(LoadtestError) {
        let (report, isDelivered) = try Tester(host: "127.0.0.1", port: port, say: { _ in }).run()
        #expect(isDelivered)
        return .success(report)
      } catch {
        return .failure(error)
      }
    }
  }

  static func first(of ports: AsyncStream<Int>) async -> Int? {
    for await port in ports { return port }
    return nil
  }

  @Test func reportsOfTwoTestersAreOneAndNothingIsAveraged() async throws {
    let hub = try RunningHub()
    defer { hub.stop() }
    let options = try LoadtestTests.options(hub, avatars: 9, seconds: 4)
    let (ports, port) = AsyncStream<Int>.makeStream()
    async let whole = Self.coordinate(options, testers: 2) { port.yield($0) }
    let at = try #require(await Self.first(of: ports))
    async let first = Self.join(at)
    async let second = Self.join(at)
    let parts = try await [first.get(), second.get()]
    let merged = try await whole.get()
    #expect(merged.count("avatars") == 9 && parts.map(\.avatars).sorted() == [4, 5])
    #expect(merged.isClean, "\(merged.table)")
    #expect(merged.items("testers").count == 2 && merged.lostTesters.isEmpty)
    #expect(merged.number("visibility.recall") == 1)
    for key in [
      "frames.ageMs", "errorNowMeters.near", "bytes.perClientPerSecond", "loadtester.stepLatenessMs",
    ] {
      let all = try #require(merged.distribution(key))
      let both = try parts.map { try #require(ReportDocument($0).distribution(key)) }
      #expect(all.buckets == both[0].adding(both[1]).buckets && all.unit == both[0].unit, "\(key)")
    }
    // One of the two reads the server's figures.
    #expect(parts.count { $0.server.cpuCores != nil } == 1)
    #expect(merged.number("server.cpuCores") != nil)
    // They share a clock here, so the measured offset is no larger than its bound, half the round trip.
    for tester in merged.items("testers") {
      guard case .object(let entry) = tester, case .real(let offset)? = entry["clockOffsetMs"],
        case .real(let trip)? = entry["roundTripMs"]
      else {
        Issue.record("no clock in \(tester)")
        continue
      }
      #expect(offset.magnitude <= trip / 2 + 0.001, "\(offset) of \(trip)")
    }
    let schema = try JSON.parse(
      Array(
        Data(
          contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("loadtest/report.schema.json"))))
    let written = try JSON.parse(merged.jsonText(), limits: .file)
    #expect(SchemaWalk(root: schema).problems(written, schema, at: "report") == [])
  }

  @Test func aTesterThatIsLostIsNamedAndTheRestCounts() async throws {
    let hub = try RunningHub()
    defer { hub.stop() }
    let options = try LoadtestTests.options(hub, avatars: 6, seconds: 6)
    let (ports, port) = AsyncStream<Int>.makeStream()
    async let whole = Self.coordinate(options, testers: 2) { port.yield($0) }
    let at = try #require(await Self.first(of: ports))
    let victim = try TesterProcess(port: at)
    async let survivor = Self.join(at)
    // Killed when its bots walk: no goodbye, no report.
    #expect(await victim.said("settling"))
    victim.kill()
    _ = await survivor
    let merged = try await whole.get()
    #expect(merged.lostTesters.count == 1 && !merged.isClean)
    #expect(merged.count("avatars") == 3 && merged.number("seconds").map { $0 > 2 } == true)
    #expect(merged.table.contains("LOST TESTERS"))
  }

  @Test func withoutAnyReportTheReasonsAreTold() async throws {
    let hub = try RunningHub()
    var options = try LoadtestTests.options(hub, avatars: 2, seconds: 1)
    options.scenario.space = "no-such-space"
    hub.stop()
    let (ports, port) = AsyncStream<Int>.makeStream()
    async let whole = Self.coordinate(options, testers: 1) { port.yield($0) }
    let at = try #require(await Self.first(of: ports))
    guard case .failure(let refusal) = await Self.join(at) else {
      Issue.record("a run without a hub")
      return
    }
    #expect(refusal.description.contains("the server is not there"))
    guard case .failure(let error) = await whole else {
      Issue.record("a report of nothing")
      return
    }
    #expect(error.description.contains("no tester delivered a report"))
    #expect(error.description.contains("the server is not there"))
  }
}

/// `hub-loadtest --join` as a process of its own.
final class TesterProcess: Sendable {
  private let process = Process()
  private let output = Pipe()

  init(port: Int) throws {
    let own = CommandLine.arguments.first { $0.hasSuffix(".xctest") }.map { URL(fileURLWithPath: $0) }
    let built = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.executableURL = (own ?? built).deletingLastPathComponent().appendingPathComponent("hub-loadtest")
    process.arguments = ["--join", "127.0.0.1:\(port)"]
    process.standardError = output
    process.standardOutput = FileHandle.nullDevice
    try process.run()
  }

  /// Waits until its progress says so; false when it ends before.
  func said(_ words: String) async -> Bool {
    await SeveralTestersTests.onThread { [output] in
      var text = ""
      while !text.contains(words) {
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { return false }
        text += String(decoding: data, as: UTF8.self)
      }
      return true
    }
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
