import Foundation
import HubEngine
import HubNet
import HubWire
import Logging

/// The routes by which people sign in, lives on the loop's thread. Everything that waits for the provider, and every
/// signature, happens on threads of its own, four at a time; their answers come back through the mailbox.
final class LoginDesk {
  struct Answer: Sendable {
    enum What: Sendable {
      case send(LoginAttempt, to: String)
      case signedIn(LoginSession, page: String)
      case refused(LoginRefusal, page: String, why: String)
    }
    let connection: ConnectionID
    let what: What
  }

  static let waitingMax = 128

  private let settings: LoginSettings
  private let provider: Provider
  private let signer: InvitationTokens
  private let mailbox: Mailbox<Answer>
  private let queue = OperationQueue()
  private let security: [(name: String, value: String)]
  private let log: Logger
  private var table = LoginTable()
  private var rate = LoginRate()
  private var waiting = 0
  private var batch: [Answer] = []

  /// - Parameters:
  ///   - signer: signs with a key of this process alone: tokens of a login end with it.
  ///   - security: headers of every answer.
  init(
    _ settings: LoginSettings, signer: InvitationTokens, security: [(name: String, value: String)],
    handle: LoopHandle, log: Logger
  ) {
    self.settings = settings
    self.signer = signer
    self.security = security
    self.log = log
    provider = Provider(settings)
    mailbox = Mailbox(handle)
    queue.maxConcurrentOperationCount = 4
  }

  func owns(_ path: String) -> Bool {
    ["/login", "/login/callback", "/logout", "/api/account"].contains(path)
  }

  func isEnded(tokenID: String) -> Bool { table.isEnded(tokenID: tokenID) }

  /// Nil: later.
  func answer(_ id: ConnectionID, _ request: HTTPRequest, _ shell: HubShell) -> HTTPResponse? {
    // Browsers say where a page came from when it is a stranger's; navigations say nothing.
    let origin = request.headers[.origin]
    let host = request.headers[.host]
    guard shell.gate.rules.allows(origin: origin, host: host, isExempt: request.method == .get) else {
      shell.metrics.refused("login-origin")
      return plain(403, "this page may not ask")
    }
    switch (request.path, request.method) {
    case ("/login", .get): return begin(id, request, shell)
    case ("/login/callback", .get): return finish(id, request, shell)
    case ("/api/account", .get): return account(request, shell.nowMs)
    case ("/logout", .post):
      if let handle = cookie(sessionCookie, request) { table.signOut(handle: handle) }
      return response(204, [("Set-Cookie", set(sessionCookie, "", seconds: 0, "Strict"))])
    default: return plain(405, "method not allowed")
    }
  }

  func drain(_ shell: HubShell, _ respond: (ConnectionID, HTTPResponse) -> Void) {
    mailbox.drain(into: &batch)
    waiting -= batch.count
    for answer in batch { respond(answer.connection, response(answer.what, shell)) }
    batch.removeAll(keepingCapacity: true)
  }

  // MARK: There

  private func begin(_ id: ConnectionID, _ request: HTTPRequest, _ shell: HubShell) -> HTTPResponse? {
    let page = LoginAttempt.page(request.query)
    guard isWelcome(request, shell), waiting < Self.waitingMax else { return refuse(.busy, page, shell) }
    guard let random = SystemRandom.bytes(128) else { return refuse(.busy, page, shell) }
    let attempt = LoginAttempt(random: random, page: page, nowMs: shell.nowMs)
    if let metadata = provider.metadata {
      return response(
        .send(attempt, to: attempt.authorizationURL(settings, metadata)), shell)
    }
    let (provider, settings, mailbox) = (provider, settings, mailbox)
    waiting += 1
    queue.addOperation {
      let what: Answer.What
      do {
        what = .send(attempt, to: attempt.authorizationURL(settings, try provider.learnedMetadata()))
      } catch {
        what = .refused(.provider, page: page, why: "\(error)")
      }
      mailbox.post(Answer(connection: id, what: what))
    }
    return nil
  }

  // MARK: And back

  private func finish(_ id: ConnectionID, _ request: HTTPRequest, _ shell: HubShell) -> HTTPResponse? {
    guard isWelcome(request, shell), waiting < Self.waitingMax else { return refuse(.busy, "", shell) }
    let attempt = request.value(of: "state").flatMap { table.take(state: $0) }
    let page = attempt?.page ?? ""
    let found = LoginReturn.check(
      request.query, cookie: cookie(attemptCookie, request), attempt: attempt, issuer: settings.issuer,
      nowMs: shell.nowMs)
    switch found {
    case .refused(let why): return refuse(why, page, shell)
    case .code(let code):
      guard let attempt else { return refuse(.expired, page, shell) }
      redeem(code, attempt, id, nowMs: shell.nowMs)
      return nil
    }
  }

  private func redeem(_ code: String, _ attempt: LoginAttempt, _ id: ConnectionID, nowMs: Int) {
    let (provider, settings, signer, mailbox) = (provider, settings, signer, mailbox)
    waiting += 1
    queue.addOperation {
      var what: Answer.What
      do {
        let claims = try provider.claims(code: code, attempt: attempt)
        if let person = LoginPerson(claims, settings) {
          what = .signedIn(try Self.session(person, signer, nowMs: nowMs), page: attempt.page)
        } else {
          what = .refused(.account, page: attempt.page, why: "no role")
        }
      } catch let refusal as IDTokenRefusal {
        what = .refused(.account, page: attempt.page, why: "token-\(refusal.rawValue)")
      } catch {
        what = .refused(.provider, page: attempt.page, why: "\(error)")
      }
      mailbox.post(Answer(connection: id, what: what))
    }
  }

