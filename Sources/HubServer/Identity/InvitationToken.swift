import CCrypto
public import HubEngine
package import HubJSON

/// What an invitation says. It travels as a signed token (JWT, RFC 7519; RFC 8725 for the rules) in the fragment of a link,
/// which browsers send to no server.
public struct InvitationClaims: Sendable, Equatable {
  public var role: Role
  /// A host's spaces; nil: all.
  public var spaces: [String]?
  /// Where the link leads; nil: the world's start.
  public var space: String?
  /// Sessions that may begin by it; nil: any number.
  public var uses: Int?
  /// Name of the account at whoever invited; nil: the link is for anybody who has it.
  public var account: String?
  /// The load tester's: counts against no limit per address.
  public var isLoadtest: Bool
  public var id: String
  /// Unix seconds.
  public var issuedAt: Int
  public var notBefore: Int?
  public var expiresAt: Int

  public init(role: Role, id: String, issuedAt: Int, expiresAt: Int) {
    self.role = role
    self.id = id
    self.issuedAt = issuedAt
    self.expiresAt = expiresAt
    isLoadtest = false
  }
}

/// Why a token was refused. Told to its bearer in one word, counted for the operator.
public enum TokenRefusal: String, Error, Sendable, CaseIterable {
  case tooLong = "too-long"
  case malformed
  case algorithm
  case key
  case signature
  case type
  case issuer
  case audience
  case expired
  case notYet = "not-yet"
  case claims
}

/// Signs and checks invitations for one hub.
public struct InvitationTokens: Sendable {
  /// Of the whole token: checked before anything of it is read.
  public static let bytesMax = 2048
  public static let type = "hub-invitation+jwt"
  public static let issuer = "hub"
  /// Between the clock of who signed and ours.
  public static let skewSeconds = 30
  public static let lifetimeSecondsMax = 366 * 86_400
  package static let usesMax = 1_000_000
  static let spacesMax = 64

  private let keys: KeySet
  /// Who the invitations are for: the world's id, so that a link of one hub opens no other with the same key.
  private let audience: String

  public init(keys: KeySet, audience: String) {
    self.keys = keys
    self.audience = audience
  }

  /// An id nobody guesses: 96 random bits.
  public static func newID() throws -> String {
    var bytes = [UInt8](repeating: 0, count: 12)
    guard RAND_bytes(&bytes, 12) == 1 else { throw StartupError("the system gives no random bytes") }
    return Base64URL.encode(bytes)
  }

  // MARK: Signing

  public func sign(_ claims: InvitationClaims) throws -> String {
    guard let key = keys.signingKey else { throw StartupError("the key file holds no private key") }
    var members: [JSONObject.Member] = [
      .init("iss", .string(Self.issuer)), .init("aud", .string(audience)), .init("jti", .string(claims.id)),
      .init("iat", .int(Int64(claims.issuedAt))), .init("exp", .int(Int64(claims.expiresAt))),
      .init("role", .string(claims.role.rawValue)),
    ]
    if let notBefore = claims.notBefore { members.append(.init("nbf", .int(Int64(notBefore)))) }
    if let spaces = claims.spaces { members.append(.init("spaces", .array(spaces.map { .string($0) }))) }
    if let space = claims.space { members.append(.init("space", .string(space))) }
    if let uses = claims.uses { members.append(.init("uses", .int(Int64(uses)))) }
    if let account = claims.account { members.append(.init("sub", .string(account))) }
    if claims.isLoadtest { members.append(.init("loadtest", .bool(true))) }
    return try Self.compact(
      header: JSONObject([
        .init("alg", .string(SignatureAlgorithm.edDSA.rawValue)), .init("typ", .string(Self.type)),
        .init("kid", .string(key.id)),
      ]), payload: JSONObject(members), key: key)
  }

  /// The compact form of RFC 7515: three parts with dots between them.
  package static func compact(header: JSONObject, payload: JSONObject, key: SigningKey) throws -> String {
    let signed =
      Base64URL.encode(try JSON.write(.object(header))) + "."
      + Base64URL.encode(try JSON.write(.object(payload)))
    guard let signature = key.sign(Array(signed.utf8)) else {
      throw StartupError("the token could not be signed")
    }
    return signed + "." + Base64URL.encode(signature)
  }

