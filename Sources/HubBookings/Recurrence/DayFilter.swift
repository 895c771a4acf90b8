/// Which days a rule leaves: BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY together, or the day that DTSTART
/// implies where the rule names none (RFC 5545, 3.3.10).
///
/// A month is tested as a mask of its days, so that "the last Friday" costs a few operations. Where the RFC's table
/// forbids a combination, every part still limits.
struct DayFilter {
  let start: CivilDate
  private let byMonth: UInt16
  private let weekStart: Int
  private let weekNumbers: [Int]
  private let yearDays: [Int]
  private let monthDays: [Int]
  /// Bit n = weekday n, every one of them.
  private let weekdays: UInt8
  /// Weekdays counted within the month or, where `ordinalsInYear`, the year.
  private let ordinals: [RecurrenceRule.Weekday]
  private let ordinalsInYear: Bool
  private let filtersWeekdays: Bool

  init(rule: RecurrenceRule, start: CivilDate) {
    self.start = start
    weekStart = rule.weekStart
    weekNumbers = rule.byWeekNumber
    yearDays = rule.byYearDay
    var month = rule.byMonth
    var monthDays = rule.byMonthDay
    var weekdays: UInt8 = 0
    var ordinals: [RecurrenceRule.Weekday] = []
    for day in rule.byDay {
      // An ordinal means something only within a month or year.
      if day.ordinal == 0 || rule.frequency > .monthly {
        weekdays |= 1 << UInt8(day.weekday)
      } else {
        ordinals.append(day)
      }
    }
    if rule.byDay.isEmpty, monthDays.isEmpty, yearDays.isEmpty {
      let weekday = weekday(ofDay: start.dayNumber)
      if !weekNumbers.isEmpty {
        weekdays = 1 << UInt8(weekday)
      } else {
        switch rule.frequency {
        case .yearly:
          if month == 0 { month = 1 << UInt16(start.month) }
          monthDays = [start.day]
        case .monthly: monthDays = [start.day]
        case .weekly: weekdays = 1 << UInt8(weekday)
        default: break
        }
      }
    }
    byMonth = month
    self.monthDays = monthDays
    self.weekdays = weekdays
    self.ordinals = ordinals
    ordinalsInYear = rule.frequency == .yearly && rule.byMonth == 0
    filtersWeekdays = weekdays != 0 || !ordinals.isEmpty
  }

  /// Whether one day passes; for frequencies of a week and below, whose rules have no ordinals.
  func matches(_ day: Int) -> Bool {
    if filtersWeekdays, weekdays & (1 << UInt8(weekday(ofDay: day))) == 0 { return false }
    if byMonth == 0, monthDays.isEmpty, yearDays.isEmpty, weekNumbers.isEmpty { return true }
    let date = CivilDate(dayNumber: day)
    if byMonth != 0, byMonth & (1 << UInt16(date.month)) == 0 { return false }
    if !monthDays.isEmpty {
      let length = CivilDate.days(inMonth: date.month, of: date.year)
      if !monthDays.contains(where: { $0 > 0 ? $0 == date.day : length + $0 + 1 == date.day }) {
        return false
      }
    }
    return matchesYearDay(day, year: date.year) && matchesWeekNumber(day, year: date.year)
  }

  func appendDays(ofYear year: Int, to days: inout [Int]) {
    for month in 1...12 where byMonth == 0 || byMonth & (1 << UInt16(month)) != 0 {
      appendDays(ofMonth: month, year: year, to: &days)
    }
  }

  func appendDays(ofMonth month: Int, year: Int, to days: inout [Int]) {
    if byMonth != 0, byMonth & (1 << UInt16(month)) == 0 { return }
    let length = CivilDate.days(inMonth: month, of: year)
    let first = CivilDate(year: year, month: month, day: 1).dayNumber
    var mask: UInt32 = length == 31 ? 0x7FFF_FFFF : (1 << UInt32(length)) - 1
    if !monthDays.isEmpty {
      var wanted: UInt32 = 0
      for day in monthDays {
        let index = day > 0 ? day - 1 : length + day
        if index >= 0, index < length { wanted |= 1 << UInt32(index) }
      }
      mask &= wanted
    }
    if filtersWeekdays, mask != 0 { mask &= weekdayMask(first: first, length: length, year: year) }
    while mask != 0 {
      let day = first + mask.trailingZeroBitCount
      mask &= mask - 1
      if matchesYearDay(day, year: year), matchesWeekNumber(day, year: year) { days.append(day) }
    }
  }

  /// The days of a month, bit 0 the first, that BYDAY names.
  private func weekdayMask(first: Int, length: Int, year: Int) -> UInt32 {
    let firstWeekday = weekday(ofDay: first)
    var mask: UInt32 = 0
    for index in 0..<length where weekdays & (1 << UInt8((firstWeekday + index) % 7)) != 0 {
      mask |= 1 << UInt32(index)
    }
    for ordinal in ordinals {
      let (rangeFirst, rangeLength): (Int, Int)
      if ordinalsInYear {
        rangeFirst = CivilDate(year: year, month: 1, day: 1).dayNumber
        rangeLength = CivilDate.isLeap(year) ? 366 : 365
      } else {
        (rangeFirst, rangeLength) = (first, length)
      }
      let day: Int
      if ordinal.ordinal > 0 {
        let lead = (ordinal.weekday - weekday(ofDay: rangeFirst) + 7) % 7
        day = rangeFirst + lead + (ordinal.ordinal - 1) * 7
      } else {
        let last = rangeFirst + rangeLength - 1
        let back = (weekday(ofDay: last) - ordinal.weekday + 7) % 7
        day = last - back + (ordinal.ordinal + 1) * 7
      }
      if day >= rangeFirst, day < rangeFirst + rangeLength, day >= first, day < first + length {
        mask |= 1 << UInt32(day - first)
      }
    }
    return mask
  }

  private func matchesYearDay(_ day: Int, year: Int) -> Bool {
    if yearDays.isEmpty { return true }
    let index = day - CivilDate(year: year, month: 1, day: 1).dayNumber + 1
    let length = CivilDate.isLeap(year) ? 366 : 365
    return yearDays.contains { $0 > 0 ? $0 == index : length + $0 + 1 == index }
  }

  /// Week 1 is the first with at least four days in the year, weeks begin at WKST. A day counts in the calendar year it
  /// lies in, by the number of its week, also where that week is the last of the year before or the first of the next.
  private func matchesWeekNumber(_ day: Int, year: Int) -> Bool {
    if weekNumbers.isEmpty { return true }
    var weekYear = year
    if day < firstDayOfWeekOne(year) {
      weekYear = year - 1
    } else if day >= firstDayOfWeekOne(year + 1) {
      weekYear = year + 1
    }
    let first = firstDayOfWeekOne(weekYear)
    let number = (day - first) / 7 + 1
    let weeks = (firstDayOfWeekOne(weekYear + 1) - first) / 7
    return weekNumbers.contains { $0 > 0 ? $0 == number : weeks + $0 + 1 == number }
  }

  private func firstDayOfWeekOne(_ year: Int) -> Int {
    let january = CivilDate(year: year, month: 1, day: 1).dayNumber
    let into = (weekday(ofDay: january) - weekStart + 7) % 7
    return into <= 3 ? january - into : january + 7 - into
  }
}
