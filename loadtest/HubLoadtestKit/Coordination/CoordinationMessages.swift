import HubJSON

/// What a coordinator and its testers say to each other: JSON text messages over a WebSocket, `t` names the kind.
/// Instants are milliseconds of the speaker's monotonic clock.
enum Coordination {
  static let path = "/loadtest"
  static let subprotocol = "hub-loadtest.v1"
  static let version = 1
  /// A report with its histograms takes some hundred kB.
  static let messageBytesMax = 32 << 20
  static let limits = JSONLimits(bytesMax: messageBytesMax, depthMax: 32)

  // MARK: Testers say

  /// `hello`: the first message.
  struct Hello: Codable, Equatable {
    var t = "hello"
    var version = Coordination.version
    /// Host and process.
    var name: String
    var cpu: String
    var cores: Int
    var kernel: String
  }

  /// `ping`, answered by `pong` at once: for the clock.
  struct Ping: Codable, Equatable {
    var t = "ping"
    var number: Int
  }

  /// `ready`: the world is read, the clock is known, the bots could start.
  struct Ready: Codable, Equatable {
    var t = "ready"
    /// The tester's clock minus the coordinator's.
    var clockOffsetMs: Double
    var roundTripMs: Double
  }

  /// `progress`: about once a second.
  struct Progress: Codable, Equatable {
    var t = "progress"
    var figures: LiveFigures
  }

  /// `report`: the end of a tester's part.
  struct Report: Codable, Equatable {
    var t = "report"
    var report: JSONValue
  }

  /// `failed`: it can't do its part.
  struct Failed: Codable, Equatable {
    var t = "failed"
    var reason: String
  }

  // MARK: The coordinator says

  /// `share`: what a tester is to do.
  struct Share: Codable, Equatable {
    var t = "share"
    var url: String
    /// Null: another tester reads the server's figures.
    var metrics: String?
    var scenario: JSONValue
    var avatars: Int
    /// Number of its first bot: bots are the same whoever runs them.
    var firstBot: Int
    var viewers: Int
    var seconds: Int
    /// As text: 64 bits.
    var seed: String
    var sightMeters: Double
    /// Its part of the scenario's arrivals.
    var arrivalsPerSecond: Double
  }

  struct Pong: Codable, Equatable {
    var t = "pong"
    var number: Int
    var atMs: Double
  }

  /// `start`: instants by the coordinator's clock.
  struct Start: Codable, Equatable {
    var t = "start"
    var startMs: Double
    /// When all begin to measure.
    var measureMs: Double
  }

  /// `stop`: end early, with a report of what there is.
  struct Stop: Codable, Equatable {
    var t = "stop"
    var reason: String
  }

  /// `thanks`: the report is in.
  struct Thanks: Codable, Equatable { var t = "thanks" }

  /// The text of a message.
  static func text<T: Encodable>(_ message: T) -> [UInt8] {
    do throws(JSONError) {
      return try JSON.encode(message)
    } catch {
      preconditionFailure("messages hold finite numbers only: \(error)")
    }
  }

  /// A message's kind and document.
  static func read(_ message: RawSpan) throws(JSONError) -> (kind: String, document: JSONValue) {
    let document = try JSON.parse(message, limits: limits)
    guard case .object(let object) = document, case .string(let kind)? = object["t"] else {
      throw JSONError(.missing, "no \"t\" in the message")
    }
    return (kind, document)
  }
}

/// A peer's clock by an exchange of messages, as NTP does (RFC 5905, section 8): of all exchanges the one with the
/// shortest round trip has least to hide, and its offset is good to half of that.
struct ClockExchange {
  private(set) var samples = 0
  /// Own clock minus the peer's.
  private(set) var offsetMs = 0.0
  private(set) var roundTripMs = Double.infinity

  mutating func add(sentMs: Double, peerMs: Double, receivedMs: Double) {
    samples += 1
    let roundTrip = receivedMs - sentMs
    guard roundTrip >= 0, roundTrip < roundTripMs else { return }
    roundTripMs = roundTrip
    offsetMs = (sentMs + receivedMs) / 2 - peerMs
  }
}

/// How a run is divided: numbers of bots as even as can be, in one row.
enum Shares {
  static func divide(_ total: Int, among parts: Int) -> [(first: Int, count: Int)] {
    precondition(parts > 0)
    return (0..<parts).map { part in
      let first = total * part / parts
      return (first, total * (part + 1) / parts - first)
    }
  }
}
