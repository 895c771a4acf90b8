import HubClient
import HubJSON
public import HubNet

/// Divides one run among testers that connect to it, starts them together, and merges what they found.
///
/// A tester that is lost (its connection breaks, it can't reach the hub, it does not answer in time) is named in the
/// report with the reason; the others go on and count.
public final class Coordinator: SocketHandler {
  public struct Plan: Sendable {
    /// The run as if it were one tester's.
    public var options: LoadtestOptions
    public var testers: Int
    /// `*` for every address.
    public var host: String
    /// 0 lets the system choose.
    public var port: Int

    public init(options: LoadtestOptions, testers: Int, host: String, port: Int) {
      precondition(testers > 0 && testers <= options.avatars)
      self.options = options
      self.testers = testers
      self.host = host
      self.port = port
    }
  }

  private enum Stage { case gathering, preparing, running, over }
  private static let readySecondsMax = 60.0
  private static let reportSecondsMax = 60.0
  private static let leadMs = 500.0
  private static let farewellMs = 3000.0
  /// Bots that arrive late, see the patience of a run.
  private static let arrivalGraceMs = 3000.0

  private let plan: Plan
  private let say: (String) -> Void
  /// Takes the place of the progress lines: figures of all, and a line for each tester.
  public var whenProgress: ((LiveFigures, [String]) -> Void)?
  /// Told once, when testers can connect.
  public var whenListening: ((_ port: Int) -> Void)?

  private var loop: SocketLoop!
  private var stage = Stage.gathering
  /// In the order of their shares once these are given.
  private var testers: [Member] = []
  private var waiting: [ConnectionID: [[UInt8]]] = [:]
  private var deadlineMs = Double.infinity
  private var nextProgressMs = 0.0
  private var stopReason: String?

  /// One tester as the coordinator knows it.
  private struct Member {
    var id: ConnectionID
    var hello: Coordination.Hello
    var share: Coordination.Share?
    var ready: Coordination.Ready?
    var figures: LiveFigures?
    var report: ReportDocument?
    var lost: String?
    /// The connection has ended.
    var isGone = false
    var isOver: Bool { report != nil || lost != nil }

    /// As the report names it.
    var entry: JSONValue {
      .object(
        JSONObject([
          .init("name", .string(hello.name)), .init("firstBot", .int(Int64(share?.firstBot ?? 0))),
          .init("bots", .int(Int64(share?.avatars ?? 0))), .init("cpu", .string(hello.cpu)),
          .init("cores", .int(Int64(max(hello.cores, 0)))), .init("kernel", .string(hello.kernel)),
          .init("clockOffsetMs", .number(ready?.clockOffsetMs)),
          .init("roundTripMs", .number(ready.map { max($0.roundTripMs, 0) })),
          .init("cpuCores", .number(report?.number("loadtester.cpuCores"))),
          .init("lost", lost.map { .string($0) } ?? .null),
        ]))
    }
  }

  /// Binds the port. Create and run on one thread.
  /// - Throws: ``LoadtestError`` when the port can't be had.
  public init(_ plan: Plan, say: @escaping (String) -> Void) throws(LoadtestError) {
    self.plan = plan
    self.say = say
    var configuration = SocketLoopConfiguration()
    configuration.listeners = [
      Listener(
        name: "coordinator", host: plan.host, port: plan.port,
        webSocket: WebSocketEndpoint(path: Coordination.path, subprotocol: Coordination.subprotocol))
    ]
    configuration.connectionsMax = plan.testers + 16
    configuration.messageBytesMaxAtFirst = 16_384
    configuration.tickMicroseconds = 100_000
    // Pongs carry the clock: they must not wait for a batch.
    configuration.batchMicroseconds = 0
    configuration.pingSeconds = 5
    configuration.hangUpSeconds = 15
    configuration.handlesSignals = plan.options.handlesSignals
    do {
      loop = try SocketLoop(configuration, handler: self)
    } catch {
      throw LoadtestError("cannot coordinate: \(error)")
    }
  }

  /// Runs to the end. A partial report is a report.
  /// - Throws: ``LoadtestError`` when no tester delivered one.
  public func run() throws(LoadtestError) -> ReportDocument {
    let port = loop.boundPorts[0]
    whenListening?(port)
    say("waiting for \(plan.testers) testers on port \(port)")
    loop.run()
    return try merged()
  }

  // MARK: The course

