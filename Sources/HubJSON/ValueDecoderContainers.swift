/// Members of an object.
struct ObjectReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let object: JSONObject
  let path: JSONPath

  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }
  var allKeys: [Key] { object.members.compactMap { Key(stringValue: $0.key) } }
  func contains(_ key: Key) -> Bool { object.index(of: key.stringValue) != nil }

  private func member(_ key: Key) throws(JSONError) -> ValueDecoder {
    guard let value = object[key.stringValue] else {
      throw JSONError(.missing, "missing \"\(key.stringValue)\"", path: path)
    }
    return ValueDecoder(value: value, path: path.appending(key: key.stringValue))
  }

  func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
  func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try member(key).bool() }
  func decode(_: String.Type, forKey key: Key) throws -> String { try member(key).string() }
  func decode(_: Double.Type, forKey key: Key) throws -> Double { try member(key).double() }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try member(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try member(key).integer(type) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try member(key).integer(type) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try member(key).integer(type) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try member(key).integer(type) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try member(key).integer(type) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try member(key).integer(type) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try member(key).integer(type) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try member(key).integer(type) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try member(key).integer(type) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try member(key).integer(type) }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).unbox(type) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder {
    ValueDecoder(value: object["super"] ?? .null, path: path.appending(key: "super"))
  }
  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

/// Items of an array, one after another.
struct ArrayReader: UnkeyedDecodingContainer {
  let items: [JSONValue]
  let path: JSONPath
  private(set) var currentIndex = 0

  init(items: [JSONValue], path: JSONPath) {
    self.items = items
    self.path = path
  }

  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }
  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex >= items.count }

  /// Reads the next item; stays where it is when that fails.
  private mutating func next<T>(_ read: (ValueDecoder) throws -> T) throws -> T {
    guard !isAtEnd else {
      throw JSONError(.missing, "array of \(items.count) ends here, expected another item", path: path)
    }
    let result = try read(ValueDecoder(value: items[currentIndex], path: path.appending(index: currentIndex)))
    currentIndex += 1
    return result
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, items[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode(_: Bool.Type) throws -> Bool { try next { try $0.bool() } }
  mutating func decode(_: String.Type) throws -> String { try next { try $0.string() } }
  mutating func decode(_: Double.Type) throws -> Double { try next { try $0.double() } }
  mutating func decode(_ type: Float.Type) throws -> Float { try next { try $0.decode(type) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try next { try $0.integer(type) } }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try next { try $0.integer(type) } }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try next { try $0.integer(type) } }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try next { try $0.integer(type) } }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try next { try $0.integer(type) } }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try next { try $0.integer(type) } }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next { try $0.integer(type) } }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next { try $0.integer(type) } }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next { try $0.integer(type) } }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next { try $0.integer(type) } }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next { try $0.unbox(type) } }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> { try next { try $0.container(keyedBy: type) } }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try $0.unkeyedContainer() }
  }
  mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}
