package import HubCalDAV
package import HubEngine
package import HubJSON

/// What a provider says about itself (OpenID Connect Discovery 1.0).
package struct ProviderMetadata: Sendable {
  package let authorization: SourceAddress
  package let token: SourceAddress
  package let keys: SourceAddress?
  /// Takes the client's secret in the header (`client_secret_basic`), which is what holds if it doesn't say.
  package let takesBasic: Bool

  /// Nil: no such document, or another provider's. Addresses are `https`, or on this machine.
  package init?(document: [UInt8], issuer: String) {
    guard case .object(let root)? = try? JSON.parse(document, limits: .provider),
      root["issuer"] == .string(issuer), let authorization = Self.address(root, "authorization_endpoint"),
      let token = Self.address(root, "token_endpoint")
    else { return nil }
    self.authorization = authorization
    self.token = token
    keys = Self.address(root, "jwks_uri")
    if case .array(let ways)? = root["token_endpoint_auth_methods_supported"] {
      takesBasic = ways.contains(.string("client_secret_basic"))
    } else {
      takesBasic = true
    }
  }

  private static func address(_ root: JSONObject, _ name: String) -> SourceAddress? {
    guard case .string(let text)? = root[name], let address = try? SourceAddress(text),
      address.exposed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#")
    else { return nil }
    return address
  }
}

/// The provider's keys for signatures: a JWK set (RFC 7517) of which everything is left out that isn't one of our three
/// algorithms. Every key has one algorithm, said or implied by its kind; what a token claims is held against it.
package struct ProviderKeys: Sendable {
  package static let keysMax = 64
  private let named: [String: VerificationKey]
  private let only: VerificationKey?
  package var count: Int { max(named.count, only == nil ? 0 : 1) }

  /// Nil: no usable key in it.
  package init?(document: [UInt8]) {
    guard case .object(let root)? = try? JSON.parse(document, limits: .provider),
      case .array(let entries)? = root["keys"]
    else { return nil }
    var named: [String: VerificationKey] = [:]
    var all: [VerificationKey] = []
    for entry in entries.prefix(Self.keysMax) {
      guard case .object(let object) = entry, let key = Self.key(object) else { continue }
      all.append(key)
      // Two of one name would leave the choice to who wrote the token: the first holds.
      if !key.id.isEmpty, named[key.id] == nil { named[key.id] = key }
    }
    guard !all.isEmpty else { return nil }
    self.named = named
    only = all.count == 1 ? all[0] : nil
  }

  /// A token that names no key can only mean the one there is.
  func key(_ id: String?) -> VerificationKey? { id.map { named[$0] } ?? only }

  private static func key(_ object: JSONObject) -> VerificationKey? {
    func text(_ name: String) -> String? {
      if case .string(let text)? = object[name] { text } else { nil }
    }
    /// Some write a leading zero more, some one less.
    func number(_ name: String, bytes count: Int? = nil) -> [UInt8]? {
      guard let bytes = text(name).flatMap({ Base64URL.decode($0.utf8) }) else { return nil }
      let digits = Array(bytes.drop { $0 == 0 })
      guard let count else { return digits }
      return digits.count > count ? nil : [UInt8](repeating: 0, count: count - digits.count) + digits
    }
    guard text("use") == nil || text("use") == "sig" else { return nil }
    if case .array(let uses)? = object["key_ops"], !uses.contains(.string("verify")) { return nil }
    let id = text("kid") ?? ""
    guard id.utf8.count <= 256 else { return nil }
    switch (text("kty"), text("crv"), text("alg")) {
    case ("RSA", _, nil), ("RSA", _, "RS256"):
      return number("n").flatMap { n in
        number("e").flatMap { n.isEmpty || $0.isEmpty ? nil : .rsa(id: id, modulus: n, exponent: $0) }
      }
    case ("EC", "P-256", nil), ("EC", "P-256", "ES256"):
      return number("x", bytes: 32).flatMap { x in
        number("y", bytes: 32).flatMap { .p256(id: id, x: x, y: $0) }
      }
    case ("OKP", "Ed25519", nil), ("OKP", "Ed25519", "EdDSA"):
      return text("x").flatMap { Base64URL.decode($0.utf8) }.flatMap { .ed25519(id: id, x: $0) }
    default: return nil
    }
  }
}

/// Why an ID token was refused: counted for the operator, never told to its bearer.
package enum IDTokenRefusal: String, Error, Sendable, CaseIterable {
  case tooLong = "too-long"
  case malformed, algorithm, key, signature, type, issuer, audience, expired
  case notYet = "not-yet"
  case nonce, claims
  case accessToken = "access-token"
}

