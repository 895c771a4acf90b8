import Foundation
import HubCalDAV

extension ConfigReader {
  /// What was said about accounts, and the file of the client's secret.
  mutating func login() -> (LoginSettings?, secretPath: String?) {
    let issuer = optional(.oidcIssuer)
    let client = optional(.oidcClient)
    let secretPath = optional(.oidcSecretFile)
    let secret = optional(.oidcSecret).map(Secret.init)
    let keysPath = optional(.oidcKeys)
    let scope = text(.oidcScope, "openid profile")
    let claim = text(.oidcRoleClaim, "roles")
    let roles = texts(.oidcRole)
    let url = optional(.publicUrl)
    guard let issuer else {
      let given: [(ConfigOption, Bool)] = [
        (.oidcClient, client != nil), (.oidcSecretFile, secretPath != nil), (.oidcSecret, secret != nil),
        (.oidcKeys, keysPath != nil), (.oidcRole, !roles.isEmpty),
      ]
      for (option, isGiven) in given where isGiven { problem(option, "goes with --oidc-issuer") }
      return (nil, nil)
    }
    guard let client, let url else {
      problem(client == nil ? .oidcClient : .publicUrl, "is needed with --oidc-issuer")
      return (nil, nil)
    }
    if secret != nil, secretPath != nil { problem(.oidcSecretFile, "give the secret or its file, not both") }
    if (try? SourceAddress(issuer)) == nil || issuer.contains("?") || issuer.contains("#") {
      problem(.oidcIssuer, "\"\(issuer)\" is not like https://accounts.example.org")
    }
    guard let address = try? SourceAddress(url), address.path == "/", address.query == nil, !url.contains("#")
    else {
      problem(.publicUrl, "\"\(url)\" is not like https://hub.example.org (http only on this machine)")
      return (nil, nil)
    }
    var settings = LoginSettings(issuer: issuer, clientID: client, publicURL: address)
    settings.secret = secret
    settings.keysPath = keysPath
    settings.scope = scope
    if !scope.split(separator: " ").contains("openid") { problem(.oidcScope, "lacks \"openid\"") }
    settings.roles.claim = claim.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if settings.roles.claim.contains("") { problem(.oidcRoleClaim, "\"\(claim)\" has an empty part") }
    for role in roles where !settings.roles.add(role) {
      problem(.oidcRole, "\"\(role)\" is not VALUE=ROLE with a role of the hub's")
    }
    return (settings, secretPath)
  }
}

extension LoginSettings {
  /// With the secret from its file, and the key file looked at once, so that the operator hears of it at the start.
  func reading(_ secretPath: String?) throws -> LoginSettings {
    var settings = self
    if let secretPath {
      let text = try String(contentsOfFile: secretPath, encoding: .utf8).trimmingCharacters(
        in: .whitespacesAndNewlines)
      guard !text.isEmpty else { throw StartupError("the file of the provider's secret is empty") }
      settings.secret = Secret(text)
    }
    if let keysPath {
      guard let bytes = FileManager.default.contents(atPath: keysPath) else {
        throw StartupError("can't read the provider's keys in \(keysPath)")
      }
      guard ProviderKeys(document: [UInt8](bytes)) != nil else {
        throw StartupError("\(keysPath) holds no key that ID tokens can be checked by")
      }
    }
    return settings
  }
}
