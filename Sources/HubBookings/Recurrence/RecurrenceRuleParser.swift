extension RecurrenceRule {
  /// Reads `FREQ=WEEKLY;BYDAY=MO,WE`. Letter case, blanks and empty parts don't matter; a part that is unknown or out
  /// of range makes the rule unreadable, since without it the rule would mean something else.
  public init(parsing text: String) throws(RecurrenceRuleError) {
    var frequency: Frequency?
    var rule = RecurrenceRule(.yearly)
    for piece in text.uppercased().split(separator: ";") {
      let part = trimmed(String(piece))
      if part.isEmpty { continue }
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = trimmed(String(halves[0]))
      guard halves.count == 2 else { throw .badValue(part: String(name.prefix(32))) }
      let value = trimmed(String(halves[1]))
      if name == "FREQ" {
        frequency = Self.frequencies[value]
      } else {
        try rule.read(name, value)
      }
    }
    guard let frequency else { throw .noFrequency }
    if rule.count != nil, rule.until != nil { throw .countWithUntil }
    rule.frequency = frequency
    self = rule
  }

  private static let frequencies: [String: Frequency] = [
    "YEARLY": .yearly, "MONTHLY": .monthly, "WEEKLY": .weekly, "DAILY": .daily, "HOURLY": .hourly,
    "MINUTELY": .minutely, "SECONDLY": .secondly,
  ]
  private static let weekdays = ["MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6]

  private mutating func read(_ name: String, _ value: String) throws(RecurrenceRuleError) {
    switch name {
    case "INTERVAL":
      guard let number = Int(value), (1...1_000_000).contains(number) else { throw .badValue(part: name) }
      interval = number
    case "COUNT":
      guard let number = Int(value), number != 0 else { throw .badValue(part: name) }
      // Some writers say "without end" as COUNT=-1.
      count = number < 0 ? nil : number
    case "UNTIL": until = try Self.until(value)
    case "WKST":
      guard let day = Self.weekdays[value] else { throw .badValue(part: name) }
      weekStart = day
    case "BYSECOND":
      for number in try Self.numbers(value, name, 0...60) { bySecond |= 1 << UInt64(min(number, 59)) }
    case "BYMINUTE": for number in try Self.numbers(value, name, 0...59) { byMinute |= 1 << UInt64(number) }
    case "BYHOUR": for number in try Self.numbers(value, name, 0...23) { byHour |= 1 << UInt32(number) }
    case "BYMONTH": for number in try Self.numbers(value, name, 1...12) { byMonth |= 1 << UInt16(number) }
    case "BYMONTHDAY": byMonthDay = try Self.signed(value, name, 31)
    case "BYYEARDAY": byYearDay = try Self.signed(value, name, 366)
    case "BYWEEKNO": byWeekNumber = try Self.signed(value, name, 53)
    case "BYSETPOS": bySetPosition = try Self.signed(value, name, 366)
    case "BYDAY", "BYWEEKDAY": byDay = try Self.days(value, name)
    case "RSCALE":
      guard value == "GREGORIAN" else { throw .unsupportedCalendar }
    case "SKIP":
      guard value == "OMIT" else { throw .unsupportedCalendar }
    default:
      guard name.hasPrefix("X-") else { throw .unknownPart(String(name.prefix(32))) }
    }
  }

  private static func until(_ value: String) throws(RecurrenceRuleError) -> Until {
    guard let time = DateTimeText(value) else { throw .badValue(part: "UNTIL") }
    guard let second = time.secondOfDay else { return .date(time.dayNumber) }
    let local = time.dayNumber * secondsPerDay + second
    return time.offsetSeconds.map { .utc(local - $0) } ?? .local(local)
  }

  private static func numbers(
    _ value: String, _ part: String, _ range: ClosedRange<Int>
  ) throws(RecurrenceRuleError) -> [Int] {
    var numbers: [Int] = []
    for piece in value.split(separator: ",") {
      guard let number = Int(trimmed(String(piece))), range.contains(number), numbers.count < 400 else {
        throw .badValue(part: part)
      }
      numbers.append(number)
    }
    guard !numbers.isEmpty else { throw .badValue(part: part) }
    return numbers
  }

  private static func signed(_ value: String, _ part: String, _ most: Int) throws(RecurrenceRuleError)
    -> [Int]
  {
    var seen: Set<Int> = []
    for number in try numbers(value, part, -most...most) {
      guard number != 0 else { throw .badValue(part: part) }
      seen.insert(number)
    }
    return seen.sorted()
  }

  private static func days(_ value: String, _ part: String) throws(RecurrenceRuleError) -> [Weekday] {
    var days: [Weekday] = []
    for piece in value.split(separator: ",") {
      let text = trimmed(String(piece))
      if text.isEmpty { continue }
      guard let weekday = weekdays[String(text.suffix(2))], days.count < 400 else {
        throw .badValue(part: part)
      }
      let ordinal = text.dropLast(2)
      guard ordinal.isEmpty || Int(ordinal).map({ $0 != 0 && abs($0) <= 53 }) == true else {
        throw .badValue(part: part)
      }
      let day = Weekday(ordinal: Int(ordinal) ?? 0, weekday: weekday)
      if !days.contains(day) { days.append(day) }
    }
    guard !days.isEmpty else { throw .badValue(part: part) }
    return days
  }
}
