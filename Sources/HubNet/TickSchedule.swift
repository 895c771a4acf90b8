/// Why whole ticks were left out.
public enum SkipCause: Sendable, Equatable {
  /// We were late even without the time the scheduler withheld.
  case ownWork
  /// Without the wait for a processor (run delay) no tick would have been skipped.
  case scheduler
}

/// What one tick is told about time.
public struct TickTiming: Sendable, Equatable {
  /// Number of the tick; follows real time: tick n is planned n periods after tick 0, and skipped ticks count.
  public var index: UInt64
  /// How long after its planned instant it starts.
  public var latenessMicroseconds: Int64
  /// Ticks left out right before this one.
  public var skipped: Int
  /// Nil when none was skipped.
  public var skipCause: SkipCause?
  /// What the thread did since the tick before.
  public var last: TickCost

  package init(
    index: UInt64, latenessMicroseconds: Int64, skipped: Int, skipCause: SkipCause? = nil,
    last: TickCost = TickCost()
  ) {
    self.index = index
    self.latenessMicroseconds = latenessMicroseconds
    self.skipped = skipped
    self.skipCause = skipCause
    self.last = last
  }
}

/// The thread's bill from the start of one tick to the start of the next.
public struct TickCost: Sendable, Equatable {
  /// Processor time of the tick itself and of everything in between.
  public var tickCPUMicroseconds: Int64 = 0
  public var totalCPUMicroseconds: Int64 = 0
  /// Wall time of the tick itself.
  public var tickMicroseconds: Int64 = 0
  /// Time the thread was ready but waited for a processor (`/proc/thread-self/schedstat`).
  public var runDelayMicroseconds: Int64 = 0
}

/// The plan of a fixed clock from absolute deadlines. Pure: the caller brings the time.
///
/// Overrun rule: a tick that is a whole period late may run once (catch-up); if the next is again a whole period late,
/// or if more than one tick is overdue, whole ticks are left out. So a stall costs at most two ticks close together.
package struct TickSchedule {
  package struct Due: Equatable {
    package var index: UInt64
    package var latenessNs: Int64
    package var skipped: Int
    /// Lateness before skipping, and how much of it there must be for a skip.
    var latenessBeforeNs: Int64
    var skipsFromNs: Int64

    /// The scheduler's fault if, without the wait for a processor, nothing would have been skipped.
    package func skipCause(runDelayNs: Int64) -> SkipCause? {
      skipped == 0 ? nil : latenessBeforeNs - runDelayNs < skipsFromNs ? .scheduler : .ownWork
    }
  }

  let startNs: Int64
  let periodNs: Int64
  package private(set) var next: UInt64 = 0
  private var caughtUp = false

  package init(startNs: Int64, periodNs: Int64) {
    precondition(periodNs > 0)
    self.startNs = startNs
    self.periodNs = periodNs
  }

  /// The planned instant of the next tick.
  package var deadlineNs: Int64 { startNs + Int64(next) * periodNs }

  /// The tick to run now, or nil while its time has not come.
  package mutating func due(nowNs: Int64) -> Due? {
    var late = nowNs - deadlineNs
    guard late >= 0 else { return nil }
    let behind = late / periodNs
    let skipped = behind == 0 ? 0 : caughtUp ? behind : behind - 1
    let before = late
    let skipsFrom = caughtUp ? periodNs : 2 * periodNs
    caughtUp = behind > skipped
    next += UInt64(skipped)
    late -= skipped * periodNs
    defer { next += 1 }
    return Due(
      index: next, latenessNs: late, skipped: Int(skipped), latenessBeforeNs: before, skipsFromNs: skipsFrom)
  }
}
