import CJansson

/// One reference to a Jansson value, given back when the last Swift reference goes.
private final class Handle {
  let json: UnsafeMutablePointer<json_t>
  /// Takes over the caller's reference.
  init?(owning json: UnsafeMutablePointer<json_t>?) {
    guard let json else { return nil }
    self.json = json
  }
  deinit { json_decref(json) }
}

/// The only place that talks to the C library: text to ``JSONValue`` and back.
enum Jansson {
  static func parse(_ text: RawSpan, limits: JSONLimits) throws(JSONError) -> JSONValue {
    guard text.byteCount > 0 else {
      throw JSONError(.syntax, "empty text, expected a JSON value", line: 1, column: 1)
    }
    guard text.byteCount <= limits.bytesMax else {
      throw JSONError(.tooLarge, "\(text.byteCount) bytes, expected at most \(limits.bytesMax)")
    }
    try precheck(text, limits.depthMax)
    var error = json_error_t()
    let root = text.withUnsafeBytes { raw in
      json_loadb(
        raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count,
        Int(JSON_REJECT_DUPLICATES) | Int(JSON_DECODE_ANY), &error)
    }
    guard let handle = Handle(owning: root) else { throw syntaxError(&error) }
    return withExtendedLifetime(handle) { convert(handle.json) }
  }

  /// Refuses, before the C library sees them, nesting (it recurses) and NUL bytes (it takes one for the end
  /// of the text and reads no further). Quotes decide what is inside a string.
  private static func precheck(_ text: RawSpan, _ depthMax: Int) throws(JSONError) {
    let fault: (offset: Int, isNul: Bool)? = text.withUnsafeBytes { raw in
      var depth = 0
      var inString = false
      var escaped = false
      for (offset, byte) in raw.enumerated() {
        if byte == 0 { return (offset, true) }
        if inString {
          if escaped {
            escaped = false
          } else if byte == 0x5c {
            escaped = true
          } else if byte == 0x22 {
            inString = false
          }
        } else if byte == 0x22 {
          inString = true
        } else if byte == 0x5b || byte == 0x7b {
          depth += 1
          if depth > depthMax { return (offset, false) }
        } else if byte == 0x5d || byte == 0x7d {
          depth -= 1
        }
      }
      return nil
    }
    guard let fault else { return }
    let place = JSONSourceMap.place(ofOffset: fault.offset, in: text)
    throw JSONError(
      fault.isNul ? .syntax : .tooDeep, fault.isNul ? "NUL byte" : "nested deeper than \(depthMax) levels",
      line: place.line, column: place.column)
  }

  private static func syntaxError(_ error: inout json_error_t) -> JSONError {
    let message = withUnsafeBytes(of: &error.text) { raw in
      // The last byte is the library's error code; control characters of the input are quoted in the text.
      let bytes = raw.prefix { $0 != 0 }.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
      return String(decoding: bytes, as: UTF8.self)
    }
    return JSONError(
      .syntax, message.isEmpty ? "not JSON" : message, line: max(1, Int(error.line)),
      column: max(1, Int(error.column)))
  }

  /// Depth is bounded by ``precheck(_:_:)``.
  private static func convert(_ json: UnsafeMutablePointer<json_t>) -> JSONValue {
    switch hub_json_typeof(json) {
    case JSON_OBJECT:
      var members: [JSONObject.Member] = []
      members.reserveCapacity(json_object_size(json))
      var iterator = json_object_iter(json)
      while let here = iterator {
        let key = text(json_object_iter_key(here), json_object_iter_key_len(here))
        members.append(.init(key, convert(json_object_iter_value(here))))
        iterator = json_object_iter_next(json, here)
      }
      return .object(JSONObject(members))
    case JSON_ARRAY:
      let count = json_array_size(json)
      return .array((0..<count).map { convert(json_array_get(json, $0)) })
    case JSON_STRING: return .string(text(json_string_value(json), json_string_length(json)))
    case JSON_INTEGER: return .int(Int64(json_integer_value(json)))
    case JSON_REAL: return .real(json_real_value(json))
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    default: return .null
    }
  }

  private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  // MARK: - Writing

  static func write(_ value: JSONValue, indent: Int) throws(JSONError) -> [UInt8] {
    precondition(indent >= 0 && indent <= 31)
    var digits = 15
    guard let handle = Handle(owning: try build(value, path: .root, digits: &digits)) else {
      throw JSONError(.unwritable, "out of memory")
    }
    let flags = indent == 0 ? Int(JSON_COMPACT) : indent
    let options = flags | Int(JSON_ENCODE_ANY) | (digits << 11)  // JSON_REAL_PRECISION(digits)
    return withExtendedLifetime(handle) {
      let size = json_dumpb(handle.json, nil, 0, options)
      return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = buffer.withMemoryRebound(to: CChar.self) {
          json_dumpb(handle.json, $0.baseAddress, size, options)
        }
      }
    }
  }

  /// A new reference, the caller's to give back. `digits` becomes 17 as soon as one number needs more than
  /// 15.
  private static func build(
    _ value: JSONValue, path: JSONPath, digits: inout Int
  ) throws(JSONError) -> UnsafeMutablePointer<json_t>? {
    switch value {
    case .null: return json_null()
    case .bool(let flag): return flag ? json_true() : json_false()
    case .int(let number): return json_integer(json_int_t(number))
    case .real(let number):
      guard number.isFinite else { throw JSONError(.unwritable, "\(number) is no JSON number", path: path) }
      // Swift's description is the shortest text that reads back the same.
      if number.description.utf8.count(where: { (0x30...0x39).contains($0) }) > 15 { digits = 17 }
      return json_real(number)
    case .string(let string):
      var string = string
      return string.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) {
          $0.isEmpty ? json_string("") : json_stringn($0.baseAddress, $0.count)
        }
      }
    case .array(let items):
      guard let list = Handle(owning: json_array()) else { return nil }
      for (index, item) in items.enumerated() {
        // "new" takes over the item's reference, also when it fails.
        let item = try build(item, path: path.appending(index: index), digits: &digits)
        guard json_array_append_new(list.json, item) == 0 else { return nil }
      }
      return json_incref(list.json)
    case .object(let object):
      guard let map = Handle(owning: json_object()) else { return nil }
      for member in object.members {
        let item = try build(member.value, path: path.appending(key: member.key), digits: &digits)
        var key = member.key
        let failed = key.withUTF8 { utf8 in
          utf8.withMemoryRebound(to: CChar.self) {
            $0.isEmpty
              ? json_object_set_new(map.json, "", item)
              : json_object_setn_new(map.json, $0.baseAddress, $0.count, item)
          }
        }
        guard failed == 0 else { return nil }
      }
      return json_incref(map.json)
    }
  }
}
