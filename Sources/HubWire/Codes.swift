/// Stable error codes of the control lane (docs/PROTOCOL.md, section 6).
public enum ErrorCode: String, Sendable, CaseIterable {
  case badMessage = "bad-message"
  case unknownType = "unknown-type"
  case badValue = "bad-value"
  case badName = "bad-name"
  case unknownSpace = "unknown-space"
  case unknownArea = "unknown-area"
  case unknownNode = "unknown-node"
  case unknownPerson = "unknown-person"
  case unknownChat = "unknown-chat"
  case unknownBoard = "unknown-board"
  case unknownNote = "unknown-note"
  case unknownExhibit = "unknown-exhibit"
  /// No image of that name was uploaded, or it was not used for too long.
  case unknownImage = "unknown-image"
  case notAllowed = "not-allowed"
  case locked
  case occupied
  case full
  case tooFar = "too-far"
  case rateLimited = "rate-limited"
  case overloaded
  case muted
  /// No voice link to that one, or no longer the one of that epoch.
  case notLinked = "not-linked"
  case banned
  case badToken = "bad-token"
  /// A name alone lets nobody in: it takes an invitation or an account.
  case invitationNeeded = "invitation-needed"
  /// The thing changed since the revision named.
  case conflict
  /// A space or a person has as many as they may.
  case quota
  /// The disk did not take it; nothing has changed.
  case notStored = "not-stored"
  /// The disk failed so that nobody knows; after the hub's next start it is there or it isn't.
  case maybeStored = "maybe-stored"

  /// Whether trying again makes sense.
  public var retry: Retry {
    switch self {
    case .locked, .occupied, .full, .rateLimited, .overloaded, .quota, .notStored: .later
    case .tooFar, .conflict: .now
    default: .never
    }
  }
}

/// What a client may do after an error or a close.
public enum Retry: String, Sendable { case never, now, later }

/// Close codes of the hub (docs/PROTOCOL.md, section 7). 4000-4999 are the application's by RFC 6455, section 7.4.2.
public enum CloseCode: UInt16, Sendable, CaseIterable {
  case bye = 1000
  case tooBig = 1009
  case internalError = 1011
  case protocolError = 4000
  case helloTimeout = 4002
  case version = 4003
  case refused = 4004
  case full = 4005
  case slow = 4006
  case silent = 4007
  case replaced = 4008
  case goingDown = 4009
  case flooding = 4010
  case removed = 4011

  public var reason: String {
    switch self {
    case .bye: "bye"
    case .tooBig: "too-big"
    case .internalError: "internal-error"
    case .protocolError: "protocol-error"
    case .helloTimeout: "hello-timeout"
    case .version: "version"
    case .refused: "refused"
    case .full: "full"
    case .slow: "slow"
    case .silent: "silent"
    case .replaced: "replaced"
    case .goingDown: "going-down"
    case .flooding: "flooding"
    case .removed: "removed"
    }
  }
}

/// The version of the control lane and of the binary layouts together.
public enum ProtocolVersion { public static let current = 1 }
