import Foundation

/// How far the log of each space had come, in a file beside the database, written after each commit.
///
/// SQLite ends its write-ahead log at the first frame whose checksum is wrong and takes what follows for never written:
/// one flipped bit would silently take acknowledged ops along. This file says what was there. It is not synchronised:
/// after a loss of power it may be behind the log, which is harmless; ahead of it it can't be.
struct HeadsFile {
  private let path: String
  private(set) var heads: [String: UInt64]

  /// Reads what there is. A file that is torn or missing says nothing.
  init(beside database: String) {
    path = Self.path(beside: database)
    heads = FileManager.default.contents(atPath: path).flatMap { Self.parse([UInt8]($0)) } ?? [:]
  }

  static func path(beside database: String) -> String { database + "-heads" }

  /// Writes what the log has reached. A head that can't be written (the disk may be full) stays an older one.
  mutating func reach(_ reached: [(space: String, sequence: UInt64)]) {
    for (space, sequence) in reached { heads[space] = max(heads[space] ?? 0, sequence) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Self.bytes(heads)
    // In one call: a process that is killed leaves it whole or untouched. Shorter it never gets.
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// - Throws: ``LogError/damaged(_:)`` where a log ends before what was reached.
  func check(_ summaries: [LogSummary]) throws(LogError) {
    for (space, reached) in heads.sorted(by: { $0.key < $1.key }) {
      let found = summaries.first { $0.space == space }?.sequence ?? 0
      guard found >= reached else {
        throw .damaged(
          "\(space): the log ends at \(found), but had come to \(reached): records at its end are lost")
      }
    }
  }

  private static func bytes(_ heads: [String: UInt64]) -> [UInt8] {
    SealedLines.seal(heads.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
  }

  private static func parse(_ bytes: [UInt8]) -> [String: UInt64]? {
    guard let lines = SealedLines.open(bytes) else { return nil }
    var heads: [String: UInt64] = [:]
    for words in lines {
      guard words.count == 2, let sequence = UInt64(words[1]) else { return nil }
      heads[String(words[0])] = sequence
    }
    return heads
  }
}
