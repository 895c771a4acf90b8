import Glibc
public import Logging

/// How log lines are written.
public enum LogFormat: String, Sendable, CaseIterable { case logfmt, json }

/// Writes one line per record: time (UTC), level, event, then the metadata sorted by key. By policy no names, no chat, no addresses of participants,
/// no secrets: events are fixed texts, metadata numbers and ids. Control and bidirectional characters are escaped all the same,
/// because paths and the library's words come from outside.
public struct HubLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  private let format: LogFormat
  private let write: @Sendable (String) -> Void

  /// - Parameter write: gets each line with its line break; stderr by default, one `write` per line.
  public init(
    level: Logger.Level, format: LogFormat,
    write: @escaping @Sendable (String) -> Void = { line in HubLogHandler.writeToStandardError(line) }
  ) {
    logLevel = level
    self.format = format
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var fields = [
      ("time", Self.timestamp()), ("level", event.level.rawValue), ("event", event.message.description),
    ]
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    fields += all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    write(Self.line(fields, format))
  }

  /// One record as text; public so that other tools write the same.
  public static func line(_ fields: [(key: String, value: String)], _ format: LogFormat) -> String {
    switch format {
    case .logfmt: fields.map { "\($0.key)=\(logfmt($0.value))" }.joined(separator: " ") + "\n"
    case .json: "{" + fields.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",") + "}\n"
    }
  }

  private static func logfmt(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "=" && $0 != "\\"
      }
    return isPlain ? text : quoted(text)
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case _ where isHidden(scalar):
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// C0, C1, line separators and bidirectional controls: what could forge or hide a line. All below U+10000.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// RFC 3339, milliseconds, UTC.
  private static func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return
      "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))T"
      + "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
      + ".\(digits(now.tv_nsec / 1_000_000, 3))Z"
  }

  /// The default of `write`. A log that can't be written is no reason to stop serving, so the result is not looked at.
  public static func writeToStandardError(_ line: String) {
    let bytes = Array(line.utf8)
    _ = Glibc.write(2, bytes, bytes.count)
  }
}
