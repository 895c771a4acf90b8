public import HubKernel

/// When to come back after a close (docs/PROTOCOL.md, section 7).
public struct ReconnectPolicy: Sendable {
  private var failures = 0
  public init() {}

  /// We are in again: the next wait begins small.
  public mutating func succeeded() { failures = 0 }

  /// Milliseconds to wait before the next try, or nil: not by itself. A connection that broke without a close code
  /// comes back as after code 4006: soon, with `resume`.
  public mutating func delayMs(
    code: UInt16?, retryAfterMs: Int?, random: inout SeededRandom
  ) -> Double? {
    switch code {
    case 1000, 1007, 1009, 4000, 4003, 4004, 4008, 4011: return nil
    case 4002, 4006, 4007: return random.double(in: 0...1000)
    case nil, 1006:
      failures += 1
      if failures == 1 { return random.double(in: 0...1000) }
    default: failures += 1
    }
    // The hub has added the jitter to what it says.
    if let retryAfterMs { return Double(retryAfterMs) }
    let doubling = 1000 * Double(1 << min(max(failures - 2, 0), 5))
    return min(doubling, 30_000) * random.double(in: 0.5...1.5)
  }
}
