/// The durable order of what happened in spaces: for each space a gapless sequence of opaque payloads, from 1.
///
/// An append names the sequence it expects and the epoch it owns the space by. Both are checked in the same transaction that
/// writes, so two writers can never both take a sequence, and an owner that was replaced while it slept writes nothing.
/// Calls block until the disk has answered: never make one on the loop's thread.
public protocol SpaceLog: Sendable {
  /// Takes a space over: a new epoch, higher than all before. Appends under older ones fail with ``LogError/fenced(space:)``.
  func claim(_ space: String) throws(LogError) -> LogHead
  /// All batches or none, in one commit. Returns when they survive a crash.
  func append(_ batches: [LogBatch]) throws(LogError)
  /// At most `limit` records after a sequence, ascending. Records before the newest snapshot may be gone.
  func read(_ space: String, after sequence: UInt64, limit: Int) throws(LogError) -> [LogRecord]
  /// The newest state that was saved, if any.
  func snapshot(_ space: String) throws(LogError) -> LogSnapshot?
  /// Saves the state after a sequence and drops the records up to it. The chain goes on from there.
  /// An older snapshot than the newest one changes nothing.
  func save(_ snapshot: LogSnapshot) throws(LogError)
  /// Makes a record's payload unreadable. Its digest stays, so the chain still verifies.
  func erase(_ space: String, sequence: UInt64) throws(LogError)
  /// Keeps which account an author in payloads is, and the day of the last visit; apart from the records, so that it can be
  /// forgotten. An account that is known keeps its author.
  /// - Parameter day: since 1970-01-01, UTC.
  func remember(author: String, account: String, day: Int) throws(LogError)
  /// Account to author.
  func authors() throws(LogError) -> [String: String]
  /// Forgets who an account's author was. What they wrote stays, and leads nowhere.
  func forget(account: String) throws(LogError)
  /// The same for all who were last here before a day.
  /// - Returns: how many.
  func forget(unseenSince day: Int) throws(LogError) -> Int
  /// Keeps an image under its SHA-256. Returns when it survives a crash; one that is there already stays.
  func keep(_ image: LogImage) throws(LogError)
  /// All images, by SHA-256.
  func images() throws(LogError) -> [LogImage]
  /// Takes images away for good; those that aren't there count as gone.
  func drop(images: [String]) throws(LogError)
  /// The last sequence of every space that was ever claimed.
  func ends() throws(LogError) -> [String: UInt64]
  /// Recomputes every digest and chain. Throws ``LogError/damaged(_:)`` at the first that is wrong.
  func verify() throws(LogError) -> [LogSummary]
}

/// Who owns a space and where its log ends.
public struct LogHead: Sendable, Equatable {
  public var epoch: UInt64
  /// Of the last record, 0 before the first.
  public var sequence: UInt64
  public init(epoch: UInt64, sequence: UInt64) {
    self.epoch = epoch
    self.sequence = sequence
  }
}

/// What one space adds in one commit.
public struct LogBatch: Sendable, Equatable {
  public var space: String
  /// Sequence of the last record so far: the first payload gets the next one.
  public var expectedSequence: UInt64
  public var epoch: UInt64
  public var payloads: [[UInt8]]
  public init(space: String, expectedSequence: UInt64, epoch: UInt64, payloads: [[UInt8]]) {
    self.space = space
    self.expectedSequence = expectedSequence
    self.epoch = epoch
    self.payloads = payloads
  }
}

public struct LogRecord: Sendable, Equatable {
  public var sequence: UInt64
  public var epoch: UInt64
  /// SHA-256 of the payload as it was written.
  public var digest: [UInt8]
  /// Nil once erased.
  public var payload: [UInt8]?
}

/// The state of a space after a sequence.
public struct LogSnapshot: Sendable, Equatable {
  public var space: String
  public var sequence: UInt64
  public var state: [UInt8]
  public init(space: String, sequence: UInt64, state: [UInt8]) {
    self.space = space
    self.sequence = sequence
    self.state = state
  }
}

/// An image that exhibits may name.
public struct LogImage: Sendable, Equatable {
  /// 64 lower-case hexadecimal digits: of the bytes.
  public var sha256: String
  public var mediaType: String
  public var bytes: [UInt8]
  public init(sha256: String, mediaType: String, bytes: [UInt8]) {
    self.sha256 = sha256
    self.mediaType = mediaType
    self.bytes = bytes
  }
}

/// What ``SpaceLog/verify()`` found of one space.
public struct LogSummary: Sendable, Equatable {
  public var space: String
  public var sequence: UInt64
  /// Of the snapshot the records stand on, 0 without one.
  public var snapshotSequence: UInt64
  public var erased: Int
  public init(space: String, sequence: UInt64, snapshotSequence: UInt64, erased: Int) {
    self.space = space
    self.sequence = sequence
    self.snapshotSequence = snapshotSequence
    self.erased = erased
  }
}

/// Why the log refused or failed. Nothing of the call is in the log, now or when it is opened again, except after
/// ``uncertain(_:)``. After that and after ``failed(_:)`` the log takes nothing more until it is opened anew.
public enum LogError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Another writer was there first.
  case wrongSequence(space: String, expected: UInt64, actual: UInt64)
  /// A newer owner has claimed the space.
  case fenced(space: String)
  /// Nobody has claimed the space, or the sequence is not in the log.
  case unknown(String)
  /// No room on the disk; may pass.
  case full
  /// Another process holds the file; may pass.
  case busy
  case damaged(String)
  case failed(String)
  /// The disk failed, and would not keep either that this was refused: it may be there when the log is opened anew.
  case uncertain(String)

  public var description: String {
    switch self {
    case .wrongSequence(let space, let expected, let actual):
      "space \(space) is at \(actual), the writer expected \(expected)"
    case .fenced(let space): "space \(space) has a newer owner"
    case .unknown(let what): "\(what) is not in the log"
    case .full: "the disk is full"
    case .busy: "another process holds the data file"
    case .damaged(let what): "the data is damaged: \(what)"
    case .failed(let what): "the disk failed: \(what)"
    case .uncertain(let what): "the disk failed, and it is open whether it holds the last ops: \(what)"
    }
  }
}
