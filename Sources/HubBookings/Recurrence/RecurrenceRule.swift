/// A recurrence rule (RFC 5545, 3.3.10), checked: every part lies in the range that the RFC gives it.
public struct RecurrenceRule: Hashable, Sendable {
  public enum Frequency: Int, Sendable, Comparable, CaseIterable {
    case yearly, monthly, weekly, daily, hourly, minutely, secondly

    /// Coarser is less.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// Where a rule ends.
  public enum Until: Hashable, Sendable {
    /// The day, read as its 00:00 where the series has times of day.
    case date(Int)
    /// Wall-clock seconds, in the zone of the series.
    case local(Int)
    case utc(Int)
  }

  /// `2MO`, `-1FR`, or every one with ordinal 0.
  public struct Weekday: Hashable, Sendable {
    public var ordinal: Int
    /// Monday 0 … Sunday 6.
    public var weekday: Int
  }

  public var frequency: Frequency
  public var interval = 1
  public var count: Int?
  public var until: Until?
  /// Monday 0 … Sunday 6.
  public var weekStart = 0
  /// Bit n = second n; 0 means absent. A leap second reads as 59.
  public var bySecond: UInt64 = 0
  /// Bit n = minute n.
  public var byMinute: UInt64 = 0
  /// Bit n = hour n.
  public var byHour: UInt32 = 0
  public var byDay: [Weekday] = []
  /// -31…31 without 0.
  public var byMonthDay: [Int] = []
  /// -366…366 without 0.
  public var byYearDay: [Int] = []
  /// -53…53 without 0.
  public var byWeekNumber: [Int] = []
  /// Bit n = month n.
  public var byMonth: UInt16 = 0
  /// -366…366 without 0.
  public var bySetPosition: [Int] = []

  public init(_ frequency: Frequency) { self.frequency = frequency }
}

/// Why a rule could not be read.
public enum RecurrenceRuleError: Error, Hashable, Sendable, CustomStringConvertible {
  case noFrequency
  case unknownPart(String)
  case badValue(part: String)
  /// COUNT and UNTIL exclude each other.
  case countWithUntil
  /// RFC 7529: another calendar than the Gregorian, or a skip other than OMIT.
  case unsupportedCalendar

  public var description: String {
    switch self {
    case .noFrequency: "rule without a known FREQ"
    case .unknownPart(let part): "rule with the unknown part \(part)"
    case .badValue(let part): "rule with a bad \(part)"
    case .countWithUntil: "rule with both COUNT and UNTIL"
    case .unsupportedCalendar: "rule of an unsupported calendar (RSCALE or SKIP)"
    }
  }
}
