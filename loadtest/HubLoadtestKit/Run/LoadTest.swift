import Foundation
import HubClient
import HubJSON
import HubKernel
import HubReplication
import HubScene
import HubServer
import HubWire

/// Why a run could not be made.
public struct LoadtestError: Error, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// One run: bots arrive, settle, are measured for some seconds, leave. Everything happens on the calling thread.
public final class LoadTest {
  enum Stage: Equatable { case arriving, settling, measuring, leaving, over }

  let options: LoadtestOptions
  /// Progress lines go here.
  let say: (String) -> Void
  /// Takes the place of the progress lines, on the thread of the run.
  public var whenProgress: ((LiveFigures) -> Void)?
  private(set) var pool: ClientPool!
  private(set) var bots: [Bot] = []
  private(set) var grounds: [Walker.Ground] = []
  var trouble: Trouble!
  private(set) var trace: Trace?
  var aligned = AlignedCheck()
  var rhythm = TickRhythm()
  /// The server's memory before the first bot came.
  var metricsAtStart: ServerMetrics?
  var startProbe: MetricsProbe?
  private(set) var spaceIndex: [String: Int] = [:]
  private(set) var owners = [Int32](repeating: -1, count: 65_536)
  private var homes: [(x: Double, z: Double)] = []
  private var homeSpace = -1

  // What is counted over the whole run.
  var joined = 0
  var resumed = 0
  var portals = 0
  var movesSent = 0
  var chatsSent = 0
  var chatsDelivered = 0
  var neverAppeared = 0
  var changesUnseen = 0
  var corrections: [String: Int] = [:]
  var problems: [String: Int] = [:]
  var timeToAppear = Distribution.milliseconds()
  var staleness = Distribution.milliseconds()
  var unexpectedEnds = 0
  var connectFailures = 0
  var framesDropped = 0
  var reconnects = 0
  var announcedLeaves = 0
  var vanishedCount = 0
  var ghosts = 0
  var departures = Departures()
  // What is counted while measuring.
  var voice = VoiceTraffic()
  var checker: PoseChecker
  var bytesPerClientSecond = Distribution.bytes()
  var stepLatenessMs = Distribution.milliseconds()
  var frameAgeMs = Distribution.milliseconds()
  var timeline = Timeline()
  private(set) var startedAt = ""

  /// From the planned instant of a bot's arrival until it stands in a space: waits of the connection itself included.
  var joinMs = Distribution.milliseconds()
  /// When any bot last heard anything.
  var lastHeardMs = 0.0
  var nextCountMs = 0.0
  /// Where several testers begin together: instants by this machine's clock.
  var startAtMs: Double?
  var measureAtMs: Double?

  var stage = Stage.arriving
  var stageSinceMs = 0.0
  var startMs = 0.0
  var measuredMs = 0.0
  var interruption: String?
  var truths: [TrueAvatar] = []
  var truthIndex: [UInt16: Int] = [:]
  private var lastStepMs = 0.0
  private var nextSecondMs = 0.0
  var nextBatchMs = 0.0
  var nextProgressMs = 0.0
  var departing: [(atMs: Double, bot: Int, how: Bot.Presence)] = []
  var pickRandom: SeededRandom

  // Readings at the edges of the measurement.
  var probe: MetricsProbe?
  private var secondProbe: (probe: MetricsProbe, askedMs: Double, second: Int)?
  var metricsBefore: ServerMetrics?
  var metricsAfter: ServerMetrics?
  var metricsProblem: String?
  var usageBefore: OwnUsage?
  var usageAfter: OwnUsage?
  var movesBefore = 0
  var resumesPlanned = 0
  /// Of the measurement alone; set when it ends.
  var bytesMeasured = ByteAccount()
  var movesMeasured = 0
  var voiceMeasured = VoiceTraffic()

  /// Fetches the world and plans where bots may walk.
  /// - Throws: ``LoadtestError`` when the server is not there or its world can't be read.
  public init(_ options: LoadtestOptions, say: @escaping (String) -> Void) throws(LoadtestError) {
    self.options = options
    self.say = say
    checker = PoseChecker(sightMeters: options.sightMeters)
    pickRandom = SeededRandom(seed: options.seed ^ 0x00C0_FFEE)
    let world = try RemoteWorld.fetch(options.server)
    try plan(world)
    do {
      pool = try ClientPool(
        target: options.server.target, clientsMax: options.avatars, seed: options.seed,
        handlesSignals: options.handlesSignals, isCrowd: true)
    } catch {
      throw LoadtestError("cannot start: \(error)")
    }
    // Of those who are no viewers: drained ones are spread over these.
    var other = 0
    for number in 0..<options.avatars {
      // Viewers are spread evenly over the order of arrival.
      let viewers = options.viewerCount
      let isViewer = (number * viewers) / options.avatars != ((number + 1) * viewers) / options.avatars
      let (drained, others) = (options.avatars - options.readerCount, options.avatars - viewers)
      let isDrained = !isViewer && (other * drained) / others != ((other + 1) * drained) / others
      if !isViewer { other += 1 }
      let bot = Bot(self, number: number, isViewer: isViewer, isDrained: isDrained)
      bot.client = pool.add(bot.configuration(), owner: bot)
      bots.append(bot)
    }
    trouble = Trouble(self)
    if let path = options.tracePath { trace = try Trace(path: path, header: traceHeader) }
  }

