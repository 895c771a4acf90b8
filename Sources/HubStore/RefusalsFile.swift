import Foundation

/// What the log refused after the disk had failed, in a file beside the database until it is opened anew.
///
/// A commit whose fsync fails is taken back in memory only: its frames stand in the write-ahead log, valid, and the next one
/// to open it would find them committed. Ops that people were told are not stored would be there after a restart. So the
/// refusal itself is made durable, through a file handle that has not failed; where that fails too, nobody is told what
/// isn't known (``LogError/uncertain(_:)``).
struct RefusalsFile: Sendable {
  struct Entry: Equatable {
    var space: String
    /// The last sequence that stays.
    var after: UInt64
    var epoch: UInt64
  }

  private let path: String

  init(beside database: String) { path = Self.path(beside: database) }

  static func path(beside database: String) -> String { database + "-refused" }

  /// - Returns: whether the disk has it. Once a log: it takes nothing more afterwards.
  func add(_ batches: [LogBatch]) -> Bool {
    let lines = batches.map { "\($0.space) \($0.expectedSequence) \($0.epoch)" }
    let partial = path + ".partial"
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = SealedLines.seal(lines)
    let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard written == bytes.count, fsync(descriptor) == 0, rename(partial, path) == 0 else { return false }
    do throws(LogError) { try DataFolder.synchronize(folder) } catch { return false }
    return true
  }

  /// A torn file says nothing: whoever wrote it was not told that it was kept.
  func read() -> [Entry] {
    guard let bytes = FileManager.default.contents(atPath: path), let lines = SealedLines.open([UInt8](bytes))
    else { return [] }
    return lines.compactMap { words in
      guard words.count == 3, let after = UInt64(words[1]), let epoch = UInt64(words[2]) else { return nil }
      return Entry(space: String(words[0]), after: after, epoch: epoch)
    }
  }

  func remove() throws(LogError) {
    guard unlink(path) == 0 else {
      throw .failed("can't remove \(path): \(String(cString: strerror(errno)))")
    }
    try DataFolder.synchronize(folder)
  }

  private var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
}
