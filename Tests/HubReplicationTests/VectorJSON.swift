import Foundation

/// A JSON value that prints the same everywhere: keys in the order given, one line per item of the outer levels.
indirect enum VectorJSON: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
  case int(Int)
  case string(String)
  case bool(Bool)
  case null
  case array([VectorJSON])
  case object([(String, VectorJSON)])

  init(integerLiteral value: Int) { self = .int(value) }
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }

  /// `depth` levels are spread over lines, the rest stays on one.
  func text(depth: Int, indent: String = "") -> String {
    let inner = indent + "  "
    func spread(_ open: String, _ items: [String], _ close: String) -> String {
      if items.isEmpty { return open + close }
      guard depth > 0 else { return open + items.joined(separator: ",") + close }
      return open + "\n" + items.map { inner + $0 }.joined(separator: ",\n") + "\n" + indent + close
    }
    switch self {
    case .int(let value): return String(value)
    case .string(let value): return "\"" + value.replacingOccurrences(of: "\n", with: "\\n") + "\""
    case .bool(let value): return value ? "true" : "false"
    case .null: return "null"
    case .array(let items): return spread("[", items.map { $0.text(depth: depth - 1, indent: inner) }, "]")
    case .object(let pairs):
      return spread("{", pairs.map { "\"\($0)\":" + $1.text(depth: depth - 1, indent: inner) }, "}")
    }
  }
}

enum VectorFiles {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("Vectors")
  /// `HUB_WRITE_VECTORS=1 swift test --filter VectorTests` writes the files instead of comparing them.
  static let writes = ProcessInfo.processInfo.environment["HUB_WRITE_VECTORS"] != nil

  /// The committed text, after writing `text` there when asked to.
  static func committed(_ name: String, _ text: String) throws -> String {
    let file = directory.appendingPathComponent(name)
    if writes {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    return try String(contentsOf: file, encoding: .utf8)
  }

  static func parse(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: directory.appendingPathComponent(name))
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return object
  }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func bytes(hex text: String) -> [UInt8] {
  let digits = Array(text.utf8)
  return stride(from: 0, to: digits.count, by: 2).map { at in
    UInt8(String(decoding: digits[at..<at + 2], as: UTF8.self), radix: 16)!
  }
}
