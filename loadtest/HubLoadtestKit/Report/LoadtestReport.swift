public import HubJSON

/// What a run found: SI units, keys that stay (loadtest/report.schema.json).
public struct LoadtestReport: Sendable {
  public static let formatVersion = 1

  public var scenario: String
  public var scenarioSettings: JSONObject
  public var seed: UInt64
  public var avatars: Int
  public var viewers: Int
  /// Bots whose frames were counted and not looked into.
  public var drained = 0
  public var seconds: Double
  public var machine: Machine
  public var interruption: String?
  public var checker: PoseChecker
  public var bytes: ByteAccount
  public var bytesPerClientSecond: Distribution
  public var staleness: Distribution
  public var frameAgeMs: Distribution
  public var timeToAppear: Distribution
  public var changesUnseen: Int
  public var neverAppeared: Int
  public var ghosts: Int
  public var people: People
  public var problems: [String: Int]
  public var corrections: [String: Int]
  public var server: Server
  public var loadtester: Loadtester
  public var metricsProblem: String?
  /// ISO 8601 in UTC, of the measurement's begin.
  public var startedAt: String
  public var timeline: Timeline
  public var aligned: AlignedCheck
  public var joinMs: Distribution
  public var tickInstability: Double?
  public var faults: PlantedFaults
  public var framesDropped: Int
  public var storm: Storm?
  public var badReaders: BadReaders?
  public var hostile: Attacks?
  public var voice: Voice?

  /// After connections of many broke at one instant.
  public struct Storm: Sendable {
    public var cut: Int
    public var backWithin5s: Int
    /// Not back at the end of the measurement.
    public var lost: Int
    public var backMs: Distribution
  }

  public struct BadReaders: Sendable {
    public var count: Int
    public var closed: Int
    public var notRecovered: Int
    public var recoveryMs: Distribution
    /// At everybody else.
    public var stalenessBeforeMs: Distribution
    public var stalenessSinceMs: Distribution
    public var frameAgeBeforeMs: Distribution
    public var frameAgeSinceMs: Distribution
  }

  public struct Attacks: Sendable {
    public var sent: Int
    /// How the hub ended attackers' connections, and how often.
    public var closed: [String: Int]
  }

  /// What bots said to each other before they could have heard each other.
  public struct Voice: Sendable {
    /// Pairs linked at the end.
    public var links: Int
    /// Ends of links begun and ended while measuring.
    public var begun: Int
    public var ended: Int
    /// Received.
    public var offers: Int
    public var answers: Int
    public var candidates: Int
    public var glares: Int
    public var restarts: Int
    public var crossed: Int
    public var misdirected: Int
    public var unsettled: Int
    public var messagesPerSecond: Double
    public var relayMs: Distribution
    public var setupMs: Distribution
  }

  public struct People: Sendable {
    public var joined = 0
    public var resumed = 0
    public var resumesPlanned = 0
    public var portals = 0
    public var movesPerSecond = 0.0
    public var chatsSent = 0
    public var chatsDelivered = 0
    public var announcedLeaves = 0
    public var vanished = 0
    public var unexpectedEnds = 0
    public var connectFailures = 0
    public var reconnects = 0
  }

  /// From `/metrics`, over the measurement; nil where the server did not say.
  public struct Server: Sendable {
    public var ticks: Int?
    public var skipped: Int?
    public var skippedOwnWork: Int?
    public var latenessMsP50: Double?
    public var latenessMsP99: Double?
    public var durationMsP50: Double?
    public var durationMsP99: Double?
    public var cpuCores: Double?
    public var rssBytes: Int?
    public var cpuMicrosPerFrame: Double?
    public var rssBytesPerClient: Double?
    public init() {}
  }

  public struct Loadtester: Sendable {
    public var cpuCores: Double?
    public var rssBytes: Int?
    public var cpuMicrosPerBotSecond: Double?
    public var stepLatenessMs: Distribution
    public var lateTurns: Int
  }

  /// Whether all bots could join and none was closed against its will.
  public var isClean: Bool { ReportDocument(self).isClean }
  /// The report for a reader.
  public var table: String { ReportDocument(self).table }

  public var framesPerSecond: Double { seconds > 0 ? Double(bytes.frames) / seconds : 0 }

