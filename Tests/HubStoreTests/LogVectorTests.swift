import Foundation
import HubEngine
import HubJSON
import HubKernel
import HubStore
import HubTestKit
import HubWire
import Testing

/// The committed records are what this build writes, and what it reads back: a log of today opens tomorrow.
@Suite struct LogVectorTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Vectors/log-records.json")
  private static let space = "hall"
  private static let epoch: UInt64 = 7

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// One op of every kind by one author under the seed 1; payloads in order and the snapshot at the end.
  private func written() throws -> (payloads: [[UInt8]], state: [UInt8]) {
    let engine = Engine(world: try TestWorld.make(), config: EngineConfig())
    #expect(
      engine.restoreNotes(space: Self.space, epoch: Self.epoch, sequence: 0, snapshot: nil, ops: []))
    let hub = EngineDriver(engine)
    let host = hub.join("Hanna", role: .host)
    func note(_ op: String, _ fill: (inout NoteRequest) -> Void) -> ClientMessage {
      var wish = NoteRequest(op: op)
      fill(&wish)
      return .note(wish)
    }
    func exhibit(_ op: String, _ fill: (inout ExhibitRequest) -> Void) -> ClientMessage {
      var wish = ExhibitRequest(op: op)
      fill(&wish)
      return .exhibit(wish)
    }
    let wishes = [
      note("create") {
        ($0.board, $0.text, $0.color, $0.x, $0.y) = ("pinboard", "Zwei\nZeilen \"ä\" 🗺", "green", 10, 990)
      },
      note("create") { ($0.board, $0.text) = ("pinboard", "goes") },
      note("move") { ($0.note, $0.rev, $0.x, $0.y) = ("n1", 1, 500, 0) },
      note("change") { ($0.note, $0.rev, $0.text) = ("n1", 2, "<b>plain</b>") },
      note("vote") { ($0.note, $0.on) = ("n1", true) },
      note("delete") { ($0.note, $0.rev) = ("n2", 1) },
      exhibit("create") {
        ($0.title, $0.text, $0.alt) = (
          Wording(de: "Netz", en: "Grid"), Wording(de: "Text"), Wording(en: "Pipes")
        )
        ($0.link, $0.x, $0.z) = ("https://example.org/?a=1", -150, 220)
      },
      exhibit("create") {
        ($0.title, $0.text, $0.alt, $0.x, $0.z) = (Wording(de: "A"), Wording(de: "B"), Wording(de: "C"), 0, 0)
      },
      exhibit("move") { ($0.exhibit, $0.rev, $0.x, $0.z) = ("x3", 1, 0, 0) },
      exhibit("delete") { ($0.exhibit, $0.rev) = ("x4", 1) },
    ]
    var payloads: [[UInt8]] = []
    for wish in wishes {
      hub.send(host, wish)
      hub.step()
      payloads += try #require(hub.commits.first).batches[0].payloads
      hub.answerCommit()
    }
    // Text that is gone leaves the log 30 s later.
    hub.step(601)
    return (payloads, try #require(hub.snapshots.last).state)
  }

  @Test func theCommittedRecordsAreWhatThisBuildWrites() throws {
    let (payloads, state) = try written()
    var chain = HashChain.start(Self.space)
    var sequence: UInt64 = 0
    let records = payloads.map { payload in
      sequence += 1
      let digest = HashChain.sha256(payload)
      chain = HashChain.next(chain, sequence: sequence, epoch: Self.epoch, digest: digest)
      return "{\"payload\":\(text(payload)),\"digest\":\"\(hex(digest))\",\"chain\":\"\(hex(chain))\"}"
    }
    let committed = """
      {"space":"\(Self.space)","epoch":\(Self.epoch),"start":"\(hex(HashChain.start(Self.space)))","records":[
      \(records.joined(separator: ",\n"))
      ],
      "state":\(text(state)),"stateDigest":"\(hex(HashChain.sha256(state)))"}

      """
    if ProcessInfo.processInfo.environment["HUB_WRITE_VECTORS"] != nil {
      try committed.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(
      try String(contentsOf: Self.file, encoding: .utf8) == committed,
      "HUB_WRITE_VECTORS=1 writes it anew, if the log was meant to change and old ones can still be read")
  }

  @Test func theCommittedRecordsReplayToTheCommittedState() throws {
    let file = try JSON.parse([UInt8](try Data(contentsOf: Self.file)), limits: .file)
    let ops = try #require(file["records"]?.items).map {
      try JSON.decode(StoredNoteOp.self, from: try #require($0["payload"]))
    }
    #expect(ops.count == 10)
    let state = try JSON.decode(StoredNotes.self, from: try #require(file["state"]))
    #expect(StoredNotes.folded(nil, ops) == state)
    #expect(state.notes.count == 1 && state.exhibits?.count == 1 && state.next == 5)
  }

  /// Written before there were exhibits.
  @Test func aSnapshotWithoutExhibitsIsReadAsOneWithNone() throws {
    let old = try JSON.decode(StoredNotes.self, from: Array("{\"next\":3,\"notes\":[]}".utf8))
    #expect(old.next == 3 && old.exhibits == nil)
    #expect(StoredNotes.folded(old, []).exhibits == [])
  }
}
