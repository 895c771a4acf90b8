/// A booking that repeats at the same time of day by its room's clocks.
public struct BookingSeries: Sendable, Equatable {
  public enum Frequency: String, Sendable, CaseIterable { case daily, weekly }
  /// How often a series may happen.
  public static let counts = 2...60

  public var frequency: Frequency
  public var count: Int

  public init?(frequency: Frequency, count: Int) {
    guard Self.counts.contains(count) else { return nil }
    self.frequency = frequency
    self.count = count
  }

  /// RRULE's value.
  public var rule: String { "FREQ=\(frequency.rawValue.uppercased());COUNT=\(count)" }

  /// When it takes the room, ascending; as the expander reads ``rule`` with DTSTART and DTEND in `zone`: days are nominal, the
  /// length is exact.
  /// - Returns: nil for a start that a calendar can't write down: the second of two equal times of day.
  public func intervals(first: TimeInterval64, zone: Zone) -> [TimeInterval64]? {
    let local = zone.local(at: first.start)
    guard zone.instant(ofLocal: local) == first.start else { return nil }
    let step = 86_400 * (frequency == .weekly ? 7 : 1)
    return (0..<count).map { n in
      let start = zone.instant(ofLocal: local + n * step)
      return TimeInterval64(start: start, end: start + first.end - first.start)
    }
  }
}
