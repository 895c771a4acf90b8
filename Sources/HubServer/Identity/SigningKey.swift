import CCrypto

/// The hub's own key for invitations: Ed25519 (RFC 8032), in a file of its own as a JWK with its private part (RFC 8037).
public struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
  public let id: String
  private let seedBytes: [UInt8]
  let publicBytes: [UInt8]

  /// Never the key itself.
  public var description: String { "signing key \(id)" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// - Parameter seed: 32 bytes.
  package init?(id: String, seed: [UInt8]) {
    guard seed.count == 32, let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, 32) else {
      return nil
    }
    defer { EVP_PKEY_free(key) }
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var count = 32
    guard EVP_PKEY_get_raw_public_key(key, &publicBytes, &count) == 1, count == 32 else { return nil }
    self.id = id
    seedBytes = seed
    self.publicBytes = publicBytes
  }

  /// A new one; its id are the first characters of the public key.
  public static func generate() throws -> SigningKey {
    var seed = [UInt8](repeating: 0, count: 32)
    guard RAND_bytes(&seed, 32) == 1, let key = SigningKey(id: "new", seed: seed),
      let named = SigningKey(id: String(Base64URL.encode(key.publicBytes).prefix(12)), seed: seed)
    else { throw StartupError("the system gives no random bytes") }
    return named
  }

  func sign(_ message: [UInt8]) -> [UInt8]? {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seedBytes, 32),
      let context = EVP_MD_CTX_new()
    else { return nil }
    defer {
      EVP_PKEY_free(key)
      EVP_MD_CTX_free(context)
    }
    var signature = [UInt8](repeating: 0, count: 64)
    var count = 64
    guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
      EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == 64
    else { return nil }
    return signature
  }

  /// The key as a JWK set: what its file holds. The private part is in it.
  public var document: String {
    """
    {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "\(id)",
      "x": "\(Base64URL.encode(publicBytes))",
      "d": "\(Base64URL.encode(seedBytes))"}]}

    """
  }
}
