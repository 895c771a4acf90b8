import ArgumentParser
import Foundation
import HubLoadtestKit

/// One run: bots, a report.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Sends bots through a running hub (the default command).",
    discussion: """
      Exit codes: 0 all bots joined and stayed; 1 some did not, or the server is not there; 2 a limit of --bar is \
      not kept; 64 wrong options.
      """
  )

  @Option(help: "The hub's WebSocket address.")
  var url = "ws://127.0.0.1:8080/ws"
  @Option(help: "Number of bots (1-60000); default: the scenario's.")
  var avatars: Int?
  @Option(help: "Seconds measured, after all have arrived and settled; default: the scenario's.")
  var seconds: Int?
  @Option(help: "Scenario file, or the name of one in loadtest/scenarios.")
  var scenario = "hub"
  @Option(help: "Seed of all paths and times; default: the scenario's.")
  var seed: UInt64?
  @Option(help: "Bots that decode and are checked; default: 50.")
  var viewers: Int?
  @Option(help: "Bots that read their frames; all above that number count and acknowledge them only.")
  var drainAbove: Int?
  @Option(help: "Where the server's /metrics is; \"none\" for nowhere; default: same host, one port up.")
  var metrics: String?
  @Option(help: "How far in metres the server's mode of replication shows avatars.")
  var sight = 62.0
  @Option(
    help: "Plants a fault that the report must show: delay=100ms, drop=5% or freeze=1%; may be repeated.")
  var fault: [String] = []
  @Option(help: "Writes everything the figures come from to this file: for small runs.")
  var trace: String?
  @OptionGroup var coordination: CoordinationOptions
  @OptionGroup var output: ReportOutput

  func options() throws -> LoadtestOptions {
    guard let address = ServerAddress(url) else {
      throw ValidationError("--url \(url): expected ws://host:port/path")
    }
    let crowd: Scenario
    do throws(LoadtestError) {
      crowd = try ScenarioFile.load(scenario)
    } catch {
      throw ValidationError(error.description)
    }
    let avatars = avatars ?? crowd.avatars
    let seconds = seconds ?? crowd.seconds
    guard (1...60_000).contains(avatars) else {
      throw ValidationError("--avatars \(avatars): expected 1 to 60000")
    }
    guard (1...86_400).contains(seconds) else {
      throw ValidationError("--seconds \(seconds): expected 1 to 86400")
    }
    guard viewers.map({ $0 >= 0 }) ?? true else { throw ValidationError("--viewers: expected 0 or more") }
    guard sight > 0, sight.isFinite else { throw ValidationError("--sight: expected a distance above 0") }
    var options = LoadtestOptions(
      server: address, avatars: avatars, seconds: seconds, scenario: crowd,
      seed: seed ?? crowd.seed)
    options.viewers = viewers
    guard drainAbove.map({ $0 >= 0 }) ?? true else {
      throw ValidationError("--drain-above: expected 0 or more")
    }
    guard drainAbove == nil || (trace == nil && !coordination.isShared) else {
      throw ValidationError("--drain-above: expected without --trace, --coordinator and --join")
    }
    options.drainAbove = drainAbove
    options.sightMeters = sight
    options.tracePath = trace
    guard trace == nil || fault.isEmpty else {
      throw ValidationError("--trace and --fault: expected one of them; a trace holds frames as they come")
    }
    for text in fault where !options.faults.add(text) {
      throw ValidationError("--fault \(text): expected delay=…ms (1-10000), drop=…% or freeze=…%")
    }
    options.handlesSignals = true
    options.progressSeconds = isatty(STDERR_FILENO) != 0 ? 1 : 5
    if let metrics {
      options.metrics = HTTPAddress(metrics)
      guard metrics == "none" || options.metrics != nil else {
        throw ValidationError("--metrics \(metrics): expected http://host:port/path, or none")
      }
    }
    return options
  }

  func validate() throws { _ = try options() }

  func run() throws {
    let options = try options()
    do {
      let title = "\(scenario) on \(url)"
      if let part = try coordination.takePart(progressSeconds: options.progressSeconds) {
        return try output.deliver(part)
      }
      if let whole = try coordination.coordinate(options, title: title) { return try output.deliver(whole) }
      let test = try LoadTest(options, say: say)
      if let terminal = Terminal(title: title) { test.whenProgress = terminal.show }
      try output.deliver(ReportDocument(test.run()))
    } catch let error as LoadtestError {
      complain("\(error)")
      throw ExitCode(1)
    }
  }
}

/// A line of progress on standard error.
func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

/// The live view on standard error; nil where that is no terminal.
final class Terminal {
  private var screen: LiveScreen

  init?(title: String) {
    guard isatty(STDERR_FILENO) != 0, ProcessInfo.processInfo.environment["TERM"] != "dumb" else {
      return nil
    }
    screen = LiveScreen(title: title, hasColour: ProcessInfo.processInfo.environment["NO_COLOR"] == nil)
  }

  func show(_ figures: LiveFigures) { show(figures, notes: []) }

  func show(_ figures: LiveFigures, notes: [String]) {
    var size = winsize()
    let known = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let text = screen.frame(figures, columns: known ? Int(size.ws_col) : 80, notes: notes)
    FileHandle.standardError.write(Data(text.utf8))
  }
}
