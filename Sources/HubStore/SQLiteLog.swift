import Foundation
import GRDB
internal import Synchronization

/// The log in one SQLite file: write-ahead log, `synchronous=FULL`, so that a commit that returned survives the loss of power as
/// far as the disk keeps its promises. One connection; calls wait for each other.
public final class SQLiteLog: SpaceLog {
  let queue: DatabaseQueue
  /// Set after an I/O error: what that file handle says later can't be believed (fsync reports an error once).
  private let failure = Mutex<String?>(nil)
  /// What the log had come to when this opened it, and since.
  private let heads: Mutex<HeadsFile>
  private let refusals: RefusalsFile

  /// Opens the log, creating it unless it is only to be read, and checks all of it.
  /// - Parameter path: the file; its `-wal` and `-shm` lie beside it.
  /// - Throws: ``LogError/damaged(_:)`` rather than serving a damaged file.
  public init(path: String, readsOnly: Bool = false) throws(LogError) {
    // Before the log itself: another process may append to both meanwhile.
    let heads = HeadsFile(beside: path)
    self.heads = Mutex(heads)
    let refusals = RefusalsFile(beside: path)
    self.refusals = refusals
    var configuration = Configuration()
    configuration.readonly = readsOnly
    configuration.busyMode = .timeout(5)
    if !readsOnly { configuration.journalMode = .wal }
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF")
    }
    queue = try Self.translated {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let findings = try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
      if findings != ["ok"] { throw LogError.damaged("\(path): \(findings.first ?? "no answer")") }
      if readsOnly {
        let isKnown = try queue.read { try Self.migrator.hasCompletedMigrations($0) }
        if !isKnown { throw LogError.damaged("\(path): not a hub's data, or of another version") }
      } else {
        if try queue.read({ try Self.migrator.hasBeenSuperseded($0) }) {
          throw LogError.failed("\(path) was written by a newer hub")
        }
        try Self.migrator.migrate(queue)
        // GRDB opens a write-ahead log with NORMAL, after the preparation above: a commit would return before the disk has it.
        try queue.writeWithoutTransaction { db in
          try db.execute(sql: "PRAGMA synchronous = FULL")
          guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
            throw LogError.failed("SQLite does not synchronise each commit")
          }
        }
        try Self.takeBack(refusals, queue)
      }
      return queue
    }
    try heads.check(verify())
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1-log") { db in
      try db.execute(
        sql: """
          CREATE TABLE space (
            id TEXT PRIMARY KEY NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, chain BLOB NOT NULL,
            baseSequence INTEGER NOT NULL, baseChain BLOB NOT NULL, state BLOB, stateDigest BLOB
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE op (
            space TEXT NOT NULL, sequence INTEGER NOT NULL, epoch INTEGER NOT NULL,
            digest BLOB NOT NULL, chain BLOB NOT NULL, payload BLOB, PRIMARY KEY (space, sequence)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2-authors") { db in
      try db.execute(
        sql: """
          CREATE TABLE author (
            account TEXT PRIMARY KEY NOT NULL, id TEXT NOT NULL, seen INTEGER NOT NULL
          ) STRICT, WITHOUT ROWID
          """)
    }
    migrator.registerMigration("3-images") { db in
      try db.execute(
        sql: """
          CREATE TABLE image (
            sha256 TEXT PRIMARY KEY NOT NULL, mediaType TEXT NOT NULL, bytes BLOB NOT NULL
          ) STRICT
          """)
    }
    return migrator
  }

  public func claim(_ space: String) throws(LogError) -> LogHead {
    try write { db in
      let start = Data(HashChain.start(space))
      try db.execute(
        sql: """
          INSERT INTO space VALUES (?, 1, 0, ?, 0, ?, NULL, NULL) ON CONFLICT (id) DO UPDATE SET epoch = epoch + 1
          """, arguments: [space, start, start])
      let row = try Self.row(of: space, db)
      return LogHead(epoch: row.epoch, sequence: row.sequence)
    }
  }

  public func append(_ batches: [LogBatch]) throws(LogError) {
    let wasSound = failure.withLock { $0 == nil }
    do throws(LogError) {
      try commit(batches)
    } catch {
      guard case .failed(let what) = error, wasSound else { throw error }
      // The write-ahead log may hold the commit all the same, and opening it would bring it back.
      guard refusals.add(batches) else { throw .uncertain(what) }
      throw error
    }
    heads.withLock { heads in
      heads.reach(batches.map { ($0.space, $0.expectedSequence + UInt64($0.payloads.count)) })
    }
  }

  private func commit(_ batches: [LogBatch]) throws(LogError) {
    try write { db in
      for batch in batches {
        let row = try Self.row(of: batch.space, db)
        guard row.epoch == batch.epoch else { throw LogError.fenced(space: batch.space) }
        guard row.sequence == batch.expectedSequence else {
          throw LogError.wrongSequence(
            space: batch.space, expected: batch.expectedSequence, actual: row.sequence)
        }
        let insert = try db.cachedStatement(sql: "INSERT INTO op VALUES (?, ?, ?, ?, ?, ?)")
        var chain = row.chain
        for entry in HashChain.link(batch, onto: chain) {
          let record = entry.record
          try insert.execute(arguments: [
            batch.space, Int64(record.sequence), Int64(record.epoch), Data(record.digest), Data(entry.chain),
            record.payload.map { Data($0) },
          ])
          chain = entry.chain
        }
        try db.execute(
          sql: "UPDATE space SET sequence = ?, chain = ? WHERE id = ?",
          arguments: [Int64(batch.expectedSequence) + Int64(batch.payloads.count), Data(chain), batch.space])
      }
    }
  }

  /// Cuts off what was refused and got into the file all the same; then forgets that it was refused.
  private static func takeBack(_ refusals: RefusalsFile, _ queue: DatabaseQueue) throws {
    let refused = refusals.read()
    guard !refused.isEmpty else { return }
    try cut(refused, queue)
    // All of it out of the write-ahead log, whose pages the disk may hold otherwise than they are read.
    try queue.writeWithoutTransaction { db in
      let blocked = try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
      guard blocked == 0 else { throw LogError.busy }
    }
    try refusals.remove()
  }

  private static func cut(_ refused: [RefusalsFile.Entry], _ queue: DatabaseQueue) throws {
    try queue.write { db in
      for entry in refused {
        let end = Int64(clamping: entry.after)
        // An epoch is claimed anew at each start: what a later owner wrote is none of it.
        let epoch = try Int64.fetchOne(
          db, sql: "SELECT epoch FROM op WHERE space = ? AND sequence = ?",
          arguments: [entry.space, end + 1])
        guard epoch == Int64(clamping: entry.epoch) else { continue }
        try db.execute(
          sql: "DELETE FROM op WHERE space = ? AND sequence > ?", arguments: [entry.space, end])
        try db.execute(
          sql: """
            UPDATE space SET sequence = ?1, chain = coalesce(
              (SELECT chain FROM op WHERE space = ?2 AND sequence = ?1), baseChain) WHERE id = ?2
            """, arguments: [end, entry.space])
      }
    }
  }

  public func read(_ space: String, after sequence: UInt64, limit: Int) throws(LogError) -> [LogRecord] {
    try Self.translated {
      try queue.read { try Self.records(of: space, after: sequence, limit: limit, $0).map(\.record) }
    }
  }

  public func snapshot(_ space: String) throws(LogError) -> LogSnapshot? {
    try Self.translated {
      try queue.read { db in
        let sql = "SELECT baseSequence, state FROM space WHERE id = ? AND state IS NOT NULL"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [space]) else { return nil }
        let sequence: Int64 = row[0]
        let state: Data = row[1]
        return LogSnapshot(space: space, sequence: UInt64(sequence), state: Array(state))
      }
    }
  }

  public func save(_ snapshot: LogSnapshot) throws(LogError) {
    try write { db in
      let row = try Self.row(of: snapshot.space, db)
      guard snapshot.sequence <= row.sequence else {
        throw LogError.unknown("\(snapshot.space)/\(snapshot.sequence)")
      }
      guard snapshot.sequence > row.baseSequence else { return }
      try db.execute(
        sql: """
          UPDATE space SET baseSequence = ?1, state = ?2, stateDigest = ?3,
            baseChain = (SELECT chain FROM op WHERE space = ?4 AND sequence = ?1) WHERE id = ?4
          """,
        arguments: [
          Int64(snapshot.sequence), Data(snapshot.state), Data(HashChain.sha256(snapshot.state)),
          snapshot.space,
        ])
      try db.execute(
        sql: "DELETE FROM op WHERE space = ? AND sequence <= ?",
        arguments: [snapshot.space, Int64(snapshot.sequence)])
    }
    // What was dropped shall not live on in the write-ahead log. A reader may keep this from happening now: then the
    // next snapshot does it.
    try emptyWriteAheadLog()
  }

  func emptyWriteAheadLog() throws(LogError) {
    try Self.translated {
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }
  }

  public func erase(_ space: String, sequence: UInt64) throws(LogError) {
    try write { db in
      try db.execute(
        sql: "UPDATE op SET payload = NULL WHERE space = ? AND sequence = ?",
        arguments: [space, Int64(sequence)])
      guard db.changesCount == 1 else { throw LogError.unknown("\(space)/\(sequence)") }
    }
  }

  public func remember(author: String, account: String, day: Int) throws(LogError) {
    try write { db in
      try db.execute(
        sql: "INSERT INTO author VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET seen = excluded.seen",
        arguments: [account, author, day])
    }
  }

  public func authors() throws(LogError) -> [String: String] {
    try Self.translated {
      try queue.read { db in
        try Row.fetchAll(db, sql: "SELECT account, id FROM author").reduce(into: [:]) { known, row in
          let account: String = row[0]
          let author: String = row[1]
          known[account] = author
        }
      }
    }
  }

  public func forget(account: String) throws(LogError) {
    try write { db in try db.execute(sql: "DELETE FROM author WHERE account = ?", arguments: [account]) }
    try emptyWriteAheadLog()
  }

  public func forget(unseenSince day: Int) throws(LogError) -> Int {
    let count = try write { db in
      try db.execute(sql: "DELETE FROM author WHERE seen < ?", arguments: [day])
      return db.changesCount
    }
    if count > 0 { try emptyWriteAheadLog() }
    return count
  }

  public func verify() throws(LogError) -> [LogSummary] {
    try Self.translated {
      try queue.read { db in
        try Self.checkImages(db)
        return try String.fetchAll(db, sql: "SELECT id FROM space ORDER BY id").map { space in
          let row = try Self.row(of: space, db)
          guard row.state.map(HashChain.sha256) == row.stateDigest else {
            throw LogError.damaged("\(space): snapshot and digest differ")
          }
          if row.state == nil, row.baseSequence != 0 || row.baseChain != HashChain.start(space) {
            throw LogError.damaged("\(space): the log begins without a snapshot")
          }
          let records = try Self.records(of: space, after: 0, limit: .max, db)
          let erased = try HashChain.check(
            space, records, after: (row.baseSequence, row.baseChain), head: (row.sequence, row.chain))
          return LogSummary(
            space: space, sequence: row.sequence, snapshotSequence: row.baseSequence, erased: erased)
        }
      }
    }
  }

  /// Copies the log into a new file while others write: a consistent state of one moment.
  /// - Throws: when the file exists already.
  public func backup(to path: String) throws(LogError) {
    guard !FileManager.default.fileExists(atPath: path) else { throw .failed("\(path) exists already") }
    try Self.translated {
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "VACUUM INTO ?", arguments: [path])
      }
    }
    let refused = refusals.read()
    if !refused.isEmpty { try Self.translated { try Self.cut(refused, DatabaseQueue(path: path)) } }
    try DataFolder.synchronize(path)
  }
}

extension SQLiteLog {
  private struct SpaceRow {
    var epoch, sequence, baseSequence: UInt64
    var chain, baseChain: [UInt8]
    var state, stateDigest: [UInt8]?
  }

  private static func row(of space: String, _ db: Database) throws -> SpaceRow {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM space WHERE id = ?", arguments: [space]) else {
      throw LogError.unknown(space)
    }
    func number(_ name: String) throws -> UInt64 {
      let value: Int64 = row[name]
      guard let number = UInt64(exactly: value) else {
        throw LogError.damaged("\(space): \(name) is \(value)")
      }
      return number
    }
    func bytes(_ name: String) -> [UInt8] { (row[name] as Data).map(\.self) }
    func optional(_ name: String) -> [UInt8]? { (row[name] as Data?).map { Array($0) } }
    return SpaceRow(
      epoch: try number("epoch"), sequence: try number("sequence"),
      baseSequence: try number("baseSequence"), chain: bytes("chain"), baseChain: bytes("baseChain"),
      state: optional("state"), stateDigest: optional("stateDigest"))
  }

  private static func records(of space: String, after sequence: UInt64, limit: Int, _ db: Database) throws
    -> [ChainedRecord]
  {
    let sql = """
      SELECT sequence, epoch, digest, chain, payload FROM op WHERE space = ? AND sequence > ?
      ORDER BY sequence LIMIT ?
      """
    let arguments: StatementArguments = [space, Int64(clamping: sequence), limit]
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
      let sequence: Int64 = row[0]
      let epoch: Int64 = row[1]
      let digest: Data = row[2]
      let chain: Data = row[3]
      let payload: Data? = row[4]
      guard sequence > 0, epoch > 0 else { throw LogError.damaged("\(space): record \(sequence)/\(epoch)") }
      let record = LogRecord(
        sequence: UInt64(sequence), epoch: UInt64(epoch), digest: Array(digest),
        payload: payload.map { Array($0) })
      return ChainedRecord(record: record, chain: Array(chain))
    }
  }

  /// One immediate transaction. After an I/O error of its own no later one is tried.
  func write<Value>(_ body: (Database) throws -> Value) throws(LogError) -> Value {
    if let failure = failure.withLock({ $0 }) { throw .failed(failure) }
    do {
      return try Self.translated {
        try queue.writeWithoutTransaction { db in
          var value: Value?
          try db.inTransaction(.immediate) {
            value = try body(db)
            return .commit
          }
          guard let value else { preconditionFailure("a committed transaction has a value") }
          return value
        }
      }
    } catch {
      if case .failed(let what) = error { failure.withLock { $0 = what } }
      throw error
    }
  }

  static func translated<Value>(_ body: () throws -> Value) throws(LogError) -> Value {
    do {
      return try body()
    } catch let error as LogError {
      throw error
    } catch let error as DatabaseError {
      let text = "\(error.message ?? "") (\(error.extendedResultCode.rawValue))"
      switch error.resultCode {
      case .SQLITE_FULL: throw .full
      case .SQLITE_BUSY, .SQLITE_LOCKED: throw .busy
      case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_MISMATCH: throw .damaged(text)
      case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_DATA: throw .damaged(text)
      default: throw .failed(text)
      }
    } catch {
      throw .damaged("\(error)")
    }
  }
}
