import HubJSON

/// Keys that tokens are checked against: a JWK set (RFC 7517) from a local file. Every key has to name itself (`kid`) and its
/// one algorithm (`alg`); a token never brings or points to a key.
public struct KeySet: Sendable {
  private(set) var keys: [String: VerificationKey]
  /// The first key that came with its private part.
  public let signingKey: SigningKey?

  public static let keysMax = 32

  /// - Throws: what is wrong with the file, for the operator; never a key.
  public init(document: [UInt8]) throws {
    guard case .object(let root) = try JSON.parse(document), case .array(let entries)? = root["keys"] else {
      throw StartupError("a key file is an object with an array \"keys\"")
    }
    guard (1...Self.keysMax).contains(entries.count) else {
      throw StartupError("a key file has 1 to \(Self.keysMax) keys")
    }
    var keys: [String: VerificationKey] = [:]
    var signing: SigningKey?
    for (index, entry) in entries.enumerated() {
      guard case .object(let object) = entry else { throw StartupError("key \(index + 1) is no object") }
      func text(_ name: String) -> String? {
        if case .string(let text)? = object[name] { text } else { nil }
      }
      func bytes(_ name: String) -> [UInt8]? { text(name).flatMap { Base64URL.decode($0.utf8) } }
      guard let id = text("kid"), (1...64).contains(id.utf8.count) else {
        throw StartupError("key \(index + 1) has no \"kid\" of 1 to 64 bytes")
      }
      guard let algorithm = text("alg").flatMap(SignatureAlgorithm.init) else {
        throw StartupError("key \"\(id)\" names no algorithm of ES256, RS256, EdDSA in \"alg\"")
      }
      guard text("use") == nil || text("use") == "sig" else {
        throw StartupError("key \"\(id)\" is not for signatures")
      }
      let key: VerificationKey? =
        switch (algorithm, text("kty"), text("crv")) {
        case (.es256, "EC", "P-256"):
          bytes("x").flatMap { x in bytes("y").flatMap { VerificationKey.p256(id: id, x: x, y: $0) } }
        case (.edDSA, "OKP", "Ed25519"): bytes("x").flatMap { VerificationKey.ed25519(id: id, x: $0) }
        case (.rs256, "RSA", nil):
          bytes("n").flatMap { n in
            bytes("e").flatMap { VerificationKey.rsa(id: id, modulus: n, exponent: $0) }
          }
        default: nil
        }
      guard let key else {
        throw StartupError("key \"\(id)\" is no valid key for \(algorithm.rawValue)")
      }
      guard keys.updateValue(key, forKey: id) == nil else {
        throw StartupError("two keys are called \"\(id)\"")
      }
      if algorithm == .edDSA, let seed = bytes("d"), signing == nil {
        guard let own = SigningKey(id: id, seed: seed), own.publicBytes == bytes("x") else {
          throw StartupError("key \"\(id)\": private and public part don't belong together")
        }
        signing = own
      }
    }
    self.keys = keys
    signingKey = signing
  }

  /// One key of this process's own.
  init(_ key: SigningKey) {
    keys = [:]
    keys[key.id] = VerificationKey.ed25519(id: key.id, x: key.publicBytes)
    signingKey = key
  }

  /// These keys and others; where a name is in both, this one's holds.
  func adding(_ other: KeySet) -> KeySet {
    var result = self
    result.keys.merge(other.keys) { own, _ in own }
    return result
  }
}
