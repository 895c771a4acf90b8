/// Finds the zone that a TZID means, without the file's own definitions.
///
/// In order: an IANA name, in any letter case, with a leading slash or behind a vendor's prefix
/// (`/citadel.org/20210210_1/Europe/Berlin`); a Windows name (`W. Europe Standard Time`), or what Windows shows to people
/// (`(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna`); a plain offset (`UTC+01:00`).
public enum ZoneResolver {
  /// The zone of `tzid`, or nil if the name says nothing by itself.
  public static func zone(forTZID tzid: String) -> Zone? {
    let name = trimmed(tzid)
    guard !name.isEmpty, name.utf8.count <= 255 else { return nil }
    return Zone.iana(name) ?? behindPrefix(name) ?? windows(name) ?? fixedOffset(name)
  }

  /// The last three, two or one parts of a path, so that `America/Argentina/Ushuaia` is found whole.
  private static func behindPrefix(_ name: String) -> Zone? {
    guard name.contains("/") else { return nil }
    let parts = name.split(separator: "/")
    for count in [3, 2, 1] where parts.count >= count {
      let tail = parts.suffix(count).joined(separator: "/")
      if tail != name, let zone = Zone.iana(tail) ?? (count == 1 ? windows(tail) : nil) { return zone }
    }
    return nil
  }

  private static func windows(_ name: String) -> Zone? {
    let key = name.lowercased()
    if let iana = windowsNames[key] { return Zone.iana(iana) }
    // "(UTC+01:00) Amsterdam, Berlin, …": the offset in front changed its spelling between versions.
    guard key.hasPrefix("("), let close = key.firstIndex(of: ")") else { return nil }
    let shown = trimmed(String(key[key.index(after: close)...]))
    return windowsNames[shown].flatMap { Zone.iana($0) }
  }

  private static let windowsNames: [String: String] = {
    var names: [String: String] = [:]
    for row in WindowsZoneTable.rows.split(separator: "\n") {
      let fields = row.split(separator: "|", omittingEmptySubsequences: false)
      precondition(fields.count == 3)
      names[fields[0].lowercased()] = String(fields[2])
      if !fields[1].isEmpty { names[fields[1].lowercased()] = String(fields[2]) }
    }
    names["greenwich mean time"] = "Europe/London"
    names["gmt standard time"] = "Europe/London"
    return names
  }()

  /// `UTC+1`, `GMT+01:00`, `+0100`, `tzone://Microsoft/Utc`.
  private static func fixedOffset(_ name: String) -> Zone? {
    var rest = Substring(name.uppercased())
    if rest == "UTC" || rest == "TZONE://MICROSOFT/UTC" || rest == "COORDINATED UNIVERSAL TIME" {
      return .utc
    }
    for prefix in ["UTC", "GMT"] where rest.hasPrefix(prefix) { rest = rest.dropFirst(3) }
    guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
    let digits = rest.dropFirst().filter { $0 != ":" }
    guard (1...4).contains(digits.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = Int(digits)
    else { return nil }
    let (hours, minutes) = digits.count <= 2 ? (value, 0) : (value / 100, value % 100)
    guard hours <= 14, minutes < 60 else { return nil }
    let seconds = hours * 3600 + minutes * 60
    return seconds == 0 ? .utc : Zone(fixedOffsetSeconds: sign == "-" ? -seconds : seconds)
  }
}

/// Without white space and stray quotes at both ends.
func trimmed(_ text: String) -> String {
  var view = Substring(text)
  while let first = view.first, first.isWhitespace || first == "\"" { view = view.dropFirst() }
  while let last = view.last, last.isWhitespace || last == "\"" { view = view.dropLast() }
  return String(view)
}
