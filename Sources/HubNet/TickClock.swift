/// The schedule with the thread's meters: turns "a tick is due" into what the handler is told.
struct TickClock: ~Copyable {
  private var schedule: TickSchedule
  private let runDelay = RunDelayMeter()
  private var last = TickCost()
  private var beganNs: Int64 = 0
  private var beganCPUNs: Int64
  private var beganDelayNs: Int64

  init(startNs: Int64, periodNs: Int64) {
    schedule = TickSchedule(startNs: startNs, periodNs: periodNs)
    beganCPUNs = ThreadClock.cpuNs()
    beganDelayNs = runDelay.readNs()
  }

  var deadlineNs: Int64 { schedule.deadlineNs }

  /// Nil while no tick is due.
  mutating func begin() -> TickTiming? {
    let now = ThreadClock.monotonicNs()
    guard let due = schedule.due(nowNs: now) else { return nil }
    let cpu = ThreadClock.cpuNs()
    let delay = runDelay.readNs()
    last.totalCPUMicroseconds = (cpu - beganCPUNs) / 1000
    last.runDelayMicroseconds = (delay - beganDelayNs) / 1000
    defer {
      beganNs = now
      beganCPUNs = cpu
      beganDelayNs = delay
    }
    return TickTiming(
      index: due.index, latenessMicroseconds: due.latenessNs / 1000, skipped: due.skipped,
      skipCause: due.skipCause(runDelayNs: delay - beganDelayNs), last: last)
  }

  mutating func end() {
    last.tickMicroseconds = (ThreadClock.monotonicNs() - beganNs) / 1000
    last.tickCPUMicroseconds = (ThreadClock.cpuNs() - beganCPUNs) / 1000
  }
}

/// Ticks, each followed by its phases.
struct PhasedClock: ~Copyable {
  enum Due {
    case tick(TickTiming)
    case phase(Int, latenessMicroseconds: Int64)
  }

  private var clock: TickClock
  private let phases: Int
  private let phaseNs: Int64
  /// The next phase of the running tick; ``phases`` when all have been.
  private var phase: Int
  private var tickNs: Int64 = 0

  init(startNs: Int64, periodNs: Int64, phases: Int) {
    clock = TickClock(startNs: startNs, periodNs: periodNs)
    self.phases = phases
    phaseNs = periodNs / Int64(phases)
    phase = phases
  }

  private var phaseDeadlineNs: Int64 { tickNs + Int64(phase) * phaseNs }

  /// When something is due next.
  var deadlineNs: Int64 { phase < phases ? phaseDeadlineNs : clock.deadlineNs }

  /// What is due now: one thing at a time, the phases of a tick before the next tick.
  mutating func next(nowNs: Int64) -> Due? {
    if phase < phases {
      guard nowNs >= phaseDeadlineNs else { return nil }
      defer { phase += 1 }
      return .phase(phase, latenessMicroseconds: (nowNs - phaseDeadlineNs) / 1000)
    }
    guard let timing = clock.begin() else { return nil }
    // Counted from where the tick was planned, so that lateness does not add up.
    tickNs = nowNs - timing.latenessMicroseconds * 1000
    phase = 0
    return .tick(timing)
  }

  mutating func tickEnded() { clock.end() }
}
