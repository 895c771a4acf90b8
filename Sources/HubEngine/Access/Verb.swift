public import HubWire

/// Everything that can be done over the control lane: what ``Engine`` asks the table for, action by action. One message
/// may be several verbs: deleting one's own words is another right than deleting somebody else's.
public enum Verb: String, Sendable, CaseIterable {
  case join, leave, ping
  case profile, status, view, directory
  case goto, follow, gesture, interact, chat, voice
  /// Ask for a room; each room's own policy says from which role on.
  case book
  /// Put up, move, change and vote on notes; take down one's own.
  case note
  /// Put up, change, move and take down exhibits, and upload images for them.
  case exhibit
  case deleteOwn = "delete-own"
  case deleteOthers = "delete-others"
  case lockArea = "lock-area"
  /// Enter areas and spaces that are locked, and areas that are full.
  case passLocks = "pass-locks"
  case openLockedDoors = "open-locked-doors"
  case gather, send, recall, cancel, spotlight, announce
  case callHand = "call-hand"
  case lowerHands = "lower-hands"
  /// Gather, announce to the whole hub.
  case gatherHub = "gather-hub"
  case announceHub = "announce-hub"
  case kick, mute, ban, unban, revoke
  case lockSpace = "lock-space"
  case listBans = "list-bans"
  case readAudit = "read-audit"
}

/// One cell of the table.
public enum Right: String, Sendable { case yes, no }

extension Verb {
  /// The table: one row a verb, one cell a role. A verb without a row does not compile. docs/PROTOCOL.md shows the same
  /// table, and a test holds engine and document against each other.
  var cells: (guest: Right, participant: Right, host: Right, moderator: Right, operator: Right) {
    switch self {
    case .join: (.yes, .yes, .yes, .yes, .yes)
    case .leave: (.yes, .yes, .yes, .yes, .yes)
    case .ping: (.yes, .yes, .yes, .yes, .yes)
    case .profile: (.yes, .yes, .yes, .yes, .yes)
    case .status: (.yes, .yes, .yes, .yes, .yes)
    case .view: (.yes, .yes, .yes, .yes, .yes)
    case .directory: (.yes, .yes, .yes, .yes, .yes)
    case .book: (.yes, .yes, .yes, .yes, .yes)
    case .goto: (.yes, .yes, .yes, .yes, .yes)
    case .follow: (.yes, .yes, .yes, .yes, .yes)
    case .gesture: (.yes, .yes, .yes, .yes, .yes)
    case .interact: (.yes, .yes, .yes, .yes, .yes)
    case .chat: (.yes, .yes, .yes, .yes, .yes)
    case .voice: (.yes, .yes, .yes, .yes, .yes)
    case .note: (.yes, .yes, .yes, .yes, .yes)
    case .exhibit: (.no, .no, .yes, .yes, .yes)
    case .deleteOwn: (.yes, .yes, .yes, .yes, .yes)
    case .deleteOthers: (.no, .no, .yes, .yes, .yes)
    case .lockArea: (.no, .no, .yes, .yes, .yes)
    case .passLocks: (.no, .no, .yes, .yes, .yes)
    case .openLockedDoors: (.no, .no, .yes, .yes, .yes)
    case .gather: (.no, .no, .yes, .yes, .yes)
    case .send: (.no, .no, .yes, .yes, .yes)
    case .recall: (.no, .no, .yes, .yes, .yes)
    case .cancel: (.no, .no, .yes, .yes, .yes)
    case .spotlight: (.no, .no, .yes, .yes, .yes)
    case .announce: (.no, .no, .yes, .yes, .yes)
    case .callHand: (.no, .no, .yes, .yes, .yes)
    case .lowerHands: (.no, .no, .yes, .yes, .yes)
    case .gatherHub: (.no, .no, .no, .yes, .yes)
    case .announceHub: (.no, .no, .no, .yes, .yes)
    case .kick: (.no, .no, .yes, .yes, .yes)
    case .mute: (.no, .no, .yes, .yes, .yes)
    case .lockSpace: (.no, .no, .yes, .yes, .yes)
    case .ban: (.no, .no, .no, .yes, .yes)
    case .unban: (.no, .no, .no, .yes, .yes)
    case .listBans: (.no, .no, .no, .yes, .yes)
    case .revoke: (.no, .no, .no, .yes, .yes)
    case .readAudit: (.no, .no, .no, .no, .yes)
    }
  }

  /// Whether a role may. A host's role is the one that holds in the space in question: ``Grant/role(in:)``.
  public func right(of role: Role) -> Right {
    switch role {
    case .guest: cells.guest
    case .participant: cells.participant
    case .host: cells.host
    case .moderator: cells.moderator
    case .operator: cells.operator
    }
  }

  /// The least role that may; nil: nobody.
  public var leastRole: Role? { Role.allCases.first { right(of: $0) == .yes } }
}

extension ClientMessage {
  /// The right a message needs before it is looked at more closely; what depends on its target, its handler asks
  /// for. Nil: no known message, which is answered and does nothing. A new kind of message does not compile here
  /// without its verb.
  public var verb: Verb? {
    switch self {
    case .hello: .join
    case .profile: .profile
    case .status: .status
    case .view: .view
    case .goto: .goto
    case .follow, .unfollow: .follow
    case .gesture: .gesture
    case .interact: .interact
    case .chat: .chat
    case .voice: .voice
    case .note: .note
    case .exhibit, .upload: .exhibit
    case .delete: .deleteOwn
    case .lock: .lockArea
    case .directory: .directory
    case .booking: .book
    case .ping: .ping
    case .bye: .leave
    case .host(let request): HostRequest.Action(rawValue: request.action)?.verb(request)
    case .moderate(let request): ModerationRequest.Action(rawValue: request.action)?.verb
    case .unknown: nil
    }
  }
}

extension HostRequest.Action {
  func verb(_ request: HostRequest) -> Verb {
    let everywhere = request.everywhere ?? false
    return switch self {
    case .gather: everywhere ? .gatherHub : .gather
    case .announce: everywhere ? .announceHub : .announce
    case .send: .send
    case .recall: .recall
    case .cancel: .cancel
    case .spotlight: .spotlight
    case .callHand: .callHand
    case .lowerHands: .lowerHands
    }
  }
}

extension ModerationRequest.Action {
  var verb: Verb {
    switch self {
    case .kick: .kick
    case .mute, .unmute, .askMute: .mute
    case .ban: .ban
    case .unban: .unban
    case .bans: .listBans
    case .revoke: .revoke
    case .audit: .readAudit
    case .lockSpace, .unlockSpace: .lockSpace
    }
  }
}
