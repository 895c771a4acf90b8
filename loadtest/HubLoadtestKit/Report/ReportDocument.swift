public import HubJSON

/// Why a file can't be used, with its name and, where it is known, line and column.
public struct ReportError: Error, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }

  init(_ name: String, _ error: JSONError) {
    let place = error.line.map { "\($0):\(error.column ?? 1): " } ?? " "
    let path = error.path == .root ? "" : "\(error.path): "
    description = "\(name):\(place)\(path)\(error.message)"
  }
}

/// A report as its JSON text has it: what tables, plots, limits, comparisons and merging work on, whether it comes from
/// a run that just ended, from a file or from another machine.
public struct ReportDocument: Sendable, Equatable {
  public internal(set) var root: JSONObject

  init(root: JSONObject) { self.root = root }

  public init(_ report: LoadtestReport) {
    guard case .object(let object) = report.json else { preconditionFailure("a report is an object") }
    root = object
  }

  /// Reads a report, e.g. from a file.
  /// - Parameter name: of the file, for errors.
  /// - Throws: ``ReportError`` with line and column.
  public init(text: [UInt8], name: String) throws(ReportError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSON.parse(text, limits: .file)
    } catch {
      throw ReportError(name, error)
    }
    try self.init(value, name: name)
  }

  /// - Throws: ``ReportError`` when the value is no report.
  init(_ value: JSONValue, name: String) throws(ReportError) {
    guard case .object(let object) = value else {
      throw ReportError("\(name):1:1: found \(value.kind), expected a report")
    }
    guard object["format"] == .int(Int64(LoadtestReport.formatVersion)), case .string? = object["scenario"],
      case .int(let avatars)? = object["avatars"], avatars > 0
    else {
      throw ReportError(
        "\(name):1:1: no report of format \(LoadtestReport.formatVersion) (\"format\", \"scenario\", \"avatars\")"
      )
    }
    root = object
  }

  // MARK: Looking up

  /// The value at a path of keys, e.g. `errorNowMeters.near.p99`; nil where there is none.
  public func value(_ path: String) -> JSONValue? {
    var here = JSONValue.object(root)
    for key in path.split(separator: ".") {
      guard case .object(let object) = here, let next = object[String(key)] else { return nil }
      here = next
    }
    return here
  }

  /// Nil where there is no number.
  public func number(_ path: String) -> Double? { value(path)?.double }
  public func count(_ path: String) -> Int? { if case .int(let n)? = value(path) { Int(n) } else { nil } }
  public func text(_ path: String) -> String? { if case .string(let s)? = value(path) { s } else { nil } }
  public func distribution(_ path: String) -> RecordedCounts? { value(path).flatMap { RecordedCounts($0) } }
  /// Members of an object that are integers, in the order of the text.
  public func counts(_ path: String) -> [(key: String, count: Int)] {
    guard case .object(let object)? = value(path) else { return [] }
    return object.members.compactMap { if case .int(let n) = $0.value { ($0.key, Int(n)) } else { nil } }
  }
  /// The items of an array; none where there is no array.
  public func items(_ path: String) -> [JSONValue] {
    if case .array(let items)? = value(path) { items } else { [] }
  }

  /// Whether all bots could join and none was closed against its will, and no tester was lost.
  public var isClean: Bool {
    count("people.unexpectedEnds") == 0 && count("people.connectFailures") == 0 && text("interruption") == nil
      && count("people.joined") ?? 0 >= count("avatars") ?? .max
      && !counts("problems").contains { $0.key.hasPrefix("protocol:") || $0.key.hasPrefix("frame:") }
      && lostTesters.isEmpty
  }

  /// Names of testers whose results are missing.
  public var lostTesters: [String] {
    items("testers").compactMap { item in
      guard case .object(let tester) = item, case .string? = tester["lost"],
        case .string(let name)? = tester["name"]
      else { return nil }
      return name
    }
  }

  // MARK: Writing

  /// JSON with a final line feed: an object's members one a line, lists of numbers on one line.
  public func jsonText() -> [UInt8] {
    var text = ""
    Self.write(.object(root), indent: "", into: &text)
    return Array((text + "\n").utf8)
  }

  private static func write(_ value: JSONValue, indent: String, into text: inout String) {
    switch value {
    case .object(let object) where !object.members.isEmpty:
      text += "{\n"
      for (index, member) in object.members.enumerated() {
        text += "\(indent)  \(compact(.string(member.key))): "
        write(member.value, indent: indent + "  ", into: &text)
        text += index + 1 < object.members.count ? ",\n" : "\n"
      }
      text += "\(indent)}"
    default: text += compact(value)
    }
  }

  private static func compact(_ value: JSONValue) -> String {
    do throws(JSONError) {
      return String(decoding: try JSON.write(value), as: UTF8.self)
    } catch {
      preconditionFailure("a report holds finite numbers only: \(error)")
    }
  }
}
