package import HubCalDAV
package import HubEngine
package import HubJSON

/// How people sign in with an account of somebody else's: one provider of OpenID Connect (Core 1.0), one client there.
package struct LoginSettings: Sendable {
  /// Exactly as the provider writes itself into its tokens.
  package var issuer: String
  package var clientID: String
  /// Nil: a public client, which PKCE alone protects.
  package var secret: Secret?
  /// Where people find this hub; nothing a request says goes into the address the provider sends people back to.
  package var publicURL: SourceAddress
  package var scope = "openid profile"
  package var roles = RoleMap()
  /// A JWK set to check by, instead of the provider's own.
  package var keysPath: String?

  package init(issuer: String, clientID: String, publicURL: SourceAddress) {
    self.issuer = issuer
    self.clientID = clientID
    self.publicURL = publicURL
  }

  package var redirectURI: String { publicURL.origin + "/login/callback" }
  /// Without TLS, which is for this machine alone, browsers keep no `__Host-` cookie.
  package var usesTLS: Bool { publicURL.scheme == "https" }
}

/// Which claim of the provider's gives which role.
package struct RoleMap: Sendable, Equatable {
  /// Member names from the outside in: `realm_access.roles` is two.
  package var claim: [String] = ["roles"]
  package var roles: [String: Role] = [:]
  /// Who has none of them; nil: does not get in.
  package var standard: Role? = .participant

  package init() {}

  /// `VALUE=ROLE`; `*=ROLE` for everybody else, `*=none` to keep them out. False: it is none of these.
  package mutating func add(_ text: String) -> Bool {
    guard let equals = text.lastIndex(of: "="), equals != text.startIndex else { return false }
    let value = String(text[..<equals])
    let name = String(text[text.index(after: equals)...])
    if value == "*", name == "none" {
      standard = nil
      return true
    }
    guard let role = Role(rawValue: name) else { return false }
    if value == "*" { standard = role } else { roles[value] = role }
    return true
  }

  /// The highest of the roles that the claims give. The claim may be one text or an array of them; anything else counts as
  /// not there.
  package func grant(_ claims: JSONObject) -> Grant? {
    var value: JSONValue? = .object(claims)
    for name in claim {
      guard case .object(let object)? = value else {
        value = nil
        break
      }
      value = object[name]
    }
    let texts: [String] =
      switch value {
      case .string(let text)?: [text]
      case .array(let items)?: items.compactMap { if case .string(let text) = $0 { text } else { nil } }
      default: []
      }
    return (texts.compactMap { roles[$0] }.max() ?? standard).map { Grant($0) }
  }
}

/// Why a login came to nothing. The page tells it in the person's language; it says nothing that helps a stranger.
package enum LoginRefusal: String, Error, Sendable, CaseIterable {
  /// Its ten minutes are over, it was used before, or it never began here.
  case expired
  /// It began in another browser.
  case browser
  /// The person, or the provider, said no.
  case denied
  /// The provider can't be reached, is too slow, or answers something else than the standard says.
  case provider
  /// What the provider says about the person doesn't hold, or gives them no role.
  case account
  /// Too many at once.
  case busy
}
