import HubCalDAV
import HubEngine
import HubJSON
import HubServer
import Testing

@Suite struct LoginTests {
  static let now = 1_795_000_100
  static let issuer = "https://accounts.example.org/realm"
  static let key = SigningKey(id: "k1", seed: (0..<32).map { UInt8($0) })!
  static let stranger = SigningKey(id: "k1", seed: (0..<32).map { UInt8($0 + 1) })!

  static func settings() throws -> LoginSettings {
    LoginSettings(
      issuer: issuer, clientID: "hub", publicURL: try SourceAddress("https://hub.example.org/"))
  }

  static let header: [String: JSONValue?] = [
    "alg": .string("EdDSA"), "typ": .string("JWT"), "kid": .string("k1"),
  ]
  static let payload: [String: JSONValue?] = [
    "iss": .string(issuer), "aud": .string("hub"), "sub": .string("anna-1"), "nonce": .string("n"),
    "iat": .int(Int64(now - 5)), "exp": .int(Int64(now + 300)),
  ]

  static func token(
    header changes: [String: JSONValue?] = [:], payload more: [String: JSONValue?] = [:],
    key: SigningKey = key
  ) throws -> String {
    func object(_ members: [String: JSONValue?], _ changes: [String: JSONValue?]) -> JSONObject {
      let all = members.merging(changes) { $1 }.sorted { $0.key < $1.key }
      return JSONObject(all.compactMap { name, value in value.map { JSONObject.Member(name, $0) } })
    }
    return try InvitationTokens.compact(
      header: object(header, changes), payload: object(payload, more), key: key)
  }

  static func check(
    _ token: String, keys: String = key.document, nonce: String = "n", access: String? = nil,
    now: Int = now
  ) throws -> JSONObject {
    guard let keys = ProviderKeys(document: Array(keys.utf8)) else { throw IDTokenRefusal.key }
    return try IDTokenCheck(issuer: issuer, clientID: "hub")
      .check(token, keys: keys, nonce: nonce, accessToken: access, unixSeconds: now)
  }

  @Test func aGoodTokenSaysWhoItIs() throws {
    let claims = try Self.check(try Self.token())
    #expect(LoginPerson(claims, try Self.settings())?.account == "oidc:" + Self.issuer + "#anna-1")
    // Variants of good ones: several audiences with ours as the party, a fraction of a second, no key named where there is one.
    _ = try Self.check(
      try Self.token(payload: [
        "aud": .array([.string("hub"), .string("x")]), "azp": .string("hub"),
        "exp": .real(Double(Self.now) + 9.5),
      ]))
    _ = try Self.check(try Self.token(header: ["kid": TokenTests.gone, "typ": TokenTests.gone]))
    let digest = Self.encode(Array(Digest.sha256(Array("access".utf8)).prefix(16)))
    _ = try Self.check(try Self.token(payload: ["at_hash": .string(digest)]), access: "access")
  }

  static func encode(_ bytes: [UInt8]) -> String { TokenTests.base64(bytes) }

