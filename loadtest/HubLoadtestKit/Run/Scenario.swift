/// What a crowd does during a run: where it goes, how it comes, moves, talks, reads, misbehaves and leaves. The fields
/// are those of the scenario files (loadtest/scenarios/scenario.schema.json).
public struct Scenario: Sendable {
  public enum ArrivalCurve: String, Sendable, CaseIterable {
    /// Groups of people, evenly over time.
    case steady
    /// As steady, beginning slowly and ending at twice the mean rate.
    case ramp
    /// Everybody for himself, at random.
    case scattered
  }

  public enum Hostility: String, Sendable, CaseIterable {
    /// Broken JSON, unknown messages, binary messages that are none.
    case malformed
    /// WebSocket frames that break RFC 6455.
    case frames
    /// More chat and poses than anybody may send.
    case flood
    /// Messages beyond every limit.
    case oversize
  }

  public var name: String
  /// Bots and seconds measured, unless the command line says otherwise.
  public var avatars = 50
  public var seconds = 60
  public var seed: UInt64 = 1
  /// The space everybody joins; nil: where the world says newcomers arrive.
  public var space: String?
  public var style: MotionStyle
  /// Bots walk to places of their own before anything is measured, gathered around so many points.
  public var clusters = 0
  /// How far from its point a bot settles: standard deviation, m.
  public var clusterMeters = 4.0
  public var arrivalCurve = ArrivalCurve.steady
  /// Mean arrivals in a second.
  public var arrivalsPerSecond = 40.0
  /// Largest group that arrives together.
  public var arrivalGroupMax = 12
  /// Time between the last arrival and the first measurement, s.
  public var settleSeconds = 5.0
  /// Chat messages of one bot in a minute.
  public var chatsPerMinute = 0.0
  /// Shares of bots that say `bye`, vanish for good, and lose their connection and resume, during the measurement.
  public var leaveShare = 0.0
  public var vanishShare = 0.0
  public var resumeShare = 0.0
  public var storm: Storm?
  public var readers: Readers?
  public var hostile: Hostile?
  public var voice: Voice?

  /// Connections of many break at one instant; each comes back after a random wait.
  public struct Storm: Sendable, Equatable {
    public var share = 1.0
    /// After the measurement's begin.
    public var atSeconds = 5.0
    /// Waits are even over this long: the jitter that PROTOCOL.md asks of clients is a second.
    public var jitterSeconds = 1.0
    public init() {}
  }

  /// Some read badly in the second half of the measurement; the first half is what the others are compared with.
  public struct Readers: Sendable, Equatable {
    public var slowShare = 0.0
    public var slowBytesPerSecond = 2000.0
    public var stalledShare = 0.0
    public var stallSeconds = 5.0
    public init() {}
  }

  /// Bots that say what browsers say to each other before they can hear each other.
  public struct Voice: Sendable, Equatable {
    public var share = 1.0
    /// Candidates beside a description.
    public var candidates = 6
    /// How often both ends of a new link begin.
    public var glareShare = 0.3
    /// How often a link is negotiated anew.
    public var restartsPerMinute = 0.0
    public init() {}
  }

  public struct Hostile: Sendable, Equatable {
    public var share = 0.02
    public var kinds = Hostility.allCases
    /// Messages of one of them in a second.
    public var perSecond = 20.0
    public init() {}
  }

  public init(name: String, style: MotionStyle) {
    self.name = name
    self.style = style
  }
}
