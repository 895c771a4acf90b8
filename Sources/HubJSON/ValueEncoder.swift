/// Where an encoder puts its value: filled in place, since containers may be handed out and written to later.
private final class Slot {
  var scalar: JSONValue?
  var object: [(key: String, slot: Slot)]?
  var array: [Slot]?

  var value: JSONValue {
    if let scalar { return scalar }
    if let object { return .object(JSONObject(object.map { .init($0.key, $0.slot.value) })) }
    if let array { return .array(array.map(\.value)) }
    return .object(JSONObject())  // a type that encodes nothing, as Foundation has it
  }

  /// The slot of a member; writing the same key again replaces it.
  func member(_ key: String) -> Slot {
    let slot = Slot()
    if object == nil { object = [] }
    if let at = object?.firstIndex(where: { $0.key == key }) {
      object?[at].slot = slot
    } else {
      object?.append((key, slot))
    }
    return slot
  }

  func item() -> Slot {
    let slot = Slot()
    if array == nil { array = [] }
    array?.append(slot)
    return slot
  }
}

/// Turns an `Encodable` value into a document.
struct ValueEncoder: Encoder {
  fileprivate let slot: Slot
  let path: JSONPath

  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func box<T: Encodable>(_ value: T, path: JSONPath) throws(JSONError) -> JSONValue {
    let slot = Slot()
    do {
      try put(value, in: slot, path: path)
    } catch let error as JSONError {
      throw error
    } catch EncodingError.invalidValue(_, let context) {
      throw JSONError(.invalid, context.debugDescription, path: JSONPath(context.codingPath))
    } catch {
      throw JSONError(.invalid, "\(error)", path: path)
    }
    return slot.value
  }

  fileprivate static func put<T: Encodable>(_ value: T, in slot: Slot, path: JSONPath) throws {
    switch value {
    case let value as JSONValue: slot.scalar = value
    case let value as String: slot.scalar = .string(value)
    case let value as Bool: slot.scalar = .bool(value)
    case let value as Double: slot.scalar = try real(value, path)
    // The shortest text of a Float, so that 0.1 stays 0.1.
    case let value as Float: slot.scalar = try real(Double(value.description) ?? Double(value), path)
    case let value as any FixedWidthInteger:
      guard let exact = Int64(exactly: value) else {
        throw JSONError(.unwritable, "\(value) does not fit 64 signed bits", path: path)
      }
      slot.scalar = .int(exact)
    default: try value.encode(to: ValueEncoder(slot: slot, path: path))
    }
  }

  private static func real(_ value: Double, _ path: JSONPath) throws(JSONError) -> JSONValue {
    guard value.isFinite else { throw JSONError(.unwritable, "\(value) is no JSON number", path: path) }
    return .real(value)
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    if slot.object == nil { slot.object = [] }
    return KeyedEncodingContainer(ObjectWriter<Key>(slot: slot, path: path))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if slot.array == nil { slot.array = [] }
    return ArrayWriter(slot: slot, path: path)
  }
  func singleValueContainer() -> any SingleValueEncodingContainer { ScalarWriter(slot: slot, path: path) }
}

private struct ObjectWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: Slot
  let path: JSONPath
  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }

  mutating func encodeNil(forKey key: Key) throws { slot.member(key.stringValue).scalar = .null }
  mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try ValueEncoder.put(value, in: slot.member(key.stringValue), path: path.appending(key: key.stringValue))
  }
  private func encoder(_ key: String) -> ValueEncoder {
    ValueEncoder(slot: slot.member(key), path: path.appending(key: key))
  }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoder(key.stringValue).container(keyedBy: type) }
  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key.stringValue).unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { encoder("super") }
  mutating func superEncoder(forKey key: Key) -> any Encoder { encoder(key.stringValue) }
}

private struct ArrayWriter: UnkeyedEncodingContainer {
  let slot: Slot
  let path: JSONPath
  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }
  var count: Int { slot.array?.count ?? 0 }

  mutating func encodeNil() throws { slot.item().scalar = .null }
  mutating func encode<T: Encodable>(_ value: T) throws {
    let here = path.appending(index: count)
    try ValueEncoder.put(value, in: slot.item(), path: here)
  }
  private func encoder() -> ValueEncoder {
    let here = path.appending(index: count)
    return ValueEncoder(slot: slot.item(), path: here)
  }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<
    Nested
  > {
    encoder().container(keyedBy: type)
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
  mutating func superEncoder() -> any Encoder { encoder() }
}

private struct ScalarWriter: SingleValueEncodingContainer {
  let slot: Slot
  let path: JSONPath
  var codingPath: [any CodingKey] { path.steps.map(AnyKey.init) }
  mutating func encodeNil() throws { slot.scalar = .null }
  mutating func encode<T: Encodable>(_ value: T) throws { try ValueEncoder.put(value, in: slot, path: path) }
}