  /// Every way of getting it wrong that we could think of, and what it is refused for.
  static func bad() throws -> [(name: String, token: String, refusal: IDTokenRefusal)] {
    var all: [(name: String, token: String, refusal: IDTokenRefusal)] = []
    func payload(_ name: String, _ changes: [String: JSONValue?], _ refusal: IDTokenRefusal) throws {
      all.append((name, try token(payload: changes), refusal))
    }
    func header(_ name: String, _ changes: [String: JSONValue?], _ refusal: IDTokenRefusal) throws {
      all.append((name, try token(header: changes), refusal))
    }
    func time(_ offset: Int) -> JSONValue { .int(Int64(now + offset)) }
    let gone: JSONValue? = nil
    let good = try token()
    let part = good.split(separator: ".").map(String.init)
    for (name, text) in [
      ("empty", ""), ("two parts", part[0] + "." + part[1]), ("four parts", good + ".x"),
      ("padding", good + "="), ("no JSON", "e30x." + part[1] + "." + part[2]), ("a blank", " " + good),
    ] { all.append((name, text, .malformed)) }
    all.append(("no signature", part[0] + "." + part[1] + ".", .signature))
    all.append(("too long", String(repeating: "x", count: IDTokenCheck.bytesMax + 1), .tooLong))
    all.append(("a stranger's key", try token(key: stranger), .signature))
    let otherPayload = try token(payload: ["sub": .string("bert")]).split(separator: ".")[1]
    all.append(("another payload", part[0] + "." + otherPayload + "." + part[2], .signature))
    for algorithm in ["none", "None", "NONE", "HS256", "HS512", "RS512", "PS256", "ES384", "", "eddsa"] {
      try header("alg \(algorithm)", ["alg": .string(algorithm)], .algorithm)
    }
    for algorithm in ["RS256", "ES256"] {
      try header("alg \(algorithm) for another key", ["alg": .string(algorithm)], .algorithm)
    }
    try header("alg gone", ["alg": gone], .algorithm)
    try header("alg a number", ["alg": .int(1)], .algorithm)
    try header("unknown kid", ["kid": .string("k2")], .key)
    try header("kid a path", ["kid": .string("../../dev/null")], .key)
    try header("kid a number", ["kid": .int(1)], .malformed)
    try header("crit", ["crit": .array([.string("exp")])], .malformed)
    try header("b64", ["b64": .bool(false)], .malformed)
    try header("typ of an access token", ["typ": .string("at+jwt")], .type)
    try header("typ of an invitation", ["typ": .string("hub-invitation+jwt")], .type)
    for issuer in ["https://evil.example.org", issuer + "/", "HTTPS://accounts.example.org/realm", ""] {
      try payload("iss \(issuer)", ["iss": .string(issuer)], .issuer)
    }
    try payload("iss gone", ["iss": gone], .issuer)
    try payload("iss an array", ["iss": .array([.string(Self.issuer)])], .issuer)
    try payload("aud another", ["aud": .string("other")], .audience)
    try payload("aud gone", ["aud": gone], .audience)
    try payload("aud empty", ["aud": .array([])], .audience)
    try payload("aud several", ["aud": .array([.string("hub"), .string("x")])], .audience)
    try payload("azp another", ["azp": .string("x")], .audience)
    try payload("expired", ["exp": time(-31)], .expired)
    try payload("long ago", ["iat": time(-901)], .expired)
    try payload("issued tomorrow", ["iat": time(86_400), "exp": time(90_000)], .notYet)
    try payload("nbf later", ["nbf": time(31)], .notYet)
    for name in ["exp", "iat"] {
      try payload("\(name) gone", [name: gone], .claims)
      try payload("\(name) a text", [name: .string("\(now + 100)")], .claims)
      try payload("\(name) negative", [name: .int(-1)], .claims)
      try payload("\(name) huge", [name: .real(1e300)], .claims)
    }
    try payload("nonce another", ["nonce": .string("m")], .nonce)
    try payload("nonce gone", ["nonce": gone], .nonce)
    try payload("nonce a number", ["nonce": .int(1)], .nonce)
    try payload("sub gone", ["sub": gone], .claims)
    try payload("sub empty", ["sub": .string("")], .claims)
    try payload("sub huge", ["sub": .string(String(repeating: "s", count: 256))], .claims)
    return all
  }

  @Test func noBadTokenIsAccepted() throws {
    var accepted = 0
    let bad = try Self.bad()
    for (name, token, refusal) in bad {
      do {
        _ = try Self.check(token)
        accepted += 1
        Issue.record("accepted: \(name)")
      } catch let found as IDTokenRefusal {
        #expect(found == refusal, "\(name)")
      }
    }
    #expect(Set(bad.map(\.token)).count == bad.count)
    #expect(accepted == 0 && bad.count >= 55)
    print("ID token variants tried \(bad.count), accepted \(accepted)")
  }

