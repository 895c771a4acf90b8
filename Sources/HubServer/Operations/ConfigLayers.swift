import HubJSON

/// Values as texts, per option: command line over environment over file over default.
struct ConfigLayers {
  struct Value: Equatable {
    var texts: [String]
    var source: ConfigSource
  }
  private(set) var values: [ConfigOption: Value] = [:]
  private(set) var problems: [String] = []

  /// - Parameter file: the config file's path and bytes.
  init(
    commandLine: [ConfigOption: [String]], environment: [String: String],
    file: (path: String, bytes: [UInt8])?
  ) {
    if let file { read(file.path, file.bytes) }
    read(environment)
    for (option, texts) in commandLine where !texts.isEmpty {
      values[option] = Value(texts: texts, source: .commandLine)
    }
  }

  private mutating func read(_ environment: [String: String]) {
    for option in ConfigOption.allCases {
      // An empty variable counts as none: that is how scripts unset one.
      guard let text = environment[option.variable], !text.isEmpty else { continue }
      let texts = option.isList ? text.split(separator: ",").map(String.init) : [text]
      values[option] = Value(texts: texts, source: .environment)
    }
    let known = Set(ConfigOption.allCases.map(\.variable) + ["HUB_CONFIG"])
    for name in environment.keys.sorted() where name.hasPrefix("HUB_") && !known.contains(name) {
      if let option = ConfigOption.allCases.first(where: { Self.isNear(name, $0.variable) }) {
        problems.append("environment \(name): no such variable; did you mean \(option.variable)?")
      }
    }
  }

  private mutating func read(_ path: String, _ bytes: [UInt8]) {
    let document: JSONValue
    do {
      document = try JSON.parse(bytes)
    } catch {
      return problems.append("file \(path): \(error)")
    }
    guard case .object(let object) = document else {
      return problems.append("file \(path): expected an object of options, found \(document.kind)")
    }
    for member in object.members {
      guard let option = ConfigOption(rawValue: member.key) else {
        problems.append("file \(path): unknown option \"\(member.key)\"")
        continue
      }
      guard let texts = Self.texts(member.value, isList: option.isList) else {
        let expected = option.isList ? "an array of strings" : "a string or an integer"
        problems.append("file \(path): \(member.key): expected \(expected), found \(member.value.kind)")
        continue
      }
      values[option] = Value(texts: texts, source: .file(path))
    }
  }

  private static func texts(_ value: JSONValue, isList: Bool) -> [String]? {
    switch value {
    case .string(let text): return [text]
    case .int(let number) where !isList: return [String(number)]
    case .array(let items) where isList:
      let texts = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
      return texts.count == items.count ? texts : nil
    default: return nil
    }
  }

  /// The same letters without underscores, as `HUB_TLSCERT` for `HUB_TLS_CERT`.
  private static func isNear(_ a: String, _ b: String) -> Bool {
    a.filter { $0 != "_" }.uppercased() == b.filter { $0 != "_" }
  }
}
