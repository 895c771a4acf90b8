package import HubJSON

/// What is wrong with a document, by path: collected, not thrown, so that all of it is told at once.
package final class DocumentFindings {
  package struct Item {
    package var path: JSONPath
    /// Whether the key, not its value, is meant.
    package var atKey: Bool
    package var message: String
  }
  package private(set) var items: [Item] = []

  package init() {}

  package func add(_ path: JSONPath, _ message: String, atKey: Bool = false) {
    items.append(Item(path: path, atKey: atKey, message: message))
  }
}

/// A value of a document on its way to a typed one: what does not fit is noted, and nil comes back.
package struct ValueReader {
  package let value: JSONValue
  package let path: JSONPath
  package let findings: DocumentFindings

  package init(value: JSONValue, path: JSONPath, findings: DocumentFindings) {
    self.value = value
    self.path = path
    self.findings = findings
  }

  private func refuse(_ expected: String) {
    findings.add(path, "found \(value.kind), expected \(expected)")
  }

  package func string() -> String? {
    guard case .string(let string) = value else {
      refuse("string")
      return nil
    }
    return string
  }

  /// A string for people: not empty, no control characters but line feeds.
  package func text(scalarsMax: Int = 4000) -> String? {
    guard let string = string() else { return nil }
    let count = string.unicodeScalars.count
    if string.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) {
      findings.add(path, "found an empty text, expected words")
    } else if count > scalarsMax {
      findings.add(path, "found \(count) characters, expected at most \(scalarsMax)")
    } else if string.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7f }) {
      findings.add(path, "found a control character, expected text")
    }
    return string
  }

  /// One of a closed set of words.
  package func word<T: RawRepresentable & CaseIterable>(_ type: T.Type) -> T? where T.RawValue == String {
    guard let string = string() else { return nil }
    if let word = T(rawValue: string) { return word }
    let words = T.allCases.map(\.rawValue).joined(separator: ", ")
    findings.add(path, "found \"\(string)\", expected one of \(words)")
    return nil
  }

  package func number() -> Double? {
    switch value {
    case .real(let number): return number
    case .int(let number): return Double(number)
    default:
      refuse("number")
      return nil
    }
  }

  package func integer() -> Int? {
    switch value {
    case .int(let number): return Int(number)
    // JSON Schema counts 3.0 as an integer; so do we.
    case .real(let number) where number.rounded() == number && number.magnitude < 1e15: return Int(number)
    default:
      refuse("integer")
      return nil
    }
  }

  package func bool() -> Bool? {
    guard case .bool(let flag) = value else {
      refuse("true or false")
      return nil
    }
    return flag
  }

  package func array() -> [ValueReader]? {
    guard case .array(let items) = value else {
      refuse("array")
      return nil
    }
    return items.enumerated().map {
      ValueReader(value: $0.element, path: path.appending(index: $0.offset), findings: findings)
    }
  }

  /// Exactly so many numbers.
  package func numbers(_ count: Int) -> [Double]? {
    guard let items = array() else { return nil }
    guard items.count == count else {
      findings.add(path, "found \(items.count) items, expected \(count) numbers")
      return nil
    }
    let numbers = items.compactMap { $0.number() }
    return numbers.count == count ? numbers : nil
  }

  /// - Parameter known: every key that may stand here; others are noted.
  package func object(known: [String]) -> ObjectReader? {
    guard case .object(let object) = value else {
      refuse("object")
      return nil
    }
    for member in object.members where !known.contains(member.key) {
      findings.add(
        path.appending(key: member.key),
        "unknown key \"\(member.key)\", expected one of \(known.joined(separator: ", "))", atKey: true)
    }
    return ObjectReader(object: object, path: path, findings: findings)
  }
}

/// Members of an object.
package struct ObjectReader {
  package let object: JSONObject
  package let path: JSONPath
  package let findings: DocumentFindings

  package func optional(_ key: String) -> ValueReader? {
    object[key].map { ValueReader(value: $0, path: path.appending(key: key), findings: findings) }
  }

  package func required(_ key: String) -> ValueReader? {
    if let reader = optional(key) { return reader }
    findings.add(path, "missing \"\(key)\"")
    return nil
  }

  /// Notes when not exactly one of the keys is there.
  package func exactlyOne(of keys: [String]) {
    let found = keys.filter { object[$0] != nil }
    let list = keys.joined(separator: ", ")
    if found.isEmpty { findings.add(path, "missing one of \(list)") }
    if found.count > 1 {
      findings.add(path, "found \(found.joined(separator: " and ")), expected only one of \(list)")
    }
  }
}
