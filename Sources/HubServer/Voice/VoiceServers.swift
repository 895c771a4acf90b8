import CCrypto
import Foundation
import HubKernel
import HubNet
import HubWire
import Logging

/// The relay's address for browsers, and passwords for it that live ten minutes (the TURN REST scheme that coturn calls
/// `use-auth-secret`): the user name holds when it ends, the password is its HMAC-SHA-1 under a secret the hub shares with the relay.
///
/// The secret's file holds one secret a line. The first signs; the others are those the relay still takes while one is being
/// replaced. It is read again when it is older than ``rereadSeconds``, so a new secret needs no restart.
final class VoiceServers {
  static let lifeSeconds = 600
  static let rereadSeconds: Int64 = 10
  static let secretScalarsMin = 16

  private let urls: [String]
  private let path: String
  private var secret: [UInt8]
  private var readAt: Int64
  private let log: Logger

  init(urls: [String], secretPath: String, unixSeconds: Int64, log: Logger) throws {
    self.urls = urls
    self.log = log
    path = secretPath
    secret = try Self.readSecret(secretPath)
    readAt = unixSeconds
  }

  /// The `ice` message for a session, which the relay knows by a number that says nothing of the person.
  func message(session: Int, unixSeconds: Int64) -> [UInt8]? {
    if unixSeconds - readAt >= Self.rereadSeconds {
      readAt = unixSeconds
      do {
        secret = try Self.readSecret(path)
      } catch {
        // A file that is being replaced: the old secret holds until the next look.
        log.warning("the relay's secret was not read again", metadata: ["error": "\(error)"])
      }
    }
    let user = "\(unixSeconds + Int64(Self.lifeSeconds)):\(session)"
    guard let password = Self.password(user: user, secret: secret) else { return nil }
    return Self.message { json in
      json.beginObject()
      json.field("urls", urls)
      json.field("username", user)
      json.field("credential", password)
      json.endObject()
    }
  }

  /// Without a relay: browsers find a way by themselves or not at all.
  static let none = message { _ in }

  private static func message(_ servers: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter(type: "voice")
    json.field("op", "ice")
    json.key("servers")
    json.beginArray()
    servers(&json)
    json.endArray()
    json.field("ttl", lifeSeconds)
    return json.end()
  }

  /// Base64 of HMAC-SHA-1 (RFC 2104).
  static func password(user: String, secret: [UInt8]) -> String? {
    let name = Array(user.utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 0
    guard HMAC(EVP_sha1(), secret, Int32(secret.count), name, name.count, &digest, &count) != nil, count == 20
    else { return nil }
    return Data(digest).base64EncodedString()
  }

  private static func readSecret(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StartupError("can't read the relay's secret in \(path)")
    }
    let first =
      String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first?
      .trimmingCharacters(in: .whitespaces) ?? ""
    guard first.unicodeScalars.count >= secretScalarsMin else {
      throw StartupError("the relay's secret in \(path) has fewer than \(secretScalarsMin) characters")
    }
    return Array(first.utf8)
  }
}
