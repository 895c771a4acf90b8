/// A DATE or DATE-TIME value (RFC 5545, 3.3.4 and 3.3.5), and the ISO 8601 spellings that some writers put instead:
/// `20260701`, `20260701T090000`, `20260701T070000Z`, `20260701T0900`, `2026-07-01T09:00:00+02:00`.
struct DateTimeText: Hashable {
  /// Days since 1970-01-01.
  var dayNumber: Int
  /// nil for a DATE; 0…86,400, where the last is the next midnight.
  var secondOfDay: Int?
  /// 0 for `Z`, nil where the value names no offset.
  var offsetSeconds: Int?

  /// nil if the text is no date of the years 0 to 9999.
  init?(_ text: String) {
    var reader = DigitReader(bytes: Substring(text).utf8)
    let parsed = reader.dateTime()
    guard let parsed else { return nil }
    self = parsed
  }

  fileprivate init(dayNumber: Int, secondOfDay: Int?, offsetSeconds: Int?) {
    self.dayNumber = dayNumber
    self.secondOfDay = secondOfDay
    self.offsetSeconds = offsetSeconds
  }
}

/// Walks over the bytes of a date.
private struct DigitReader {
  var bytes: Substring.UTF8View

  var next: UInt8? { bytes.first }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    bytes.removeFirst()
    return true
  }

  mutating func number(_ digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let byte = next, byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
      bytes.removeFirst()
    }
    return value
  }

  mutating func dateTime() -> DateTimeText? {
    guard let year = number(4) else { return nil }
    let dashed = skip(0x2D)
    guard let month = number(2), !dashed || skip(0x2D), let day = number(2) else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard date.isValid else { return nil }
    // Some writers put a Z behind a whole day.
    if next == nil || (bytes.count == 1 && skip(0x5A)) {
      return DateTimeText(dayNumber: date.dayNumber, secondOfDay: nil, offsetSeconds: nil)
    }
    // A blank is no sign of any calendar format: such text comes from tables and logs, and nobody knows whose clock it means.
    guard skip(0x54) || skip(0x74) else { return nil }  // T, t
    guard let hour = number(2) else { return nil }
    let colons = skip(0x3A)
    guard let minute = number(2) else { return nil }
    var second = 0
    if !colons || skip(0x3A), let byte = next, byte >= 0x30, byte <= 0x39 {
      guard let value = number(2) else { return nil }
      second = value
    }
    if skip(0x2E) || skip(0x2C) {  // A fraction is dropped.
      while let byte = next, byte >= 0x30, byte <= 0x39 { bytes.removeFirst() }
    }
    // 24:00 is the next midnight; a leap second reads as the one before.
    guard hour < 24 || (hour == 24 && minute == 0 && second == 0), minute < 60, second <= 60 else {
      return nil
    }
    let seconds = hour * 3600 + minute * 60 + min(second, 59)
    var offset: Int?
    if skip(0x5A) || skip(0x7A) {
      offset = 0
    } else if next == 0x2B || next == 0x2D {
      let sign = next == 0x2D ? -1 : 1
      bytes.removeFirst()
      guard let hours = number(2) else { return nil }
      _ = skip(0x3A)
      let minutes = next == nil ? 0 : number(2)
      guard let minutes, hours <= 18, minutes < 60 else { return nil }
      offset = sign * (hours * 3600 + minutes * 60)
    }
    guard next == nil else { return nil }
    return DateTimeText(dayNumber: date.dayNumber, secondOfDay: seconds, offsetSeconds: offset)
  }
}
