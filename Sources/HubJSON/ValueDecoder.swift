/// Reads one value of a document as a `Decodable` type.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
  let value: JSONValue
  let path: JSONPath

  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// Decodes, turning whatever the type throws into one kind of error.
  func unbox<T: Decodable>(_ type: T.Type) throws(JSONError) -> T {
    if let quick = try scalar(type) { return quick }
    do {
      return try T(from: self)
    } catch let error as JSONError {
      throw error
    } catch let error as DecodingError {
      throw JSONError(error, at: path)
    } catch {
      throw JSONError(.invalid, "\(error)", path: path)
    }
  }

  /// The types that JSON itself knows, without a detour through their own `init(from:)`.
  private func scalar<T>(_ type: T.Type) throws(JSONError) -> T? {
    if type == String.self { return try string() as? T }
    if type == Int.self { return try integer(Int.self) as? T }
    if type == Double.self { return try double() as? T }
    if type == Bool.self { return try bool() as? T }
    if type == JSONValue.self { return value as? T }
    return nil
  }

  func mismatch(_ expected: String) -> JSONError {
    JSONError(.wrongType, "found \(value.kind), expected \(expected)", path: path)
  }

  func string() throws(JSONError) -> String {
    guard case .string(let string) = value else { throw mismatch("string") }
    return string
  }

  func bool() throws(JSONError) -> Bool {
    guard case .bool(let flag) = value else { throw mismatch("boolean") }
    return flag
  }

  /// Integers up to 2^53 are exact as doubles; larger ones are refused.
  func double() throws(JSONError) -> Double {
    switch value {
    case .real(let number): return number
    case .int(let number):
      guard let exact = Double(exactly: number) else {
        throw JSONError(.outOfRange, "\(number) has no exact real value", path: path)
      }
      return exact
    default: throw mismatch("number")
    }
  }

  /// 1.0 is no integer here: the text must say 1.
  func integer<I: FixedWidthInteger>(_ type: I.Type) throws(JSONError) -> I {
    guard case .int(let number) = value else { throw mismatch("integer") }
    guard let exact = I(exactly: number) else {
      throw JSONError(.outOfRange, "found \(number), expected an integer in \(I.min)...\(I.max)", path: path)
    }
    return exact
  }

  // MARK: Decoder

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let object) = value else { throw mismatch("object") }
    return KeyedDecodingContainer(ObjectReader<Key>(object: object, path: path))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let items) = value else { throw mismatch("array") }
    return ArrayReader(items: items, path: path)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  // MARK: SingleValueDecodingContainer

  func decodeNil() -> Bool { value == .null }
  func decode(_: Bool.Type) throws -> Bool { try bool() }
  func decode(_: String.Type) throws -> String { try string() }
  func decode(_: Double.Type) throws -> Double { try double() }
  func decode(_: Float.Type) throws -> Float {
    let number = Float(try double())
    guard number.isFinite else { throw JSONError(.outOfRange, "number too large", path: path) }
    return number
  }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try unbox(type) }
}

/// A step of a path as the protocols of `Codable` want it.
struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int?
  init(stringValue: String) { self.stringValue = stringValue }
  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }
  init(_ step: JSONPath.Step) {
    switch step {
    case .key(let key): self.init(stringValue: key)
    case .index(let index): self.init(intValue: index)
    }
  }
}

extension JSONPath {
  init(_ keys: [any CodingKey]) {
    var path = JSONPath.root
    for key in keys { path = path.appending(key.intValue.map(Step.index) ?? .key(key.stringValue)) }
    self = path
  }
}

extension JSONError {
  /// What synthesized and hand-written `init(from:)` throw.
  init(_ error: DecodingError, at path: JSONPath) {
    switch error {
    case .dataCorrupted(let context):
      self.init(.invalid, context.debugDescription, path: JSONPath(context.codingPath))
    case .keyNotFound(let key, let context):
      self.init(
        .missing, "missing \"\(key.stringValue)\"", path: JSONPath(context.codingPath))
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self.init(.wrongType, context.debugDescription, path: JSONPath(context.codingPath))
    @unknown default: self.init(.invalid, "\(error)", path: path)
    }
  }
}
