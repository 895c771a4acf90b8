/// Walks over the wall-clock times of one rule, in ascending order.
///
/// A period (a year, month, week, day, hour, minute or second, every `interval`-th from the start) yields the days in it
/// that pass every filter, and each day the times of day; BYSETPOS picks from that list by its index, without making the
/// list. Rules without COUNT can be entered at any period in constant time. Times before the start don't exist.
struct RuleIterator {
  /// Ends the walk: nothing after this wall-clock second comes out.
  let limit: Int
  private let rule: RecurrenceRule
  private let filter: DayFilter
  private let start: Int
  private let startDay: Int
  /// Index of the period to open next, in intervals from the start's own.
  private var period = 0
  private var days: [Int] = []
  private var hours: [Int]
  private var minutes: [Int]
  private var seconds: [Int]
  /// Indices into days × times that BYSETPOS leaves; used if the rule has one.
  private var picks: [Int] = []
  private var cursor = 0
  private var size = 0
  private var ended = false

  /// - Parameters:
  ///   - start: wall-clock seconds of DTSTART; for whole days, their midnight.
  ///   - wholeDays: DTSTART is a DATE: parts below the day don't apply.
  ///   - limit: the last second of interest.
  init(rule: RecurrenceRule, start: Int, wholeDays: Bool, limit: Int) {
    self.rule = rule
    self.start = start
    self.limit = limit
    startDay = floorDivide(start, secondsPerDay)
    let second = start - startDay * secondsPerDay
    filter = DayFilter(rule: rule, start: CivilDate(dayNumber: startDay))
    hours = wholeDays ? [0] : Self.bits(UInt64(rule.byHour), else: second / 3600)
    minutes = wholeDays ? [0] : Self.bits(rule.byMinute, else: second / 60 % 60)
    seconds = wholeDays ? [0] : Self.bits(rule.bySecond, else: second % 60)
  }

  private static func bits(_ mask: UInt64, else value: Int) -> [Int] {
    mask == 0 ? [value] : (0..<64).filter { mask & (1 << UInt64($0)) != 0 }
  }

  /// Enters the walk at the period before the one that holds `local`; only for rules without COUNT, before `next`.
  mutating func jump(to local: Int) {
    guard local > start else { return }
    period = max(0, (periodsFromStart(to: local) - 1) / rule.interval - 1)
  }

  /// The next time, or nil at the end or when the budget of steps is used up (`budget` tells which).
  mutating func next(_ budget: inout StepBudget) -> Int? {
    while true {
      while cursor < size {
        let index = rule.bySetPosition.isEmpty ? cursor : picks[cursor]
        cursor += 1
        let local = time(at: index)
        if local < start {
          guard budget.take() else { return nil }
          continue
        }
        if local > limit {
          ended = true
          size = 0
          return nil
        }
        return local
      }
      guard !ended, budget.take() else { return nil }
      open()
    }
  }

  private func time(at index: Int) -> Int {
    let perDay = hours.count * minutes.count * seconds.count
    let inDay = index % perDay
    let second = seconds[inDay % seconds.count]
    let minute = minutes[inDay / seconds.count % minutes.count]
    let hour = hours[inDay / (seconds.count * minutes.count)]
    return days[index / perDay] * secondsPerDay + hour * 3600 + minute * 60 + second
  }

  /// Whole units of the frequency between the start's period and the one that holds `local`.
  private func periodsFromStart(to local: Int) -> Int {
    switch rule.frequency {
    case .yearly:
      return CivilDate(dayNumber: floorDivide(local, secondsPerDay)).year - filter.start.year
    case .monthly:
      let date = CivilDate(dayNumber: floorDivide(local, secondsPerDay))
      return (date.year - filter.start.year) * 12 + date.month - filter.start.month
    case .weekly: return floorDivide(floorDivide(local, secondsPerDay) - firstWeek, 7)
    case .daily: return floorDivide(local, secondsPerDay) - startDay
    case .hourly: return floorDivide(local, 3600) - floorDivide(start, 3600)
    case .minutely: return floorDivide(local, 60) - floorDivide(start, 60)
    case .secondly: return local - start
    }
  }