  private func advance(_ now: Double) {
    switch stage {
    case .gathering:
      if testers.count(where: { $0.lost == nil }) == plan.testers { giveShares(now) }
    case .preparing:
      if now >= deadlineMs { loseSilent { $0.ready == nil } }
      if testers.allSatisfy({ $0.ready != nil || $0.lost != nil }) { start(now) }
    case .running:
      if now >= deadlineMs { loseSilent { _ in true } }
      // The last thanks are on their way: a loop that stops would cut them off.
      if testers.allSatisfy(\.isOver) {
        deadlineMs = min(deadlineMs, now + Self.farewellMs)
        if now >= deadlineMs || testers.allSatisfy({ $0.report == nil || $0.isGone }) { finish() }
      }
    case .over: break
    }
  }

  private func giveShares(_ now: Double) {
    stage = .preparing
    deadlineMs = now + Self.readySecondsMax * 1000
    testers.removeAll { $0.lost != nil }
    let options = plan.options
    let viewers = Shares.divide(options.viewerCount, among: plan.testers)
    for (index, part) in Shares.divide(options.avatars, among: plan.testers).enumerated() {
      let share = Coordination.Share(
        url: options.server.text, metrics: index == 0 ? options.metrics?.description : nil,
        scenario: options.scenario.document, avatars: part.count, firstBot: part.first,
        viewers: min(viewers[index].count, part.count), seconds: options.seconds,
        seed: String(options.seed), sightMeters: options.sightMeters,
        arrivalsPerSecond: options.scenario.arrivalsPerSecond * Double(part.count) / Double(options.avatars))
      testers[index].share = share
      send(share, to: testers[index].id)
    }
    say("\(testers.map(\.hello.name).joined(separator: ", ")): getting ready")
  }

  private func start(_ now: Double) {
    guard testers.contains(where: { $0.lost == nil }) else { return finish() }
    let scenario = plan.options.scenario
    let startMs = now + Self.leadMs
    let arrivals = Double(plan.options.avatars) / scenario.arrivalsPerSecond * 1000
    let measureMs = startMs + arrivals + Self.arrivalGraceMs + scenario.settleSeconds * 1000
    stage = .running
    deadlineMs = measureMs + Double(plan.options.seconds) * 1000 + Self.reportSecondsMax * 1000
    for tester in testers where tester.lost == nil {
      send(Coordination.Start(startMs: startMs, measureMs: measureMs), to: tester.id)
    }
  }

  private func finish() {
    stage = .over
    loop.stop()
  }

  private func loseSilent(where isSilent: (Member) -> Bool) {
    for index in testers.indices where !testers[index].isOver && isSilent(testers[index]) {
      lose(index, "no answer in time")
    }
  }

  private func lose(_ index: Int, _ reason: String) {
    guard !testers[index].isOver else { return }
    testers[index].lost = reason
    say("\(testers[index].hello.name) is lost: \(reason)")
  }

  // MARK: SocketHandler

  public func admit(_ request: UpgradeRequest) -> UpgradeRefusal? {
    stage == .gathering ? nil : UpgradeRefusal(httpStatus: 503)
  }

