/// `host`: leads what happens in the space one is in (docs/PROTOCOL.md, section 2).
public struct HostRequest: Decodable, Sendable, Equatable {
  public enum Action: String, Sendable, CaseIterable {
    case gather, send, recall, cancel, spotlight, announce
    case callHand = "call-hand"
    case lowerHands = "lower-hands"
  }

  /// A room to send people to: a space, an area of the host's own space, or an area of another.
  public struct Place: Decodable, Sendable, Equatable {
    public var space: String?
    public var area: String?
    public init(space: String? = nil, area: String? = nil) {
      self.space = space
      self.area = area
    }
  }

  public var action: String
  /// `gather`, `announce`: the whole hub in place of the space.
  public var everywhere: Bool?
  /// `send`: who; absent: everybody in the space who does not lead.
  public var people: [String]?
  /// `send`: where to; people are dealt out to them in turn.
  public var places: [Place]?
  /// `gather`, `send`, `recall`: seconds until it happens.
  public var seconds: Int?
  /// `call-hand`, `lower-hands`: whose; `spotlight`: who, absent: nobody any more.
  public var person: String?
  public var text: String?
  public var ref: Int?

  public init(_ action: Action) { self.action = action.rawValue }
}

/// `moderate`: keeps order (docs/PROTOCOL.md, section 2).
public struct ModerationRequest: Decodable, Sendable, Equatable {
  public enum Action: String, Sendable, CaseIterable {
    case kick, mute, unmute, ban, unban, bans, revoke, audit
    case lockSpace = "lock-space"
    case unlockSpace = "unlock-space"
    /// Asks somebody to switch their microphone off.
    case askMute = "ask-mute"
  }

  public var action: String
  public var person: String?
  /// `lock-space`, `unlock-space`: absent: the one the sender is in.
  public var space: String?
  /// `ban`: `account`, `invitation`, `address`; absent: account and invitation if there are any, else the address.
  public var by: [String]?
  /// `ban`: how long; absent: for good, an address for one hour.
  public var hours: Int?
  /// `ban` by address: how many leading bits count.
  public var prefix: Int?
  public var reason: String?
  /// `unban`: of the ban; `revoke`: of the invitation.
  public var id: String?
  public var ref: Int?

  public init(_ action: Action) { self.action = action.rawValue }
}
