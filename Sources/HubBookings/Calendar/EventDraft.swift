/// A VEVENT while its lines come in.
struct EventDraft {
  var uid: String?
  var texts: [String: String] = [:]
  var start: EventTime?
  var end: EventTime?
  var duration: EventDuration?
  var rules: [RecurrenceRule] = []
  var exclusionRules: [RecurrenceRule] = []
  var additions: [CalendarEvent.Addition] = []
  var exclusions: [EventTime] = []
  var recurrenceID: EventTime?
  var thisAndFuture = false
  var sequence = 0
  var stamp = Int.min
  var organizer: CalendarEvent.Participant?
  var attendees: [CalendarEvent.Participant] = []
  var conferences: [String] = []
  var bytes = 0
  /// Why the whole event can't be expanded; the first reason counts.
  var refusal: SkipReason?
  /// What is missing from an event that is otherwise read.
  var losses: [SkipReason] = []
  private var seen: Set<String> = []

  /// Texts of which the first counts.
  private static let textNames: Set<String> = [
    "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "CLASS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MICROSOFT-CDO-ALLDAYEVENT", "COLOR", "X-HUB-BOOKING",
  ]
  private static let otherNames: Set<String> = [
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE",
    "DTSTAMP",
    "ORGANIZER", "ATTENDEE", "CONFERENCE",
  ]
  /// Without these the event isn't what its author meant.
  private static let essential: Set<String> = [
    "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
  ]

  static func reads(_ name: String) -> Bool { textNames.contains(name) || otherNames.contains(name) }

  /// A property as a word of the RFC: upper case, "" if absent.
  func word(_ name: String) -> String { trimmed(texts[name] ?? "").uppercased() }

  mutating func refuse(_ reason: SkipReason) { if refusal == nil { refusal = reason } }

  /// A line of one of the names read that was too long to keep.
  mutating func cut(_ name: String) {
    switch name {
    case "DESCRIPTION", "SUMMARY", "LOCATION", "ATTENDEE", "EXDATE", "ORGANIZER", "CONFERENCE": break
    case "RDATE": losses.append(.lineTooLong)
    default: refuse(.lineTooLong)
    }
  }

  /// Takes one line in; `zones` numbers the TZIDs met.
  mutating func read(_ name: String, _ line: [UInt8], zones: inout ZoneNames, limits: CalendarLimits) {
    bytes += line.count
    guard bytes <= limits.eventBytesMax || Self.essential.contains(name) else { return }
    guard bytes <= limits.eventBytesMax * 2 else { return refuse(.eventTooLarge) }
    guard let content = ContentLine(name: name, line: line) else {
      if Self.essential.contains(name) { unreadable(name) }
      return
    }
    if Self.textNames.contains(name) {
      if texts[name] == nil { texts[name] = unescapedText(content.value) }
      return
    }
    switch name {
    case "UID": uid = uid ?? trimmed(unescapedText(content.value))
    case "DTSTART", "DTEND", "RECURRENCE-ID":
      guard seen.insert(name).inserted else { return }
      guard let time = Self.times(content, line, &zones)?.first else { return unreadable(name) }
      switch name {
      case "DTSTART": start = time
      case "DTEND": end = time
      default:
        recurrenceID = time
        thisAndFuture = content.parameter("RANGE")?.uppercased() == "THISANDFUTURE"
      }
    case "DURATION":
      guard seen.insert(name).inserted else { return }
      guard let value = EventDuration(parsing: content.value) else { return unreadable(name) }
      duration = value
    case "RRULE", "EXRULE":
      if trimmed(content.value).isEmpty { return }
      do throws(RecurrenceRuleError) {
        let rule = try RecurrenceRule(parsing: content.value)
        if name == "EXRULE" {
          exclusionRules.append(rule)
        } else if !rules.contains(rule) {
          rules.append(rule)
        }
        if rules.count + exclusionRules.count > 32 { refuse(.eventTooLarge) }
      } catch {
        // An exclusion that can't be read leaves more instances than there are, never fewer.
        if name == "RRULE" { refuse(.badRule(error)) }
      }
    case "RDATE":
      guard let values = Self.additions(content, line, &zones) else {
        return losses.append(.unreadable(property: name))
      }
      additions += values
    case "EXDATE": exclusions += Self.times(content, line, &zones) ?? []
    case "SEQUENCE": sequence = Int(trimmed(content.value)) ?? 0
    case "DTSTAMP":
      if let time = DateTimeText(trimmed(content.value)) {
        stamp = time.dayNumber * secondsPerDay + (time.secondOfDay ?? 0) - (time.offsetSeconds ?? 0)
      }
    case "ORGANIZER": organizer = organizer ?? Self.participant(content)
    case "ATTENDEE": attendees.append(Self.participant(content))
    case "CONFERENCE": conferences.append(content.value)
    default: preconditionFailure("\(name) is listed but not read")
    }
  }

  private mutating func unreadable(_ name: String) {
    switch name {
    case "EXDATE", "RECURRENCE-ID": break  // What can't be matched stands beside: more is shown, never less.
    case "RDATE": losses.append(.unreadable(property: name))
    default: refuse(.unreadable(property: name))
    }
  }

