/// What a participant is in the hub. Each role may at least what the one before may (``Verb/cells``).
public enum Role: String, Sendable, CaseIterable, Comparable {
  /// Came by name, without any proof.
  case guest
  /// Came by an invitation or an account.
  case participant
  /// Leads what happens in their spaces; elsewhere a participant.
  case host
  /// Keeps order in the whole hub.
  case moderator
  /// Runs the hub.
  case `operator`

  var rank: Int {
    switch self {
    case .guest: 0
    case .participant: 1
    case .host: 2
    case .moderator: 3
    case .operator: 4
    }
  }
  public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }
}

/// A role and where it holds.
public struct Grant: Sendable, Equatable {
  public var role: Role
  /// Ids of the spaces a host hosts; nil: all of them. Other roles hold everywhere.
  public var spaces: [String]?

  public init(_ role: Role, spaces: [String]? = nil) {
    self.role = role
    self.spaces = spaces
  }

  /// What the role comes to in a space. O(spaces of the grant).
  public func role(in space: String) -> Role {
    guard role == .host, let spaces, !spaces.contains(space) else { return role }
    return .participant
  }
}
