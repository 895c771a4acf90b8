/// Writes the hub's bookings as iCalendar (RFC 5545), in UTC: an instant needs no zone of its own.
public enum BookingText {
  public struct Entry: Sendable, Equatable {
    public var id: String
    public var interval: TimeInterval64
    public var title: String
    public var isPrivate: Bool
    public var isTentative = false
    /// Raised by each change.
    public var sequence = 0
    /// Where to step in, for people with another calendar program.
    public var conference: String?

    public init(id: String, interval: TimeInterval64, title: String, isPrivate: Bool) {
      self.id = id
      self.interval = interval
      self.title = title
      self.isPrivate = isPrivate
    }
  }

  /// One booking as a file of its own.
  /// - Parameter now: seconds since 1970, for DTSTAMP.
  public static func file(_ entry: Entry, now: Int) -> [UInt8] {
    var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Digital Innovation Hub//Bookings//EN"]
    lines += event(entry, now: now, isOwn: true)
    lines.append("END:VCALENDAR")
    return joined(lines)
  }

  /// A calendar to subscribe to.
  public static func calendar(name: String, _ entries: [Entry], now: Int) -> [UInt8] {
    var lines = [
      "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Digital Innovation Hub//Rooms//EN",
      "NAME:" + escaped(name), "X-WR-CALNAME:" + escaped(name), "REFRESH-INTERVAL;VALUE=DURATION:PT5M",
    ]
    for entry in entries { lines += event(entry, now: now, isOwn: false) }
    lines.append("END:VCALENDAR")
    return joined(lines)
  }

  private static func event(_ entry: Entry, now: Int, isOwn: Bool) -> [String] {
    var lines = [
      "BEGIN:VEVENT", "UID:" + escaped(entry.id), "DTSTAMP:" + utc(now),
      "DTSTART:" + utc(entry.interval.start),
      "DTEND:" + utc(entry.interval.end), "SUMMARY:" + escaped(entry.title), "SEQUENCE:\(entry.sequence)",
      "STATUS:" + (entry.isTentative ? "TENTATIVE" : "CONFIRMED"), "TRANSP:OPAQUE",
      "CLASS:" + (entry.isPrivate ? "PRIVATE" : "PUBLIC"),
    ]
    if let conference = entry.conference {
      lines.append("CONFERENCE;VALUE=URI;FEATURE=AUDIO:" + conference)
    }
    if isOwn { lines.append("X-HUB-BOOKING:" + escaped(entry.id)) }
    lines.append("END:VEVENT")
    return lines
  }

  /// `20261123T150000Z`.
  static func utc(_ instant: Int) -> String {
    String((isoDateTime(instant) + "Z").filter { $0 != "-" && $0 != ":" })
  }

  /// TEXT of RFC 5545, 3.3.11; control characters other than line breaks are dropped.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\\\"
      case ";": out += "\\;"
      case ",": out += "\\,"
      case "\n": out += "\\n"
      case let other where other.value < 0x20 || other.value == 0x7F: break
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// CRLF, and folds before the 76th byte, never within a character.
  private static func joined(_ lines: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for line in lines {
      var width = 0
      for scalar in line.unicodeScalars {
        let count = UTF8.width(scalar)
        if width + count > 74 {
          bytes += [0x0D, 0x0A, 0x20]
          width = 1
        }
        bytes += Array(String(scalar).utf8)
        width += count
      }
      bytes += [0x0D, 0x0A]
    }
    return bytes
  }
}
