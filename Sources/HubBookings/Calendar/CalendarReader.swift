/// Walks over a file's lines and components.
///
/// Broken nesting costs as little as possible: an END without its BEGIN is passed over, a BEGIN:VEVENT closes whatever
/// is still open in the calendar, and components deeper than the limit are ignored whole.
struct CalendarReader {
  var file: CalendarFile
  private var stack: [String] = []
  /// Components open below the nesting limit.
  private var tooDeep = 0
  private var event: EventDraft?
  private var zone: ZoneDefinition?
  private var definitions: [String: ZoneDefinition] = [:]
  private var names = ZoneNames()
  private var sawCalendar = false
  private var ended = false
  private var dropped = false

  init(file: CalendarFile) { self.file = file }

  mutating func read(_ bytes: [UInt8]) throws(CalendarError) {
    var lines = LineReader(bytes: transcodedFromUTF16(bytes) ?? bytes, lineBytesMax: file.limits.lineBytesMax)
    while lines.next() {
      guard let name = ContentLine.name(of: lines.line) else { continue }
      switch name {
      case "BEGIN": begin(componentName(lines.line))
      case "END": end(componentName(lines.line))
      default: if tooDeep == 0 { property(name, lines.line, isCut: lines.isCut) }
      }
    }
    guard sawCalendar else { throw .notACalendar }
    if !ended { truncated() }
    resolveZones()
  }

  private func componentName(_ line: [UInt8]) -> String {
    guard let colon = line.firstIndex(of: 0x3A) else { return "" }
    return trimmed(String(decoding: line[(colon + 1)...].prefix(64), as: UTF8.self)).uppercased()
  }

  private mutating func begin(_ name: String) {
    // An event stands directly in its calendar, so whatever is open there lacks its END.
    if name == "VEVENT" || name == "VCALENDAR" {
      sawCalendar = true
      tooDeep = 0
      close(from: name == "VEVENT" && stack.first == "VCALENDAR" ? 1 : 0)
    }
    if tooDeep > 0 || stack.count >= file.limits.nestingMax {
      tooDeep += 1
      return
    }
    stack.append(name)
    switch name {
    case "VCALENDAR": ended = false
    case "VEVENT": event = EventDraft()
    case "VTIMEZONE": zone = ZoneDefinition()
    case "STANDARD", "DAYLIGHT": zone?.beginObservance(isStandard: name == "STANDARD")
    default: break
    }
  }

  private mutating func end(_ name: String) {
    if tooDeep > 0 {
      tooDeep -= 1
      return
    }
    guard let index = stack.lastIndex(of: name) else { return }
    if name == "VCALENDAR" { ended = true }
    close(from: index)
  }

  private mutating func close(from index: Int) {
    while stack.count > index {
      switch stack.removeLast() {
      case "VEVENT": finishEvent()
      case "VTIMEZONE": finishZone()
      case "STANDARD", "DAYLIGHT": zone?.endObservance()
      default: break
      }
    }
  }

  private mutating func property(_ name: String, _ line: [UInt8], isCut: Bool) {
    guard let component = stack.last else { return }
    switch component {
    case "VEVENT":
      guard EventDraft.reads(name) else { return }
      if isCut {
        event?.cut(name)
      } else {
        event?.read(name, line, zones: &names, limits: file.limits)
      }
    case "VCALENDAR": if let content = ContentLine(name: name, line: line) { calendarProperty(content) }
    case "VTIMEZONE", "STANDARD", "DAYLIGHT":
      if let content = ContentLine(name: name, line: line) {
        zone?.read(content, inObservance: component != "VTIMEZONE")
      }
    case "VFREEBUSY" where name == "FREEBUSY":
      if let content = ContentLine(name: name, line: line) { freeBusy(content) }
    default: break
    }
  }