  @Test func aKeySetHoldsOnlyWhatWeCanUse() {
    func set(_ entries: String) -> ProviderKeys? {
      ProviderKeys(document: Array("{\"keys\": [\(entries)]}".utf8))
    }
    let good = #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}"#
    #expect(set(good)?.count == 1)
    #expect(set(good + "," + good)?.count == 1, "two of one name: the first holds")
    for bad in [
      "", "1", #"{"kty":"oct","k":"AAAA","alg":"HS256","kid":"a"}"#,
      good.replacing("\"kid\"", with: "\"use\":\"enc\",\"kid\""),
      good.replacing("\"kid\"", with: "\"alg\":\"RS256\",\"kid\""),
      good.replacing("\"kid\"", with: "\"key_ops\":[\"encrypt\"],\"kid\""),
      #"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"small"}"#,
      #"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","kid":"no point"}"#,
      #"{"kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA","kid":"other curve"}"#,
    ] { #expect(set(bad) == nil, "\(bad)") }
  }

  // MARK: There and back

  static func attempt(at ms: Int = 0, page: String = "") -> LoginAttempt {
    LoginAttempt(random: (0..<128).map { UInt8($0) }, page: page, nowMs: ms)
  }

  static func metadata(_ more: String = "", issuer: String = issuer, host: String = "https://a.example")
    -> ProviderMetadata?
  {
    ProviderMetadata(
      document: Array(
        #"{"issuer":"\#(issuer)","authorization_endpoint":"\#(host)/auth","token_endpoint":"\#(host)/token","jwks_uri":"\#(host)/keys"\#(more)}"#
          .utf8), issuer: Self.issuer)
  }

  @Test func theRequestBindsBrowserTokenAndCode() throws {
    let attempt = Self.attempt()
    let settings = try Self.settings()
    let provider = try #require(Self.metadata())
    let url = attempt.authorizationURL(settings, provider)
    #expect(url.hasPrefix("https://a.example/auth?response_type=code&client_id=hub&"))
    for part in [
      "redirect_uri=https%3A%2F%2Fhub.example.org%2Flogin%2Fcallback", "code_challenge_method=S256",
      "state=" + attempt.state, "nonce=" + attempt.nonce, "scope=openid%20profile",
      "code_challenge=" + Self.encode(Digest.sha256(Array(attempt.verifier.utf8))),
    ] { #expect(url.contains(part), "\(part)") }
    #expect(!url.contains(attempt.verifier) && !url.contains(attempt.browser))
    #expect(Set([attempt.state, attempt.nonce, attempt.verifier, attempt.browser]).count == 4)
    #expect(attempt.verifier.utf8.count >= 43)
  }

  @Test func theSecretGoesWhereTheProviderTakesIt() throws {
    var settings = try Self.settings()
    let basic = try #require(Self.metadata())
    let post = try #require(
      Self.metadata(#","token_endpoint_auth_methods_supported":["client_secret_post"]"#))
    let attempt = Self.attempt()
    #expect(attempt.tokenRequest(code: "c d", settings, basic).basic == nil, "a public client has none")
    settings.secret = Secret("s&+")
    let header = attempt.tokenRequest(code: "c d", settings, basic)
    #expect(header.basic?.password == "s%26%2B" && !header.body.contains("client_secret"))
    #expect(header.body.contains("code=c%20d") && header.body.contains("code_verifier=" + attempt.verifier))
    let body = attempt.tokenRequest(code: "c", settings, post)
    #expect(body.basic == nil && body.body.hasSuffix("client_id=hub&client_secret=s%26%2B"))
  }

  @Test func anotherIssuersDocumentAndOpenLinesAreRefused() {
    #expect(Self.metadata() != nil)
    #expect(Self.metadata(host: "http://127.0.0.1:9") != nil)
    #expect(Self.metadata(issuer: Self.issuer + "/") == nil)
    for host in ["http://a.example", "ftp://a.example", "javascript:alert(1)//", "https://u:p@a.example", ""]
    {
      #expect(Self.metadata(host: host) == nil, "\(host)")
    }
  }

  @Test func onlyWhatBeganHereInThisBrowserLatelyComesBack() {
    let attempt = Self.attempt()
    func back(
      _ query: [(name: String, value: String)], cookie: String? = attempt.browser,
      of: LoginAttempt? = attempt,
      ms: Int = 0
    ) -> LoginReturn {
      LoginReturn.check(query, cookie: cookie, attempt: of, issuer: Self.issuer, nowMs: ms)
    }
    let code = [(name: "code", value: "c")]
    #expect(back(code) == .code("c"))
    #expect(back(code + [("iss", Self.issuer)]) == .code("c"))
    #expect(back(code, of: nil) == .refused(.expired))
    #expect(back(code, ms: LoginTable.lifetimeMs) == .refused(.expired))
    #expect(back(code, cookie: nil) == .refused(.browser))
    #expect(back(code, cookie: attempt.state) == .refused(.browser))
    #expect(back([("error", "access_denied")]) == .refused(.denied))
    #expect(back([("error", "server_error")] + code) == .refused(.provider))
    #expect(back(code + [("iss", "https://other.example")]) == .refused(.provider), "mix-up")
    #expect(back(code + code) == .refused(.provider))
    #expect(back([]) == .refused(.provider))
    #expect(back([("code", String(repeating: "c", count: 3000))]) == .refused(.provider))
  }

  @Test func anAttemptCountsOnceAndTheTableHasAnEnd() {
    var table = LoginTable()
    let attempt = Self.attempt()
    var begins = table.begin(attempt, nowMs: 0)
    #expect(begins)
    let first = table.take(state: attempt.state)
    let second = table.take(state: attempt.state)
    #expect(first != nil && second == nil)
    func numbered(_ number: Int) -> LoginAttempt {
      let bytes = (0..<128).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> ($0 * 8)) : 0 }
      return LoginAttempt(random: bytes, page: "", nowMs: 1)
    }
    for number in 0..<LoginTable.attemptsMax { begins = table.begin(numbered(number), nowMs: 1) && begins }
    #expect(begins && table.attemptCount == LoginTable.attemptsMax)
    begins = table.begin(attempt, nowMs: 2)
    #expect(!begins)
    begins = table.begin(attempt, nowMs: LoginTable.lifetimeMs + 1)
    #expect(begins && table.attemptCount == 1, "what has expired makes room")
  }

  @Test func signingOutEndsTheToken() {
    var table = LoginTable()
    let session = LoginSession(
      handle: "h", tokenID: "login-1", token: "t", name: nil, role: .participant, endsMs: 1000)
    #expect(table.isEnded(tokenID: "login-1") && !table.isEnded(tokenID: "i1"))
    let isIn = table.signIn(session, nowMs: 0)
    #expect(isIn && !table.isEnded(tokenID: "login-1"))
    #expect(table.session(handle: "h", nowMs: 999) != nil && table.session(handle: "h", nowMs: 1000) == nil)
    table.signOut(handle: "h")
    #expect(table.isEnded(tokenID: "login-1") && table.sessionCount == 0)
  }

  @Test func noPageOfAnyoneElsesIsComeBackTo() {
    func page(_ name: String, _ value: String) -> String { LoginAttempt.page([(name, value)]) }
    #expect(page("space", "event-hall") == "space=event-hall")
    for value in [
      "//evil.example", "https://evil.example", "a\r\nSet-Cookie: x=1", "A", "", "a&b=c", "..", "%0d",
    ] {
      #expect(page("space", value) == "", "\(value)")
    }
    #expect(page("next", "foyer") == "" && page("token", "x") == "")
  }

  // MARK: Options

  @Test func accountsTakeIssuerClientAndAddressTogether() throws {
    func config(_ options: [ConfigOption: [String]]) throws -> ServerConfig {
      try ServerConfig(commandLine: options, environment: ["HUB_OIDC_SECRET": "s"])
    }
    let good: [ConfigOption: [String]] = [
      .oidcIssuer: [Self.issuer], .oidcClient: ["hub"], .publicUrl: ["https://hub.example.org"],
      .oidcRole: ["staff=host", "*=guest"], .oidcRoleClaim: ["realm_access.roles"],
    ]
    let config = try config(good)
    let login = try #require(config.login)
    #expect(login.redirectURI == "https://hub.example.org/login/callback" && login.usesTLS)
    #expect(login.roles.claim == ["realm_access", "roles"] && login.roles.standard == .guest)
    #expect(!config.render().contains(" s ") && !"\(login)".contains("\"s\""))
    let bad: [(ConfigOption, [String])] = [
      (.oidcIssuer, []), (.oidcIssuer, ["http://accounts.example.org"]), (.oidcIssuer, ["x"]),
      (.oidcClient, []),
      (.publicUrl, []), (.publicUrl, ["http://hub.example.org"]), (.publicUrl, ["https://hub.example.org/a"]),
      (.oidcSecretFile, ["/f"]), (.oidcScope, ["profile"]), (.oidcRoleClaim, ["a..b"]),
      (.oidcRole, ["x=king"]),
    ]
    for (option, texts) in bad {
      #expect(throws: ConfigInvalid.self, "\(option) \(texts)") {
        try ServerConfig(
          commandLine: good.merging([option: texts]) { $1 }, environment: ["HUB_OIDC_SECRET": "s"])
      }
    }
    #expect(try ServerConfig().login == nil)
  }

