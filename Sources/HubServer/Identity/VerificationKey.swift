import CCrypto

/// How tokens are signed (RFC 7518, section 3; RFC 8037). A key has exactly one of these: what a token's header claims is
/// compared with it, never followed.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
  case es256 = "ES256"
  case rs256 = "RS256"
  case edDSA = "EdDSA"
}

/// A public key of libcrypto, bound to its algorithm.
///
/// `@unchecked Sendable`: the pointer is set once, freed once, and libcrypto's verification only reads the key.
final class VerificationKey: @unchecked Sendable {
  let id: String
  let algorithm: SignatureAlgorithm
  private let key: OpaquePointer

  /// From a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7). Nil if libcrypto finds no valid key of that kind in it: a point
  /// that isn't on its curve, for one.
  private init?(id: String, algorithm: SignatureAlgorithm, subjectPublicKeyInfo der: [UInt8]) {
    let key = der.withUnsafeBufferPointer { buffer in
      var start = buffer.baseAddress
      return d2i_PUBKEY(nil, &start, buffer.count)
    }
    guard let key else {
      ERR_clear_error()
      return nil
    }
    self.id = id
    self.algorithm = algorithm
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// P-256 by its two coordinates, 32 bytes each.
  static func p256(id: String, x: [UInt8], y: [UInt8]) -> VerificationKey? {
    guard x.count == 32, y.count == 32 else { return nil }
    let algorithm = DER.sequence(DER.ecPublicKey + DER.prime256v1)
    return VerificationKey(
      id: id, algorithm: .es256,
      subjectPublicKeyInfo: DER.sequence(algorithm + DER.bitString([0x04] + x + y)))
  }

  static func ed25519(id: String, x: [UInt8]) -> VerificationKey? {
    guard x.count == 32 else { return nil }
    return VerificationKey(
      id: id, algorithm: .edDSA,
      subjectPublicKeyInfo: DER.sequence(DER.sequence(DER.ed25519) + DER.bitString(x)))
  }

  /// RSA of 2,048 to 4,096 bits (RFC 7518, section 3.3 asks for 2,048 at least; more costs time that a stranger could spend for us).
  static func rsa(id: String, modulus: [UInt8], exponent: [UInt8]) -> VerificationKey? {
    guard (256...512).contains(modulus.count), modulus[0] >= 0x80 || modulus.count > 256, modulus[0] != 0,
      (1...4).contains(exponent.count), exponent[0] != 0, exponent.last! & 1 == 1, exponent != [1]
    else { return nil }
    let numbers = DER.sequence(DER.unsigned(modulus) + DER.unsigned(exponent))
    return VerificationKey(
      id: id, algorithm: .rs256,
      subjectPublicKeyInfo: DER.sequence(
        DER.sequence(DER.rsaEncryption + [0x05, 0x00]) + DER.bitString(numbers)))
  }

  /// Whether this key made that signature over those bytes.
  func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    var signature = signature
    var digest: OpaquePointer?
    switch algorithm {
    case .es256:
      // JOSE has r and s in 32 bytes each, libcrypto wants them as DER.
      guard signature.count == 64 else { return false }
      signature = DER.sequence(DER.unsigned(Array(signature[..<32])) + DER.unsigned(Array(signature[32...])))
      digest = EVP_sha256()
    case .rs256:
      guard signature.count == Int(EVP_PKEY_get_size(key)) else { return false }
      digest = EVP_sha256()
    case .edDSA:
      guard signature.count == 64 else { return false }
    }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    guard EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}

/// The few pieces of DER (ITU-T X.690) that a public key and an ECDSA signature are made of.
enum DER {
  static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
  static let prime256v1: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
  static let ed25519: [UInt8] = [0x06, 0x03, 0x2B, 0x65, 0x70]
  static let rsaEncryption: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]

  static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }
  static func bitString(_ content: [UInt8]) -> [UInt8] { tagged(0x03, [0] + content) }

  /// A positive INTEGER from its big-endian bytes.
  static func unsigned(_ bytes: [UInt8]) -> [UInt8] {
    var digits = Array(bytes.drop { $0 == 0 })
    if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
    return tagged(0x02, digits)
  }

  private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    precondition(content.count < 65_536)
    let length: [UInt8] =
      switch content.count {
      case 0..<128: [UInt8(content.count)]
      case 128..<256: [0x81, UInt8(content.count)]
      default: [0x82, UInt8(content.count >> 8), UInt8(content.count & 255)]
      }
    return [tag] + length + content
  }
}