/// Checks ID tokens (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725). Pure.
package struct IDTokenCheck: Sendable {
  package static let bytesMax = 16_384
  /// Older than this it belongs to no login of ours.
  package static let ageSecondsMax = 900
  let issuer: String
  let clientID: String

  package init(issuer: String, clientID: String) {
    self.issuer = issuer
    self.clientID = clientID
  }

  /// - Parameters:
  ///   - accessToken: what came beside it; the two have to belong together where the token says so (`at_hash`).
  ///   - unixSeconds: the wall clock.
  package func check(
    _ token: String, keys: ProviderKeys, nonce: String, accessToken: String?, unixSeconds now: Int
  ) throws(IDTokenRefusal) -> JSONObject {
    guard token.utf8.count <= Self.bytesMax else { throw .tooLong }
    let parts = token.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.object(parts[0]), let signature = Base64URL.decode(parts[2])
    else { throw .malformed }
    // What must be understood (`crit`, RFC 7515) isn't. Keys a header brings or points to (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
    guard header["crit"] == nil, header["b64"] == nil else { throw .malformed }
    let id: String?
    switch header["kid"] {
    case nil: id = nil
    case .string(let text)?: id = text
    default: throw .malformed
    }
    guard case .string(let name)? = header["alg"], let algorithm = SignatureAlgorithm(rawValue: name) else {
      throw .algorithm
    }
    guard let key = keys.key(id) else { throw .key }
    guard key.algorithm == algorithm else { throw .algorithm }
    if let type = header["typ"], type != .string("JWT") { throw .type }
    let message = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
    guard key.verifies(signature, over: message) else { throw .signature }
    guard let claims = Self.object(parts[1]) else { throw .malformed }
    try check(claims, nonce: nonce, now: now)
    if let digest = claims["at_hash"], let accessToken {
      // Of all three algorithms here, only Ed25519's digest isn't SHA-256, and providers differ about it.
      let half = Base64URL.encode(Array(Digest.sha256(Array(accessToken.utf8)).prefix(16)))
      guard algorithm == .edDSA || digest == .string(half) else { throw .accessToken }
    }
    return claims
  }

  private func check(_ claims: JSONObject, nonce: String, now: Int) throws(IDTokenRefusal) {
    guard claims["iss"] == .string(issuer) else { throw .issuer }
    switch claims["aud"] {
    case .string(clientID)?: break
    case .array(let all)? where all.contains(.string(clientID)):
      // For others as well: only if it was made for us.
      guard all.count == 1 || claims["azp"] == .string(clientID) else { throw .audience }
    default: throw .audience
    }
    if let party = claims["azp"], party != .string(clientID) { throw .audience }
    guard let expiresAt = try Self.time(claims, "exp"), let issuedAt = try Self.time(claims, "iat") else {
      throw .claims
    }
    let skew = InvitationTokens.skewSeconds
    guard now < expiresAt + skew, now - issuedAt <= Self.ageSecondsMax else { throw .expired }
    guard now >= issuedAt - skew, now >= (try Self.time(claims, "nbf") ?? issuedAt) - skew else {
      throw .notYet
    }
    guard case .string(let given)? = claims["nonce"],
      constantTimeEqual(Array(given.utf8), Array(nonce.utf8))
    else { throw .nonce }
    guard case .string(let subject)? = claims["sub"], (1...255).contains(subject.utf8.count) else {
      throw .claims
    }
  }

  private static func object(_ part: Substring.UTF8View) -> JSONObject? {
    guard let bytes = Base64URL.decode(part), case .object(let object)? = try? JSON.parse(bytes) else {
      return nil
    }
    return object
  }

  /// A NumericDate, 1970 to 9999; a fraction is cut.
  private static func time(_ claims: JSONObject, _ name: String) throws(IDTokenRefusal) -> Int? {
    let bound = 253_402_300_799
    switch claims[name] {
    case nil: return nil
    case .int(let seconds)? where (0...Int64(bound)).contains(seconds): return Int(seconds)
    case .real(let seconds)? where seconds >= 0 && seconds <= Double(bound): return Int(seconds)
    default: throw .claims
    }
  }
}

/// Who somebody is, from claims that were found good.
package struct LoginPerson: Sendable, Equatable {
  package static let accountBytesMax = 200
  /// The same at every visit: provider and subject.
  package let account: String
  package let name: String?
  package let grant: Grant

  /// Nil: they have no role here.
  package init?(_ claims: JSONObject, _ settings: LoginSettings) {
    guard case .string(let subject)? = claims["sub"], let grant = settings.roles.grant(claims) else {
      return nil
    }
    let plain = "oidc:" + settings.issuer + "#" + subject
    account =
      plain.utf8.count <= Self.accountBytesMax
      ? plain : "oidc:" + Base64URL.encode(Digest.sha256(Array(plain.utf8)))
    var name: String?
    for key in ["name", "preferred_username"] where name == nil {
      if case .string(let text)? = claims[key], (1...160).contains(text.utf8.count) { name = text }
    }
    self.name = name
    self.grant = grant
  }
}

extension JSONLimits {
  /// A provider's document.
  static let provider = JSONLimits(bytesMax: 256 << 10, depthMax: 16)
}
