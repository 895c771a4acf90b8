import Foundation
import HubStore
import Testing

/// What only a file can do: stay, be copied, be damaged.
@Suite struct SQLiteLogTests {
  private func filled(_ path: String, ops: Int = 40) throws {
    let log = try SQLiteLog(path: path)
    let epoch = try log.claim("lab").epoch
    for sequence in 0..<ops {
      let payload = Array("note \(sequence) ".utf8) + [UInt8](repeating: UInt8(sequence), count: 200)
      try log.append([
        LogBatch(space: "lab", expectedSequence: UInt64(sequence), epoch: epoch, payloads: [payload])
      ])
    }
    try log.save(LogSnapshot(space: "lab", sequence: 10, state: Array("ten".utf8)))
  }

  @Test func whatWasAppendedIsThereWhenOpenedAgain() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    try filled(path)
    let log = try SQLiteLog(path: path)
    #expect(try log.claim("lab") == LogHead(epoch: 2, sequence: 40))
    #expect(try log.read("lab", after: 10, limit: 100).count == 30)
    #expect(try log.snapshot("lab")?.state == Array("ten".utf8))
  }

  @Test func aBackupIsWholeAndRestoresIntoAnEmptyFolderOnly() throws {
    let scratch = Scratch()
    let folder = scratch.path + "/data"
    _ = try DataFolder(folder)
    try filled(DataFolder.logPath(folder))
    let backup = scratch.path + "/backup.sqlite"
    try SQLiteLog(path: DataFolder.logPath(folder), readsOnly: true).backup(to: backup)
    #expect(throws: LogError.self) {
      try SQLiteLog(path: DataFolder.logPath(folder), readsOnly: true).backup(to: backup)
    }
    #expect(throws: LogError.self) { try DataFolder.restore(backup: backup, into: folder) }
    let other = scratch.path + "/other"
    #expect(try DataFolder.restore(backup: backup, into: other).first?.sequence == 40)
    #expect(try SQLiteLog(path: DataFolder.logPath(other)).claim("lab").sequence == 40)
  }

  @Test func aFolderIsHeldByOne() throws {
    let scratch = Scratch()
    let held = try DataFolder(scratch.path)
    #expect(throws: LogError.busy) { try DataFolder(scratch.path) }
    _ = held.path
  }

  /// Every flipped bit is either found, or changes nothing that is read.
  @Test func aDamagedFileIsNamedNeverServed() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    try filled(path)
    try SQLiteLog(path: path, readsOnly: true).backup(to: scratch.path + "/sound.sqlite")
    let sound = [UInt8](try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/sound.sqlite")))
    let truth = try SQLiteLog(path: scratch.path + "/sound.sqlite").read("lab", after: 0, limit: 100)
    var found = 0
    var harmless = 0
    for offset in stride(from: 7, to: sound.count, by: max(1, sound.count / 150)) {
      var bytes = sound
      bytes[offset] ^= 0x10
      let copy = scratch.path + "/flip-\(offset).sqlite"
      try Data(bytes).write(to: URL(fileURLWithPath: copy))
      defer { try? FileManager.default.removeItem(atPath: copy) }
      do {
        let log = try SQLiteLog(path: copy)
        #expect(try log.read("lab", after: 0, limit: 100) == truth, "served wrong after a flip at \(offset)")
        #expect(try log.snapshot("lab")?.state == Array("ten".utf8))
        harmless += 1
      } catch { found += 1 }
    }
    #expect(found > 0)
    print("bit flips: \(found + harmless), found \(found), in unused bytes \(harmless), served wrong 0")
  }

  /// SQLite takes a write-ahead log to end at the first bad frame; the heads beside it know better.
  @Test func damagedFramesOfTheWriteAheadLogAreNamed() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    let log = try SQLiteLog(path: path)
    let epoch = try log.claim("lab").epoch
    for sequence in 0..<40 {
      try log.append([
        LogBatch(
          space: "lab", expectedSequence: UInt64(sequence), epoch: epoch,
          payloads: [[UInt8](repeating: UInt8(sequence), count: 300)])
      ])
    }
    let truth = try log.read("lab", after: 0, limit: 100)
    let frames = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "-wal")))
    try #require(frames.count > 40 * 4096)
    var found = 0
    var harmless = 0
    for offset in stride(from: 5, to: frames.count, by: frames.count / 60) {
      let copy = scratch.path + "/flip-\(offset).sqlite"
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      try FileManager.default.copyItem(atPath: path + "-heads", toPath: copy + "-heads")
      var bytes = frames
      bytes[offset] ^= 0x10
      try Data(bytes).write(to: URL(fileURLWithPath: copy + "-wal"))
      do {
        #expect(
          try SQLiteLog(path: copy).read("lab", after: 0, limit: 100) == truth,
          "lost after a flip at \(offset)")
        harmless += 1
      } catch LogError.damaged { found += 1 }
      for suffix in ["", "-wal", "-shm", "-heads"] {
        try? FileManager.default.removeItem(atPath: copy + suffix)
      }
    }
    #expect(found > 0)
    print(
      "write-ahead log: \(found + harmless) bit flips, found \(found), changed nothing \(harmless), served wrong 0"
    )
    _ = try log.claim("lab")
  }

  @Test func anImageWhoseBytesChangedIsNamedAndOneThatWasDroppedIsInNoFile() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    let planted = Array("PLANTED-PICTURE".utf8)
    do {
      let log = try SQLiteLog(path: path)
      let name = "36d07d25cc4a32f9aa8f25c3f4e4e8ff"
      // Under a name that is not its own.
      try log.keep(LogImage(sha256: name, mediaType: "image/png", bytes: planted))
      #expect(throws: LogError.damaged("image \(name): its bytes are others")) { try log.verify() }
      try log.drop(images: [name])
      _ = try log.verify()
      for file in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + file))
        #expect(bytes.range(of: Data(planted)) == nil, "\(file)")
      }
    }
    #expect(try SQLiteLog(path: path, readsOnly: true).images().isEmpty)
  }

  @Test func tornHeadsSayNothing() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    try filled(path)
    try Data("torn".utf8).write(to: URL(fileURLWithPath: path + "-heads"))
    #expect(try SQLiteLog(path: path).claim("lab").sequence == 40)
  }

  @Test func whatASnapshotDroppedIsInNoFileAnyMore() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    let log = try SQLiteLog(path: path)
    let epoch = try log.claim("lab").epoch
    let planted = Array("PLANTED-TEXT".utf8)
    try log.append([LogBatch(space: "lab", expectedSequence: 0, epoch: epoch, payloads: [planted, [1]])])
    func holds() throws -> Bool {
      try FileManager.default.contentsOfDirectory(atPath: scratch.path).contains { name in
        try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/" + name)).range(of: Data(planted)) != nil
      }
    }
    #expect(try holds())
    try log.save(LogSnapshot(space: "lab", sequence: 2, state: [2]))
    #expect(try !holds())
    #expect(try log.verify().first?.sequence == 2)
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    let scratch = Scratch()
    let path = scratch.path + "/a.sqlite"
    try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
    #expect(throws: LogError.self) { try SQLiteLog(path: path) }
    #expect(throws: LogError.self) { try SQLiteLog(path: scratch.path + "/none.sqlite", readsOnly: true) }
  }
}