  private mutating func calendarProperty(_ content: ContentLine) {
    let value = unescapedText(content.value)
    switch content.name {
    case "NAME": file.name = value
    case "X-WR-CALNAME": if file.name.isEmpty { file.name = value }
    case "X-WR-TIMEZONE": if file.zoneName.isEmpty { file.zoneName = trimmed(value) }
    case "METHOD": file.method = trimmed(value).uppercased()
    case "REFRESH-INTERVAL", "X-PUBLISHED-TTL":
      if file.refreshSeconds == nil || content.name == "REFRESH-INTERVAL",
        let every = EventDuration(parsing: value)
      {
        let seconds = every.days * secondsPerDay + every.seconds
        if seconds > 0 { file.refreshSeconds = seconds }
      }
    default: break
    }
  }

  private mutating func freeBusy(_ content: ContentLine) {
    if content.parameter("FBTYPE")?.uppercased() == "FREE" { return }
    for piece in content.value.split(separator: ",") {
      if let period = EventDraft.period(piece, content, &names), period.end != nil || period.duration != nil,
        file.busyPeriods.count < file.limits.eventsMax
      {
        file.busyPeriods.append(period)
      } else {
        file.skipped.append(
          SkippedEvent(uid: "", reason: .unreadable(property: "FREEBUSY"), mayBlock: true))
        return
      }
    }
  }

  private mutating func finishZone() {
    defer { zone = nil }
    guard let zone, !zone.tzid.isEmpty, definitions[zone.tzid] == nil, definitions.count < 1000 else {
      return
    }
    definitions[zone.tzid] = zone
  }

  private mutating func finishEvent() {
    defer { event = nil }
    guard var draft = event else { return }
    guard file.events.count < file.limits.eventsMax else {
      if !dropped { file.skipped.append(SkippedEvent(uid: "", reason: .tooManyEvents, mayBlock: true)) }
      dropped = true
      return
    }
    // A cancelled instance is sometimes told by its RECURRENCE-ID alone.
    let start = draft.start ?? draft.recurrenceID
    if start == nil { draft.refuse(.noStart) }
    let mayBlock = draft.word("TRANSP") != "TRANSPARENT" && draft.word("STATUS") != "CANCELLED"
    if let refusal = draft.refusal {
      file.skipped.append(SkippedEvent(uid: draft.uid ?? "", reason: refusal, mayBlock: mayBlock))
    } else if let start {
      file.events.append(CalendarEvent(draft, start: start))
      for loss in Set(draft.losses) {
        file.skipped.append(SkippedEvent(uid: draft.uid ?? "", reason: loss, mayBlock: mayBlock))
      }
    }
  }

  /// The file ends with something open: what is open can't be trusted, and what would follow is missing.
  private mutating func truncated() {
    let uid = event?.uid ?? ""
    event = nil
    close(from: 0)
    file.skipped.append(SkippedEvent(uid: uid, reason: .truncated, mayBlock: true))
  }

  /// Names first, then the file's definition, then the calendar's own zone.
  private mutating func resolveZones() {
    let fallback = ZoneResolver.zone(forTZID: file.zoneName)
    var budget = StepBudget(event: 200_000, file: 200_000)
    for name in names.names {
      var zone = ZoneResolver.zone(forTZID: name)
      if let definition = definitions[name] {
        // Whoever wrote "Europe/lisbon" did not look the name up where it stands, and means the definition.
        let isMisspelt = zone.map { $0.name != name && $0.name.lowercased() == name.lowercased() } ?? false
        if isMisspelt {
          zone = definition.zone(&budget) ?? zone
        } else if zone == nil {
          zone = ZoneResolver.zone(forTZID: definition.location) ?? definition.zone(&budget)
        }
      }
      if zone == nil { file.unknownZones.append(name) }
      file.zones.append(zone ?? fallback)
    }
  }
}

/// UTF-8 from UTF-16 with a byte order mark, as some desktop programs export; nil if there is none.
private func transcodedFromUTF16(_ bytes: [UInt8]) -> [UInt8]? {
  let isBig = bytes.starts(with: [0xFE, 0xFF])
  guard isBig || bytes.starts(with: [0xFF, 0xFE]) else { return nil }
  var units: [UInt16] = []
  units.reserveCapacity(bytes.count / 2)
  var index = 2
  while index + 1 < bytes.count {
    let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
    units.append(isBig ? first << 8 | second : second << 8 | first)
    index += 2
  }
  return Array(String(decoding: units, as: UTF16.self).utf8)
}
