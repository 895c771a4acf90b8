import Foundation
import HubEngine
import HubKernel
import HubServer
import Testing

@Suite struct TicketOfficeTests {
  private static let now: Int64 = 1_795_000_000_000

  private func ticket(_ number: UInt32 = 1, low: UInt64 = 2, expires: Int64 = now + 35_000) -> SessionTicket {
    SessionTicket(
      secret: ResumeSecret(high: 1, low: low), number: number, expiresUnixMs: expires, person: "p1",
      name: "Aylin", space: "foyer", x: 1, y: 2, z: 3, yaw: 4, epoch: 5, grant: Grant(.guest))
  }

  private func folder() throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("tickets-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
  }

  private func open(_ office: TicketOffice, _ text: String, at now: Int64 = now) -> TicketOffice.Verdict {
    office.open(text, nowUnixMs: now) { _ in false }
  }

  @Test func aTicketOpensOnceItsBearerHasSpokenNoMore() throws {
    let office = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    let text = try #require(office.seal(ticket()))
    #expect(open(office, text) == .good(ticket()))
    #expect(open(office, text) == .good(ticket()), "shown again before anything was said")
    try office.spend(ticket(), nowUnixMs: Self.now)
    #expect(open(office, text) == .refused(.used))
    let next = try #require(office.seal(ticket(2)))
    #expect(open(office, next) == .good(ticket(2)))
  }

  @Test func usingATicketVoidsTheEarlierOnesOfItsSessionOnly() throws {
    let office = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    let (early, other) = (try #require(office.seal(ticket(3))), try #require(office.seal(ticket(3, low: 7))))
    try office.spend(ticket(4), nowUnixMs: Self.now)
    #expect(open(office, early) == .refused(.used))
    #expect(open(office, other) == .good(ticket(3, low: 7)))
  }

  @Test func anEndedSessionsTicketsAreVoid() throws {
    let office = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    let text = try #require(office.seal(ticket(4_000_000_000)))
    try office.void(ticket().secret, nowUnixMs: Self.now)
    #expect(open(office, text) == .refused(.used))
  }

  @Test func aTicketExpiresByTheWallClockUnlessTheHubStillHasTheSession() throws {
    let office = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    let text = try #require(office.seal(ticket()))
    #expect(open(office, text, at: Self.now + 35_000) == .good(ticket()))
    #expect(open(office, text, at: Self.now + 35_001) == .refused(.expired))
    #expect(office.open(text, nowUnixMs: Self.now + 3_600_000) { _ in true } == .good(ticket()))
  }

  @Test func theNextProcessOpensWhatThisOneSealedAndKnowsWhatWasUsed() throws {
    let key = try folder() + "/ticket.key"
    let first = try TicketOffice(keyPath: key, nowUnixMs: Self.now)
    let (used, fresh) = (try #require(first.seal(ticket())), try #require(first.seal(ticket(1, low: 8))))
    try first.spend(ticket(), nowUnixMs: Self.now)
    let second = try TicketOffice(keyPath: key, nowUnixMs: Self.now + 2000)
    #expect(open(second, used) == .refused(.used))
    #expect(open(second, fresh) == .good(ticket(1, low: 8)))
    // A torn last record is what kill -9 may leave.
    let ledger = try FileHandle(forWritingTo: URL(fileURLWithPath: key + ".used"))
    try ledger.seekToEnd()
    try ledger.write(contentsOf: Data([1, 2, 3]))
    let third = try TicketOffice(keyPath: key, nowUnixMs: Self.now + 4000)
    #expect(open(third, used) == .refused(.used))
    let stranger = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    #expect(open(stranger, fresh) == .refused(.unknown))
  }

  @Test func usedTicketsAreForgottenWhenTheyAreWorthNothingAnyway() throws {
    let path = try folder() + "/used"
    let ledger = try TicketLedger(path: path, nowUnixMs: Self.now)
    for low in 0..<100 {
      try ledger.spend(
        ResumeSecret(high: 1, low: UInt64(low)), number: 1, expiresUnixMs: Self.now + 1000,
        nowUnixMs: Self.now)
    }
    #expect(ledger.count == 100)
    let later = try TicketLedger(path: path, nowUnixMs: Self.now + 1001)
    #expect(later.count == 0)
    try ledger.spend(
      ResumeSecret(high: 2, low: 1), number: 1, expiresUnixMs: Self.now + 200_000,
      nowUnixMs: Self.now + 100_000)
    #expect(ledger.count == 1)
  }

  /// Every bit, every length, and ten thousand inventions.
  @Test func noChangedOrInventedTicketOpens() throws {
    let office = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    let text = try #require(office.seal(ticket()))
    var variants = 0
    func refused(_ variant: String) {
      variants += 1
      if variant != text { #expect(open(office, variant) == .refused(.unknown), "\(variant)") }
    }
    let letters = Array(text.utf8)
    for index in letters.indices {
      for bit in 0..<8 {
        var changed = letters
        changed[index] ^= 1 << bit
        refused(String(decoding: changed, as: UTF8.self))
      }
      refused(String(text.prefix(index)))
      refused(text + String(text.prefix(index + 1)))
    }
    var random = SeededRandom(seed: 4)
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for _ in 0..<10_000 {
      let count = random.below(400)
      refused(String(decoding: (0..<count).map { _ in alphabet[random.below(64)] }, as: UTF8.self))
    }
    for odd in [
      "", "=", "AQ==", " " + text, text + "=", text + "\n", "\u{0}", String(repeating: "A", count: 5000),
    ] {
      refused(odd)
    }
    #expect(variants > 11_000)
  }

  @Test func noTwoTicketsShareTheirBytesAndNoneShowsWhatItHolds() throws {
    let office = try TicketOffice(keyPath: nil, nowUnixMs: Self.now)
    let texts = try (0..<1000).map { _ in try #require(office.seal(ticket())) }
    #expect(Set(texts).count == 1000)
    #expect(
      !texts[0].contains("Aylin") && Data(base64Encoded: texts[0])?.range(of: Data("foyer".utf8)) == nil)
  }

  @Test func aKeyFileIsPrivateAndWhole() throws {
    let folder = try folder()
    _ = try TicketOffice(keyPath: folder + "/key", nowUnixMs: Self.now)
    let mode = try FileManager.default.attributesOfItem(atPath: folder + "/key")[.posixPermissions] as? Int
    #expect(mode == 0o600)
    for (name, text, mode) in [
      ("short", "00ff", 0o600), ("letters", String(repeating: "g", count: 64), 0o600), ("empty", "", 0o600),
      ("open", String(repeating: "0", count: 64), 0o644),
    ] {
      let path = folder + "/" + name
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      #expect(throws: StartupError.self, "\(name)") {
        _ = try TicketOffice(keyPath: path, nowUnixMs: Self.now)
      }
    }
    #expect(throws: StartupError.self) {
      _ = try TicketOffice(keyPath: folder + "/none/key", nowUnixMs: Self.now)
    }
  }
}
