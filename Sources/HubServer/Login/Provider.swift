import Dispatch
import Foundation
import HubCalDAV
import HubJSON
import Synchronization

/// Talks to the provider, blocking, from any thread but the loop's. Keeps what it says about itself, and its keys, for an
/// hour; a token by a key that isn't among them has them asked for anew, once a minute at most.
final class Provider: Sendable {
  static let freshMs = 3_600_000
  static let refetchMs = 60_000
  /// After a failure nobody asks for so long: a provider that is down is not hammered, and people hear at once.
  static let restMs = 3000
  static let timeoutSeconds = 5
  static let answerBytesMax = 256 << 10

  /// What the operator is told: no address, no token.
  struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private struct Known {
    var metadata: ProviderMetadata
    var keys: ProviderKeys
    var atMs: Int
  }
  private struct State {
    var known: Known?
    var failedAtMs: Int?
    var refetchedAtMs: Int?
  }

  private let settings: LoginSettings
  private let check: IDTokenCheck
  private let state = Mutex(State())

  init(_ settings: LoginSettings) {
    self.settings = settings
    check = IDTokenCheck(issuer: settings.issuer, clientID: settings.clientID)
  }

  static var nowMs: Int { Int(DispatchTime.now().uptimeNanoseconds / 1_000_000) }

  /// What is known and fresh, without asking anybody.
  var metadata: ProviderMetadata? {
    state.withLock { $0.known.flatMap { Self.nowMs - $0.atMs < Self.freshMs ? $0.metadata : nil } }
  }

  func learnedMetadata() throws -> ProviderMetadata { try known().metadata }

  /// Turns a code into claims that hold.
  func claims(code: String, attempt: LoginAttempt) throws -> JSONObject {
    let known = try known()
    let client = try HTTPClient()
    let ask = attempt.tokenRequest(code: code, settings, known.metadata)
    var request = CalendarRequest("POST", known.metadata.token)
    request.headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
    request.body = Array(ask.body.utf8)
    let answer = try Self.send(request, client, ask.basic)
    guard answer.status == 200 else {
      throw Trouble("the token endpoint answers with status \(answer.status)")
    }
    guard case .object(let object)? = try? JSON.parse(answer.body, limits: .provider),
      case .string(let token)? = object["id_token"]
    else { throw Trouble("the token endpoint gives no ID token") }
    var access: String?
    if case .string(let text)? = object["access_token"] { access = text }
    func claims(_ keys: ProviderKeys) throws(IDTokenRefusal) -> JSONObject {
      try check.check(
        token, keys: keys, nonce: attempt.nonce, accessToken: access,
        unixSeconds: Int(WallClock.unixMilliseconds() / 1000))
    }
    do { return try claims(known.keys) } catch IDTokenRefusal.key {
      guard mayRefetch() else { throw IDTokenRefusal.key }
      return try claims(try learn().keys)
    }
  }

  private func mayRefetch() -> Bool {
    let now = Self.nowMs
    return state.withLock { state in
      if let last = state.refetchedAtMs, now - last < Self.refetchMs { return false }
      state.refetchedAtMs = now
      return true
    }
  }

  private func known() throws -> Known {
    let now = Self.nowMs
    let (known, failedAtMs) = state.withLock { ($0.known, $0.failedAtMs) }
    if let known, now - known.atMs < Self.freshMs { return known }
    if let failedAtMs, now - failedAtMs < Self.restMs { throw Trouble("the provider failed just now") }
    return try learn()
  }

  /// Asks the provider who it is and for its keys. At worst twice its timeout.
  private func learn() throws -> Known {
    do {
      let client = try HTTPClient()
      let base = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
      let address = try SourceAddress(base + "/.well-known/openid-configuration")
      let metadata = ProviderMetadata(
        document: try Self.get(address, client, "the discovery document"), issuer: settings.issuer)
      guard let metadata else { throw Trouble("the discovery document is none, or another issuer's") }
      let document: [UInt8]
      if let path = settings.keysPath {
        document = try LocalFile.read(path, bytesMax: Self.answerBytesMax)
      } else if let address = metadata.keys {
        document = try Self.get(address, client, "the key set")
      } else {
        throw Trouble("the discovery document names no keys")
      }
      guard let keys = ProviderKeys(document: document) else { throw Trouble("there is no key we could use") }
      let known = Known(metadata: metadata, keys: keys, atMs: Self.nowMs)
      state.withLock { state in
        state.known = known
        state.failedAtMs = nil
      }
      return known
    } catch {
      state.withLock { $0.failedAtMs = Self.nowMs }
      throw error
    }
  }

  private static func get(_ address: SourceAddress, _ client: HTTPClient, _ what: String) throws -> [UInt8] {
    var request = CalendarRequest("GET", address)
    request.headers = [("Accept", "application/json")]
    let answer = try send(request, client, nil)
    guard answer.status == 200 else { throw Trouble("\(what) answers with status \(answer.status)") }
    return answer.body
  }

  private static func send(
    _ request: CalendarRequest, _ client: HTTPClient, _ basic: (user: String, password: String)?
  ) throws -> CalendarResponse {
    var request = request
    request.timeoutSeconds = timeoutSeconds
    request.answerBytesMax = answerBytesMax
    return try client.send(
      request, basic.map { SourceCredentials(user: $0.user, password: $0.password) })
  }
}