  private static func session(_ person: LoginPerson, _ signer: InvitationTokens, nowMs: Int) throws
    -> LoginSession
  {
    guard let random = SystemRandom.bytes(48) else { throw Provider.Trouble("no random bytes") }
    let now = Int(WallClock.unixMilliseconds() / 1000)
    var claims = InvitationClaims(
      role: person.grant.role, id: LoginSession.tokenPrefix + Base64URL.encode(Array(random[32...])),
      issuedAt: now, expiresAt: now + LoginTable.sessionSeconds)
    claims.spaces = person.grant.spaces
    claims.account = person.account
    return LoginSession(
      handle: Base64URL.encode(Array(random[..<32])), tokenID: claims.id, token: try signer.sign(claims),
      name: person.name, role: person.grant.role, endsMs: nowMs + LoginTable.sessionSeconds * 1000)
  }

  /// For the page itself: who is signed in, and the token for its `hello`. Another origin's page can't read the answer.
  private func account(_ request: HTTPRequest, _ nowMs: Int) -> HTTPResponse {
    var json = JSONWriter()
    json.beginObject()
    let session = cookie(sessionCookie, request).flatMap { table.session(handle: $0, nowMs: nowMs) }
    json.key("signedIn")
    json.bool(session != nil)
    if let session {
      json.field("name", ifPresent: session.name)
      json.field("role", session.role.rawValue)
      json.field("token", session.token)
    }
    json.endObject()
    return response(200, [("Content-Type", "application/json")], json.bytes)
  }

  // MARK: Answers

  private func isWelcome(_ request: HTTPRequest, _ shell: HubShell) -> Bool {
    let address = shell.gate.client(address: request.address, forwardedFor: request.headers[.forwardedFor])
    guard let address, !shell.gate.isExempt(address) else { return true }
    return rate.take(address.counted, shell.nowMs)
  }

  private func response(_ what: Answer.What, _ shell: HubShell) -> HTTPResponse {
    switch what {
    case .send(let attempt, let url):
      guard table.begin(attempt, nowMs: shell.nowMs) else { return refuse(.busy, attempt.page, shell) }
      let seconds = LoginTable.lifetimeMs / 1000
      return response(
        303,
        [("Location", url), ("Set-Cookie", set(attemptCookie, attempt.browser, seconds: seconds, "Lax"))])
    case .signedIn(let session, let page):
      guard table.signIn(session, nowMs: shell.nowMs) else { return refuse(.busy, page, shell) }
      log.info("signed in", metadata: ["role": "\(session.role.rawValue)"])
      let own = set(sessionCookie, session.handle, seconds: LoginTable.sessionSeconds, "Strict")
      return response(
        303,
        [
          ("Location", "/?" + (page.isEmpty ? "" : page + "&") + "login=done"), ("Set-Cookie", own),
          ("Set-Cookie", set(attemptCookie, "", seconds: 0, "Lax")),
        ])
    case .refused(let refusal, let page, let why):
      if refusal == .provider { log.warning("login failed", metadata: ["why": "\(why)"]) }
      if why.hasPrefix("token-") { shell.metrics.refused("login-\(why)") }
      return refuse(refusal, page, shell)
    }
  }

  /// Back to our own page, which says what happened; nothing of the provider's answer stays in the address.
  private func refuse(_ refusal: LoginRefusal, _ page: String, _ shell: HubShell) -> HTTPResponse {
    shell.metrics.refused("login-\(refusal.rawValue)")
    return response(
      303,
      [
        ("Location", "/?" + (page.isEmpty ? "" : page + "&") + "login=" + refusal.rawValue),
        ("Set-Cookie", set(attemptCookie, "", seconds: 0, "Lax")),
      ])
  }

  private func response(_ status: Int, _ headers: [(name: String, value: String)], _ body: [UInt8] = [])
    -> HTTPResponse
  {
    HTTPResponse(status: status, headers: security + headers + [("Cache-Control", "no-store")], body: body)
  }

  private func plain(_ status: Int, _ text: String) -> HTTPResponse {
    response(status, [("Content-Type", "text/plain; charset=utf-8")], Array((text + "\n").utf8))
  }

  // MARK: Cookies

  /// With the prefix, a browser takes it from this host alone, over TLS (RFC 6265bis, section 4.1.3).
  private var attemptCookie: String { (settings.usesTLS ? "__Host-" : "") + "hub-login" }
  private var sessionCookie: String { (settings.usesTLS ? "__Host-" : "") + "hub-session" }

  private func set(_ name: String, _ value: String, seconds: Int, _ sameSite: String) -> String {
    "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=\(sameSite)"
      + (settings.usesTLS ? "; Secure" : "")
  }

  private func cookie(_ name: String, _ request: HTTPRequest) -> String? {
    for pair in (request.headers[.cookie] ?? "").split(separator: ";") {
      let text = pair.drop { $0 == " " }
      if text.hasPrefix(name + "=") { return String(text.dropFirst(name.count + 1)) }
    }
    return nil
  }
}
