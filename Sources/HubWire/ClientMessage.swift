/// A control message from a client (docs/PROTOCOL.md, section 2). Enumerations stay strings here: the engine answers
/// a value it does not know with `bad-value`, while a wrong type already fails decoding (`bad-message`).
public enum ClientMessage: Decodable, Sendable, Equatable {
  case hello(Hello)
  case profile(ProfileChange)
  case status(String)
  case view(mode: String, events: Bool?)
  case goto(Goto)
  case follow(person: String, ref: Int?)
  case unfollow
  case gesture(hand: Bool?, emote: String?)
  case interact(node: String, action: String, ref: Int?)
  case chat(SendChat)
  case delete(chat: String, ref: Int?)
  case note(NoteRequest)
  case exhibit(ExhibitRequest)
  case upload(UploadRequest)
  case lock(area: String, locked: Bool, ref: Int?)
  case directory(query: String, limit: Int?, ref: Int?)
  case booking(BookingMessage)
  case ping(n: Int)
  case bye
  case host(HostRequest)
  case moderate(ModerationRequest)
  case voice(VoiceRequest)
  case unknown(type: String, ref: Int?)

  /// What the client calls this message, if it named it.
  public var ref: Int? {
    switch self {
    case .goto(let message): message.ref
    case .chat(let message): message.ref
    case .host(let message): message.ref
    case .booking(let message): message.ref
    case .moderate(let message): message.ref
    case .note(let message): message.ref
    case .exhibit(let message): message.ref
    case .upload(let message): message.ref
    case .voice(let message): message.ref
    case .follow(_, let ref), .interact(_, _, let ref), .delete(_, let ref), .lock(_, _, let ref),
      .directory(_, _, let ref), .unknown(_, let ref):
      ref
    case .hello, .profile, .status, .view, .unfollow, .gesture, .ping, .bye: nil
    }
  }

  private enum Key: String, CodingKey {
    case t, status, mode, events, person, ref, hand, emote, node, action, id, area, locked, query, limit, n
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let type = try values.decode(String.self, forKey: .t)
    func ref() throws -> Int? { try values.decodeIfPresent(Int.self, forKey: .ref) }
    switch type {
    case "hello": self = .hello(try Hello(from: decoder))
    case "profile": self = .profile(try ProfileChange(from: decoder))
    case "status": self = .status(try values.decode(String.self, forKey: .status))
    case "view":
      self = .view(
        mode: try values.decode(String.self, forKey: .mode),
        events: try values.decodeIfPresent(Bool.self, forKey: .events))
    case "goto": self = .goto(try Goto(from: decoder))
    case "follow": self = .follow(person: try values.decode(String.self, forKey: .person), ref: try ref())
    case "unfollow": self = .unfollow
    case "gesture":
      self = .gesture(
        hand: try values.decodeIfPresent(Bool.self, forKey: .hand),
        emote: try values.decodeIfPresent(String.self, forKey: .emote))
    case "interact":
      self = .interact(
        node: try values.decode(String.self, forKey: .node),
        action: try values.decode(String.self, forKey: .action), ref: try ref())
    case "chat": self = .chat(try SendChat(from: decoder))
    case "delete": self = .delete(chat: try values.decode(String.self, forKey: .id), ref: try ref())
    case "exhibit": self = .exhibit(try ExhibitRequest(from: decoder))
    case "upload": self = .upload(try UploadRequest(from: decoder))
    case "note": self = .note(try NoteRequest(from: decoder))
    case "lock":
      self = .lock(
        area: try values.decode(String.self, forKey: .area),
        locked: try values.decode(Bool.self, forKey: .locked), ref: try ref())
    case "directory":
      self = .directory(
        query: try values.decodeIfPresent(String.self, forKey: .query) ?? "",
        limit: try values.decodeIfPresent(Int.self, forKey: .limit), ref: try ref())
    case "book": self = .booking(try BookingMessage(from: decoder))
    case "ping": self = .ping(n: try values.decode(Int.self, forKey: .n))
    case "bye": self = .bye
    case "host": self = .host(try HostRequest(from: decoder))
    case "moderate": self = .moderate(try ModerationRequest(from: decoder))
    case "voice": self = .voice(try VoiceRequest(from: decoder))
    default: self = .unknown(type: type, ref: try ref())
    }
  }
}

/// The first message of every connection.
public struct Hello: Decodable, Sendable, Equatable {
  public var `protocol`: Int
  public var name: String
  public var lang: String?
  public var space: String?
  public var view: String?
  public var events: Bool?
  public var profile: ProfileChange?
  public var resume: String?
  public var key: String?
  /// A signed invitation.
  public var token: String?
  public var client: String?
  /// Where the space is full: take a place in its queue.
  public var wait: Bool?

  public init(protocol version: Int = ProtocolVersion.current, name: String) {
    self.protocol = version
    self.name = name
  }
}

/// What a participant tells of themselves; absent keys stay as they are.
public struct ProfileChange: Decodable, Sendable, Equatable {
  public var name: String?
  public var languages: [String]?
  public var role: String?
  public var interests: [String]?
  public var visibility: String?
  public init() {}
}

/// Where to go: exactly one of space, area, person, node (area and node may name their space).
public struct Goto: Decodable, Sendable, Equatable {
  public var space: String?
  public var area: String?
  public var person: String?
  public var node: String?
  /// A space that is full: take a place in its queue.
  public var wait: Bool?
  public var ref: Int?
  public init() {}
}

public struct SendChat: Decodable, Sendable, Equatable {
  public var to: String
  public var person: String?
  public var text: String
  public var ref: Int?
  public init(to: String, text: String) {
    self.to = to
    self.text = text
  }
}
