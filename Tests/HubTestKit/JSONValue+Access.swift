public import HubJSON

/// Short ways into a parsed message, for expectations.
extension JSONValue {
  public subscript(_ key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }
  public subscript(_ index: Int) -> JSONValue? {
    if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  public var number: Int? { if case .int(let number) = self { Int(exactly: number) } else { nil } }
  public var flag: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
}
