import HubClient
import HubKernel
import HubNet

/// The course of a run.
extension LoadTest {
  private static let patienceMs = 15_000.0
  /// The hub owes each client a frame every 250 ms: silence for this long at all of them is no accident.
  private static let silenceMsMax = 10_000.0

  func advance(_ now: Double) {
    if stage == .settling || stage == .measuring, now - lastHeardMs > Self.silenceMsMax {
      interruption = "the server has sent nothing for 10 s: it hangs, or the way to it is cut"
      return finish(now)
    }
    if let outcome = startProbe?.outcome {
      startProbe = nil
      if case .success(let metrics) = outcome, joined == 0 { metricsAtStart = metrics }
    }
    switch stage {
    case .arriving:
      guard now >= nextCountMs else { return }
      nextCountMs = now + 50
      if now >= arrivalsEndMs, here == bots.count || now - arrivalsEndMs > Self.patienceMs {
        enter(.settling, now)
      }
      if joined == 0, connectFailures > 0, now - startMs > 3000 {
        interruption =
          "the server does not take connections: \(problems.keys.sorted().first ?? "no reason given")"
        finish(now)
      } else if joined == 0, now - arrivalsEndMs > Self.patienceMs {
        interruption = "the server takes connections, but let nobody in for 15 s"
        finish(now)
      }
    case .settling:
      guard now - stageSinceMs >= options.scenario.settleSeconds * 1000, now >= measureAtMs ?? now else {
        return
      }
      guard let address = options.metrics else { return enter(.measuring, now) }
      guard let probe else {
        probe = MetricsProbe(address)
        return
      }
      guard let outcome = probe.outcome else { return }
      self.probe = nil
      take(outcome) { metricsBefore = $0 }
      enter(.measuring, now)
    case .measuring:
      defer { if now >= nextCountMs { nextCountMs = now + 100 } }
      if now >= nextCountMs, here == 0, !trouble.isStormy(now) {
        interruption = "no bot is connected any more"
        finish(now)
      } else if now - stageSinceMs >= Double(options.seconds) * 1000 {
        finish(now)
      }
    case .leaving:
      if let outcome = probe?.outcome {
        probe = nil
        take(outcome) {
          metricsAfter = $0
          timeline.note($0, askedMs: stageSinceMs, second: timeline.seconds.count - 1)
        }
        for bot in bots where bot.presence == .here || bot.part == .hostile {
          bot.presence = .leaving
          pool.leave(bot.client)
        }
      }
      let isEmpty = bots.allSatisfy { !$0.client.isConnected }
      if probe == nil, isEmpty || now - stageSinceMs > 8000 {
        enter(.over, now)
        pool.stop()
      }
    case .over: break
    }
  }

  /// Ends the measurement and sends everybody home.
  func finish(_ now: Double) {
    guard stage != .leaving, stage != .over else {
      pool.stop()
      return
    }
    if stage == .measuring {
      countLastSecond(now)
      measuredMs = now - stageSinceMs
      bytesMeasured = bots.reduce(ByteAccount()) { $0 + $1.bytes }
      movesMeasured = movesSent - movesBefore
      voice.links = bots.reduce(0) { $0 + ($1.voice?.linkCount ?? 0) } / 2
      voice.unsettled = bots.reduce(0) { $0 + ($1.isHere ? $1.voice?.unsettledCount(now) ?? 0 : 0) }
      voiceMeasured = voice
    }
    usageAfter = OwnUsage.now()
    trouble.end(now)
    if stage == .measuring { trace?.edge(begins: false, now) }
    departing.removeAll()
    enter(.leaving, now)
    if let address = options.metrics, metricsBefore != nil {
      probe = MetricsProbe(address)
    } else {
      for bot in bots where bot.presence == .here {
        bot.presence = .leaving
        pool.leave(bot.client)
      }
    }
  }

  private func take(_ outcome: Result<ServerMetrics, FetchError>, _ keep: (ServerMetrics) -> Void) {
    switch outcome {
    case .success(let metrics): keep(metrics)
    case .failure(let error): metricsProblem = error.description
    }
  }

  var here: Int { bots.reduce(0) { $0 + ($1.isHere ? 1 : 0) } }

  // MARK: Leaving on purpose, and not

  func departDue(_ now: Double) {
    while let next = departing.last, next.atMs <= now {
      departing.removeLast()
      let bot = bots[next.bot]
      guard bot.presence == .here, let id = bot.id else { continue }
      bot.presence = next.how
      switch next.how {
      case .leaving:
        announcedLeaves += 1
        departures.left(id, nowMs: now)
        pool.leave(bot.client)
      case .vanished:
        vanishedCount += 1
        departures.vanished(id, nowMs: now)
        pool.vanish(bot.client)
      default:
        resumesPlanned += 1
        pool.vanish(bot.client)
      }
    }
  }

  func noteEnd(of bot: Bot, _ end: ConnectionEnd, retryMs: Double?, nowMs: Double) {
    if bot.part == .hostile, stage != .leaving, stage != .over {
      trouble.noteEnd(ofHostile: bot, end)
      return
    }
    switch bot.presence {
    case .leaving, .vanished:
      guard stage == .measuring else { return }
      // Somebody new comes in its place.
      let client = pool.replace(bot.client, bot.configuration(), owner: bot)
      bot.client = client
      pool.start(client, atMs: nowMs + 3000)
      return
    case .resuming: return
    case .away, .joining, .here: break
    }
    guard stage != .leaving, stage != .over else { return }
    switch end {
    case .connectFailed(let reason):
      connectFailures += 1
      problem("connect: \(reason)")
    case .closedByPeer(let code, let reason):
      unexpectedEnds += 1
      problem("closed by the server: \(code) \(reason)")
    case .closedHere(let code):
      unexpectedEnds += 1
      problem("closed here: \(code)")
    case .lost:
      unexpectedEnds += 1
      problem("connection lost")
    case .loopStopped: break
    }
    if retryMs != nil { reconnects += 1 }
  }

  // MARK: Progress

  func tellProgress(_ now: Double) {
    nextProgressMs = now + options.progressSeconds * 1000
    guard stage != .over else { return }
    var figures = LiveFigures()
    figures.stage = "\(stage)"
    figures.here = here
    figures.bots = bots.count
    figures.secondsPassed = max((now - stageSinceMs) / 1000, 0)
    switch stage {
    case .settling: figures.secondsLong = options.scenario.settleSeconds
    case .measuring: figures.secondsLong = Double(options.seconds)
    default: break
    }
    if let second = timeline.newest { figures.take(second) }
    // What a second had too few of is told for the whole run so far.
    if stage == .measuring, figures.stalenessP99Ms == nil {
      figures.stalenessP99Ms = staleness.percentile(99)
    }
    figures.failedConnections = unexpectedEnds + connectFailures
    if let whenProgress { whenProgress(figures) } else { say(figures.line) }
  }
}
