import Foundation

/// Ticks from absolute deadlines: tick n is due n periods after the start, whatever the earlier ones took.
/// After an overrun at most one tick is caught up; the others are left out, and still count.
struct TickClock {
  struct Due {
    var first: UInt32
    var count: Int
    var skipped: Int
    var skippedByOwnWork: Bool
  }

  let periodMicroseconds: Int64
  let start: Int64
  private(set) var last: UInt32 = 0
  private var lastFinished: Int64
  private var runDelayAtFinish: Int64 = 0

  init(periodMicroseconds: Int64, now: Int64) {
    self.periodMicroseconds = periodMicroseconds
    start = now
    lastFinished = now
    runDelayAtFinish = Self.runDelayMicroseconds()
  }

  func deadline(_ tick: UInt32) -> Int64 { start + Int64(tick) * periodMicroseconds }
  var nextDeadline: Int64 { deadline(last + 1) }

  /// What is to be run now; nothing before the next deadline.
  func due(now: Int64) -> Due {
    let reached = UInt32(max(0, (now - start) / periodMicroseconds))
    guard reached > last else { return Due(first: last + 1, count: 0, skipped: 0, skippedByOwnWork: false) }
    let behind = Int(reached - last)
    guard behind > 2 else { return Due(first: last + 1, count: behind, skipped: 0, skippedByOwnWork: false) }
    // The time since the last tick was ours unless the scheduler kept us waiting for most of what was lost.
    let lost = now - deadline(last + 2)
    let waited = Self.runDelayMicroseconds() - runDelayAtFinish
    return Due(first: reached - 1, count: 2, skipped: behind - 2, skippedByOwnWork: waited * 2 < lost)
  }

  mutating func finished(_ due: Due, now: Int64) {
    if due.count > 0 { last = due.first + UInt32(due.count) - 1 }
    lastFinished = now
    if due.count > 0 { runDelayAtFinish = Self.runDelayMicroseconds() }
  }

  /// Time this thread was ready and had no processor, from the kernel's schedstat (second number, ns).
  static func runDelayMicroseconds() -> Int64 {
    let file = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 96, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress, buffer.count)
      var field = 0
      var value: Int64 = 0
      for index in 0..<max(0, count) {
        let byte = buffer[index]
        if byte == 0x20 {
          if field == 1 { break }
          field += 1
          value = 0
        } else if (0x30...0x39).contains(byte) {
          value = value * 10 + Int64(byte - 0x30)
        }
      }
      return value / 1000
    }
  }
}
