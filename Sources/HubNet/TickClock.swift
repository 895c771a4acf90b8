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

  /// Nil when the sleep ended early.
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
