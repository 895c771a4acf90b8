public import HubEngine
import HubKernel
public import HubNet
public import HubReplication
public import Logging

/// What `hub serve` was told, checked. Each value comes from the command line, else the environment (`HUB_…`), else the config file,
/// else it is the default.
public struct ServerConfig: Sendable {
  public var worldPath: String
  /// The folder for what is kept; nil: notes are kept in memory only.
  public var dataPath: String?
  /// The rooms' calendars, `bookings.json`; nil: rooms have none.
  public var bookingsPath: String?
  public var host: String
  /// 0 takes a free one.
  public var port: Int
  public var adminHost: String
  /// The port after the public one unless given; 0 takes a free one.
  public var adminPort: Int
  public var tls: (certificatePath: String, keyPath: String)?
  public var replication: ReplicationMode
  /// Lower-cased `scheme://host[:port]`; empty: only pages of the hub's own host.
  public var allowedOrigins: [String]
  /// What gives the moderator's role; nil: there are no moderators.
  public var moderatorKeyPath: String?
  public var moderatorKey: Secret?
  /// The keys that invitations are checked against; nil: there are no invitations.
  public var tokenKeysPath: String?
  /// Where people sign in with accounts; nil: nowhere.
  package var login: LoginSettings?
  public var loginSecretPath: String?
  /// Where bans and the audit log are kept; nil: in memory only.
  public var administrationPath: String?
  /// Relays for voice, `turn:` and `turns:` URLs, and the file of the secret shared with them.
  public var turnURLs: [String]
  public var turnSecretPath: String?
  /// Which pairs speak through the relay only.
  public var voiceRelay: VoiceParameters.Relay
  /// The media server's API, on this machine, and the file of the secrets shared with it; nil: there is none.
  public var janus: (target: ClientTarget, secretsPath: String)?
  /// People who speak with each other over direct connections.
  public var voiceMeshMax: Int
  /// Who may knock, see ``EdgeRules``.
  package var edge = EdgeRules()
  /// 32 random bytes that seal resume tickets, made when the file is missing; nil: a key that lives as long as the process.
  public var ticketKeyPath: String?
  public var sessionsMax: Int
  public var connectionsMax: Int
  /// What each client may be sent in frames; under it, it is shown fewer and coarser.
  public var clientBytesPerSecond: Int
  /// The folder of the pages; nil: the one beside the executable.
  public var webPath: String?
  public var threePath: String
  public var logLevel: Logger.Level
  public var logFormat: LogFormat

  /// Effective values in the order of ``ConfigOption``, secrets hidden.
  public private(set) var shown: [(option: ConfigOption, value: String, source: ConfigSource)]

  public static let moderatorKeyScalarsMin = 16

