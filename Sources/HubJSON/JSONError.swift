/// Why a text was refused or a value could not be written.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// Not JSON: malformed text, bad UTF-8, duplicate keys, numbers that no type can hold.
    case syntax
    /// Over ``JSONLimits``.
    case tooLarge, tooDeep
    /// JSON, but of another type, out of range, or missing.
    case wrongType, outOfRange, missing
    /// Refused by the type's own reading.
    case invalid
    /// A value that JSON cannot say (NaN, infinity, integers above 2^63-1).
    case unwritable
  }
  public var kind: Kind
  /// What is wrong and what was expected.
  public var message: String
  /// Where in the document; empty for errors of syntax.
  public var path: JSONPath
  /// 1-based; columns count Unicode scalars. Nil when there is no text.
  public var line: Int?
  public var column: Int?

  public init(_ kind: Kind, _ message: String, path: JSONPath = .root, line: Int? = nil, column: Int? = nil) {
    self.kind = kind
    self.message = message
    self.path = path
    self.line = line
    self.column = column
  }

  public var description: String {
    let place = line.map { "\($0):\(column ?? 1): " } ?? ""
    return path == .root ? "\(place)\(message)" : "\(place)\(path): \(message)"
  }
}

/// Bounds on what is read.
public struct JSONLimits: Sendable {
  public var bytesMax: Int
  public var depthMax: Int
  public init(bytesMax: Int, depthMax: Int) {
    precondition(bytesMax > 0 && depthMax > 0 && depthMax <= 512)
    self.bytesMax = bytesMax
    self.depthMax = depthMax
  }
  /// A control message.
  public static let message = JSONLimits(bytesMax: 65536, depthMax: 16)
  /// A world or a manifest: 64 nodes deep, each two levels.
  public static let file = JSONLimits(bytesMax: 64 << 20, depthMax: 160)
}
