import Foundation
import HubEngine
import HubServer
import Testing

@Suite struct AdministrationTests {
  private static let now: Int64 = 1_795_000_000_000
  private static let day: Int64 = 86_400_000

  private func scratch() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "administration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.appendingPathComponent("records.jsonl").path
  }

  private func journal(_ path: String, at unixMs: Int64 = now) throws -> AdministrationJournal {
    try AdministrationJournal(path: path, unixMs: unixMs) { Issue.record("not written: \($0)") }
  }

  private static let bans = [
    Ban(id: 1, subject: .account("s-1"), reason: "Grund \"1\"\n", at: now, until: nil, by: "s-9"),
    Ban(id: 2, subject: .invitation("i_2-x"), reason: nil, at: now, until: now + day, by: "p3"),
    Ban(
      id: 3, subject: .address(NetworkAddress(v4: 0xC0A8_0000).masked(to: 112), prefix: 112), reason: "x",
      at: now,
      until: now + 2 * day, by: "p3"),
    Ban(
      id: 4, subject: .address(NetworkAddress(high: 0x2001_0DB8_0000_0000, low: 0), prefix: 64), reason: nil,
      at: now, until: now + 9 * day, by: "p3"),
  ]

  @Test func whatWasWrittenIsThereAfterARestart() throws {
    let path = try scratch()
    let act = AuditRecord(
      at: Self.now, actor: "s-9", role: .moderator, verb: .ban, target: "p1", space: "hall", detail: "b1")
    let first = try journal(path)
    for ban in Self.bans { first.write(.banned(ban)) }
    first.write(.unbanned(1))
    first.write(.revoked(invitation: "gone", at: Self.now))
    for _ in 0..<3 { first.write(.used(invitation: "i9")) }
    first.write(.audit(act))
    first.flush()
    let state = try journal(path).restored
    #expect(state.bans == Array(Self.bans.dropFirst()))
    #expect(
      state.nextBan == 5 && state.revoked == ["gone"] && state.uses == ["i9": 3] && state.audit == [act])
    #expect(try journal(path).pseudonymKey == first.pseudonymKey && first.pseudonymKey.count == 32)
    // And once more, from the file as it was written anew.
    #expect(try journal(path).restored == state)
    let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(rights == 0o600)
  }

  @Test func whatIsOverItsTimeIsDeletedAndNoIdComesTwice() throws {
    let path = try scratch()
    let first = try journal(path)
    for ban in Self.bans { first.write(.banned(ban)) }
    first.write(.unbanned(4))
    first.write(.audit(AuditRecord(at: Self.now, actor: "s-secret", role: .operator, verb: .kick)))
    first.flush()
    let later = try journal(path, at: Self.now + 3 * Self.day).restored
    #expect(later.bans.map(\.id) == [1] && later.nextBan == 5 && later.audit.count == 1)
    let much = try journal(path, at: Self.now + 91 * Self.day).restored
    #expect(much.audit.isEmpty && much.nextBan == 5)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(!text.contains("s-secret"))
  }

  @Test func aRecordThatWasBeingWrittenIsLeftOutAndADamagedOneStopsTheStart() throws {
    let path = try scratch()
    let first = try journal(path)
    for ban in Self.bans { first.write(.banned(ban)) }
    first.flush()
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let ends = whole.indices.filter { whole[$0] == 0x0A }
    for cut in stride(from: 0, through: whole.count, by: 7) {
      try Data(whole[..<cut]).write(to: URL(fileURLWithPath: path))
      #expect(
        try journal(path).restored.bans.count == max(0, ends.filter { $0 < cut }.count - 1), "cut at \(cut)")
    }
    var damaged = whole
    damaged[ends[1] + 3] ^= 0x20
    try Data(damaged).write(to: URL(fileURLWithPath: path))
    #expect(throws: StartupError.self) { _ = try journal(path) }
  }

  @Test func aPlaceWhereNothingCanBeWrittenStopsTheStart() {
    #expect(throws: StartupError.self) { _ = try journal("/proc/nothing/here") }
  }
}
