public import HubNet

/// What a run is told.
public struct LoadtestOptions: Sendable {
  public var server: ServerAddress
  public var avatars: Int
  public var seconds: Int
  public var scenario: Scenario
  public var seed: UInt64
  /// nil: 50.
  public var viewers: Int?
  /// So many bots read their frames, viewers among them; the others count and acknowledge only. Nil: all read.
  public var drainAbove: Int?
  /// Where `/metrics` is; nil: not asked.
  public var metrics: HTTPAddress?
  /// How far the server's mode of replication shows avatars.
  public var sightMeters = 62.0
  /// SIGINT and SIGTERM end the run early with a report.
  public var handlesSignals = false
  /// Where several testers share a run: the number of this one's first bot. Bots are the same whoever runs them.
  public var firstBot = 0
  /// Ends the run from another thread.
  public var control: RunControl?
  /// Between two tellings of progress.
  public var progressSeconds = 5.0
  /// File for everything the figures come from; see ``Trace``.
  public var tracePath: String?
  /// Planted faults: what the report must show. Nobody plants any but tests and those who doubt a report.
  public var faults = PlantedFaults()

  public init(server: ServerAddress, avatars: Int, seconds: Int, scenario: Scenario, seed: UInt64) {
    self.server = server
    self.avatars = avatars
    self.seconds = seconds
    self.scenario = scenario
    self.seed = seed
    metrics = server.metrics
  }

  var readerCount: Int { min(avatars, max(drainAbove ?? avatars, viewerCount)) }
  public var viewerCount: Int { min(avatars, viewers ?? 50) }
}

/// `ws://host:port/path`.
public struct ServerAddress: Sendable, Equatable {
  public var target: ClientTarget

  /// Nil where the text is no such address.
  public init?(_ text: String) {
    guard let parts = URLParts(text), parts.scheme == "ws" || parts.scheme == "wss" else { return nil }
    let isSecure = parts.scheme == "wss"
    target = ClientTarget(
      host: parts.host, port: parts.port ?? (isSecure ? 443 : 80),
      path: parts.path == "/" ? "/ws" : parts.path)
    if isSecure { target.tls = .verified }
  }

  /// The address as one writes it.
  public var text: String {
    let host = target.host.contains(":") ? "[\(target.host)]" : target.host
    return "\(target.tls == .none ? "ws" : "wss")://\(host):\(target.port)\(target.path)"
  }
  public func page(_ path: String) -> HTTPAddress {
    HTTPAddress(host: target.host, port: target.port, path: path)
  }
  /// The admin address by default: one port up.
  public var metrics: HTTPAddress { HTTPAddress(host: target.host, port: target.port + 1, path: "/metrics") }
}

/// `http://host:port/path`.
public struct HTTPAddress: Sendable, Equatable, CustomStringConvertible {
  public var host: String
  public var port: Int
  public var path: String

  public init(host: String, port: Int, path: String) {
    self.host = host
    self.port = port
    self.path = path
  }

  public init?(_ text: String) {
    guard let parts = URLParts(text), parts.scheme == "http" else { return nil }
    self.init(host: parts.host, port: parts.port ?? 80, path: parts.path)
  }

  public var description: String { "http://\(host):\(port)\(path)" }
}

/// The parts of a URL that matter here; IPv6 hosts stand in brackets.
struct URLParts {
  var scheme: String
  var host: String
  var port: Int?
  var path: String

  init?(_ text: String) {
    guard let mark = text.firstRange(of: "://") else { return nil }
    scheme = text[..<mark.lowerBound].lowercased()
    let rest = text[mark.upperBound...]
    let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
    path = pathStart == rest.endIndex ? "/" : String(rest[pathStart...])
    var authority = rest[..<pathStart]
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = String(authority[authority.index(after: authority.startIndex)..<end])
      authority = authority[authority.index(after: end)...]
      if authority.isEmpty { return }
      guard authority.hasPrefix(":"), let number = Int(authority.dropFirst()) else { return nil }
      port = number
    } else {
      let fields = authority.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count <= 2, let name = fields.first, !name.isEmpty else { return nil }
      host = String(name)
      if fields.count == 2 {
        guard let number = Int(fields[1]) else { return nil }
        port = number
      }
    }
    guard port.map({ (1...65535).contains($0) }) ?? true, !host.isEmpty else { return nil }
  }
}
