/// JSON for the hub: strict reading (Jansson), Swift's `Codable` both ways.
public enum JSON {
  /// Reads a whole text. Any value may stand at the top.
  /// - Throws: ``JSONError`` of kind `syntax`, `tooLarge` or `tooDeep`, with line and column.
  public static func parse(_ text: [UInt8], limits: JSONLimits = .message) throws(JSONError) -> JSONValue {
    try parse(text.span.bytes, limits: limits)
  }

  /// The same from borrowed bytes, which are not kept.
  public static func parse(_ text: RawSpan, limits: JSONLimits = .message) throws(JSONError) -> JSONValue {
    try Jansson.parse(text, limits: limits)
  }

  /// Reads a value of a `Decodable` type; members the type does not ask for are ignored.
  /// - Throws: ``JSONError`` with path, line and column.
  public static func decode<T: Decodable>(
    _ type: T.Type, from text: RawSpan, limits: JSONLimits = .message
  ) throws(JSONError) -> T {
    let value = try parse(text, limits: limits)
    do {
      return try decode(type, from: value)
    } catch {
      var located = error
      let place = JSONSourceMap(text).place(of: error.path, in: value)
      located.line = place.line
      located.column = place.column
      throw located
    }
  }

  public static func decode<T: Decodable>(
    _ type: T.Type, from text: [UInt8], limits: JSONLimits = .message
  ) throws(JSONError) -> T {
    try decode(type, from: text.span.bytes, limits: limits)
  }

  /// From a value already read, e.g. after looking at its `t`. Errors carry a path but no line.
  public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws(JSONError) -> T {
    try ValueDecoder(value: value, path: .root).unbox(type)
  }

  /// Compact UTF-8 text. Doubles are written so that reading gives the same value.
  /// - Throws: ``JSONError`` of kind `unwritable` or `invalid`.
  public static func encode<T: Encodable>(_ value: T) throws(JSONError) -> [UInt8] {
    try write(self.value(of: value))
  }

  /// An `Encodable` value as a document.
  public static func value<T: Encodable>(of value: T) throws(JSONError) -> JSONValue {
    try ValueEncoder.box(value, path: .root)
  }

  /// Members in the order given.
  /// - Parameter indent: spaces per level (0...31); 0 writes one line without blanks.
  /// - Throws: ``JSONError`` of kind `unwritable` for NaN and infinities.
  public static func write(_ value: JSONValue, indent: Int = 0) throws(JSONError) -> [UInt8] {
    try Jansson.write(value, indent: indent)
  }
}
