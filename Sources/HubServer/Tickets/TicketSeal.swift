import CCrypto
import HubKernel

/// Seals and opens texts with AES-256-GCM (NIST SP 800-38D), by a key that no client sees.
///
/// Each process seals with a key of its own, HMAC-SHA-256 of the lasting key and 16 random bytes that travel with the
/// text, and counts its nonces: none comes twice under one key, however many tickets are sealed and however often the
/// hub is started. Layout before base64url: version, salt (16), nonce (8, after four zero bytes), ciphertext, tag (16).
package final class TicketSeal {
  package static let keyBytes = 32
  private static let version: UInt8 = 1
  private static let saltBytes = 16
  private static let tagBytes = 16
  private static let headBytes = 1 + saltBytes + 8
  /// Longer texts are not looked at.
  package static let textBytesMax = 3000

  private let key: [UInt8]
  private let salt: [UInt8]
  private let ownKey: [UInt8]
  private var count: UInt64 = 0
  private let context: OpaquePointer

  /// - Parameter key: 32 bytes.
  package init?(key: [UInt8]) {
    precondition(key.count == Self.keyBytes)
    guard let salt = SystemRandom.bytes(Self.saltBytes), let context = EVP_CIPHER_CTX_new() else {
      return nil
    }
    self.key = key
    self.salt = salt
    self.context = context
    ownKey = Self.derive(key, salt)
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  private static func derive(_ key: [UInt8], _ salt: [UInt8]) -> [UInt8] {
    var derived = [UInt8](repeating: 0, count: keyBytes)
    var length: UInt32 = 0
    let message = Array("hub resume ticket".utf8) + salt
    let result = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &derived, &length)
    precondition(result != nil && length == 32, "HMAC-SHA-256 has 32 bytes")
    return derived
  }

  /// A few microseconds.
  package func seal(_ plain: [UInt8]) -> String {
    var out: [UInt8] = [Self.version] + salt
    let number = count
    count += 1
    out.append(littleEndian: number)
    let nonce = [0, 0, 0, 0] + out[(1 + Self.saltBytes)...]
    var cipher = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: Self.tagBytes)
    var length: Int32 = 0
    var rest: Int32 = 0
    let isGood =
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, ownKey, nonce) == 1
      && EVP_EncryptUpdate(context, nil, &length, out, 1) == 1
      && EVP_EncryptUpdate(context, &cipher, &length, plain, Int32(plain.count)) == 1
      && EVP_EncryptFinal_ex(context, &tag, &rest) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
    precondition(isGood && Int(length) == plain.count && rest == 0, "AES-256-GCM seals")
    return Base64URL.encode(out + cipher + tag)
  }

  /// The plain bytes; nil for anything that this key did not seal, to the last bit.
  package func open(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= Self.textBytesMax, let bytes = Base64URL.decode(text.utf8),
      bytes.count >= Self.headBytes + Self.tagBytes,
      bytes[0] == Self.version
    else { return nil }
    let salt = Array(bytes[1..<(1 + Self.saltBytes)])
    let nonce = [0, 0, 0, 0] + bytes[(1 + Self.saltBytes)..<Self.headBytes]
    let cipher = Array(bytes[Self.headBytes..<(bytes.count - Self.tagBytes)])
    var tag = Array(bytes[(bytes.count - Self.tagBytes)...])
    let derived = salt == self.salt ? ownKey : Self.derive(key, salt)
    var plain = [UInt8](repeating: 0, count: cipher.count + 16)
    var length: Int32 = 0
    var rest: Int32 = 0
    var scratch = [UInt8](repeating: 0, count: 16)
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, derived, Array(nonce)) == 1,
      EVP_DecryptUpdate(context, nil, &length, bytes, 1) == 1,
      EVP_DecryptUpdate(context, &plain, &length, cipher, Int32(cipher.count)) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1,
      EVP_DecryptFinal_ex(context, &scratch, &rest) == 1
    else { return nil }
    return Array(plain.prefix(Int(length)))
  }
}