  /// - Parameters:
  ///   - commandLine: what was given there; an option not given is absent.
  ///   - environment: the process's; only `HUB_…` counts.
  ///   - file: path and bytes of a JSON object of options, keys as ``ConfigOption/fileKey``.
  /// - Throws: ``ConfigInvalid`` with all problems.
  public init(
    commandLine: [ConfigOption: [String]] = [:], environment: [String: String] = [:],
    file: (path: String, bytes: [UInt8])? = nil
  ) throws(ConfigInvalid) {
    let layers = ConfigLayers(commandLine: commandLine, environment: environment, file: file)
    var reader = ConfigReader(layers)
    worldPath = reader.text(.world, "worlds/innovation-hub.json")
    dataPath = reader.optional(.data)
    bookingsPath = reader.optional(.bookings)
    host = reader.text(.host, "127.0.0.1")
    port = reader.integer(.port, 8080, in: 0...65_535)
    let adminDefault = port == 0 ? 0 : port + 1
    (adminHost, adminPort) = reader.address(.admin, ("127.0.0.1", adminDefault))
    if adminPort > 65_535 { reader.problem(.admin, "no port follows \(port); say which") }
    let certificate = reader.optional(.tlsCert)
    let key = reader.optional(.tlsKey)
    tls = nil
    if let certificate, let key {
      tls = (certificate, key)
    } else if (certificate == nil) != (key == nil) {
      reader.problem(certificate == nil ? .tlsKey : .tlsCert, "certificate and key are needed together")
    }
    replication = reader.choice(.replication, .tiers)
    allowedOrigins = reader.origins(.allowedOrigin)
    edge = reader.edgeRules(allowedOrigins, host: host, usesTLS: tls != nil)
    ticketKeyPath = reader.optional(.ticketKey)
    moderatorKeyPath = reader.optional(.moderatorKeyFile)
    moderatorKey = reader.optional(.moderatorKey).map(Secret.init)
    if let moderatorKey, moderatorKey.exposed.unicodeScalars.count < Self.moderatorKeyScalarsMin {
      reader.problem(.moderatorKey, "has fewer than \(Self.moderatorKeyScalarsMin) characters")
    }
    if moderatorKey != nil, moderatorKeyPath != nil {
      reader.problem(.moderatorKeyFile, "give the key or its file, not both")
    }
    tokenKeysPath = reader.optional(.tokenKeys)
    (login, loginSecretPath) = reader.login()
    administrationPath = reader.optional(.administration)
    turnURLs = reader.texts(.turnUrl)
    turnSecretPath = reader.optional(.turnSecretFile)
    if turnURLs.isEmpty != (turnSecretPath == nil) {
      reader.problem(
        turnURLs.isEmpty ? .turnUrl : .turnSecretFile, "address and secret of the relay are needed together")
    }
    for url in turnURLs where !url.hasPrefix("turn:") && !url.hasPrefix("turns:") {
      reader.problem(.turnUrl, "\"\(url)\" is not an address like turn:relay.example.org:3478")
    }
    voiceRelay = reader.choice(.voiceRelay, turnURLs.isEmpty ? .never : .guests)
    if turnURLs.isEmpty, voiceRelay != .never { reader.problem(.voiceRelay, "takes a relay: --turn-url") }
    janus = reader.janus()
    voiceMeshMax = reader.integer(.voiceMeshMax, VoiceParameters().meshMax, in: 1...8)
    let limits = Limits()
    sessionsMax = reader.integer(.sessionsMax, limits.sessionsMax, in: 1...20_000)
    let room = max(sessionsMax + 64, sessionsMax * limits.connectionsMax / limits.sessionsMax)
    connectionsMax = reader.integer(.connectionsMax, room, in: 2...40_000)
    if connectionsMax <= sessionsMax {
      reader.problem(.connectionsMax, "must be more than the \(sessionsMax) sessions, to let others knock")
    }
    clientBytesPerSecond = reader.integer(
      .clientBytesPerSecond, limits.bytesPerSecondPerClient, in: 4000...10_000_000)
    webPath = reader.optional(.web)
    threePath = reader.text(.three, "/usr/share/javascript/three")
    logLevel = reader.choice(.logLevel, .info)
    logFormat = reader.choice(.logFormat, .logfmt)
    shown = reader.shown
    if !reader.problems.isEmpty { throw ConfigInvalid(problems: reader.problems) }
  }

  /// One line per option: flag, value, source.
  public func render() -> String {
    let flagWidth = shown.map { $0.option.shownName.count }.max() ?? 0
    let valueWidth = min(48, shown.map { $0.value.count }.max() ?? 0)
    return shown.map { option, value, source in
      let flag = option.shownName + String(repeating: " ", count: flagWidth - option.shownName.count)
      return
        "\(flag)  \(value)\(String(repeating: " ", count: max(0, valueWidth - value.count)))  (\(source))\n"
    }.joined()
  }
}

/// Turns texts into typed values, noting what is wrong instead of stopping at the first.
struct ConfigReader {
  private let layers: ConfigLayers
  private(set) var problems: [String]
  private(set) var shown: [(option: ConfigOption, value: String, source: ConfigSource)] = []

