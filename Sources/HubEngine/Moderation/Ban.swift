/// Somebody who may not come in: by account, by invitation, or from a range of addresses.
public struct Ban: Sendable, Equatable {
  public enum Subject: Sendable, Equatable {
    /// The account's pseudonym.
    case account(String)
    /// The invitation's id.
    case invitation(String)
    /// All addresses with these leading bits; see ``NetworkAddress``. Stops guests only: behind one address there may be
    /// a whole town hall.
    case address(NetworkAddress, prefix: Int)
  }

  public var id: UInt64
  public var subject: Subject
  /// What the moderator wrote; told to the one who is banned.
  public var reason: String?
  /// Unix ms.
  public var at: Int64
  /// Unix ms from which it no longer holds; nil: for good.
  public var until: Int64?
  /// Pseudonym of who banned.
  public var by: String

  public init(id: UInt64, subject: Subject, reason: String?, at: Int64, until: Int64?, by: String) {
    self.id = id
    self.subject = subject
    self.reason = reason
    self.at = at
    self.until = until
    self.by = by
  }

  public func isOver(unixMs: Int64) -> Bool { until.map { $0 <= unixMs } ?? false }

  public func matches(_ credentials: Credentials) -> Bool {
    switch subject {
    case .account(let account): credentials.account == account
    case .invitation(let invitation): credentials.invitation?.id == invitation
    case .address(let range, let prefix):
      credentials.grant.role == .guest
        && credentials.address.map { $0.masked(to: prefix) == range } ?? false
    }
  }

  /// `account`, `invitation` or `address`.
  public var kind: String {
    switch subject {
    case .account: "account"
    case .invitation: "invitation"
    case .address: "address"
    }
  }
}

/// One administrative act. Holds no names: people appear by the pseudonym of their account, or by the id of their stay.
public struct AuditRecord: Sendable, Equatable {
  /// Unix ms.
  public var at: Int64
  public var actor: String
  public var role: Role
  public var verb: Verb
  public var target: String?
  public var space: String?
  /// A figure or an id that belongs to the act: hours of a ban, an area, the number of people.
  public var detail: String?

  public init(
    at: Int64, actor: String, role: Role, verb: Verb, target: String? = nil, space: String? = nil,
    detail: String? = nil
  ) {
    self.at = at
    self.actor = actor
    self.role = role
    self.verb = verb
    self.target = target
    self.space = space
    self.detail = detail
  }
}

/// What has to outlive the hub's process. The shell writes it down, in order.
public enum AdministrativeRecord: Sendable, Equatable {
  case audit(AuditRecord)
  case banned(Ban)
  /// The ban of this id no longer holds.
  case unbanned(UInt64)
  /// This invitation lets nobody in any more.
  case revoked(invitation: String, at: Int64)
  /// One more session began by this invitation.
  case used(invitation: String)
}

/// What was written down, for a hub that starts.
public struct AdministrativeState: Sendable, Equatable {
  public var bans: [Ban] = []
  public var nextBan: UInt64 = 1
  public var revoked: Set<String> = []
  public var uses: [String: Int] = [:]
  /// The newest acts, oldest first.
  public var audit: [AuditRecord] = []
  public init() {}
}
