import Foundation

/// The folder of `--data`, held by one process at a time.
public final class DataFolder: Sendable {
  public let path: String
  private let descriptor: Int32

  /// Creates the folder if need be (for its owner only) and locks it until the process ends, however it ends.
  public init(_ path: String) throws(LogError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw .failed("can't create the folder \(path)") }
    let descriptor = open(path + "/hub.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .failed("can't write in \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .busy
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  public var logPath: String { Self.logPath(path) }
  /// Where bans and the audit log are kept unless another file is named.
  public var administrationPath: String { Self.administrationPath(path) }
  public static func administrationPath(_ folder: String) -> String { folder + "/administration.jsonl" }
  public static func logPath(_ folder: String) -> String { folder + "/hub.sqlite" }

  /// Puts a checked backup into a folder that holds no data yet.
  public static func restore(backup: String, into folder: String) throws(LogError) -> [LogSummary] {
    let summaries = try SQLiteLog(path: backup, readsOnly: true).verify()
    let target = try DataFolder(folder)
    guard !FileManager.default.fileExists(atPath: target.logPath) else {
      throw .failed("\(target.logPath) exists already")
    }
    let partial = target.logPath + ".partial"
    do {
      try? FileManager.default.removeItem(atPath: partial)
      // Of a log that is no longer here.
      try? FileManager.default.removeItem(atPath: HeadsFile.path(beside: target.logPath))
      try? FileManager.default.removeItem(atPath: RefusalsFile.path(beside: target.logPath))
      try FileManager.default.copyItem(atPath: backup, toPath: partial)
      try synchronize(partial)
      try FileManager.default.moveItem(atPath: partial, toPath: target.logPath)
      try synchronize(folder)
    } catch let error as LogError { throw error } catch { throw .failed("\(error)") }
    return summaries
  }

  /// Has the disk confirm a file or a folder.
  static func synchronize(_ path: String) throws(LogError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failed("can't open \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .failed("\(path): \(String(cString: strerror(errno)))") }
  }
}