  init(_ layers: ConfigLayers) {
    self.layers = layers
    problems = layers.problems
  }

  mutating func problem(_ option: ConfigOption, _ what: String) {
    let source = layers.values[option]?.source ?? .standard
    problems.append("\(option.shownName) (\(source)): \(what)")
  }

  private mutating func raw(_ option: ConfigOption, _ standard: String) -> String? {
    let value = layers.values[option]
    let text = value?.texts.last
    let seen = option.isList ? value?.texts.joined(separator: ", ") : text
    shown.append(
      (option, option.isSecret && text != nil ? "***" : seen ?? standard, value?.source ?? .standard))
    if let value, value.texts.count > 1, !option.isList { problem(option, "was given more than once") }
    guard text != "" else {
      problem(option, "is empty")
      return nil
    }
    return text
  }

  mutating func text(_ option: ConfigOption, _ standard: String) -> String {
    raw(option, standard) ?? standard
  }

  mutating func texts(_ option: ConfigOption) -> [String] {
    _ = raw(option, "-")
    return layers.values[option]?.texts ?? []
  }

  mutating func optional(_ option: ConfigOption) -> String? { raw(option, "-") }

  mutating func integer(_ option: ConfigOption, _ standard: Int, in range: ClosedRange<Int>) -> Int {
    guard let text = raw(option, String(standard)) else { return standard }
    guard let number = Int(text), range.contains(number) else {
      problem(option, "\"\(text)\" is not an integer from \(range.lowerBound) to \(range.upperBound)")
      return standard
    }
    return number
  }

  mutating func choice<C: RawRepresentable<String> & CaseIterable>(_ option: ConfigOption, _ standard: C) -> C
  {
    guard let text = raw(option, standard.rawValue) else { return standard }
    guard let value = C(rawValue: text) else {
      let known = C.allCases.map(\.rawValue).joined(separator: ", ")
      problem(option, "\"\(text)\" is none of \(known)")
      return standard
    }
    return value
  }

  /// `HOST:PORT`; IPv6 addresses in brackets.
  mutating func address(_ option: ConfigOption, _ standard: (String, Int)) -> (String, Int) {
    guard let text = raw(option, "\(standard.0):\(standard.1)") else { return standard }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var host = parts.dropLast().joined(separator: ":")
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty, isBracketed || !host.contains(":"), let port = Int(parts.last ?? ""),
      (0...65_535).contains(port)
    else {
      problem(option, "\"\(text)\" is not HOST:PORT")
      return standard
    }
    return (host, port)
  }

  mutating func edgeRules(_ origins: [String], host: String, usesTLS: Bool) -> EdgeRules {
    var rules = EdgeRules()
    rules.allowedOrigins = Set(origins.map(EdgeRules.normalised))
    rules.listensOn = host
    rules.usesTLS = usesTLS
    for text in texts(.allowedHost) {
      if let name = EdgeRules.name(host: text) {
        rules.allowedHosts.insert(name)
      } else {
        problem(.allowedHost, "\"\(text)\" is not a host name")
      }
    }
    for text in texts(.trustedProxy) {
      if let range = AddressRange(text: text) {
        rules.trustedProxies.append(range)
      } else {
        problem(.trustedProxy, "\"\(text)\" is not an address or a range like 10.0.0.0/8")
      }
    }
    rules.missingOrigin = choice(.missingOrigin, .loopback)
    rules.waitingPerAddressMax = integer(.waitingPerAddress, rules.waitingPerAddressMax, in: 1...40_000)
    return rules
  }

  mutating func origins(_ option: ConfigOption) -> [String] {
    return texts(option).map { text in
      let origin = text.lowercased()
      let host =
        ["https://", "http://"].first { origin.hasPrefix($0) }.map { origin.dropFirst($0.count) } ?? ""
      if host.isEmpty || host.contains("/") {
        problem(option, "\"\(text)\" is not an origin like https://hub.example.org")
      }
      return origin
    }
  }
}
