import Foundation
import HubEngine
import HubJSON
import HubServer
import Testing

@Suite struct TokenTests {
  static let now = 1_795_000_100
  static let key = SigningKey(id: "own", seed: (0..<32).map { UInt8($0) })!
  static let other = SigningKey(id: "own", seed: (0..<32).map { UInt8($0 + 1) })!

  static func tokens(_ keys: [SigningKey] = [key], audience: String = "test-world") throws -> InvitationTokens
  {
    InvitationTokens(keys: try KeySet(document: Array(keys[0].document.utf8)), audience: audience)
  }

  static let gone: JSONValue? = nil
  static let header: [(String, JSONValue)] = [
    ("alg", .string("EdDSA")), ("typ", .string("hub-invitation+jwt")), ("kid", .string("own")),
  ]
  static let payload: [(String, JSONValue)] = [
    ("iss", .string("hub")), ("aud", .string("test-world")), ("jti", .string("i1")),
    ("iat", .int(Int64(now - 100))), ("exp", .int(Int64(now + 3600))), ("role", .string("host")),
  ]

  /// The good token with members replaced (or, by nil, left out).
  static func token(
    header changes: [String: JSONValue?] = [:], payload more: [String: JSONValue?] = [:],
    key: SigningKey = key
  ) -> String {
    func changed(_ members: [(String, JSONValue)], _ changes: [String: JSONValue?]) -> JSONObject {
      var result = members.filter { changes[$0.0] == nil }
      for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
        if let value { result.append((name, value)) }
      }
      return JSONObject(result.map { JSONObject.Member($0.0, $0.1) })
    }
    guard
      let text = try? InvitationTokens.compact(
        header: changed(header, changes), payload: changed(payload, more), key: key)
    else { preconditionFailure("a token could not be made") }
    return text
  }

  static func base64(_ text: String) -> String { base64(Array(text.utf8)) }

  static func base64(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "=", with: "")
      .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
  }

  static func parts() -> [String] { token().split(separator: ".").map(String.init) }

  /// Every way of getting it wrong that we could think of, and what it is refused for.
  static func bad() -> [(name: String, token: String, refusal: TokenRefusal)] {
    let part = parts()
    let unsigned = base64(#"{"alg":"none","typ":"hub-invitation+jwt","kid":"own"}"#)
    let hmac = base64(#"{"alg":"HS256","typ":"hub-invitation+jwt","kid":"own"}"#)
    func time(_ offset: Int) -> JSONValue { .int(Int64(now + offset)) }
    var all: [(name: String, token: String, refusal: TokenRefusal)] = []
    func add(_ name: String, _ token: String, _ refusal: TokenRefusal) { all.append((name, token, refusal)) }
    add("empty", "", .malformed)
    add("one part", part[0], .malformed)
    add("two parts", part[0] + "." + part[1], .malformed)
    add("four parts", token() + ".x", .malformed)
    add("five parts, as encrypted tokens have", part[0] + ".a.b.c.d", .malformed)
    add("no signature", part[0] + "." + part[1] + ".", .signature)
    add("another signature's end", String(token().dropLast(4)) + "AAAA", .signature)
    add("signature cut", String(token().dropLast(2)), .signature)
    add("signature doubled", token() + part[2], .signature)
    add("signature of zeros", part[0] + "." + part[1] + "." + String(repeating: "A", count: 86), .signature)
    add("signature padded", token() + "==", .malformed)
    add("header padded", part[0] + "=." + part[1] + "." + part[2], .malformed)
    add("standard alphabet", part[0] + "." + part[1] + "." + part[2].dropLast() + "+", .malformed)
    add("stray trailing bits", part[0] + "." + part[1] + "." + part[2].dropLast() + "_", .malformed)
    add("white space around", " " + token(), .malformed)
    add("a line break within", part[0] + ".\n" + part[1] + "." + part[2], .signature)
    add("header no JSON", base64("no json") + "." + part[1] + "." + part[2], .malformed)
    add("header an array", base64("[]") + "." + part[1] + "." + part[2], .malformed)
    add(
      "header with a key twice",
      base64(#"{"alg":"EdDSA","alg":"none","typ":"hub-invitation+jwt","kid":"own"}"#) + "." + part[1] + "."
        + part[2],
      .malformed
    )
    add("none", unsigned + "." + part[1] + ".", .algorithm)
    add("none with a signature", unsigned + "." + part[1] + "." + part[2], .algorithm)
    add("NoNe", token(header: ["alg": .string("NoNe")]), .algorithm)
    add("HMAC with the public key", hmac + "." + part[1] + "." + part[2], .algorithm)
    add("another asymmetric algorithm", token(header: ["alg": .string("ES256")]), .algorithm)
    add("algorithm in lower case", token(header: ["alg": .string("eddsa")]), .algorithm)
    add("no algorithm", token(header: ["alg": gone]), .algorithm)
    add("algorithm no text", token(header: ["alg": .int(1)]), .algorithm)
    add("no key id", token(header: ["kid": gone]), .key)
    add("unknown key", token(header: ["kid": .string("else")]), .key)
    add("key id a path", token(header: ["kid": .string("../../dev/null")]), .key)
    add("key id an address", token(header: ["kid": .string("https://evil.example/k")]), .key)
    add("key id no text", token(header: ["kid": .int(0)]), .key)
    add("brings its own key", token(header: ["jwk": .object(JSONObject([]))]), .malformed)
    add("points to a key", token(header: ["jku": .string("https://evil.example/keys")]), .malformed)
    add("brings a certificate", token(header: ["x5c": .array([])]), .malformed)
    add("critical extensions", token(header: ["crit": .array([.string("b64")])]), .malformed)
    add("compressed", token(header: ["zip": .string("DEF")]), .malformed)
    add("another type", token(header: ["typ": .string("JWT")]), .type)
    add("no type", token(header: ["typ": gone]), .type)
    add("another's key under our name", token(key: other), .signature)
    add(
      "payload exchanged", part[0] + "." + base64(#"{"role":"operator"}"#) + "." + part[2], .signature
    )
    add(
      "payload of another token",
      part[0] + "." + token(payload: ["role": .string("operator")]).split(separator: ".")[1] + "." + part[2],
      .signature)
    add("another issuer", token(payload: ["iss": .string("hub2")]), .issuer)
    add("no issuer", token(payload: ["iss": gone]), .issuer)
    add("another hub's", token(payload: ["aud": .string("other-world")]), .audience)
    add("no audience", token(payload: ["aud": gone]), .audience)
    add(
      "several audiences", token(payload: ["aud": .array([.string("test-world"), .string("x")])]), .audience)
    add("expired", token(payload: ["exp": time(-31)]), .expired)
    add("expired long ago", token(payload: ["iat": .int(0), "exp": .int(1)]), .expired)
    add("no expiry", token(payload: ["exp": gone]), .claims)
    add("expiry a text", token(payload: ["exp": .string("tomorrow")]), .claims)
    add("expiry a fraction", token(payload: ["exp": .real(1.9e9)]), .claims)
    add("expiry negative", token(payload: ["exp": .int(-1)]), .claims)
    add("expiry beyond all years", token(payload: ["exp": .int(.max)]), .claims)
    add("too long a life", token(payload: ["exp": time(400 * 86_400)]), .claims)
    add("expires before it was issued", token(payload: ["iat": time(20), "exp": time(10)]), .claims)
    add("not yet valid", token(payload: ["nbf": time(31)]), .notYet)
    add("issued in the future", token(payload: ["iat": time(31)]), .notYet)
    add("valid before it was issued", token(payload: ["iat": time(40), "nbf": time(-40)]), .notYet)
    add("no issuing time", token(payload: ["iat": gone]), .claims)
    add("start a text", token(payload: ["nbf": .string("0")]), .claims)
    add("no id", token(payload: ["jti": gone]), .claims)
    add("an empty id", token(payload: ["jti": .string("")]), .claims)
    add("an id with a line break", token(payload: ["jti": .string("a\nb")]), .claims)
    add("no role", token(payload: ["role": gone]), .claims)
    add("an unknown role", token(payload: ["role": .string("root")]), .claims)
    add("a role in capitals", token(payload: ["role": .string("HOST")]), .claims)
    add("spaces no list", token(payload: ["spaces": .string("hall")]), .claims)
    add("no space at all", token(payload: ["spaces": .array([])]), .claims)
    add("a space no text", token(payload: ["spaces": .array([.int(1)])]), .claims)
    add("a space with a path", token(payload: ["space": .string("../hall")]), .claims)
    add("no use", token(payload: ["uses": .int(0)]), .claims)
    add("negative uses", token(payload: ["uses": .int(-5)]), .claims)
    add("uses a text", token(payload: ["uses": .string("5")]), .claims)
    add("an empty account", token(payload: ["sub": .string("")]), .claims)
    add("loadtest no bool", token(payload: ["loadtest": .int(1)]), .claims)
    add("too long", token(payload: ["more": .string(String(repeating: "x", count: 2000))]), .tooLong)
    add("much too long", String(repeating: "A", count: 1_000_000), .tooLong)
    if let signed = try? InvitationTokens.compact(header: JSONObject([]), payload: JSONObject([]), key: key) {
      add("empty objects", signed, .key)
    }
    return all
  }

  @Test func everyBadTokenIsRefusedForItsOwnReason() throws {
    let tokens = try Self.tokens()
    let bad = Self.bad()
    #expect(bad.count >= 40)
    var accepted = 0
    for (name, token, refusal) in bad {
      do {
        _ = try tokens.check(token, unixSeconds: Self.now)
        accepted += 1
        Issue.record("accepted: \(name)")
      } catch {
        #expect(error == refusal, "\(name)")
      }
    }
    print("bad tokens: \(bad.count) variants, \(accepted) accepted")
  }

  @Test func everyBitOfATokenCounts() throws {
    let tokens = try Self.tokens()
    let good = Array(Self.token().utf8)
    for index in good.indices {
      for bit in 0..<7 {
        var changed = good
        changed[index] ^= 1 << UInt8(bit)
        let text = String(decoding: changed, as: UTF8.self)
        #expect(throws: TokenRefusal.self, "byte \(index) bit \(bit)") {
          _ = try tokens.check(text, unixSeconds: Self.now)
        }
      }
    }
  }

  @Test func aGoodTokenSaysWhatItWasGiven() throws {
    let tokens = try Self.tokens()
    var claims = InvitationClaims(role: .host, id: "abc_-9", issuedAt: Self.now, expiresAt: Self.now + 60)
    #expect(try tokens.check(try tokens.sign(claims), unixSeconds: Self.now) == claims)
    claims.spaces = ["hall", "yard"]
    claims.space = "yard"
    claims.uses = 12
    claims.account = "Müller, Ä."
    claims.isLoadtest = true
    claims.notBefore = Self.now - 5
    let token = try tokens.sign(claims)
    #expect(try tokens.check(token, unixSeconds: Self.now) == claims)
    #expect(throws: TokenRefusal.audience) {
      _ = try Self.tokens(audience: "another").check(token, unixSeconds: Self.now)
    }
  }

  @Test func clocksMayDifferByThirtySeconds() throws {
    let tokens = try Self.tokens()
    let token = Self.token(payload: ["iat": .int(Int64(Self.now)), "exp": .int(Int64(Self.now + 100))])
    for (offset, isGood) in [(-31, false), (-30, true), (0, true), (129, true), (130, false)] {
      let claims = try? tokens.check(token, unixSeconds: Self.now + offset)
      #expect((claims != nil) == isGood, "\(offset)")
    }
  }

  // MARK: Keys

  private static func vectors() throws -> JSONObject {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Vectors/tokens.json")
    guard case .object(let root) = try JSON.parse([UInt8](try Data(contentsOf: file))) else {
      throw StartupError("no vectors")
    }
    return root
  }

  private static func keyFile(_ keys: JSONValue) throws -> [UInt8] {
    try JSON.write(.object(JSONObject([.init("keys", keys)])))
  }

  @Test(arguments: ["ES256", "RS256", "EdDSA"])
  func tokensThatAnotherLibrarySignedAreRead(algorithm: String) throws {
    let root = try Self.vectors()
    let keys = try KeySet(document: try Self.keyFile(try #require(root["keys"])))
    guard case .object(let made)? = root["tokens"], case .string(let token)? = made[algorithm] else {
      throw StartupError("no token")
    }
    let tokens = InvitationTokens(keys: keys, audience: "test-world")
    let claims = try tokens.check(token, unixSeconds: Self.now)
    #expect(claims.role == .host && claims.spaces == ["hall"] && claims.uses == 30 && claims.id == "vector-1")
    // The same token under each of the other keys' names is nobody's.
    for other in ["ec", "rsa", "ed"] {
      let part = token.split(separator: ".").map(String.init)
      for name in ["ES256", "RS256", "EdDSA"] {
        let header = Self.base64(#"{"alg":"\#(name)","typ":"hub-invitation+jwt","kid":"\#(other)"}"#)
        guard header != part[0] else { continue }
        #expect(throws: TokenRefusal.self) {
          _ = try tokens.check(header + "." + part[1] + "." + part[2], unixSeconds: Self.now)
        }
      }
    }
  }

  @Test func aKeyThatIsNoneIsRefusedAtTheStart() throws {
    let root = try Self.vectors()
    guard case .array(let keys)? = root["keys"], case .object(let ec) = keys[0], let small = root["smallRsa"]
    else {
      throw StartupError("no keys")
    }
    func with(_ changes: [String: JSONValue?]) -> JSONValue {
      .object(
        JSONObject(
          ec.members.filter { changes[$0.key] == nil }
            + changes.sorted { $0.key < $1.key }.compactMap { name, value in value.map { .init(name, $0) } }))
    }
    let bad: [(String, JSONValue)] = [
      ("RSA of 1,024 bits", small),
      ("off the curve", with(["x": ec["y"], "y": ec["x"]])),
      ("no algorithm", with(["alg": Self.gone])),
      ("another's algorithm", with(["alg": .string("RS256")])),
      ("HMAC", with(["alg": .string("HS256"), "kty": .string("oct")])),
      ("another curve", with(["crv": .string("P-384")])),
      ("no id", with(["kid": Self.gone])),
      ("for encryption", with(["use": .string("enc")])),
      ("a coordinate cut", with(["x": .string("AAAA")])),
      ("a coordinate that is no base64", with(["x": .string("!!")])),
      ("no key", .string("key")),
    ]
    for (name, key) in bad {
      #expect(throws: StartupError.self, "\(name)") {
        _ = try KeySet(document: try Self.keyFile(.array([key])))
      }
    }
    #expect(throws: StartupError.self) { _ = try KeySet(document: try Self.keyFile(.array([]))) }
    #expect(throws: StartupError.self) {
      _ = try KeySet(document: try Self.keyFile(.array([keys[0], keys[0]])))
    }
    #expect(throws: (any Error).self) { _ = try KeySet(document: Array("{".utf8)) }
  }

  @Test func aNewKeySignsWhatItsFileChecksAndNeverShowsItself() throws {
    let key = try SigningKey.generate()
    let set = try KeySet(document: Array(key.document.utf8))
    let tokens = InvitationTokens(keys: set, audience: "w")
    let claims = InvitationClaims(role: .operator, id: "x", issuedAt: Self.now, expiresAt: Self.now + 5)
    #expect(try tokens.check(try tokens.sign(claims), unixSeconds: Self.now) == claims)
    let secret = try #require(key.document.range(of: #""d": "[^"]+"#, options: .regularExpression))
    let text = String(key.document[secret].dropFirst(6))
    var dumped = ""
    dump(key, to: &dumped)
    dump(set.signingKey, to: &dumped)
    #expect(text.count == 43 && !dumped.contains(text) && !"\(key) \(set)".contains(text))
  }
}
