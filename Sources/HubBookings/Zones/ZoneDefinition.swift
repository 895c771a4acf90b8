/// A VTIMEZONE while it is read, and the zone it makes (RFC 5545, 3.6.5).
struct ZoneDefinition {
  private(set) var tzid = ""
  /// X-LIC-LOCATION or TZID-ALIAS-OF: the IANA name that some writers add.
  private(set) var location = ""
  private var observances: [Observance] = []
  private var open: Observance?

  private struct Observance {
    var isStandard: Bool
    var start: Int?
    var offsetFrom: Int?
    var offsetTo: Int?
    var rules: [RecurrenceRule] = []
    var dates: [Int] = []
  }

  mutating func beginObservance(isStandard: Bool) { open = Observance(isStandard: isStandard) }

  mutating func endObservance() {
    if let open, observances.count < 400 { observances.append(open) }
    open = nil
  }

  mutating func read(_ content: ContentLine, inObservance: Bool) {
    let value = trimmed(content.value)
    guard inObservance else {
      switch content.name {
      case "TZID": tzid = trimmed(unescapedText(content.value))
      case "X-LIC-LOCATION", "TZID-ALIAS-OF": if location.isEmpty { location = value }
      default: break
      }
      return
    }
    switch content.name {
    case "DTSTART": open?.start = Self.local(value)
    case "TZOFFSETFROM": open?.offsetFrom = Self.offset(value)
    case "TZOFFSETTO": open?.offsetTo = Self.offset(value)
    case "RRULE": if let rule = try? RecurrenceRule(parsing: value) { open?.rules.append(rule) }
    case "RDATE":
      for piece in value.split(separator: ",").prefix(400) {
        if let date = Self.local(String(piece)) { open?.dates.append(date) }
      }
    default: break
    }
  }

  private static func local(_ text: String) -> Int? {
    DateTimeText(text).map { $0.dayNumber * secondsPerDay + ($0.secondOfDay ?? 0) }
  }

  /// `+0100`, `-053000`, `+01:00`.
  private static func offset(_ text: String) -> Int? {
    guard let sign = text.first, sign == "+" || sign == "-" || sign.isNumber else { return nil }
    let digits = text.filter { $0.isASCII && $0.isNumber }
    guard digits.count == 4 || digits.count == 6, let value = Int(digits) else { return nil }
    let parts = digits.count == 4 ? value * 100 : value
    let seconds = parts / 10_000 * 3600 + parts / 100 % 100 * 60 + parts % 100
    guard seconds <= 16 * 3600 else { return nil }
    return sign == "-" ? -seconds : seconds
  }

  /// The offsets this definition gives until 2065; nil if it gives none.
  func zone(_ budget: inout StepBudget) -> Zone? {
    var onsets: [(instant: Int, from: Int, to: Int)] = []
    for observance in observances {
      guard let start = observance.start, let to = observance.offsetTo ?? observance.offsetFrom else {
        continue
      }
      let from = observance.offsetFrom ?? to
      var locals = [start] + observance.dates
      for rule in observance.rules {
        let limit: Int =
          switch rule.until {
          case .date(let day): day * secondsPerDay
          case .local(let local): local
          case .utc(let instant): instant + from
          case nil: Zone.tableEnd
          }
        var walk = RuleIterator(rule: rule, start: start, wholeDays: false, limit: min(limit, Zone.tableEnd))
        // From a few years before the table on; an older rule that ended leaves its last years' changes.
        if rule.count == nil { walk.jump(to: min(limit, Zone.tableStart) - 3 * 366 * secondsPerDay) }
        var left = min(rule.count ?? 400, 400)
        while left > 0, let local = walk.next(&budget) {
          locals.append(local)
          left -= 1
        }
      }
      for local in locals { onsets.append((local - from, from, to)) }
    }
    guard !onsets.isEmpty else { return nil }
    onsets.sort { ($0.instant, $0.to) < ($1.instant, $1.to) }
    var changes: [Int] = []
    var offsets = [onsets[0].from]
    for onset in onsets {
      if onset.to == offsets[offsets.count - 1] { continue }
      if changes.last == onset.instant {
        offsets[offsets.count - 1] = onset.to
      } else {
        changes.append(onset.instant)
        offsets.append(onset.to)
      }
    }
    return Zone(name: tzid, changes: changes, offsets: offsets)
  }
}