  // MARK: Roles

  @Test func claimsBecomeTheHighestOfTheirRoles() throws {
    var roles = RoleMap()
    let takesBoth = [roles.add("staff=host"), roles.add("admin=operator")]
    #expect(takesBoth == [true, true])
    for bad in ["staff", "=host", "staff=king", "staff=", "x=none"] {
      let isTaken = roles.add(bad)
      #expect(!isTaken, "\(bad)")
    }
    func grant(_ value: JSONValue?) -> Role? {
      roles.grant(JSONObject(value.map { [JSONObject.Member("roles", $0)] } ?? []))?.role
    }
    #expect(grant(.string("staff")) == .host)
    #expect(grant(.array([.string("staff"), .string("admin"), .int(1)])) == .operator)
    for other: JSONValue? in [nil, .string("operator"), .string("staff,admin"), .int(1), .null, .array([])] {
      #expect(grant(other) == .participant)
    }
    let takesNone = roles.add("*=none")
    #expect(takesNone)
    #expect(grant(nil) == nil && grant(.string("staff")) == .host)
    roles.claim = ["realm_access", "roles"]
    let nested = JSONObject([
      .init("realm_access", .object(JSONObject([.init("roles", .array([.string("admin")]))])))
    ])
    #expect(roles.grant(nested)?.role == .operator)
    #expect(roles.grant(JSONObject([.init("realm_access", .string("admin"))])) == nil)
  }
}
