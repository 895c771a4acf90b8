/// A JSON document as plain values.
public indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// Written without fraction or exponent.
  case int(Int64)
  /// Written with fraction or exponent; finite.
  case real(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// A word for messages: "object", "string", …
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .real: "real number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

/// Members in the order of the text; no key twice. Look-up is linear: right for the small objects of
/// protocols and files.
public struct JSONObject: Sendable, Equatable {
  public struct Member: Sendable, Equatable {
    public var key: String
    public var value: JSONValue
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }
  public private(set) var members: [Member]

  /// - Precondition: no key twice.
  public init(_ members: [Member] = []) { self.members = members }

  public func index(of key: String) -> Int? { members.firstIndex { $0.key == key } }

  public subscript(_ key: String) -> JSONValue? {
    get { index(of: key).map { members[$0].value } }
    set {
      switch (index(of: key), newValue) {
      case (let at?, let value?): members[at].value = value
      case (let at?, nil): members.remove(at: at)
      case (nil, let value?): members.append(Member(key, value))
      case (nil, nil): break
      }
    }
  }
}

extension JSONValue: Decodable, Encodable {
  /// Only through ``JSON``: another decoder has no document to hand over.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? ValueDecoder else {
      throw JSONError(.invalid, "a JSONValue is read by JSON.decode only")
    }
    self = decoder.value
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let object):
      var container = encoder.container(keyedBy: AnyKey.self)
      for member in object.members {
        try container.encode(member.value, forKey: AnyKey(stringValue: member.key))
      }
    case .array(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .bool(let flag): try container.encode(flag)
      case .int(let number): try container.encode(number)
      case .real(let number): try container.encode(number)
      case .string(let string): try container.encode(string)
      default: try container.encodeNil()
      }
    }
  }
}
