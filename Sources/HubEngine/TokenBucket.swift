import HubKernel

/// A token bucket on the tick clock: `burst` tokens at most, `perSecond` come back. Integer milli-tokens, so that
/// a replay counts the same.
struct TokenBucket {
  private var milliTokens: Int
  private var updated: Tick
  private let burstMilli: Int
  private let milliPerTick: Int

  init(burst: Int, perSecond: Int, now: Tick) {
    burstMilli = burst * 1000
    milliPerTick = perSecond * 1000 / Units.ticksPerSecond
    milliTokens = burst * 1000
    updated = now
  }

  /// Takes one token if there is one.
  mutating func take(now: Tick) -> Bool {
    refill(now: now)
    guard milliTokens >= 1000 else { return false }
    milliTokens -= 1000
    return true
  }

  /// Milliseconds until a token will be there.
  var waitMilliseconds: Int {
    let missing = max(0, 1000 - milliTokens)
    return (missing + milliPerTick - 1) / milliPerTick * Units.tickMilliseconds
  }

  private mutating func refill(now: Tick) {
    let elapsed = Int(now &- updated)
    milliTokens = min(burstMilli, milliTokens + min(elapsed, 1_000_000) * milliPerTick)
    updated = now
  }
}