  /// The first day of the start's week, by WKST.
  private var firstWeek: Int { startDay - (weekday(ofDay: startDay) - rule.weekStart + 7) % 7 }

  /// Fills `days` and the times with the next period's.
  private mutating func open() {
    days.removeAll(keepingCapacity: true)
    cursor = 0
    size = 0
    let offset = period * rule.interval
    period += 1
    let first: Int  // The period's first second.
    switch rule.frequency {
    case .yearly:
      let year = filter.start.year + offset
      first = CivilDate(year: year, month: 1, day: 1).dayNumber * secondsPerDay
      if first <= limit { filter.appendDays(ofYear: year, to: &days) }
    case .monthly:
      let months = filter.start.month - 1 + offset
      let (year, month) = (filter.start.year + months / 12, months % 12 + 1)
      first = CivilDate(year: year, month: month, day: 1).dayNumber * secondsPerDay
      if first <= limit { filter.appendDays(ofMonth: month, year: year, to: &days) }
    case .weekly:
      let day = firstWeek + offset * 7
      first = day * secondsPerDay
      for day in day..<day + 7 where filter.matches(day) { days.append(day) }
    case .daily:
      first = (startDay + offset) * secondsPerDay
      if filter.matches(startDay + offset) { days.append(startDay + offset) }
    case .hourly: first = openBelowDay(unit: 3600, offset: offset)
    case .minutely: first = openBelowDay(unit: 60, offset: offset)
    case .secondly: first = openBelowDay(unit: 1, offset: offset)
    }
    if first > limit {
      ended = true
      return
    }
    size = days.count * hours.count * minutes.count * seconds.count
    if !rule.bySetPosition.isEmpty { pick() }
  }

  /// One hour, minute or second. If its day, hour or minute doesn't pass, the walk goes on behind that.
  private mutating func openBelowDay(unit: Int, offset: Int) -> Int {
    let index = floorDivide(start, unit) + offset
    let first = index * unit
    let day = floorDivide(first, secondsPerDay)
    let second = first - day * secondsPerDay
    let (hour, minute) = (second / 3600, second / 60 % 60)
    var resume: Int?
    if !filter.matches(day) {
      resume = (day + 1) * secondsPerDay
    } else if rule.byHour != 0, rule.byHour & (1 << UInt32(hour)) == 0 {
      resume = first - second % 3600 + 3600
    } else if unit < 3600, rule.byMinute != 0, rule.byMinute & (1 << UInt64(minute)) == 0 {
      resume = first - second % 60 + 60
    } else if unit == 1, rule.bySecond != 0, rule.bySecond & (1 << UInt64(second % 60)) == 0 {
      resume = first + 1
    }
    if let resume {
      let units = floorDivide(resume, unit) - floorDivide(start, unit)
      period = max(period, (units + rule.interval - 1) / rule.interval)
      return first
    }
    days.append(day)
    hours[0] = hour
    if unit < 3600 { minutes[0] = minute }
    if unit < 60 { seconds[0] = second % 60 }
    hours.removeSubrange(1...)
    if unit < 3600 { minutes.removeSubrange(1...) }
    if unit < 60 { seconds.removeSubrange(1...) }
    return first
  }

  private mutating func pick() {
    picks.removeAll(keepingCapacity: true)
    for position in rule.bySetPosition {
      let index = position > 0 ? position - 1 : size + position
      if index >= 0, index < size { picks.append(index) }
    }
    picks.sort()
    if !picks.isEmpty {  // The first and the -1st may be one.
      var kept = 1
      for index in 1..<max(1, picks.count) where picks[index] != picks[kept - 1] {
        picks[kept] = picks[index]
        kept += 1
      }
      picks.removeSubrange(kept...)
    }
    size = picks.count
  }
}

/// How many steps an expansion may still take: periods opened and times passed over. One event and a whole file each
/// have their allowance.
struct StepBudget {
  var event: Int
  var file: Int

  /// False once either allowance is used up.
  mutating func take() -> Bool {
    guard event > 0, file > 0 else { return false }
    event -= 1
    file -= 1
    return true
  }

  var isSpent: Bool { event <= 0 || file <= 0 }
}