  private var traceHeader: JSONObject {
    JSONObject([
      .init("format", .int(1)), .init("scenario", .string(options.scenario.name)),
      .init("seed", .string(String(options.seed))), .init("avatars", .int(Int64(bots.count))),
      .init("viewers", .array(bots.filter(\.isViewer).map { .int(Int64($0.number)) })),
      .init("sightMeters", .real(options.sightMeters)),
    ])
  }

  private func plan(_ world: World) throws(LoadtestError) {
    for space in world.spaces {
      let plan = FloorPlan(space)
      let portals = space.areas.areas.filter { $0.purpose == .portal && !$0.locked && isTaken($0.portal) }
        .compactMap { RouteField(plan, into: $0.box, in: space) }
      spaceIndex[space.id] = space.index
      grounds.append(Walker.Ground(plan: plan, portals: portals))
    }
    guard let name = options.scenario.space else { return }
    guard let index = spaceIndex[name] else {
      throw LoadtestError(
        "scenario \(options.scenario.name) needs a space \"\(name)\", and the server's world has none")
    }
    homeSpace = index
    makeHomes(world.spaces[index])
  }

  private func isTaken(_ destination: Destination?) -> Bool {
    guard let wanted = options.scenario.style.portalsTo else { return true }
    return destination.map { wanted.contains($0.space) } ?? false
  }

  /// Places around a few points, denser towards them, in the region that newcomers arrive in.
  private func makeHomes(_ space: Space) {
    let plan = grounds[homeSpace].plan
    var random = SeededRandom(seed: options.seed &+ 77)
    let arrival = space.spawns.first.flatMap {
      plan.nearestUsable(x: $0.position.x, z: $0.position.z, within: max($0.radius, 3))
    }
    guard let region = arrival.flatMap({ plan.region(of: $0) }), options.scenario.clusters > 0 else { return }
    let cells = plan.regions[region]
    let centers = (0..<options.scenario.clusters).map { _ in
      plan.center(Int(cells[random.below(cells.count)]))
    }
    // Homes of bots before ours are drawn and dropped, so that everybody's is the same however a run is divided.
    for number in 0..<options.firstBot + options.avatars {
      let center = centers[number % centers.count]
      var place = plan.center(Int(cells[random.below(cells.count)]))
      for _ in 0..<16 {
        // The sum of three uniforms is near enough to a bell; its standard deviation is a half.
        let spread = options.scenario.clusterMeters * 2
        func offset() -> Double { (random.unit() + random.unit() + random.unit() - 1.5) * spread }
        let (x, z) = (center.x + offset(), center.z + offset())
        if let cell = plan.cell(x: x, z: z), plan.region(of: cell) == region {
          place = (x, z)
          break
        }
      }
      if number >= options.firstBot { homes.append(place) }
    }
  }

  func home(of bot: Int, in space: Int) -> (x: Double, z: Double)? {
    space == homeSpace && bot < homes.count ? homes[bot] : nil
  }

  // MARK: Run

  /// Runs to the end, or until interrupted or given up; a partial report is a report.
  public func run() -> LoadtestReport {
    startMs = max(MonotonicClock.nowMs(), startAtMs ?? 0)
    stageSinceMs = startMs
    var arrivals = ArrivalPlan(options.scenario, bots: bots.count, seed: options.seed &+ 1)
    for bot in bots {
      bot.presence = .joining
      bot.plannedMs = startMs + 50 + arrivals.next()
      pool.start(bot.client, atMs: bot.plannedMs)
    }
    arrivalsEndMs = startMs + 50 + arrivals.lastMs
    pool.everyStep = { [unowned self] now in step(now) }
    pool.whenStopRequested = { [unowned self] in
      interruption = "stopped by a signal"
      finish(MonotonicClock.nowMs())
    }
    if let control = options.control {
      pool.whenWoken = { [unowned self] in
        guard let reason = control.reason, interruption == nil else { return }
        interruption = reason
        finish(MonotonicClock.nowMs())
      }
      control.attach(pool.handle)
    }
    startProbe = options.metrics.map { MetricsProbe($0) }
    pool.run()
    trace?.close()
    if let problem = trace?.problem { self.problem(problem) }
    return LoadtestReport(self)
  }

