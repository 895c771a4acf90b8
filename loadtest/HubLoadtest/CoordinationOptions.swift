import ArgumentParser
import Foundation
import HubLoadtestKit

/// Several testers on one run.
struct CoordinationOptions: ParsableArguments {
  @Option(
    help: "Divides the run among testers that join at this address (HOST:PORT, or :PORT for every address).")
  var coordinator: String?
  @Option(help: "How many testers the coordinator waits for.")
  var testers: Int?
  @Option(help: "Takes part in the run of a coordinator at HOST:PORT, which says what to do.")
  var join: String?

  var isShared: Bool { coordinator != nil || join != nil }

  func validate() throws {
    guard coordinator == nil || join == nil else {
      throw ValidationError("--coordinator and --join: only one of them")
    }
    if let coordinator {
      guard Self.address(coordinator) != nil else {
        throw ValidationError("--coordinator \(coordinator): expected HOST:PORT or :PORT")
      }
      guard let testers, (1...1000).contains(testers) else {
        throw ValidationError("--coordinator needs --testers, 1 to 1000")
      }
    } else if testers != nil {
      throw ValidationError("--testers is for --coordinator")
    }
    if let join {
      guard let address = Self.address(join), address.host != "*", address.port > 0 else {
        throw ValidationError("--join \(join): expected HOST:PORT")
      }
    }
  }

  static func address(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return (host.isEmpty ? "*" : host, port)
  }

  /// The report of a run divided among testers.
  func coordinate(_ options: LoadtestOptions, title: String) throws -> ReportDocument? {
    guard let coordinator, let address = Self.address(coordinator), let testers else { return nil }
    guard testers <= options.avatars else {
      throw ValidationError("--testers \(testers): more than there are avatars")
    }
    guard !options.faults.isAny else { throw ValidationError("--fault is for a run in one process") }
    let made = try Coordinator(
      Coordinator.Plan(options: options, testers: testers, host: address.host, port: address.port), say: say)
    if let terminal = Terminal(title: title) { made.whenProgress = { terminal.show($0, notes: $1) } }
    return try made.run()
  }

  /// A tester's own part of the report.
  func takePart(progressSeconds: Double) throws -> ReportDocument? {
    guard let join, let address = Self.address(join) else { return nil }
    let tester = Tester(
      host: address.host, port: address.port, progressSeconds: progressSeconds, handlesSignals: true, say: say
    )
    if let terminal = Terminal(title: "tester for \(join)") { tester.whenProgress = terminal.show }
    let (report, isDelivered) = try tester.run()
    if !isDelivered { complain("the coordinator did not take the report") }
    return ReportDocument(report)
  }
}
