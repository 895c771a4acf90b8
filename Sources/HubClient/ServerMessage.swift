public import HubKernel

/// A control message from the hub (docs/PROTOCOL.md, section 3). Unknown keys are ignored, unknown values of
/// enumerations stay strings, and a message of an unknown type is ``unknown(type:)``.
public enum ServerMessage: Decodable, Sendable, Equatable {
  case welcome(Welcome)
  /// Goes on with the session over another connection, once; a secret.
  case ticket(resume: String)
  case space(SpaceEntered)
  case correct(Correction)
  case people([Person])
  case changed([PersonChange])
  case nodes([MovingNode])
  case gone(ids: [UInt16], reason: String)
  case places([Place])
  case following(person: String?, reason: String?)
  case chat(Chat)
  case history(History)
  case deleted(id: String)
  case directory(Directory)
  case event(HubEvent)
  case pong(n: Int, serverMs: Int)
  case error(ServerError)
  case closing(retryAfterMs: Int, reason: String)
  case voice(VoiceNews)
  case unknown(type: String)

  private enum Key: String, CodingKey {
    case t, list, ids, reason, person, id, n, serverMs, retryAfterMs, resume
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let type = try values.decode(String.self, forKey: .t)
    switch type {
    case "welcome": self = .welcome(try Welcome(from: decoder))
    case "ticket": self = .ticket(resume: try values.decode(String.self, forKey: .resume))
    case "space": self = .space(try SpaceEntered(from: decoder))
    case "correct": self = .correct(try Correction(from: decoder))
    case "people": self = .people(try values.decode([Person].self, forKey: .list))
    case "changed": self = .changed(try values.decode([PersonChange].self, forKey: .list))
    case "nodes": self = .nodes(try values.decode([MovingNode].self, forKey: .list))
    case "gone":
      self = .gone(
        ids: try values.decode([UInt16].self, forKey: .ids),
        reason: try values.decode(String.self, forKey: .reason))
    case "places": self = .places(try values.decode([Place].self, forKey: .list))
    case "following":
      self = .following(
        person: try values.decodeIfPresent(String.self, forKey: .person),
        reason: try values.decodeIfPresent(String.self, forKey: .reason))
    case "chat": self = .chat(try Chat(from: decoder))
    case "history": self = .history(try History(from: decoder))
    case "deleted": self = .deleted(id: try values.decode(String.self, forKey: .id))
    case "directory": self = .directory(try Directory(from: decoder))
    case "event": self = .event(try HubEvent(from: decoder))
    case "pong":
      self = .pong(
        n: try values.decode(Int.self, forKey: .n), serverMs: try values.decode(Int.self, forKey: .serverMs))
    case "error": self = .error(try ServerError(from: decoder))
    case "closing":
      self = .closing(
        retryAfterMs: try values.decode(Int.self, forKey: .retryAfterMs),
        reason: try values.decode(String.self, forKey: .reason))
    case "voice": self = .voice(try VoiceNews(from: decoder))
    default: self = .unknown(type: type)
    }
  }
}

/// The hub has let us in.
public struct Welcome: Decodable, Sendable, Equatable {
  public var `protocol`: Int
  /// Hash of the binary layouts, 16 hexadecimal digits.
  public var hash: String
  public var person: String
  /// Our entity id.
  public var id: UInt16
  public var role: String
  public var resumed: Bool
  public var world: WorldReference
  public var tick: Tick
  public var serverMs: Int

  public struct WorldReference: Decodable, Sendable, Equatable {
    public var id: String
    /// Path on the same server.
    public var url: String
  }
}

/// Position in steps of 2.5 mm and heading in 1/65536 turn.
public struct Placement: Decodable, Sendable, Equatable {
  public var x: Int32
  public var y: Int32
  public var z: Int32
  public var yaw: UInt16
  /// Standing still.
  public var pose: Pose { Pose(x: x, y: y, z: z, yaw: yaw) }
}

