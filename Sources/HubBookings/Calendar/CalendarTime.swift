/// A point on the calendar as people see it: an instant, a wall-clock time that belongs to no zone, or a whole day.
public enum CalendarTime: Hashable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z, without leap seconds.
  case utc(Int)
  /// Wall-clock seconds since 1970-01-01T00:00:00, in whichever zone the reader stands.
  case floating(Int)
  /// Days since 1970-01-01.
  case date(Int)

  /// Reads what `isoText` writes, and the same with an offset (`+02:00`) or without dashes and colons; nil for
  /// anything else.
  public init?(iso text: String) {
    guard let time = DateTimeText(text) else { return nil }
    guard let second = time.secondOfDay else {
      self = .date(time.dayNumber)
      return
    }
    let local = time.dayNumber * secondsPerDay + second
    self = time.offsetSeconds.map { .utc(local - $0) } ?? .floating(local)
  }

  /// The instant, with wall clocks and days read in `zone`.
  public func instant(in zone: Zone) -> Int {
    switch self {
    case .utc(let instant): instant
    case .floating(let local): zone.instant(ofLocal: local)
    case .date(let day): zone.instant(ofLocal: day * secondsPerDay)
    }
  }

  /// ISO 8601: `2026-07-01T07:00:00Z`, `2026-07-01T09:00:00` or `2026-07-01`.
  public var isoText: String {
    switch self {
    case .utc(let instant): isoDateTime(instant) + "Z"
    case .floating(let local): isoDateTime(local)
    case .date(let day): isoDate(day)
    }
  }
}

/// A half-open stretch of time, in seconds since 1970-01-01T00:00:00Z.
public struct TimeInterval64: Hashable, Sendable {
  public var start: Int
  /// Exclusive; not before `start`.
  public var end: Int

  public init(start: Int, end: Int) {
    precondition(start <= end)
    self.start = start
    self.end = end
  }
}

func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

func isoDate(_ dayNumber: Int) -> String {
  let date = CivilDate(dayNumber: dayNumber)
  let year = String(date.year)
  return String(repeating: "0", count: max(0, 4 - year.count)) + year + "-" + twoDigits(date.month) + "-"
    + twoDigits(date.day)
}

func isoDateTime(_ seconds: Int) -> String {
  let day = floorDivide(seconds, secondsPerDay)
  let second = seconds - day * secondsPerDay
  return isoDate(day) + "T" + twoDigits(second / 3600) + ":" + twoDigits(second / 60 % 60) + ":"
    + twoDigits(second % 60)
}
