package import HubEngine

/// Logins on their way and people who are signed in. In memory only, bounded, gone with the process. Times are
/// milliseconds of a monotonic clock.
package struct LoginTable {
  package static let lifetimeMs = 600_000
  package static let attemptsMax = 4096
  package static let sessionsMax = 16_384
  package static let sessionSeconds = 3600

  private var attempts: [String: LoginAttempt] = [:]
  private var sessions: [String: LoginSession] = [:]
  private var live: Set<String> = []
  private var sweptMs = 0

  package init() {}
  package var attemptCount: Int { attempts.count }
  package var sessionCount: Int { sessions.count }

  /// False: too many are on their way.
  package mutating func begin(_ attempt: LoginAttempt, nowMs: Int) -> Bool {
    sweep(nowMs)
    guard attempts.count < Self.attemptsMax else { return false }
    attempts[attempt.state] = attempt
    return true
  }

  /// Takes an attempt out: nobody comes back by it a second time.
  package mutating func take(state: String) -> LoginAttempt? { attempts.removeValue(forKey: state) }

  /// False: the table is full.
  package mutating func signIn(_ session: LoginSession, nowMs: Int) -> Bool {
    sweep(nowMs)
    guard sessions.count < Self.sessionsMax else { return false }
    sessions[session.handle] = session
    live.insert(session.tokenID)
    return true
  }

  package func session(handle: String, nowMs: Int) -> LoginSession? {
    sessions[handle].flatMap { nowMs < $0.endsMs ? $0 : nil }
  }

  package mutating func signOut(handle: String) {
    guard let session = sessions.removeValue(forKey: handle) else { return }
    live.remove(session.tokenID)
  }

  /// Whether a token came from a login that is over: signed out, or of another life of the hub.
  package func isEnded(tokenID: String) -> Bool {
    tokenID.hasPrefix(LoginSession.tokenPrefix) && !live.contains(tokenID)
  }

  private mutating func sweep(_ nowMs: Int) {
    guard
      nowMs - sweptMs >= 10_000 || attempts.count >= Self.attemptsMax || sessions.count >= Self.sessionsMax
    else { return }
    sweptMs = nowMs
    attempts = attempts.filter { nowMs - $0.value.beganMs < Self.lifetimeMs }
    sessions = sessions.filter { nowMs < $0.value.endsMs }
    live = Set(sessions.values.map(\.tokenID))
  }
}

/// Somebody who is signed in: an invitation of the hub's own, held for their browser, which shows a cookie for it.
package struct LoginSession: Sendable {
  /// Longer than any other token's id (``InvitationTokens/newID()``), and no other begins like this.
  package static let tokenPrefix = "login-"
  package var handle: String
  package var tokenID: String
  package var token: String
  /// What the provider calls the person; a proposal for the name they go by.
  package var name: String?
  package var role: Role
  package var endsMs: Int

  package init(handle: String, tokenID: String, token: String, name: String?, role: Role, endsMs: Int) {
    (self.handle, self.tokenID, self.token) = (handle, tokenID, token)
    (self.name, self.role, self.endsMs) = (name, role, endsMs)
  }
}

/// How often one address may begin or end a login.
struct LoginRate {
  static let burst = 120
  static let perMinute = 120
  static let addressesMax = 8192
  private var addresses: [NetworkAddress: MilliBucket] = [:]

  /// False: too often.
  mutating func take(_ address: NetworkAddress, _ nowMs: Int) -> Bool {
    if addresses.count >= Self.addressesMax, addresses[address] == nil {
      addresses = addresses.filter { !$0.value.isFull(nowMs) }
      guard addresses.count < Self.addressesMax else { return false }
    }
    return addresses[address, default: MilliBucket(burst: Self.burst, perMinute: Self.perMinute)]
      .take(nowMs) == nil
  }
}
