import ArgumentParser
import Foundation
import HubLoadtestKit

/// One server and one run per point, tiers beside broadcast: where bytes and processor time per client stop growing, and
/// where the naive way ends.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Measures a bare hall with 100 to 5,000 people, at constant area and at constant density.",
    discussion: """
      Starts a hub of its own for each point. A mode of replication that saturates (over a tenth of the ticks \
      skipped, people lost, or frames seconds old) is not tried with more people.
      """)

  enum Constant: String, ExpressibleByArgument, CaseIterable { case area, density }

  @Option(help: "The hub's program; default: beside this one.")
  var hub: String?
  @Option(help: "Numbers of people, with commas.")
  var points = "100,200,500,1000,2000,3000,5000"
  @Option(help: "What stays: area (a hall of --side) or density (as 2,000 in a hall of --side).")
  var constant: [Constant] = [.area, .density]
  @Option(help: "Modes of replication, with commas.")
  var replication = "tiers,broadcast"
  @Option(help: "Side of the hall, m.")
  var side = 40.0
  @Option(help: "Seconds measured at each point.")
  var seconds = 20
  @Option(help: "Bots that read their frames; all above that number count and acknowledge them only.")
  var drainAbove = 2000
  @Option(help: "Scenario file or name.")
  var scenario = "hall"
  @Option(help: "Port of the hubs; the next one is their admin port.")
  var port = 18_600
  @Option(help: "Writes all points as JSON lines to this file.")
  var json: String?

  struct Point {
    var constant: Constant
    var mode: String
    var people: Int
    var side: Double
  }

  private var program: String {
    hub
      ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("hub").path
  }

  private func people() throws -> [Int] {
    try points.split(separator: ",").map {
      guard let count = Int($0), (1...20_000).contains(count) else {
        throw ValidationError("--points \($0): expected numbers of people, 1 to 20000")
      }
      return count
    }
  }

  func validate() throws {
    _ = try people()
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw ValidationError("\(program) is no program; name the hub with --hub")
    }
    guard BareHall.sideMeters.contains(side) else {
      throw ValidationError("--side \(side): expected 8 to 500")
    }
    for mode in replication.split(separator: ",") where !["tiers", "grid", "broadcast"].contains(mode) {
      throw ValidationError("--replication \(mode): expected tiers, grid, broadcast")
    }
  }

  func run() throws {
    print(
      "constant  mode       people  side m   kB/s each    p99  frames/s each  server cores  us/client-s"
        + "  bots cores  skipped  near p99 cm  far p99 cm  stale p99 ms")
    var lines = ""
    for constant in constant {
      for mode in replication.split(separator: ",").map(String.init) {
        for people in try people() {
          let side = constant == .area ? side : max(8, side * (Double(people) / 2000).squareRoot())
          let point = Point(constant: constant, mode: mode, people: people, side: side)
          let report = try measure(point)
          print(row(point, report))
          lines +=
            "{\"constant\":\"\(constant)\",\"replication\":\"\(mode)\",\"sideMeters\":\(side),\"report\":"
          lines += String(decoding: report.jsonText(), as: UTF8.self).filter { $0 != "\n" } + "}\n"
          if let json { try Data(lines.utf8).write(to: URL(fileURLWithPath: json)) }
          if let why = saturation(report) {
            print("          \(mode) is saturated at \(people): \(why)")
            break
          }
        }
      }
    }
  }

  private func measure(_ point: Point) throws -> ReportDocument {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sweep-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let world = folder.appendingPathComponent("hall.json")
    try Data(BareHall.worldText(sideMeters: point.side, capacity: max(point.people, 16))).write(to: world)
    let server = Process()
    server.executableURL = URL(fileURLWithPath: program)
    server.arguments = [
      "serve", "--world", world.path, "--port", "\(port)", "--admin", "127.0.0.1:\(port + 1)",
      "--replication",
      point.mode, "--sessions-max", "\(max(point.people + 64, 128))", "--log-level", "warning",
    ]
    let output = Pipe()
    server.standardOutput = output
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    guard !output.fileHandleForReading.availableData.isEmpty else {
      complain("the hub did not start; port \(port) taken?")
      throw ExitCode(1)
    }
    let crowd = try ScenarioFile.load(scenario)
    guard let address = ServerAddress("ws://127.0.0.1:\(port)/ws") else { throw ExitCode(1) }
    var options = LoadtestOptions(
      server: address, avatars: point.people, seconds: seconds, scenario: crowd, seed: crowd.seed)
    options.sightMeters = point.mode == "grid" ? 14 : 62
    options.handlesSignals = false
    options.drainAbove = drainAbove
    let report = try LoadTest(options, say: { _ in }).run()
    return ReportDocument(report)
  }

  private func saturation(_ report: ReportDocument) -> String? {
    let ticks = report.number("ticks.count") ?? 0
    let skipped = report.number("ticks.skipped") ?? 0
    if skipped > (ticks + skipped) / 10 { return "\(Int(skipped)) of \(Int(ticks + skipped)) ticks skipped" }
    if let ends = report.number("people.unexpectedEnds"), ends > 0 { return "\(Int(ends)) connections lost" }
    if let age = report.number("frames.ageMs.p99"), age > 2000 { return "frames \(Int(age)) ms old" }
    return report.text("interruption")
  }

  private func row(_ point: Point, _ report: ReportDocument) -> String {
    func text(_ path: String, _ digits: Int, _ factor: Double, _ width: Int) -> String {
      let value = report.number(path).map { String(format: "%.\(digits)f", $0 * factor) } ?? "-"
      return String(repeating: " ", count: max(width - value.count, 1)) + value
    }
    let cores = report.number("server.cpuCores")
    let each = cores.map { String(format: "%.0f", $0 * 1e6 / Double(point.people)) } ?? "-"
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(width - text.count, 0))
    }
    return pad("\(point.constant)", 10) + pad(point.mode, 11) + pad("\(point.people)", 6)
      + String(format: "%8.1f", point.side)
      + text("bytes.perClientPerSecond.mean", 2, 0.001, 12)
      + text("bytes.perClientPerSecond.p99", 2, 0.001, 7)
      + text("frames.perClientPerSecond", 1, 1, 15) + text("server.cpuCores", 3, 1, 14)
      + String(repeating: " ", count: max(13 - each.count, 1)) + each
      + text("loadtester.cpuCores", 3, 1, 12) + text("ticks.skipped", 0, 1, 9)
      + text("errorNowMeters.near.p99", 1, 100, 13) + text("errorNowMeters.far.p99", 1, 100, 12)
      + text("stalenessMs.p99", 0, 1, 14)
  }
}
