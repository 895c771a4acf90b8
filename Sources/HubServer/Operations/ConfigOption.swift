/// Every option of `hub serve`. One table serves the command line, the environment, the config file and `--print-config`.
public enum ConfigOption: String, Sendable, CaseIterable {
  case world, data, bookings, host, port, admin
  case tlsCert, tlsKey
  case replication, allowedOrigin, moderatorKeyFile, moderatorKey
  case tokenKeys, administration
  case oidcIssuer, oidcClient, oidcSecretFile, oidcSecret, oidcKeys, oidcScope, oidcRoleClaim, oidcRole,
    publicUrl
  case turnUrl, turnSecretFile, voiceRelay
  case janus, janusSecrets, voiceMeshMax
  case allowedHost, trustedProxy, missingOrigin, waitingPerAddress, ticketKey
  case sessionsMax, connectionsMax, clientBytesPerSecond
  case web, three
  case logLevel, logFormat

  /// As in the config file: `tlsCert`.
  public var fileKey: String { rawValue }
  /// As on the command line: `--tls-cert`.
  public var flag: String { "--" + words.joined(separator: "-") }
  /// As in the environment: `HUB_TLS_CERT`.
  public var variable: String { "HUB_" + words.joined(separator: "_").uppercased() }

  /// May hold several values: repeated on the command line, separated by commas in the environment, an array in the file.
  public var isList: Bool {
    switch self {
    case .allowedOrigin, .allowedHost, .trustedProxy, .turnUrl, .oidcRole: true
    default: false
    }
  }
  /// Never shown, and not to be given on the command line, where every user of the machine can read it.
  public var isSecret: Bool { self == .moderatorKey || self == .oidcSecret }

  /// How it is called towards the operator: the flag, or the variable where there is no flag.
  public var shownName: String { isSecret ? variable : flag }

  private var words: [String] {
    var words = [""]
    for character in rawValue {
      if character.isUppercase { words.append("") }
      words[words.count - 1] += character.lowercased()
    }
    return words
  }
}

/// Where a value came from, the strongest first.
public enum ConfigSource: Sendable, Equatable, CustomStringConvertible {
  case commandLine
  case environment
  case file(String)
  case standard

  public var description: String {
    switch self {
    case .commandLine: "command line"
    case .environment: "environment"
    case .file(let path): "file \(path)"
    case .standard: "default"
    }
  }
}

/// Text that must not reach a log or a screen: it describes itself as `***`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself; take it only where it is compared or sent.
  public let exposed: String
  public init(_ text: String) { exposed = text }
  public var description: String { "***" }
  public var debugDescription: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Everything that is wrong with a configuration, at once.
public struct ConfigInvalid: Error, Sendable, Equatable, CustomStringConvertible {
  public var problems: [String]
  public var description: String { problems.joined(separator: "\n") }
}
