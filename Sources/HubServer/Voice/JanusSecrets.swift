import CCrypto
import Foundation
import HubKernel

/// What the hub shares with its Janus. Never logged; describes itself as `***`.
///
/// The file holds two lines, `token_auth_secret = …` and `admin_key = …`, as in Janus' own configuration.
package struct JanusSecrets: Sendable, CustomStringConvertible {
  package static let scalarsMin = 16
  private static let tokenSeconds: Int64 = 600

  private let token: [UInt8]
  package let adminKey: String
  package var description: String { "***" }

  package init(token: String, adminKey: String) {
    self.token = Array(token.utf8)
    self.adminKey = adminKey
  }

  /// - Throws: ``StartupError``, which names the file and the key, never a value.
  package static func read(path: String) throws -> JanusSecrets {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StartupError("can't read the media server's secrets in \(path)")
    }
    var values: [String: String] = [:]
    for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2, !parts[0].hasPrefix("#") else { continue }
      values[parts[0]] = parts[1].trimmingCharacters(in: ["\""])
    }
    func value(_ key: String) throws -> String {
      guard let value = values[key], value.unicodeScalars.count >= scalarsMin else {
        throw StartupError("\(path) has no \(key) of at least \(scalarsMin) characters")
      }
      return value
    }
    return JanusSecrets(token: try value("token_auth_secret"), adminKey: try value("admin_key"))
  }

  /// A signed token (https://janus.conf.meetecho.com/docs/auth.html, "Stored- and signed-token"): good for ten minutes and for
  /// what the hub uses.
  package func signedToken(unixSeconds: Int64) -> String {
    let plugins = "\(JanusSession.audioBridge),\(JanusSession.videoRoom)"
    let text = "\(unixSeconds + Self.tokenSeconds),janus,\(plugins)"
    return "\(text):\(Data(Self.digest(EVP_sha1(), token, text)).base64EncodedString())"
  }

  /// What a room of ours is destroyed with, and what lets a handle into it: the same after a restart of the hub.
  package func roomSecret(_ room: Int) -> String { hex("secret \(room)") }
  package func roomToken(_ room: Int) -> String { hex("token \(room)") }

  private func hex(_ text: String) -> String {
    Self.digest(EVP_sha256(), Array(adminKey.utf8), text).hexText
  }

  /// HMAC (RFC 2104).
  private static func digest(_ function: OpaquePointer?, _ key: [UInt8], _ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let made = HMAC(function, key, Int32(key.count), bytes, bytes.count, &digest, &count)
    precondition(made != nil, "HMAC over memory does not fail")
    return Array(digest.prefix(Int(count)))
  }
}