  private(set) var arrivalsEndMs = 0.0

  private func step(_ now: Double) {
    if lastStepMs > 0, stage == .measuring { stepLatenessMs.record(max(now - lastStepMs - 5, 0)) }
    lastStepMs = now
    advance(now)
    if stage == .measuring {
      sampleDue(now)
      if let (probe, askedMs, second) = secondProbe, let outcome = probe.outcome {
        secondProbe = nil
        if case .success(let metrics) = outcome { timeline.note(metrics, askedMs: askedMs, second: second) }
      }
      if now >= nextSecondMs { countSecond(now) }
    }
    departDue(now)
    trouble.step(now)
    if now >= nextProgressMs { tellProgress(now) }
  }

  func enter(_ stage: Stage, _ now: Double) {
    self.stage = stage
    stageSinceMs = now
    if stage == .settling {
      let overMs = options.scenario.settleSeconds * 500
      for bot in bots { bot.voice?.joinMs = now + overMs * (0.5 + pickRandom.unit()) }
    }
    guard stage == .measuring else { return }
    nextSecondMs = now + 1000
    for bot in bots {
      _ = bot.takeBytesOfSecond()
      bot.bytes = ByteAccount()
      bot.nextSampleMs = now + pickRandom.unit() * samplePeriodMs
    }
    movesBefore = movesSent
    chatsSent = 0
    chatsDelivered = 0
    staleness = .milliseconds()
    usageBefore = OwnUsage.now()
    startedAt = Date().ISO8601Format()
    timeline.begin(edge(now), metricsBefore)
    voice = VoiceTraffic()
    aligned = AlignedCheck()
    rhythm = TickRhythm()
    trace?.edge(begins: true, now)
    planDepartures(now)
    trouble.begin(now)
  }

  private func edge(_ now: Double) -> Timeline.Edge {
    let sum = bots.reduce(ByteAccount()) { $0 + $1.bytes }
    return Timeline.Edge(
      atMs: now, frames: sum.frames, bytes: sum.total, checker: checker, staleness: staleness,
      stepLatenessMs: stepLatenessMs, cpuSeconds: OwnUsage.now().cpuSeconds)
  }

  /// The last second of a measurement is over when the measurement is.
  func countLastSecond(_ now: Double) {
    if now >= nextSecondMs { countSecond(now, asksServer: false) }
  }

  private func countSecond(_ now: Double, asksServer: Bool = true) {
    nextSecondMs += 1000
    for bot in bots {
      let bytes = bot.takeBytesOfSecond()
      if bot.isHere { bytesPerClientSecond.record(Double(bytes)) }
    }
    trace?.second(bots.filter(\.isHere).map(\.number), now)
    timeline.end(edge(now), here: here)
    guard let address = options.metrics, metricsBefore != nil, secondProbe == nil, asksServer else { return }
    secondProbe = (MetricsProbe(address), now, timeline.seconds.count - 1)
  }

  private func planDepartures(_ now: Double) {
    let scenario = options.scenario
    let lengthMs = Double(options.seconds) * 1000
    // Bots that nobody looks through go first; with few bots viewers go as well.
    let wellBehaved = bots.filter { $0.part == .ordinary }
    var candidates =
      wellBehaved.filter { !$0.isViewer }.map(\.number) + wellBehaved.filter(\.isViewer).map(\.number)
    for (share, how) in [
      (scenario.leaveShare, Bot.Presence.leaving), (scenario.vanishShare, .vanished),
      (scenario.resumeShare, .resuming),
    ] {
      for _ in 0..<Int((share * Double(bots.count)).rounded()) where !candidates.isEmpty {
        let at = now + lengthMs * (0.1 + 0.6 * pickRandom.unit())
        departing.append((at, candidates.removeFirst(), how))
      }
    }
    departing.sort { $0.atMs > $1.atMs }
  }

  // MARK: Who is who

  func claim(_ id: EntityID, _ bot: Bot) {
    owners[Int(id.rawValue)] = Int32(bot.number)
    departures.came(id)
  }

  func release(_ id: EntityID, _ bot: Bot) {
    if owners[Int(id.rawValue)] == Int32(bot.number) { owners[Int(id.rawValue)] = -1 }
  }

  func problem(_ text: String) { problems[text, default: 0] += 1 }
}
