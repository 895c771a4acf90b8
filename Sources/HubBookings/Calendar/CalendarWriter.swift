/// Writes iCalendar text: one event with the zone it needs, ready for a PUT (RFC 5545; RFC 4791, 4.1).
public struct CalendarWriter {
  private var lines: [UInt8] = []

  /// One event as the hub books it.
  public struct Event: Sendable {
    public var uid: String
    /// Instants, seconds since 1970-01-01T00:00:00Z.
    public var interval: TimeInterval64
    /// An IANA zone; the wall clock people read, and the one a series follows.
    public var zone: Zone
    public var summary: String
    public var stamp: Int
    public var sequence = 0
    /// CONFIRMED, TENTATIVE or CANCELLED.
    public var status = "CONFIRMED"
    /// PUBLIC, PRIVATE or CONFIDENTIAL.
    public var classification = "PUBLIC"
    public var location = ""
    public var details = ""
    /// RRULE's value, if it is a series.
    public var rule: String?
    /// Name and address (`mailto:…`).
    public var organizer: (name: String, address: String)?
    /// X-HUB-BOOKING.
    public var hubBooking = ""
    /// The virtual room's address, as CONFERENCE;FEATURE=AUDIO (RFC 7986).
    public var conference: String?

    public init(uid: String, interval: TimeInterval64, zone: Zone, summary: String, stamp: Int) {
      self.uid = uid
      self.interval = interval
      self.zone = zone
      self.summary = summary
      self.stamp = stamp
    }
  }

  /// The file for one event: CRLF, lines folded at 75 octets.
  public static func bytes(for event: Event, product: String = "-//Digital Innovation Hub//hub//EN")
    -> [UInt8]
  {
    var writer = CalendarWriter()
    writer.line("BEGIN:VCALENDAR")
    writer.line("VERSION:2.0")
    writer.line("PRODID:" + escaped(product))
    writer.line("CALSCALE:GREGORIAN")
    if event.zone !== Zone.utc { writer.timeZone(event.zone, around: event.interval.start) }
    writer.write(event)
    writer.line("END:VCALENDAR")
    return writer.lines
  }

  private mutating func write(_ event: Event) {
    line("BEGIN:VEVENT")
    line("UID:" + Self.escaped(event.uid))
    line("DTSTAMP:" + compact(event.stamp) + "Z")
    time("DTSTART", event.interval.start, event.zone)
    time("DTEND", event.interval.end, event.zone)
    if let rule = event.rule { line("RRULE:" + Self.oneLine(rule)) }
    line("SEQUENCE:\(event.sequence)")
    line("SUMMARY:" + Self.escaped(event.summary))
    if !event.location.isEmpty { line("LOCATION:" + Self.escaped(event.location)) }
    if !event.details.isEmpty { line("DESCRIPTION:" + Self.escaped(event.details)) }
    line("STATUS:" + Self.oneLine(event.status))
    line("TRANSP:OPAQUE")
    line("CLASS:" + Self.oneLine(event.classification))
    if let organizer = event.organizer {
      line("ORGANIZER;CN=" + Self.parameter(organizer.name) + ":" + Self.oneLine(organizer.address))
    }
    if let address = event.conference {
      line("CONFERENCE;VALUE=URI;FEATURE=AUDIO:" + Self.oneLine(address))
    }
    if !event.hubBooking.isEmpty { line("X-HUB-BOOKING:" + Self.escaped(event.hubBooking)) }
    line("END:VEVENT")
  }

  private mutating func time(_ name: String, _ instant: Int, _ zone: Zone) {
    if zone === Zone.utc {
      line("\(name):" + compact(instant) + "Z")
    } else {
      line("\(name);TZID=" + Self.parameter(zone.name) + ":" + compact(zone.local(at: instant)))
    }
  }

  /// A VTIMEZONE that holds from the year before `instant` on, as rules where the zone keeps to some, else change by
  /// change for twelve years.
  mutating func timeZone(_ zone: Zone, around instant: Int) {
    line("BEGIN:VTIMEZONE")
    line("TZID:" + Self.escaped(zone.name))
    for observance in ZoneObservance.all(of: zone, around: instant) {
      let name = observance.isDaylight ? "DAYLIGHT" : "STANDARD"
      line("BEGIN:" + name)
      line("DTSTART:" + compact(observance.start))
      line("TZOFFSETFROM:" + offset(observance.offsetFrom))
      line("TZOFFSETTO:" + offset(observance.offsetTo))
      if let rule = observance.rule { line("RRULE:" + rule) }
      line("END:" + name)
    }
    line("END:VTIMEZONE")
  }

  /// One content line, folded so that no line has more than 75 octets and no character is cut.
  mutating func line(_ text: String) {
    var used = 0
    for scalar in text.unicodeScalars {
      let bytes = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      if used + bytes.count > 75 {
        lines += [0x0D, 0x0A, 0x20]
        used = 1
      }
      lines += bytes
      used += bytes.count
    }
    lines += [0x0D, 0x0A]
  }

  /// TEXT (RFC 5545, 3.3.11); other control characters are left out.
  static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", ";", ",":
        result.append("\\")
        result.append(scalar)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      default: if scalar.value >= 0x20, scalar.value != 0x7F { result.append(scalar) }
      }
    }
    return String(result)
  }

  /// A quoted parameter value, with the escapes of RFC 6868.
  static func parameter(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "^": result += "^^"
      case "\"": result += "^'"
      case "\n": result += "^n"
      default: if scalar.value >= 0x20, scalar.value != 0x7F { result.unicodeScalars.append(scalar) }
      }
    }
    return result + "\""
  }

  /// A value that is no TEXT: nothing in it can begin another line.
  private static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
  }

  private func compact(_ seconds: Int) -> String {
    isoDateTime(seconds).filter { $0 != "-" && $0 != ":" }
  }

  private func offset(_ seconds: Int) -> String {
    let size = abs(seconds)
    let rest = size % 60 == 0 ? "" : twoDigits(size % 60)
    return (seconds < 0 ? "-" : "+") + twoDigits(size / 3600) + twoDigits(size / 60 % 60) + rest
  }
}
