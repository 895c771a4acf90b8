/// A token bucket on a clock of milliseconds, in thousandths of a token.
package struct MilliBucket {
  private let burst: Int
  /// Thousandths of a token per second of the clock: `perMinute * 1000 / 60`.
  private let perSecond: Int
  private var tokens: Int
  private var atMs: Int?

  package init(burst: Int, perMinute: Int) {
    precondition(burst > 0 && perMinute > 0)
    self.burst = burst * 1000
    perSecond = perMinute * 1000 / 60
    tokens = self.burst
  }

  private mutating func refill(_ nowMs: Int) {
    let elapsed = min(max(0, nowMs - (atMs ?? nowMs)), 3_600_000)
    let gained = elapsed * perSecond / 1000
    tokens = min(burst, tokens + gained)
    // What is less than a thousandth stays in the clock, or frequent questions would stop it.
    atMs = tokens == burst ? nowMs : (atMs ?? nowMs) + gained * 1000 / perSecond
  }

  /// Takes a token; without one, the milliseconds until there will be one.
  package mutating func take(_ nowMs: Int) -> Int? {
    if let wait = wait(nowMs) { return wait }
    tokens -= 1000
    return nil
  }

  /// Milliseconds until there is a token; nil: there is one.
  package mutating func wait(_ nowMs: Int) -> Int? {
    refill(nowMs)
    return tokens >= 1000 ? nil : max(1, (1000 - tokens) * 1000 / perSecond)
  }

  package func isFull(_ nowMs: Int) -> Bool {
    var copy = self
    copy.refill(nowMs)
    return copy.tokens == burst
  }
}