/// We are in this space now; what we knew of the former one is void.
public struct SpaceEntered: Decodable, Sendable, Equatable {
  public var space: String
  public var pose: Placement
  public var epoch: UInt32
  public var reason: String
  public var grid: Grid

  /// Where the cells of binary frames lie, in steps.
  public struct Grid: Decodable, Sendable, Equatable {
    public var origin: [Int32]
    public var cell: Int32
    public var band: Int32
    public var cells: [Int32]
  }
}

/// The avatar stands there.
public struct Correction: Decodable, Sendable, Equatable {
  public var epoch: UInt32
  public var pose: Placement
  public var reason: String
}

/// An entry of `people`.
public struct Person: Decodable, Sendable, Equatable {
  public var id: UInt16
  public var person: String?
  public var name: String?
  public var status: String?
  public var role: String?
  public var languages: [String]?
  public var interests: [String]?
  public var area: String?
  public var moderator: Bool?
  public var muted: Bool?
  public var lost: Bool?
  public var anonymous: Bool?
}

/// An entry of `changed`: what is new of some people, all else of their entries stays.
public struct PersonChange: Decodable, Sendable, Equatable {
  public var ids: [UInt16]
  /// Nil: as it was.
  public var area: Area?
  public var status: String?
  public var muted: Bool?
  public var lost: Bool?

  public enum Area: Sendable, Equatable {
    case none
    case inside(String)
  }

  private enum Key: String, CodingKey { case ids, area, status, muted, lost }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    ids = try values.decode([UInt16].self, forKey: .ids)
    if values.contains(.area) {
      area = try values.decodeIfPresent(String.self, forKey: .area).map { .inside($0) } ?? Area.none
    }
    status = try values.decodeIfPresent(String.self, forKey: .status)
    muted = try values.decodeIfPresent(Bool.self, forKey: .muted)
    lost = try values.decodeIfPresent(Bool.self, forKey: .lost)
  }

  /// Brings an entry of `people` up to date.
  public func apply(to person: inout Person) {
    switch area {
    case .inside(let id)?: person.area = id
    case Area.none?: person.area = nil
    case nil: break
    }
    if let status { person.status = status }
    if let muted { person.muted = muted }
    if let lost { person.lost = lost }
  }
}

public struct MovingNode: Decodable, Sendable, Equatable {
  public var id: UInt16
  public var node: String
  public var state: String?
}

/// Head counts of a space.
public struct Place: Decodable, Sendable, Equatable {
  public var space: String
  public var people: Int
  public var areas: [AreaCount]?

  public struct AreaCount: Decodable, Sendable, Equatable {
    public var area: String
    public var people: Int
    public var locked: Bool?
  }
}

public struct Chat: Decodable, Sendable, Equatable {
  public var id: String
  public var to: String
  public var space: String?
  public var area: String?
  /// The sender.
  public var person: String
  public var name: String
  public var text: String
  /// Unix milliseconds.
  public var at: Int
  public var recipient: String?
  public var quiet: Bool?
  public var ref: Int?
}

public struct History: Decodable, Sendable, Equatable {
  public var to: String
  public var space: String
  public var area: String?
  public var list: [Chat]
}

public struct Directory: Decodable, Sendable, Equatable {
  public var ref: Int?
  public var total: Int
  public var list: [Entry]

  public struct Entry: Decodable, Sendable, Equatable {
    public var person: String
    public var name: String
    public var status: String
    public var role: String?
    public var languages: [String]?
    public var interests: [String]?
    public var space: String
    public var area: String?
  }
}

/// Something happened around us, for text.
public struct HubEvent: Decodable, Sendable, Equatable {
  public var kind: String
  public var person: String?
  public var name: String?
  public var area: String?
  public var node: String?
  public var space: String?
  public var count: Int?
  public var emote: String?
  public var status: String?
}

/// The hub refused something we sent.
public struct ServerError: Error, Decodable, Sendable, Equatable {
  public var code: String
  public var message: String
  public var retry: String
  public var retryAfterMs: Int?
  public var ref: Int?
}
