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
  private var truths: [TrueAvatar] = []
  private var truthIndex: [UInt16: Int] = [:]
  private var lastStepMs = 0.0
  private var nextSecondMs = 0.0
  private var nextBatchMs = 0.0
  var nextProgressMs = 0.0
  var departing: [(atMs: Double, bot: Int, how: Bot.Presence)] = []
  private var pickRandom: SeededRandom

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
    for number in 0..<options.avatars {
      // Viewers are spread evenly over the order of arrival.
      let viewers = options.viewerCount
      let isViewer = (number * viewers) / options.avatars != ((number + 1) * viewers) / options.avatars
      let bot = Bot(self, number: number, isViewer: isViewer)
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
    guard stage == .measuring else { return }
    nextSecondMs = now + 1000
    for bot in bots {
      _ = bot.takeBytesOfSecond()
      bot.bytes = ByteAccount()
      bot.nextSampleMs = now + pickRandom.unit() * 350
    }
    movesBefore = movesSent
    chatsSent = 0
    chatsDelivered = 0
    staleness = .milliseconds()
    usageBefore = OwnUsage.now()
    startedAt = Date().ISO8601Format()
    timeline.begin(edge(now), metricsBefore)
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

  // MARK: Looking

  /// Viewers are looked at in batches, each once in 350 ms: where everybody truly is is worked out once a batch.
  private func sampleDue(_ now: Double) {
    guard now >= nextBatchMs else { return }
    nextBatchMs = max(nextBatchMs + 25, now)
    for space in grounds.indices {
      var isFilled = false
      for viewer in bots
      where viewer.isViewer && viewer.space == space && viewer.nextSampleMs <= now && viewer.isHere {
        if !isFilled { fillTruths(space, now) }
        isFilled = true
        viewer.nextSampleMs = max(viewer.nextSampleMs + 350, now + 100)
        sample(viewer, now)
      }
    }
  }

  private func fillTruths(_ space: Int, _ now: Double) {
    truths.removeAll(keepingCapacity: true)
    truthIndex.removeAll(keepingCapacity: true)
    var roll: [(bot: Int, id: EntityID, mustShow: Bool)] = []
    for bot in bots where bot.space == space && bot.isHere {
      guard let id = bot.id, let pose = bot.truth(nowMs: now) else { continue }
      truthIndex[id.rawValue] = truths.count
      if trace != nil { roll.append((bot.number, id, bot.isSettled(now))) }
      truths.append(
        TrueAvatar(
          id: id, x: pose.x, y: pose.y, z: pose.z, yaw: pose.yaw, isMoving: pose.speed > 0,
          mustShow: bot.isSettled(now)))
    }
    trace?.roll(space, now, roll)
  }

  /// Where the bot behind an avatar truly was; nil where that is not known, or its place is not the hub's business yet.
  func truthBack(_ id: EntityID, atMs ms: Double) -> MotionPose? {
    let owner = owners[Int(id.rawValue)]
    guard owner >= 0, bots[Int(owner)].isSettled(ms) else { return nil }
    return bots[Int(owner)].walker?.poseBack(atMs: ms)
  }

  /// The nearest 16 and 32 others, anew every five seconds.
  private func chooseWatched(_ viewer: Bot, _ own: TrueAvatar, _ now: Double) {
    guard now - viewer.watched.chosenMs > 5000 else { return }
    var others: [(distance: Double, id: EntityID)] = []
    for avatar in truths where avatar.id != own.id {
      let (dx, dz) = (avatar.x - own.x, avatar.z - own.z)
      others.append((dx * dx + dz * dz, avatar.id))
    }
    others.sort { ($0.distance, $0.id.rawValue) < ($1.distance, $1.id.rawValue) }
    var ids = others.prefix(16).map(\.id)
    let rest = others.dropFirst(16)
    if !rest.isEmpty {
      for _ in 0..<min(32, rest.count) {
        let id = rest[rest.startIndex + pickRandom.below(rest.count)].id
        if !ids.contains(id) { ids.append(id) }
      }
    }
    viewer.watched.choose(ids, nowMs: now, &aligned)
  }

  private func sampleDrawn(_ viewer: Bot, _ own: TrueAvatar, tick: Double) {
    for entry in viewer.watched.entries {
      guard let index = truthIndex[entry.id.rawValue], let drawn = entry.drawn(tick) else { continue }
      let avatar = truths[index]
      let (dx, dy, dz) = (drawn.x - avatar.x, drawn.y - avatar.y, drawn.z - avatar.z)
      let (vx, vy, vz) = (avatar.x - own.x, avatar.y - own.y, avatar.z - own.z)
      checker.noteDrawn(
        (dx * dx + dy * dy + dz * dz).squareRoot(),
        distance: (vx * vx + vy * vy + vz * vz).squareRoot(), isMoving: avatar.isMoving)
    }
  }

  private func sample(_ viewer: Bot, _ now: Double) {
    let session = viewer.client.session
    guard let frameTick = session.frameTick, let own = truths.first(where: { $0.id == viewer.id }) else {
      return
    }
    // Without frames a client carries predictions on for a second, then lets everybody rest.
    let tick = min(session.clock.tick(atMs: now), Double(frameTick) + 20)
    let ageMs = max(now - session.clock.localMs(ofTick: Double(frameTick)), 0)
    frameAgeMs.record(ageMs)
    trouble.noteFrameAge(ageMs, now)
    sampleDrawn(viewer, own, tick: tick)
    chooseWatched(viewer, own, now)
    trace?.sample(viewer.number, tick: tick, isSettled: viewer.isSettled(now), now)
    session.withReplica { replica in
      checker.sample(
        replica, tick: tick, viewer: own, viewerIsSettled: viewer.isSettled(now),
        viewerIsShort: session.frameHeader?.flags.contains(.interestReduced) == true, frameAgeMs: ageMs,
        truth: truths.span)
      replica.forEachShown { shown in
        guard let why = ghost(shown.id, for: viewer, now) else { return }
        ghosts += 1
        let ageMs = now - session.clock.localMs(ofTick: Double(session.frameTick ?? 0))
        problem(
          "ghost: \(why), " + (ageMs > 500 ? "viewer without a frame for over 500 ms" : "viewer up to date"))
      }
    }
  }

  /// Why nobody should be shown there any more; nil: somebody should.
  private func ghost(_ id: EntityID, for viewer: Bot, _ now: Double) -> String? {
    if departures.isGhost(id, nowMs: now) { return "left" }
    let owner = owners[Int(id.rawValue)]
    guard owner >= 0 else { return nil }
    let bot = bots[Int(owner)]
    // It told us itself, over a second ago, that it is in another space, and it is not on its way back: in a portal the
    // hub may have moved it already, and others may see it before it hears so itself.
    guard bot.isHere, bot.space != viewer.space, bot.walker?.isInPortal == false,
      now - bot.sinceMs > Departures.graceMs,
      now - viewer.sinceMs > Departures.graceMs
    else { return nil }
    return "in another space"
  }

  /// Goes through what a viewer waits to see; what was seen or has taken too long is told and dropped.
  func look(
    for pending: inout [Bot.Pending], of viewer: Bot, _ now: Double,
    seen: (Bot.Pending, ShownEntity?) -> Bool,
    done: (Double?) -> Void
  ) {
    viewer.client.session.withReplica { replica in
      var kept = 0
      for index in pending.indices {
        let item = pending[index]
        if seen(item, replica.entity(item.id)) {
          done(max(now - item.sinceMs, 0))
        } else if !isStillThere(item.id, viewer) {
          // Gone elsewhere meanwhile: nothing to wait for.
          continue
        } else if now - item.sinceMs > Bot.pendingMaxMs {
          done(nil)
        } else {
          pending[kept] = item
          kept += 1
        }
      }
      pending.removeLast(pending.count - kept)
    }
  }

  private func isStillThere(_ id: EntityID, _ viewer: Bot) -> Bool {
    let owner = owners[Int(id.rawValue)]
    return owner >= 0 && bots[Int(owner)].isHere && bots[Int(owner)].space == viewer.space
  }

  func announceNewcomer(_ bot: Bot, _ now: Double) {
    guard let id = bot.id, let at = bot.truth(nowMs: now) else { return }
    for viewer in bots
    where viewer.isViewer && viewer !== bot && viewer.space == bot.space && viewer.isSettled(now) {
      guard let from = viewer.truth(nowMs: now) else { continue }
      let distance = ((at.x - from.x) * (at.x - from.x) + (at.z - from.z) * (at.z - from.z)).squareRoot()
      guard distance <= options.sightMeters, viewer.newcomers.count < 256 else { continue }
      viewer.newcomers.append(Bot.Pending(id: id, animation: 0, sinceMs: now))
    }
  }

  /// Up to three viewers of the space watch for a change of what a body does.
  func announceChange(_ change: Bot.Pending, in space: Int, from bot: Bot) {
    guard stage == .measuring else { return }
    for _ in 0..<3 {
      let viewer = bots[pickRandom.below(bots.count)]
      guard viewer.isViewer, viewer !== bot, viewer.space == space, viewer.isSettled(change.sinceMs) else {
        continue
      }
      // A newer change of the same body takes the older one's place: the older can't be seen any more.
      viewer.changes.removeAll { $0.id == change.id }
      let shows = viewer.client.session.withReplica { $0.entity(change.id)?.predictor.animation }
      guard let shows, let shows, shows != change.animation, viewer.changes.count < 64 else { continue }
      viewer.changes.append(change)
    }
  }
}
