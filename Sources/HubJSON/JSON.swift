/// JSON for the hub: strict reading (Jansson), Swift's `Codable` both ways.
public enum JSON {
  /// Reads a whole text. Any value may stand at the top.
  public static func parse(_ text: [UInt8], limits: JSONLimits = .message) throws(JSONError) -> JSONValue {
    try parse(text.span.bytes, limits: limits)
  }

  /// The same from borrowed bytes.
  public static func parse(_ text: RawSpan, limits: JSONLimits = .message) throws(JSONError) -> JSONValue {
    fatalError("skeleton")
  }

  /// Reads a value of a `Decodable` type; members the type does not ask for are ignored.
  /// - Throws: ``JSONError`` with path, line and column.
  public static func decode<T: Decodable>(
    _ type: T.Type, from text: RawSpan, limits: JSONLimits = .message
  ) throws(JSONError) -> T {
    fatalError("skeleton")
  }

  public static func decode<T: Decodable>(
    _ type: T.Type, from text: [UInt8], limits: JSONLimits = .message
  ) throws(JSONError) -> T {
    try decode(type, from: text.span.bytes, limits: limits)
  }

  /// From a value already read, e.g. after looking at its `t`. Errors carry no line.
  public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws(JSONError) -> T {
    fatalError("skeleton")
  }

  /// Compact UTF-8 text. Doubles are written so that reading gives the same value.
  public static func encode<T: Encodable>(_ value: T) throws(JSONError) -> [UInt8] {
    fatalError("skeleton")
  }

  /// Members in the order given.
  public static func write(_ value: JSONValue, indent: Int = 0) throws(JSONError) -> [UInt8] {
    fatalError("skeleton")
  }
}
