/// When a room is open. Times of day in the room's zone.
public struct OpeningHours: Sendable, Equatable {
  public struct Span: Sendable, Equatable {
    /// Monday is 0.
    public var weekdays: Set<Int>
    /// Minutes since midnight; the end may be 1440.
    public var fromMinute: Int
    public var toMinute: Int
    public init(weekdays: Set<Int>, fromMinute: Int, toMinute: Int) {
      self.weekdays = weekdays
      self.fromMinute = fromMinute
      self.toMinute = toMinute
    }
  }
  /// Empty: always open.
  public var spans: [Span]
  public init(_ spans: [Span] = []) { self.spans = spans }

  /// Whether a room is open for a whole interval. Spans that touch count as one.
  public func contain(_ interval: TimeInterval64, zone: Zone) -> Bool {
    guard !spans.isEmpty else { return true }
    var reached = interval.start
    while reached < interval.end {
      guard let end = openUntil(reached, zone: zone), end > reached else { return false }
      reached = end
    }
    return true
  }

  /// When the span that is open at an instant ends; nil: closed.
  private func openUntil(_ instant: Int, zone: Zone) -> Int? {
    let local = zone.local(at: instant)
    let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let minute = (local - day * 86_400) / 60
    // 1970-01-01 was a Thursday.
    let weekday = ((day + 3) % 7 + 7) % 7
    return spans.filter { $0.weekdays.contains(weekday) && $0.fromMinute <= minute && minute < $0.toMinute }
      .map { zone.instant(ofLocal: day * 86_400 + $0.toMinute * 60) }.max()
  }
}

/// What may be booked from inside the hub.
public struct BookingPolicy: Sendable, Equatable {
  public var minutesMin = 15
  public var minutesMax = 480
  public var horizonDays = 90
  /// Bookings ahead that one person may hold in a room.
  public var perPersonMax = 4
  public var opening = OpeningHours()
  public init() {}

  public enum Refusal: String, Error, Sendable, CaseIterable {
    case past
    case tooShort = "too-short"
    case tooLong = "too-long"
    case tooFarAhead = "too-far-ahead"
    case closed
    case quota
  }

  /// - Parameters:
  ///   - held: bookings of this person in this room that are not over.
  ///   - now: seconds since 1970. A slot that began less than a quarter of an hour ago may still be booked.
  public func check(_ interval: TimeInterval64, held: Int, now: Int, zone: Zone) -> Refusal? {
    let length = interval.end - interval.start
    if interval.start < now - 900 || interval.end <= now { return .past }
    if length < minutesMin * 60 { return .tooShort }
    if length > minutesMax * 60 { return .tooLong }
    if interval.end > now + horizonDays * 86_400 { return .tooFarAhead }
    if !opening.contain(interval, zone: zone) { return .closed }
    if held >= perPersonMax { return .quota }
    return nil
  }
}
