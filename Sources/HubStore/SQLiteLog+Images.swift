import Foundation
import GRDB
import HubKernel

/// Images beside the log, in the same file and under the same rules.
extension SQLiteLog {
  public func keep(_ image: LogImage) throws(LogError) {
    try write { db in
      try db.execute(
        sql: "INSERT INTO image VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
        arguments: [image.sha256, image.mediaType, Data(image.bytes)])
    }
  }

  public func images() throws(LogError) -> [LogImage] {
    try Self.translated {
      try queue.read { db in
        try Row.fetchAll(db, sql: "SELECT sha256, mediaType, bytes FROM image ORDER BY sha256").map {
          LogImage(sha256: $0[0], mediaType: $0[1], bytes: Array($0[2] as Data))
        }
      }
    }
  }

  public func drop(images: [String]) throws(LogError) {
    guard !images.isEmpty else { return }
    try write { db in
      for sha256 in images {
        try db.execute(sql: "DELETE FROM image WHERE sha256 = ?", arguments: [sha256])
      }
    }
    // Somebody's face may be on it: it shall not live on in the write-ahead log.
    try emptyWriteAheadLog()
  }

  public func ends() throws(LogError) -> [String: UInt64] {
    try Self.translated {
      try queue.read { db in
        try Row.fetchAll(db, sql: "SELECT id, sequence FROM space").reduce(into: [:]) { ends, row in
          let sequence: Int64 = row[1]
          ends[row[0]] = UInt64(clamping: sequence)
        }
      }
    }
  }

  /// Each image against its name; one at a time in memory.
  static func checkImages(_ db: Database) throws {
    let rows = try Row.fetchCursor(db, sql: "SELECT sha256, bytes FROM image")
    while let row = try rows.next() {
      let name: String = row[0]
      let digest = HashChain.sha256(Array(row[1] as Data))
      guard digest.hexText == name else {
        throw LogError.damaged("image \(name): its bytes are others")
      }
    }
  }
}
