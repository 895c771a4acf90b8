import CCrypto
import Foundation
package import HubEngine
import HubKernel

/// Hands out tickets to go on with a session, and takes them back once.
///
/// A ticket counts as used when the connection it opened has said something: until then its bearer may not have the
/// next one yet, and may show it again. Using one voids all earlier ones of the session; leaving voids all.
package final class TicketOffice {
  package enum Verdict: Equatable {
    case good(SessionTicket)
    case refused(Refusal)
  }
  package enum Refusal: String, Sendable { case unknown, expired, used }

  /// How long a ticket opens a session that the hub itself has forgotten. The session's own window is 30 s from the last
  /// acknowledgement; a ticket is 5 s old at most when it begins.
  package static let lifeMs: Int64 = 35_000

  private let seal: TicketSeal
  private let ledger: TicketLedger

  /// - Parameter keyPath: file of 64 hexadecimal digits, made with mode 600 when it is missing; used tickets are noted
  ///   beside it, in `<keyPath>.used`. Nil: tickets are good for this process only.
  package init(keyPath: String?, nowUnixMs: Int64) throws {
    let key = try keyPath.map(Self.readOrMake) ?? Self.randomKey()
    guard let seal = TicketSeal(key: key) else { throw StartupError("the system gives no random numbers") }
    self.seal = seal
    ledger = try TicketLedger(path: keyPath.map { $0 + ".used" }, nowUnixMs: nowUnixMs)
  }

  /// Nil for what is too long to be carried.
  package func seal(_ ticket: SessionTicket) -> String? { ticket.bytes().map(seal.seal) }

  /// - Parameter knows: whether the hub still has that session: then the date counts for nothing, as the session's own
  ///   clock can't jump.
  package func open(_ text: String, nowUnixMs: Int64, knows: (ResumeSecret) -> Bool) -> Verdict {
    guard let bytes = seal.open(text), let ticket = try? SessionTicket(bytes: bytes.span.bytes) else {
      return .refused(.unknown)
    }
    if ledger.isSpent(ticket) { return .refused(.used) }
    guard ticket.expiresUnixMs >= nowUnixMs || knows(ticket.secret) else { return .refused(.expired) }
    return .good(ticket)
  }

  /// The bearer of this ticket has the next one, or could have.
  package func spend(_ ticket: SessionTicket, nowUnixMs: Int64) throws {
    try ledger.spend(
      ticket.secret, number: ticket.number, expiresUnixMs: max(ticket.expiresUnixMs, nowUnixMs + Self.lifeMs),
      nowUnixMs: nowUnixMs)
  }

  /// That session has ended for good.
  package func void(_ secret: ResumeSecret, nowUnixMs: Int64) throws {
    try ledger.spend(
      secret, number: .max, expiresUnixMs: nowUnixMs + 2 * Self.lifeMs, nowUnixMs: nowUnixMs)
  }

  // MARK: The key

  private static func randomKey() throws -> [UInt8] {
    guard let key = SystemRandom.bytes(TicketSeal.keyBytes) else {
      throw StartupError("the system gives no random numbers")
    }
    return key
  }

  private static func readOrMake(_ path: String) throws -> [UInt8] {
    func reason() -> String { String(cString: strerror(errno)) }
    let made = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if made >= 0 {
      defer { Foundation.close(made) }
      let key = try randomKey()
      let text = Array((key.hexText + "\n").utf8)
      guard write(made, text, text.count) == text.count, fsync(made) == 0 else {
        throw StartupError("can't write the ticket key \(path): \(reason())")
      }
      return key
    }
    guard errno == EEXIST else { throw StartupError("can't make the ticket key \(path): \(reason())") }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw StartupError("can't read the ticket key \(path): \(reason())")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw StartupError("others may read the ticket key \(path): chmod 600 it")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StartupError("can't read the ticket key \(path)")
    }
    let digits = data.filter { $0 > 32 }.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == 2 * TicketSeal.keyBytes, data.filter({ $0 > 32 }).count == digits.count else {
      throw StartupError("the ticket key \(path) is not 64 hexadecimal digits; remove it to get a new one")
    }
    return (0..<TicketSeal.keyBytes).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
  }
}
