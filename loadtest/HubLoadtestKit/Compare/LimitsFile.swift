public import HubJSON

/// A bar that a report has to clear: limits on figures of the report, from a file (loadtest/bars/bar.schema.json).
public struct LimitsFile: Sendable {
  public enum Comparison: String, Sendable, CaseIterable {
    case atMost = "<="
    case below = "<"
    case atLeast = ">="
    case above = ">"
    case equal = "=="
  }

  public struct Limit: Sendable {
    /// Path in the report, e.g. `errorNowMeters.near.p99`.
    public var key: String
    public var comparison: Comparison
    /// Number or text.
    public var bound: JSONValue
    /// What one would like; told, never failed.
    public var aim: Double?
    /// What a reader sees in place of the key.
    public var label: String
  }

  /// Name of the file, for messages.
  public var name: String
  public var title: String
  public var limits: [Limit]

  /// Reads a file; finds all its faults at once.
  /// - Throws: ``ReportError``: one line a fault, each with file, line and column.
  public init(text: [UInt8], name: String) throws(ReportError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSON.parse(text, limits: JSONLimits(bytesMax: 1 << 20, depthMax: 16))
    } catch {
      throw ReportError(name, error)
    }
    var reader = Reader(text, value, name)
    self = reader.file()
    let faults = reader.faults.sorted { $0.place < $1.place }
    guard faults.isEmpty else { throw ReportError(faults.map(\.text).joined(separator: "\n")) }
  }

  private init(name: String, title: String, limits: [Limit]) {
    self.name = name
    self.title = title
    self.limits = limits
  }

  /// Goes through the document and keeps every fault with its place.
  private struct Reader {
    var faults: [(place: JSONSourceMap.Place, text: String)] = []
    private let root: JSONValue
    private let map: JSONSourceMap
    private let name: String

    init(_ text: [UInt8], _ root: JSONValue, _ name: String) {
      self.root = root
      self.name = name
      map = JSONSourceMap(text.span.bytes)
    }

    private mutating func fault(_ path: JSONPath, _ message: String, atKey: Bool = false) {
      let place = map.place(of: path, in: root, atKey: atKey)
      let prefix = path == .root ? "" : "\(path): "
      faults.append((place, "\(name):\(place.line):\(place.column): \(prefix)\(message)"))
    }

    private mutating func object(_ value: JSONValue, _ path: JSONPath, keys: [String]) -> JSONObject? {
      guard case .object(let object) = value else {
        fault(path, "found \(value.kind), expected object")
        return nil
      }
      for member in object.members where !keys.contains(member.key) {
        fault(
          path.appending(key: member.key), "unknown key; expected one of \(keys.joined(separator: ", "))",
          atKey: true)
      }
      return object
    }

    private mutating func string(
      _ object: JSONObject, _ key: String, _ path: JSONPath, isNeeded: Bool = true
    ) -> String? {
      switch object[key] {
      case .string(let text)? where !text.isEmpty: return text
      case nil:
        if isNeeded { fault(path, "missing \"\(key)\"") }
      case let value?:
        fault(path.appending(key: key), "found \(value.kind), expected a text that is not empty")
      }
      return nil
    }

    mutating func file() -> LimitsFile {
      var file = LimitsFile(name: name, title: name, limits: [])
      guard
        let top = object(
          root, .root, keys: ["$schema", "format", "title", "description", "limits"])
      else { return file }
      switch top["format"] {
      case .int(1)?: break
      case nil: fault(.root, "missing \"format\"")
      default: fault(JSONPath.root.appending(key: "format"), "expected 1")
      }
      if let title = string(top, "title", .root) { file.title = title }
      _ = string(top, "description", .root, isNeeded: false)
      let path = JSONPath.root.appending(key: "limits")
      switch top["limits"] {
      case .array(let items)?:
        if items.isEmpty { fault(path, "no limits: nothing could fail") }
        for (index, item) in items.enumerated() {
          if let limit = limit(item, path.appending(index: index)) { file.limits.append(limit) }
        }
      case nil: fault(.root, "missing \"limits\"")
      case let value?: fault(path, "found \(value.kind), expected array")
      }
      return file
    }

    private mutating func limit(_ value: JSONValue, _ path: JSONPath) -> Limit? {
      guard let object = object(value, path, keys: ["key", "op", "limit", "aim", "label"]) else { return nil }
      let key = string(object, "key", path)
      if let key, key.split(separator: ".", omittingEmptySubsequences: false).contains("") {
        fault(path.appending(key: "key"), "\"\(key)\" is no path of keys joined by points")
      }
      let known = Comparison.allCases.map(\.rawValue).joined(separator: " ")
      var comparison: Comparison?
      if let op = string(object, "op", path) {
        comparison = Comparison(rawValue: op)
        if comparison == nil {
          fault(path.appending(key: "op"), "\"\(op)\" is none of \(known)")
        }
      }
      var bound: JSONValue?
      switch object["limit"] {
      case .int?, .real?: bound = object["limit"]
      case .string?:
        bound = object["limit"]
        if let comparison, comparison != .equal {
          fault(path.appending(key: "limit"), "a text can only be compared with ==")
        }
      case nil: fault(path, "missing \"limit\"")
      case let other?: fault(path.appending(key: "limit"), "found \(other.kind), expected number or text")
      }
      if let aim = object["aim"], aim.double == nil {
        fault(path.appending(key: "aim"), "found \(aim.kind), expected number")
      }
      let label = string(object, "label", path, isNeeded: false)
      guard let key, let comparison, let bound else { return nil }
      return Limit(
        key: key, comparison: comparison, bound: bound, aim: object["aim"]?.double, label: label ?? key)
    }
  }
}