  public func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    let now = MonotonicClock.nowMs()
    do throws(JSONError) {
      let (kind, document) = try Coordination.read(message)
      if kind == "hello" {
        try greet(id, JSON.decode(Coordination.Hello.self, from: document))
        return advance(now)
      }
      guard let index = testers.firstIndex(where: { $0.id == id && $0.lost == nil }) else {
        throw JSONError(.invalid, "\"\(kind)\" before \"hello\"")
      }
      try take(kind, document, index, now)
    } catch {
      if let index = testers.firstIndex(where: { $0.id == id }) {
        lose(index, "said what can't be read: \(error)")
      }
      loop.close(id, code: 1008, reason: "not understood")
    }
    advance(now)
  }

  private func take(_ kind: String, _ document: JSONValue, _ index: Int, _ now: Double) throws(JSONError) {
    switch kind {
    case "ping":
      let ping = try JSON.decode(Coordination.Ping.self, from: document)
      send(Coordination.Pong(number: ping.number, atMs: MonotonicClock.nowMs()), to: testers[index].id)
    case "ready":
      testers[index].ready = try JSON.decode(Coordination.Ready.self, from: document)
    case "progress":
      testers[index].figures = try JSON.decode(Coordination.Progress.self, from: document).figures
    case "failed":
      lose(index, try JSON.decode(Coordination.Failed.self, from: document).reason)
      loop.close(testers[index].id, code: 1000, reason: "done")
    case "report":
      let report = try JSON.decode(Coordination.Report.self, from: document).report
      do throws(ReportError) {
        let name = testers[index].hello.name
        let read = try ReportDocument(report, name: name)
        // Whatever can't be merged is found here, not when all are in.
        _ = try ReportMerge.merged([read] + testers.compactMap(\.report).prefix(1))
        testers[index].report = read
      } catch {
        lose(index, error.description)
      }
      send(Coordination.Thanks(), to: testers[index].id)
      loop.close(testers[index].id, code: 1000, reason: "done")
    default: throw JSONError(.invalid, "unknown message \"\(kind)\"")
    }
  }

  private func greet(_ id: ConnectionID, _ hello: Coordination.Hello) throws(JSONError) {
    guard hello.version == Coordination.version else {
      throw JSONError(.invalid, "version \(hello.version), expected \(Coordination.version)")
    }
    guard stage == .gathering, !testers.contains(where: { $0.id == id }) else {
      throw JSONError(.invalid, "a second hello, or one too late")
    }
    loop.setMessageBytesMax(id, Coordination.messageBytesMax)
    testers.append(Member(id: id, hello: hello))
    say("\(hello.name) is here, \(testers.count { $0.lost == nil }) of \(plan.testers)")
  }

  public func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    guard var texts = waiting[id], !texts.isEmpty else { return }
    buffer.send(.text, copying: texts.removeFirst())
    buffer.more = !texts.isEmpty
    waiting[id] = texts.isEmpty ? nil : texts
  }

  public func closed(_ id: ConnectionID, _ end: ConnectionEnd) {
    waiting[id] = nil
    guard stage != .over, let index = testers.firstIndex(where: { $0.id == id }) else { return }
    testers[index].isGone = true
    lose(index, "the connection ended")
    advance(MonotonicClock.nowMs())
  }

  public func tick(_ timing: TickTiming) {
    let now = MonotonicClock.nowMs()
    advance(now)
    guard now >= nextProgressMs, stage == .running else { return }
    nextProgressMs = now + plan.options.progressSeconds * 1000
    let known = testers.filter { !$0.isOver }.compactMap(\.figures)
    guard !known.isEmpty else { return }
    let figures = LiveFigures.merged(known)
    guard let whenProgress else { return say(figures.line) }
    whenProgress(
      figures,
      testers.map { tester in
        let state =
          tester.lost.map { "lost: \($0)" } ?? (tester.report != nil ? "done" : tester.figures?.line ?? "")
        return "  \(tester.hello.name)  \(state)"
      })
  }

  public func stopRequested(signal: Int32) { stop("stopped by a signal") }

  private func stop(_ reason: String) {
    // The second time, or before anything began: at once.
    guard stage == .running, stopReason == nil else { return finish() }
    stopReason = reason
    for tester in testers where !tester.isOver { send(Coordination.Stop(reason: reason), to: tester.id) }
    deadlineMs = min(deadlineMs, MonotonicClock.nowMs() + 20_000)
  }

  private func send<T: Encodable>(_ message: T, to id: ConnectionID) {
    waiting[id, default: []].append(Coordination.text(message))
    loop.requestWritable(id)
  }

  // MARK: The report

  private func merged() throws(LoadtestError) -> ReportDocument {
    for index in testers.indices where !testers[index].isOver { testers[index].lost = "no report at the end" }
    let reports = testers.compactMap(\.report)
    guard !reports.isEmpty else {
      let reasons = testers.map { "\($0.hello.name): \($0.lost ?? "")" }
      throw LoadtestError(
        reasons.isEmpty
          ? "stopped before \(plan.testers) testers were here"
          : "no tester delivered a report: " + reasons.joined(separator: "; "))
    }
    var report: ReportDocument
    do {
      report = try ReportMerge.merged(reports)
    } catch {
      throw LoadtestError(error.description)
    }
    report.root["scenarioSettings"] = .object(plan.options.scenario.settings)
    report.root["testers"] = .array(testers.map { $0.entry })
    if let reader = testers.first(where: { $0.share?.metrics != nil }), reader.lost != nil,
      case .object(var server)? = report.root["server"]
    {
      server["metricsProblem"] = .string("the tester that read them, \(reader.hello.name), was lost")
      report.root["server"] = .object(server)
    }
    return report
  }
}
