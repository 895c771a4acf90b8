/// One STANDARD or DAYLIGHT part of a VTIMEZONE to be written.
struct ZoneObservance: Hashable {
  /// Wall clock before the change, in seconds.
  var start: Int
  var offsetFrom: Int
  var offsetTo: Int
  /// RRULE's value where the change comes every year.
  var rule: String?

  var isDaylight: Bool { offsetTo > offsetFrom }

  /// The observances that hold from the year before `instant` on.
  ///
  /// If every year of the next twelve brings the same two changes, on the same weekday of the month and at the same time,
  /// they are written as rules without end; else all changes of these years stand alone.
  static func all(of zone: Zone, around instant: Int) -> [ZoneObservance] {
    let year = CivilDate(dayNumber: floorDivide(instant, secondsPerDay)).year
    let first = CivilDate(year: year - 1, month: 1, day: 1).dayNumber * secondsPerDay
    let last = CivilDate(year: year + 12, month: 1, day: 1).dayNumber * secondsPerDay
    let changes = zone.changes(from: first, to: last)
    guard !changes.isEmpty else {
      let offset = zone.offset(at: instant)
      return [ZoneObservance(start: first, offsetFrom: offset, offsetTo: offset)]
    }
    let single = changes.map { change in
      ZoneObservance(
        start: change.instant + change.from, offsetFrom: change.from, offsetTo: change.to, rule: nil)
    }
    return yearly(single) ?? before(single[0]) + single
  }

  /// What held until the first change.
  private static func before(_ first: ZoneObservance) -> [ZoneObservance] {
    let start = CivilDate(year: 1970, month: 1, day: 1).dayNumber * secondsPerDay
    return [ZoneObservance(start: start, offsetFrom: first.offsetFrom, offsetTo: first.offsetFrom)]
  }

  private static func yearly(_ changes: [ZoneObservance]) -> [ZoneObservance]? {
    guard changes.count == 26 else { return nil }
    var result: [ZoneObservance] = []
    for offset in 0..<2 {
      let own = stride(from: offset, to: changes.count, by: 2).map { changes[$0] }
      guard let rule = commonRule(own.map(\.start)),
        own.allSatisfy({ $0.offsetFrom == own[0].offsetFrom && $0.offsetTo == own[0].offsetTo })
      else { return nil }
      var observance = own[0]
      observance.rule = rule
      result.append(observance)
    }
    return result
  }

  /// `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU`, if that names every one of these days and their times of day agree.
  private static func commonRule(_ starts: [Int]) -> String? {
    let days = starts.map { floorDivide($0, secondsPerDay) }
    let dates = days.map { CivilDate(dayNumber: $0) }
    let weekday = weekday(ofDay: days[0])
    guard Set(dates.map(\.month)).count == 1, days.allSatisfy({ HubBookings.weekday(ofDay: $0) == weekday }),
      Set(starts.map { $0 - floorDivide($0, secondsPerDay) * secondsPerDay }).count == 1
    else { return nil }
    let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    let begin = "FREQ=YEARLY;BYMONTH=\(dates[0].month);BYDAY="
    if dates.allSatisfy({ CivilDate.days(inMonth: $0.month, of: $0.year) - $0.day < 7 }) {
      return begin + "-1" + names[weekday]
    }
    let ordinals = Set(dates.map { ($0.day - 1) / 7 + 1 })
    guard ordinals.count == 1, let ordinal = ordinals.first, ordinal < 5 else { return nil }
    return begin + "\(ordinal)" + names[weekday]
  }
}
