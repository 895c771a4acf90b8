import HubNet

/// One of several testers: takes its share of a run from a coordinator, does it, hands the report back.
public final class Tester {
  private let link: TesterLink
  private let control = RunControl()
  private let say: (String) -> Void
  private let progressSeconds: Double
  /// As ``LoadTest/whenProgress``, besides the telling of the coordinator.
  public var whenProgress: ((LiveFigures) -> Void)?

  /// Connects to the coordinator. Create and run on one thread.
  /// - Parameter handlesSignals: SIGINT and SIGTERM end the run early with a report. They are blocked in the calling
  ///   thread, so start other threads afterwards.
  public init(
    host: String, port: Int, progressSeconds: Double = 5, handlesSignals: Bool = false,
    say: @escaping (String) -> Void
  ) {
    self.say = say
    self.progressSeconds = progressSeconds
    link = TesterLink(host: host, port: port, control: control, handlesSignals: handlesSignals)
  }

  deinit { link.hangUp() }

  /// Waits for a share and does it.
  /// - Returns: this tester's own report, and whether the coordinator has it.
  /// - Throws: ``LoadtestError`` when there is no coordinator, no hub, or it was stopped before the start.
  public func run() throws(LoadtestError) -> (report: LoadtestReport, isDelivered: Bool) {
    let share: Coordination.Share
    switch link.share.wait() {
    case .share(let given)?: share = given
    case .over(let reason)?: throw LoadtestError(reason)
    case nil: preconditionFailure("waiting has no time limit")
    }
    let test: LoadTest
    do throws(LoadtestError) {
      test = try LoadTest(try options(share), say: say)
    } catch {
      link.send(Coordination.Failed(reason: error.description))
      // Ended by the coordinator once it knows why; a link that hangs up first would take the reason with it.
      _ = link.thanks.wait(seconds: 10)
      throw error
    }
    guard let clock = link.clock.wait(), clock.samples > 0 else {
      throw LoadtestError("the connection to the coordinator ended")
    }
    link.send(Coordination.Ready(clockOffsetMs: clock.offsetMs, roundTripMs: clock.roundTripMs))
    say(
      "\(share.avatars) bots from number \(share.firstBot) on \(share.url); clock known to \(ReportDocument.fixed(clock.roundTripMs / 2, 2)) ms"
    )
    switch link.start.wait() {
    case .success(let start)?:
      test.startAtMs = start.startMs + clock.offsetMs
      test.measureAtMs = start.measureMs + clock.offsetMs
    case .failure(let error)?: throw error
    case nil: preconditionFailure("waiting has no time limit")
    }
    test.whenProgress = { [link, say, whenProgress] figures in
      link.send(Coordination.Progress(figures: figures))
      if let whenProgress { whenProgress(figures) } else { say(figures.line) }
    }
    let report = test.run()
    link.send(Coordination.Report(report: report.json))
    return (report, link.thanks.wait(seconds: 30) ?? false)
  }

  private func options(_ share: Coordination.Share) throws(LoadtestError) -> LoadtestOptions {
    guard let server = ServerAddress(share.url), let seed = UInt64(share.seed),
      (1...60_000).contains(share.avatars),
      (0...60_000).contains(share.firstBot), (0...share.avatars).contains(share.viewers),
      (1...86_400).contains(share.seconds), share.sightMeters > 0, share.arrivalsPerSecond > 0
    else { throw LoadtestError("the coordinator's share makes no sense") }
    var scenario = try Scenario(document: share.scenario)
    scenario.arrivalsPerSecond = share.arrivalsPerSecond
    var options = LoadtestOptions(
      server: server, avatars: share.avatars, seconds: share.seconds, scenario: scenario, seed: seed)
    options.viewers = share.viewers
    options.firstBot = share.firstBot
    options.sightMeters = share.sightMeters
    options.metrics = share.metrics.flatMap { HTTPAddress($0) }
    options.control = control
    options.progressSeconds = min(progressSeconds, 1)
    return options
  }
}
