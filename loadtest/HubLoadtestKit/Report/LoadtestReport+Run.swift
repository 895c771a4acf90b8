import HubClient

extension LoadtestReport {
  /// What a finished run has counted.
  init(_ run: LoadTest) {
    scenario = run.options.scenario.name
    scenarioSettings = run.options.scenario.settings
    seed = run.options.seed
    avatars = run.options.avatars
    viewers = run.options.viewerCount
    drained = run.bots.count { $0.isDrained }
    seconds = run.measuredMs / 1000
    machine = .this()
    interruption = run.interruption
    checker = run.checker
    bytes = run.bytesMeasured
    bytesPerClientSecond = run.bytesPerClientSecond
    staleness = run.staleness
    frameAgeMs = run.frameAgeMs
    timeToAppear = run.timeToAppear
    changesUnseen = run.changesUnseen
    neverAppeared = run.neverAppeared
    ghosts = run.ghosts
    problems = run.problems
    startedAt = run.startedAt
    timeline = run.timeline
    corrections = run.corrections
    metricsProblem = run.metricsProblem
    if run.options.metrics == nil { metricsProblem = "not asked for" }
    people = People()
    people.joined = run.joined
    people.resumed = run.resumed
    people.resumesPlanned = run.resumesPlanned
    people.portals = run.portals
    people.movesPerSecond = seconds > 0 ? Double(run.movesMeasured) / seconds : 0
    people.chatsSent = run.chatsSent
    people.chatsDelivered = run.chatsDelivered
    people.announcedLeaves = run.announcedLeaves
    people.vanished = run.vanishedCount
    people.unexpectedEnds = run.unexpectedEnds
    people.connectFailures = run.connectFailures
    people.reconnects = run.reconnects
    aligned = run.aligned
    joinMs = run.joinMs
    tickInstability = run.rhythm.instability
    faults = run.options.faults
    framesDropped = run.framesDropped
    let (scenario, trouble) = (run.options.scenario, run.trouble!)
    if scenario.storm != nil {
      storm = Storm(
        cut: trouble.cut, backWithin5s: trouble.backWithin5s, lost: trouble.lost, backMs: trouble.backMs)
    }
    if scenario.readers != nil {
      badReaders = BadReaders(
        count: trouble.badReaders, closed: trouble.closedReaders, notRecovered: trouble.notRecovered,
        recoveryMs: trouble.recoveryMs, stalenessBeforeMs: trouble.staleBefore,
        stalenessSinceMs: trouble.staleSince, frameAgeBeforeMs: trouble.frameAgeBefore,
        frameAgeSinceMs: trouble.frameAgeSince)
    }
    if scenario.hostile != nil {
      hostile = Attacks(sent: trouble.attacks, closed: trouble.attackersClosed)
    }
    if scenario.voice != nil {
      let traffic = run.voiceMeasured
      voice = Voice(
        links: traffic.links, begun: traffic.linked, ended: traffic.unlinked, offers: traffic.offers,
        answers: traffic.answers, candidates: traffic.candidates, glares: traffic.glares,
        restarts: traffic.restarts, crossed: traffic.crossed, misdirected: traffic.misdirected,
        unsettled: traffic.unsettled,
        messagesPerSecond: seconds > 0 ? Double(traffic.relayed) / seconds : 0, relayMs: traffic.relayMs,
        setupMs: traffic.setupMs)
    }
    loadtester = Loadtester(stepLatenessMs: run.stepLatenessMs, lateTurns: run.pool.lateTurns)
    if let before = run.usageBefore, let after = run.usageAfter, seconds > 0 {
      loadtester.cpuCores = (after.cpuSeconds - before.cpuSeconds) / seconds
      loadtester.rssBytes = after.residentBytes
      let perSecond = (after.cpuSeconds - before.cpuSeconds) / seconds
      loadtester.cpuMicrosPerBotSecond = perSecond * 1e6 / Double(run.options.avatars)
    }
    server = Server()
    if let before = run.metricsBefore, let after = run.metricsAfter, seconds > 0 {
      server = Server(before, after, seconds: seconds)
      let idle = run.metricsAtStart?["process_resident_memory_bytes"]
      if let idle, let now = before["process_resident_memory_bytes"] {
        server.rssBytesPerClient = max(now - idle, 0) / Double(avatars)
      }
    }
  }
}

extension LoadtestReport.Server {
  /// The growth of the server's counters between two readings.
  public init(_ before: ServerMetrics, _ after: ServerMetrics, seconds: Double) {
    func grown(_ name: String) -> Int? { after.growth(name, since: before).map { Int($0) } }
    ticks = grown("hub_ticks_total")
    skippedOwnWork = grown("hub_ticks_skipped_total{cause=\"own_work\"}")
    let scheduler = grown("hub_ticks_skipped_total{cause=\"scheduler\"}")
    if let skippedOwnWork, let scheduler { skipped = skippedOwnWork + scheduler }
    func ms(_ percent: Double, _ name: String) -> Double? {
      after.percentile(percent, of: name, since: before).map { $0 * 1000 }
    }
    latenessMsP50 = ms(50, "hub_tick_lateness_seconds")
    latenessMsP99 = ms(99, "hub_tick_lateness_seconds")
    durationMsP50 = ms(50, "hub_tick_duration_seconds")
    durationMsP99 = ms(99, "hub_tick_duration_seconds")
    let cpu = after.growth("process_cpu_seconds_total", since: before)
    cpuCores = cpu.map { $0 / seconds }
    rssBytes = after["process_resident_memory_bytes"].map { Int($0) }
    if let cpu, let frames = grown("hub_frames_total"), frames > 0 {
      cpuMicrosPerFrame = cpu * 1e6 / Double(frames)
    }
  }
}