  // MARK: JSON

  public var json: JSONValue {
    func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
      .object(JSONObject(members.map { .init($0.key, $0.value) }))
    }
    func counts(_ values: [String: Int]) -> JSONValue {
      .object(JSONObject(values.sorted { $0.key < $1.key }.map { .init($0.key, .int(Int64($0.value))) }))
    }
    func perSecond(_ bytes: Int) -> JSONValue {
      .number(seconds > 0 ? Double(bytes) / seconds / Double(avatars) : nil)
    }
    // What is in a frame is known of those who read theirs.
    func perReader(_ bytes: Int) -> JSONValue {
      .number(seconds > 0 && avatars > drained ? Double(bytes) / seconds / Double(avatars - drained) : nil)
    }
    return object([
      "format": .int(Int64(Self.formatVersion)), "scenario": .string(scenario),
      // As text: seeds have 64 bits, JSON's numbers in many readers 53.
      "seed": .string(String(seed)), "avatars": .int(Int64(avatars)), "viewers": .int(Int64(viewers)),
      "drained": .int(Int64(drained)),
      "startedAt": .string(startedAt), "seconds": .number(seconds),
      "interruption": interruption.map { .string($0) } ?? .null,
      "machine": object([
        "cpu": .string(machine.cpu), "cores": .int(Int64(machine.cores)), "kernel": .string(machine.kernel),
      ]),
      "frames": object([
        "perSecond": .number(framesPerSecond),
        "perClientPerSecond": .number(avatars > 0 ? framesPerSecond / Double(avatars) : nil),
        "interestReduced": .int(Int64(bytes.reducedFrames)), "ageMs": frameAgeMs.json,
      ]),
      "bytes": object([
        "perClientPerSecond": bytesPerClientSecond.json,
        "parts": object([
          "s0": perReader(bytes.updates.s0), "s1": perReader(bytes.updates.s1),
          "s2": perReader(bytes.updates.s2),
          "enterLeave": perReader(bytes.enterLeave), "keyframe": perReader(bytes.keyframe),
          "digest": perReader(bytes.digest), "framing": perReader(bytes.framing),
          "control": perSecond(bytes.control),
        ]),
        "webSocketHeads": perSecond(bytes.webSocketHeads),
      ]),
      "updates": object([
        "s0": perReader(bytes.updateRecords.s0), "s1": perReader(bytes.updateRecords.s1),
        "s2": perReader(bytes.updateRecords.s2),
      ]),
      "visibility": object([
        "recall": .number(checker.recall), "expected": .int(Int64(checker.expected)),
        "missed": .int(Int64(checker.expected - checker.present)),
        "missedByReduction": .int(Int64(checker.missedByReduction)), "ghosts": .int(Int64(ghosts)),
        "joinMs": joinMs.json, "timeToAppearMs": timeToAppear.json,
        "neverAppeared": .int(Int64(neverAppeared)),
      ]),
      "errorNowMeters": object([
        "near": checker.near.json, "mid": checker.mid.json, "far": checker.far.json,
        "from12to30": checker.from12to30.json, "over30": checker.over30.json,
        "moving": object([
          "near": checker.nearMoving.json, "mid": checker.midMoving.json, "far": checker.farMoving.json,
          "from12to30": checker.from12to30Moving.json, "over30": checker.over30Moving.json,
        ]),
      ]),
      "errorDrawnMeters": object([
        "near": checker.nearDrawn.json, "mid": checker.midDrawn.json, "far": checker.farDrawn.json,
        "moving": object([
          "near": checker.nearDrawnMoving.json, "mid": checker.midDrawnMoving.json,
          "far": checker.farDrawnMoving.json,
        ]),
      ]),
      "errorAlignedMeters": object([
        "s0": aligned.s0.json, "s1": aligned.s1.json, "s2": aligned.s2.json,
        "checked": .int(Int64(aligned.checked)), "broken": .int(Int64(aligned.broken)),
        "brokenMs": aligned.brokenMs.json,
      ]),
      "verifiedAgeMs": checker.verifiedAgeMs.json,
      "yawErrorDegrees": checker.yawDegrees.json,
      "stalenessMs": staleness.json, "changesUnseen": .int(Int64(changesUnseen)),
      "ticks": object([
        "count": .count(server.ticks), "skipped": .count(server.skipped),
        "skippedOwnWork": .count(server.skippedOwnWork),
        "instability": .number(tickInstability),
        "latenessMs": object(["p50": .number(server.latenessMsP50), "p99": .number(server.latenessMsP99)]),
        "durationMs": object(["p50": .number(server.durationMsP50), "p99": .number(server.durationMsP99)]),
      ]),
      "server": object([
        "cpuCores": .number(server.cpuCores), "rssBytes": .count(server.rssBytes),
        "cpuMicrosPerFrame": .number(server.cpuMicrosPerFrame),
        "rssBytesPerClient": .number(server.rssBytesPerClient),
        "metricsProblem": metricsProblem.map { .string($0) } ?? .null,
      ]),
      "loadtester": object([
        "cpuCores": .number(loadtester.cpuCores),
        "cpuMicrosPerBotSecond": .number(loadtester.cpuMicrosPerBotSecond),
        "rssBytes": .count(loadtester.rssBytes),
        "stepLatenessMs": loadtester.stepLatenessMs.json, "lateTurns": .int(Int64(loadtester.lateTurns)),
      ]),
      "people": object([
        "joined": .int(Int64(people.joined)), "resumed": .int(Int64(people.resumed)),
        "resumesPlanned": .int(Int64(people.resumesPlanned)), "portals": .int(Int64(people.portals)),
        "movesPerSecond": .number(people.movesPerSecond), "chatsSent": .int(Int64(people.chatsSent)),
        "chatsDelivered": .int(Int64(people.chatsDelivered)),
        "announcedLeaves": .int(Int64(people.announcedLeaves)), "vanished": .int(Int64(people.vanished)),
        "unexpectedEnds": .int(Int64(people.unexpectedEnds)),
        "connectFailures": .int(Int64(people.connectFailures)), "reconnects": .int(Int64(people.reconnects)),
      ]),
      "storm": storm.map {
        object([
          "cut": .int(Int64($0.cut)), "backWithin5s": .int(Int64($0.backWithin5s)),
          "lost": .int(Int64($0.lost)), "backMs": $0.backMs.json,
        ])
      } ?? .null,
      "badReaders": badReaders.map {
        object([
          "count": .int(Int64($0.count)), "closed": .int(Int64($0.closed)),
          "notRecovered": .int(Int64($0.notRecovered)), "recoveryMs": $0.recoveryMs.json,
          "others": object([
            "stalenessBeforeMs": $0.stalenessBeforeMs.json, "stalenessSinceMs": $0.stalenessSinceMs.json,
            "frameAgeBeforeMs": $0.frameAgeBeforeMs.json, "frameAgeSinceMs": $0.frameAgeSinceMs.json,
          ]),
        ])
      } ?? .null,
      "voice": voice.map {
        object([
          "links": .int(Int64($0.links)), "begun": .int(Int64($0.begun)), "ended": .int(Int64($0.ended)),
          "offers": .int(Int64($0.offers)), "answers": .int(Int64($0.answers)),
          "candidates": .int(Int64($0.candidates)), "glares": .int(Int64($0.glares)),
          "restarts": .int(Int64($0.restarts)), "crossed": .int(Int64($0.crossed)),
          "misdirected": .int(Int64($0.misdirected)), "unsettled": .int(Int64($0.unsettled)),
          "messagesPerSecond": .number($0.messagesPerSecond), "relayMs": $0.relayMs.json,
          "setupMs": $0.setupMs.json,
        ])
      } ?? .null,
      "hostile": hostile.map { object(["sent": .int(Int64($0.sent)), "closed": counts($0.closed)]) } ?? .null,
      "faults": object([
        "planted": faults.text.map { .string($0) } ?? .null, "framesDropped": .int(Int64(framesDropped)),
      ]),
      "corrections": counts(corrections), "problems": counts(problems),
      "scenarioSettings": .object(scenarioSettings), "testers": .array([]),
      "timeline": timeline.json,
    ])
  }

  public func jsonText() -> [UInt8] { ReportDocument(self).jsonText() }
}
