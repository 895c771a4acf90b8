import CCrypto
import HubCalDAV

/// A login that has begun: what has to be the same when the person comes back.
package struct LoginAttempt: Sendable {
  /// Goes to the provider and comes back through the browser.
  package let state: String
  /// Goes to the provider and comes back inside the signed token.
  package let nonce: String
  /// Goes to the provider directly; only its digest passes through the browser (PKCE, RFC 7636).
  package let verifier: String
  /// Stays in the browser, as a cookie that no script reads.
  package let browser: String
  /// Where the person goes in the end: a query of our own page, made of checked words.
  package let page: String
  package let beganMs: Int

  /// - Parameter random: 128 bytes nobody guesses.
  package init(random: [UInt8], page: String, nowMs: Int) {
    precondition(random.count == 128)
    func part(_ index: Int) -> String { Base64URL.encode(Array(random[index * 32..<(index + 1) * 32])) }
    (state, nonce, verifier, browser) = (part(0), part(1), part(2), part(3))
    self.page = page
    beganMs = nowMs
  }

  package var challenge: String { Base64URL.encode(Digest.sha256(Array(verifier.utf8))) }

  /// Where the browser is sent (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, section 4.3).
  package func authorizationURL(_ settings: LoginSettings, _ provider: ProviderMetadata) -> String {
    let fields = FormText.encode([
      ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", settings.redirectURI),
      ("scope", settings.scope), ("state", state), ("nonce", nonce), ("code_challenge", challenge),
      ("code_challenge_method", "S256"),
    ])
    let base = provider.authorization.exposed
    return base + (provider.authorization.query == nil ? "?" : "&") + fields
  }

  /// The request that turns the code into tokens (Core 1.0, section 3.1.3.1). The secret goes where the provider takes it.
  package func tokenRequest(code: String, _ settings: LoginSettings, _ provider: ProviderMetadata)
    -> (body: String, basic: (user: String, password: String)?)
  {
    var fields = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURI),
      ("code_verifier", verifier),
    ]
    if let secret = settings.secret, provider.takesBasic {
      // RFC 6749, section 2.3.1: both are encoded as in a form first.
      return (
        FormText.encode(fields), (FormText.encode(settings.clientID), FormText.encode(secret.exposed))
      )
    }
    fields.append(("client_id", settings.clientID))
    if let secret = settings.secret { fields.append(("client_secret", secret.exposed)) }
    return (FormText.encode(fields), nil)
  }

  /// The query of the page to come back to, from what it asked for: only words of our own kind, so that no link leads anywhere
  /// else.
  package static func page(_ query: [(name: String, value: String)]) -> String {
    let kept = ["space", "view", "lang"].compactMap { name in
      query.first { $0.name == name && isWord($0.value) }.map { "\(name)=\($0.value)" }
    }
    return kept.joined(separator: "&")
  }

  private static func isWord(_ text: String) -> Bool {
    (1...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
  }
}

/// What came back through the browser.
package enum LoginReturn: Equatable {
  case code(String)
  case refused(LoginRefusal)

  package static let codeBytesMax = 2048

  /// Whether what came back belongs to an attempt, and what to do about it. Pure: the attempt has left its table already,
  /// whatever comes out here, so that nothing counts twice.
  package static func check(
    _ query: [(name: String, value: String)], cookie: String?, attempt: LoginAttempt?, issuer: String,
    nowMs: Int
  ) -> LoginReturn {
    guard let attempt, nowMs - attempt.beganMs < LoginTable.lifetimeMs else { return .refused(.expired) }
    guard let cookie, constantTimeEqual(Array(cookie.utf8), Array(attempt.browser.utf8)) else {
      return .refused(.browser)
    }
    func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }
    // Of each at most one (RFC 6749, section 3.1); an answer of another provider's is none of ours (RFC 9207).
    guard ["code", "state", "iss", "error"].allSatisfy({ values($0).count <= 1 }),
      values("iss").allSatisfy({ $0 == issuer })
    else { return .refused(.provider) }
    if let error = values("error").first {
      return .refused(error == "access_denied" ? .denied : .provider)
    }
    guard let code = values("code").first, (1...codeBytesMax).contains(code.utf8.count) else {
      return .refused(.provider)
    }
    return .code(code)
  }
}

/// `application/x-www-form-urlencoded` with everything encoded that isn't unreserved (RFC 3986, section 2.3).
package enum FormText {
  package static func encode(_ text: String) -> String {
    var result: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
      default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  package static func encode(_ fields: [(String, String)]) -> String {
    fields.map { encode($0.0) + "=" + encode($0.1) }.joined(separator: "&")
  }
}

package enum Digest {
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    _ = SHA256(bytes, bytes.count, &digest)
    return digest
  }
}
