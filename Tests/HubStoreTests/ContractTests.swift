import Foundation
import HubStore
import Testing

/// A folder of its own, gone with the test.
final class Scratch: Sendable {
  let path: String
  init() {
    path = NSTemporaryDirectory() + "hub-store-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Implementations of the log; each suite below holds for all of them.
enum Implementation: String, CaseIterable, Sendable {
  case memory, sqlite

  /// Two writers of the same log: two connections where there is a file.
  func writers(_ scratch: Scratch) throws -> [any SpaceLog] {
    switch self {
    case .memory:
      let log = MemoryLog()
      return [log, log]
    case .sqlite:
      let path = scratch.path + "/log.sqlite"
      return [try SQLiteLog(path: path), try SQLiteLog(path: path)]
    }
  }
  func open(_ scratch: Scratch) throws -> any SpaceLog { try writers(scratch)[0] }
}

@Suite(.serialized) struct ContractTests {
  private func payload(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func batch(_ space: String, after: UInt64, epoch: UInt64, _ texts: [String]) -> LogBatch {
    LogBatch(space: space, expectedSequence: after, epoch: epoch, payloads: texts.map(payload))
  }

  @Test(arguments: Implementation.allCases) func sequencesAreGaplessAndBeginWithOne(_ kind: Implementation)
    throws
  {
    let scratch = Scratch()
    let log = try kind.open(scratch)
    let head = try log.claim("lab")
    #expect(head == LogHead(epoch: 1, sequence: 0))
    try log.append([batch("lab", after: 0, epoch: 1, ["a", "b"])])
    try log.append([batch("lab", after: 2, epoch: 1, ["c"])])
    let records = try log.read("lab", after: 0, limit: 10)
    #expect(records.map(\.sequence) == [1, 2, 3])
    #expect(records.map(\.payload) == [payload("a"), payload("b"), payload("c")])
    #expect(try log.read("lab", after: 1, limit: 1).map(\.sequence) == [2])
    #expect(try log.claim("lab") == LogHead(epoch: 2, sequence: 3))
    #expect(try log.verify() == [LogSummary(space: "lab", sequence: 3, snapshotSequence: 0, erased: 0)])
  }

  @Test(arguments: Implementation.allCases) func anUnexpectedSequenceIsRefusedAndWritesNothing(
    _ kind: Implementation
  ) throws {
    let scratch = Scratch()
    let log = try kind.open(scratch)
    _ = try log.claim("lab")
    _ = try log.claim("hall")
    try log.append([batch("lab", after: 0, epoch: 1, ["a"])])
    // The first batch alone would fit: a commit is all or nothing.
    #expect(throws: LogError.wrongSequence(space: "lab", expected: 0, actual: 1)) {
      try log.append([batch("hall", after: 0, epoch: 1, ["x"]), batch("lab", after: 0, epoch: 1, ["b"])])
    }
    #expect(throws: LogError.wrongSequence(space: "lab", expected: 2, actual: 1)) {
      try log.append([batch("lab", after: 2, epoch: 1, ["b"])])
    }
    #expect(try log.read("hall", after: 0, limit: 10).isEmpty)
    #expect(try log.read("lab", after: 0, limit: 10).count == 1)
  }

  @Test(arguments: Implementation.allCases) func anOlderOwnerIsFenced(_ kind: Implementation) throws {
    let scratch = Scratch()
    let writers = try kind.writers(scratch)
    let old = try writers[0].claim("lab")
    let new = try writers[1].claim("lab")
    #expect(new.epoch == old.epoch + 1)
    #expect(throws: LogError.fenced(space: "lab")) {
      try writers[0].append([batch("lab", after: 0, epoch: old.epoch, ["late"])])
    }
    try writers[1].append([batch("lab", after: 0, epoch: new.epoch, ["a"])])
    #expect(throws: LogError.unknown("attic")) {
      try writers[0].append([batch("attic", after: 0, epoch: 1, ["a"])])
    }
  }

  @Test(arguments: Implementation.allCases) func ofTwoWritersExactlyOneTakesEachSequence(
    _ kind: Implementation
  ) async throws {
    let scratch = Scratch()
    let writers = try kind.writers(scratch)
    let epoch = try writers[0].claim("lab").epoch
    let rounds: UInt64 = 60
    let wins = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for (index, writer) in writers.enumerated() {
        group.addTask {
          var won: [UInt64] = []
          for sequence in 0..<rounds {
            // Both try every sequence; a writer that comes late learns so and goes on.
            while true {
              do {
                try writer.append([
                  LogBatch(
                    space: "lab", expectedSequence: sequence, epoch: epoch, payloads: [[UInt8(index)]])
                ])
                won.append(sequence + 1)
                break
              } catch LogError.wrongSequence(_, _, let actual) where actual > sequence {
                break
              } catch LogError.busy { continue }
            }
          }
          return won
        }
      }
      return try await group.reduce(into: [[UInt64]]()) { $0.append($1) }
    }
    #expect(wins.flatMap(\.self).sorted() == Array(1...rounds))
    #expect(try writers[1].read("lab", after: 0, limit: 100).map(\.sequence) == Array(1...rounds))
    _ = try writers[0].verify()
  }

  @Test(arguments: Implementation.allCases) func aPayloadCanGoAndTheChainStillVerifies(_ kind: Implementation)
    throws
  {
    let scratch = Scratch()
    let log = try kind.open(scratch)
    _ = try log.claim("lab")
    try log.append([batch("lab", after: 0, epoch: 1, ["a", "secret", "c"])])
    let digest = try log.read("lab", after: 1, limit: 1)[0].digest
    try log.erase("lab", sequence: 2)
    let record = try log.read("lab", after: 1, limit: 1)[0]
    #expect(record.payload == nil && record.digest == digest)
    #expect(try log.verify().first?.erased == 1)
    #expect(throws: LogError.unknown("lab/9")) { try log.erase("lab", sequence: 9) }
  }

  @Test(arguments: Implementation.allCases) func imagesAreKeptOnceAndDroppedForGood(_ kind: Implementation)
    throws
  {
    let scratch = Scratch()
    let writers = try kind.writers(scratch)
    // SHA-256 of the empty string and of "abc" (FIPS 180-2, appendix B.1).
    let a = LogImage(
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", mediaType: "image/png",
      bytes: payload("abc"))
    let b = LogImage(
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", mediaType: "image/webp",
      bytes: [])
    try writers[0].keep(b)
    try writers[0].keep(a)
    // The same bytes again, whatever they are called now, are the same image.
    try writers[1].keep(LogImage(sha256: a.sha256, mediaType: "image/jpeg", bytes: a.bytes))
    #expect(try writers[1].images() == [a, b])
    _ = try writers[0].verify()
    try writers[1].drop(images: [a.sha256, "unknown"])
    #expect(try writers[0].images() == [b])
    #expect(try writers[0].ends().isEmpty)
    _ = try writers[0].claim("lab")
    try writers[0].append([batch("lab", after: 0, epoch: 1, ["a", "b"])])
    #expect(try writers[1].ends() == ["lab": 2])
  }

  @Test(arguments: Implementation.allCases) func aSnapshotTrimsTheLogAndTheChainGoesOn(_ kind: Implementation)
    throws
  {
    let scratch = Scratch()
    let log = try kind.open(scratch)
    _ = try log.claim("lab")
    #expect(try log.snapshot("lab") == nil)
    try log.append([batch("lab", after: 0, epoch: 1, ["a", "b", "c"])])
    let snapshot = LogSnapshot(space: "lab", sequence: 2, state: payload("ab"))
    try log.save(snapshot)
    #expect(try log.snapshot("lab") == snapshot)
    #expect(try log.read("lab", after: 0, limit: 10).map(\.sequence) == [3])
    try log.append([batch("lab", after: 3, epoch: 1, ["d"])])
    // An older one, come late, changes nothing.
    try log.save(LogSnapshot(space: "lab", sequence: 1, state: payload("a")))
    #expect(try log.snapshot("lab") == snapshot)
    #expect(try log.verify() == [LogSummary(space: "lab", sequence: 4, snapshotSequence: 2, erased: 0)])
    #expect(throws: LogError.unknown("lab/9")) {
      try log.save(LogSnapshot(space: "lab", sequence: 9, state: []))
    }
  }
}
