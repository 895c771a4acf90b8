import CCrypto
import Dispatch
import HubEngine
import HubNet
import HubWire
import Synchronization

/// Where tokens are looked at: signatures cost tens of microseconds and anybody may send one, so that happens on a queue of its
/// own, and what it found comes back through the loop's mailbox. Created on the loop's thread, asked only there.
final class IdentityDesk {
  /// A `hello` whose token was checked.
  struct Verdict: Sendable {
    let connection: ConnectionID
    let hello: Hello
    let result: Result<InvitationClaims, TokenRefusal>
  }

  /// Waiting checks; beyond it a newcomer is asked to come again.
  static let waitingMax = 256

  private let tokens: InvitationTokens
  private let queue = DispatchQueue(label: "hub.tokens")
  private let mailbox: Mailbox<Verdict>
  /// Makes pseudonyms of account names: without it they can't be guessed from a list of names.
  private let pseudonymKey: [UInt8]
  private var waiting = 0
  private var batch: [Verdict] = []

  init(tokens: InvitationTokens, pseudonymKey: [UInt8], handle: LoopHandle) {
    self.tokens = tokens
    self.pseudonymKey = pseudonymKey
    mailbox = Mailbox(handle)
  }

  /// Has a token checked; the verdict comes with a later ``drain(_:)``. False: too many are waiting.
  func check(_ token: String, of hello: Hello, from connection: ConnectionID) -> Bool {
    guard waiting < Self.waitingMax else { return false }
    waiting += 1
    let tokens = tokens
    let mailbox = mailbox
    queue.async {
      let now = Int(WallClock.unixMilliseconds() / 1000)
      let result: Result<InvitationClaims, TokenRefusal>
      do throws(TokenRefusal) {
        result = .success(try tokens.check(token, unixSeconds: now))
      } catch {
        result = .failure(error)
      }
      mailbox.post(Verdict(connection: connection, hello: hello, result: result))
    }
    return true
  }

  /// Hands over what has been found since the last call.
  func drain(_ body: (Verdict) -> Void) {
    mailbox.drain(into: &batch)
    waiting -= batch.count
    for verdict in batch { body(verdict) }
    batch.removeAll(keepingCapacity: true)
  }

  /// What good claims come to.
  func credentials(_ claims: InvitationClaims) -> Credentials {
    var credentials = Credentials(Grant(claims.role, spaces: claims.spaces))
    credentials.invitation = Invitation(id: claims.id, usesMax: claims.uses)
    credentials.account = claims.account.map(pseudonym)
    credentials.isLoadtest = claims.isLoadtest
    return credentials
  }

  /// HMAC-SHA-256 (RFC 2104) of the account's name, its first 128 bits: the same at every visit, and no name.
  func pseudonym(_ account: String) -> String { Self.pseudonym(of: account, key: pseudonymKey) }

  static func pseudonym(of account: String, key: [UInt8]) -> String {
    let name = Array((InvitationTokens.issuer + "\n" + account).utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 32
    let made = HMAC(EVP_sha256(), key, Int32(key.count), name, name.count, &digest, &count)
    precondition(made != nil && count == 32, "libcrypto has SHA-256")
    return "s" + Base64URL.encode(Array(digest[..<16]))
  }
}