  // MARK: Checking

  /// - Parameter unixSeconds: the wall clock.
  public func check(_ token: String, unixSeconds: Int) throws(TokenRefusal) -> InvitationClaims {
    guard token.utf8.count <= Self.bytesMax else { throw .tooLong }
    let parts = token.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.object(parts[0]), let signature = Base64URL.decode(parts[2])
    else {
      throw .malformed
    }
    // Nothing but these three is understood, `crit`, `jku`, `jwk`, `x5u` and `x5c` least of all.
    guard Set(header.members.map(\.key)).isSubset(of: ["alg", "kid", "typ"]) else { throw .malformed }
    guard case .string(let name)? = header["kid"], let key = keys.keys[name] else { throw .key }
    guard header["alg"] == .string(key.algorithm.rawValue) else { throw .algorithm }
    guard header["typ"] == .string(Self.type) else { throw .type }
    let message = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
    guard key.verifies(signature, over: message) else { throw .signature }
    guard let payload = Self.object(parts[1]) else { throw .malformed }
    return try claims(payload, unixSeconds: unixSeconds)
  }

  private static func object(_ part: Substring.UTF8View) -> JSONObject? {
    guard let bytes = Base64URL.decode(part), case .object(let object)? = try? JSON.parse(bytes) else {
      return nil
    }
    return object
  }

  private func claims(_ payload: JSONObject, unixSeconds now: Int) throws(TokenRefusal) -> InvitationClaims {
    guard payload["iss"] == .string(Self.issuer) else { throw .issuer }
    guard payload["aud"] == .string(audience) || payload["aud"] == .array([.string(audience)]) else {
      throw .audience
    }
    guard let expiresAt = try Self.time(payload, "exp"), let issuedAt = try Self.time(payload, "iat") else {
      throw .claims
    }
    let notBefore = try Self.time(payload, "nbf")
    guard now < expiresAt + Self.skewSeconds else { throw .expired }
    guard now >= (notBefore ?? issuedAt) - Self.skewSeconds, now >= issuedAt - Self.skewSeconds else {
      throw .notYet
    }
    guard expiresAt > issuedAt, expiresAt - issuedAt <= Self.lifetimeSecondsMax else { throw .claims }
    guard case .string(let id)? = payload["jti"], Self.isIdentifier(id),
      case .string(let roleName)? = payload["role"], let role = Role(rawValue: roleName)
    else { throw .claims }
    var claims = InvitationClaims(role: role, id: id, issuedAt: issuedAt, expiresAt: expiresAt)
    claims.notBefore = notBefore
    claims.spaces = try Self.spaces(payload)
    switch payload["space"] {
    case nil: break
    case .string(let space)? where Self.isIdentifier(space): claims.space = space
    default: throw .claims
    }
    switch payload["uses"] {
    case nil: break
    case .int(let uses)? where (1...Int64(Self.usesMax)).contains(uses): claims.uses = Int(uses)
    default: throw .claims
    }
    switch payload["sub"] {
    case nil: break
    case .string(let account)? where (1...200).contains(account.utf8.count): claims.account = account
    default: throw .claims
    }
    switch payload["loadtest"] {
    case nil: break
    case .bool(let isLoadtest)?: claims.isLoadtest = isLoadtest
    default: throw .claims
    }
    return claims
  }

  private static func spaces(_ payload: JSONObject) throws(TokenRefusal) -> [String]? {
    guard let value = payload["spaces"] else { return nil }
    guard case .array(let items) = value, (1...Self.spacesMax).contains(items.count) else { throw .claims }
    var spaces: [String] = []
    for item in items {
      guard case .string(let space) = item, isIdentifier(space) else { throw .claims }
      spaces.append(space)
    }
    return spaces
  }

  /// A NumericDate as a whole number of seconds from 1970 to 9999.
  private static func time(_ payload: JSONObject, _ name: String) throws(TokenRefusal) -> Int? {
    guard let value = payload[name] else { return nil }
    guard case .int(let seconds) = value, (0...Int64(253_402_300_799)).contains(seconds) else {
      throw .claims
    }
    return Int(seconds)
  }

  private static func isIdentifier(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
          || $0 == 0x5F
      }
  }
}