  private static func participant(_ content: ContentLine) -> CalendarEvent.Participant {
    CalendarEvent.Participant(
      address: trimmed(content.value), name: content.parameter("CN") ?? "",
      participation: (content.parameter("PARTSTAT") ?? "").uppercased(),
      kind: (content.parameter("CUTYPE") ?? "").uppercased(),
      role: (content.parameter("ROLE") ?? "").uppercased())
  }

  /// All dates of a line, those of a list that can be read; nil if none can.
  private static func times(_ content: ContentLine, _ line: [UInt8], _ zones: inout ZoneNames) -> [EventTime]?
  {
    let values = content.value.split(separator: ",").compactMap { EventTime($0, content, &zones) }
    if !values.isEmpty { return values }
    // `TZID=(UTC+01:00) Amsterdam, Berlin:2026…` without quotes.
    guard let other = ContentLine(name: content.name, line: line, splitAtLastColon: true) else { return nil }
    let retried = other.value.split(separator: ",").compactMap { EventTime($0, other, &zones) }
    return retried.isEmpty ? nil : retried
  }

  private static func additions(
    _ content: ContentLine, _ line: [UInt8], _ zones: inout ZoneNames
  ) -> [CalendarEvent.Addition]? {
    var content = content
    if !content.value.split(separator: ",").contains(where: { period($0, content, &zones) != nil }),
      let other = ContentLine(name: content.name, line: line, splitAtLastColon: true)
    {
      content = other
    }
    var values: [CalendarEvent.Addition] = []
    for piece in content.value.split(separator: ",") {
      guard let value = period(piece, content, &zones) else { return nil }
      values.append(value)
    }
    return values
  }

  /// `start`, `start/end` or `start/duration`.
  static func period(
    _ text: Substring, _ content: ContentLine, _ zones: inout ZoneNames
  ) -> CalendarEvent.Addition? {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count <= 2, let start = EventTime(halves[0], content, &zones) else { return nil }
    guard halves.count == 2 else { return CalendarEvent.Addition(start: start) }
    if let duration = EventDuration(parsing: String(halves[1])) {
      guard duration.days >= 0, duration.seconds >= 0 else { return nil }
      return CalendarEvent.Addition(start: start, duration: duration)
    }
    guard let end = EventTime(halves[1], content, &zones) else { return nil }
    return CalendarEvent.Addition(start: start, end: end)
  }
}

/// The TZIDs of a file, numbered as they come.
struct ZoneNames {
  private(set) var names: [String] = []
  private var indices: [String: Int] = [:]

  mutating func index(of name: String) -> Int {
    if let index = indices[name] { return index }
    // A file with more zones than the world has isn't worth more memory.
    if names.count == 2000 { return 0 }
    names.append(name)
    indices[name] = names.count - 1
    return names.count - 1
  }
}

extension EventTime {
  /// Reads one value by its look, helped by VALUE and TZID: eight digits are a date whatever VALUE says.
  init?(_ text: Substring, _ content: ContentLine, _ zones: inout ZoneNames) {
    guard let time = DateTimeText(trimmed(String(text))) else { return nil }
    let midnight = time.dayNumber * secondsPerDay
    guard let second = time.secondOfDay else {
      self.init(form: .date, local: midnight)
      return
    }
    if second == 0, time.offsetSeconds == nil, content.parameter("VALUE")?.uppercased() == "DATE" {
      self.init(form: .date, local: midnight)
    } else if let offset = time.offsetSeconds {
      self.init(form: .utc, local: midnight + second - offset)
    } else if let tzid = content.parameter("TZID"), !trimmed(tzid).isEmpty {
      self.init(form: .zoned(zones.index(of: trimmed(tzid))), local: midnight + second)
    } else {
      self.init(form: .floating, local: midnight + second)
    }
  }
}

extension EventDuration {
  /// Reads `P1W`, `P1DT2H30M`, `-PT15M`; nil for anything else.
  init?(parsing text: String) {
    var bytes = Substring(trimmed(text).uppercased()).utf8
    var sign = 1
    if let first = bytes.first, first == 0x2B || first == 0x2D {
      sign = first == 0x2D ? -1 : 1
      bytes = bytes.dropFirst()
    }
    guard bytes.popFirst() == 0x50 else { return nil }
    var (days, seconds, value, digits, inTime, parts) = (0, 0, 0, 0, false, 0)
    for byte in bytes {
      switch byte {
      case 0x30...0x39:
        guard digits < 9 else { return nil }
        value = value * 10 + Int(byte - 0x30)
        digits += 1
        continue
      case 0x54:  // T
        guard digits == 0, !inTime else { return nil }
        inTime = true
        continue
      case 0x57 where !inTime && digits > 0: days += value * 7
      case 0x44 where !inTime && digits > 0: days += value
      case 0x48 where inTime && digits > 0: seconds += value * 3600
      case 0x4D where inTime && digits > 0: seconds += value * 60
      case 0x53 where inTime && digits > 0: seconds += value
      default: return nil
      }
      (value, digits) = (0, 0)
      parts += 1
    }
    guard digits == 0, parts > 0 else { return nil }
    self.init(days: sign * days, seconds: sign * seconds)
  }
}
