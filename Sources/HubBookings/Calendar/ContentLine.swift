/// One unfolded content line (RFC 5545, 3.1): a name, parameters and a value.
struct ContentLine {
  /// Upper case, without a group prefix (`item1.`).
  var name: String
  /// Names in upper case; quotes removed, RFC 6868 escapes resolved. Lists stay joined by commas.
  var parameters: [(name: String, value: String)]
  /// As written, escapes included.
  var value: String

  func parameter(_ name: String) -> String? {
    parameters.first { $0.name == name }?.value
  }
}

/// Cuts a file into unfolded lines, on bytes: a fold may stand inside a character.
///
/// Lines end in CRLF, LF or CR; a line that begins with a blank or a tab continues the one before. A line longer than
/// the limit is cut there and marked.
struct LineReader {
  private let bytes: [UInt8]
  private let lineBytesMax: Int
  private var index: Int
  /// The unfolded line.
  private(set) var line: [UInt8] = []
  private(set) var isCut = false

  init(bytes: [UInt8], lineBytesMax: Int) {
    self.bytes = bytes
    self.lineBytesMax = lineBytesMax
    index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Reads the next line that isn't empty; false at the end.
  mutating func next() -> Bool {
    let count = bytes.count
    while index < count {
      line.removeAll(keepingCapacity: true)
      isCut = false
      while index < count {
        var end = index
        while end < count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
        let room = max(0, lineBytesMax - line.count)
        if end - index > room { isCut = true }
        line.append(contentsOf: bytes[index..<min(end, index + room)])
        index = end
        // Empty lines are none, also before a continuation: line ends doubled on their way are found in the wild.
        while index < count, bytes[index] == 0x0A || bytes[index] == 0x0D { index += 1 }
        guard index < count, bytes[index] == 0x20 || bytes[index] == 0x09 else { break }
        index += 1
      }
      if !line.isEmpty { return true }
    }
    return false
  }
}

extension ContentLine {
  /// The name alone, in upper case and without its group; nil where the bytes are no content line.
  static func name(of line: [UInt8]) -> String? {
    guard let end = line.firstIndex(where: { $0 == 0x3A || $0 == 0x3B }), end > 0, end <= 64 else {
      return nil
    }
    var name: [UInt8] = []
    for byte in line[..<end] {
      switch byte {
      case 0x2E: name.removeAll(keepingCapacity: true)  // A dot ends the group.
      case 0x61...0x7A: name.append(byte - 32)
      case 0x41...0x5A, 0x30...0x39, 0x2D, 0x5F: name.append(byte)
      case 0x20, 0x09: continue
      default: return nil
      }
    }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }

  /// Splits a line whose name is known to be `name`; nil if there is no colon. With `splitAtLastColon` the value begins
  /// there: for writers that leave a colon inside a parameter unquoted.
  init?(name: String, line: [UInt8], splitAtLastColon: Bool = false) {
    self.name = name
    parameters = []
    guard var index = line.firstIndex(where: { $0 == 0x3A || $0 == 0x3B }) else { return nil }
    let lastColon = splitAtLastColon ? line.lastIndex(of: 0x3A) : nil
    while index < line.count, line[index] == 0x3B {
      index += 1
      let start = index
      var quoted = false
      while index < line.count {
        let byte = line[index]
        if byte == 0x22 {
          // A quote that nothing closes is a character like others.
          quoted = quoted ? false : line[(index + 1)...].contains(0x22)
        } else if !quoted, byte == 0x3B || (byte == 0x3A && (lastColon == nil || index == lastColon)) {
          break
        }
        index += 1
      }
      parameters.append(Self.parameter(line[start..<index]))
      if parameters.count > 64 { return nil }
    }
    guard index < line.count, line[index] == 0x3A else { return nil }
    value = String(decoding: line[(index + 1)...], as: UTF8.self)
  }

  private static func parameter(_ bytes: ArraySlice<UInt8>) -> (name: String, value: String) {
    let equals = bytes.firstIndex(of: 0x3D) ?? bytes.endIndex
    let name = trimmed(String(decoding: bytes[..<equals], as: UTF8.self)).uppercased()
    guard equals < bytes.endIndex else { return (name, "") }
    var value: [UInt8] = []
    var index = equals + 1
    while index < bytes.endIndex {
      let byte = bytes[index]
      index += 1
      if byte == 0x22 { continue }
      if byte == 0x5E, index < bytes.endIndex {  // RFC 6868
        let escaped: UInt8? =
          switch bytes[index] {
          case 0x6E: 0x0A
          case 0x27: 0x22
          case 0x5E: 0x5E
          default: nil
          }
        if let escaped {
          value.append(escaped)
          index += 1
          continue
        }
      }
      value.append(byte)
    }
    return (name, String(decoding: value, as: UTF8.self))
  }
}

/// A TEXT value without its escapes (RFC 5545, 3.3.11).
func unescapedText(_ text: String) -> String {
  guard text.utf8.contains(0x5C) else { return text }
  var result: [UInt8] = []
  result.reserveCapacity(text.utf8.count)
  var escaped = false
  for byte in text.utf8 {
    if escaped {
      switch byte {
      case 0x6E, 0x4E: result.append(0x0A)
      case 0x5C, 0x2C, 0x3B, 0x3A, 0x22: result.append(byte)
      default: result += [0x5C, byte]
      }
      escaped = false
    } else if byte == 0x5C {
      escaped = true
    } else {
      result.append(byte)
    }
  }
  if escaped { result.append(0x5C) }
  return String(decoding: result, as: UTF8.self)
}
