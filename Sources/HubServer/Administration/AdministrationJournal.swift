import Dispatch
import Foundation
package import HubEngine

/// Bans, revoked invitations, their uses and the audit log on the disk: one file of JSON lines, appended to and synchronised record by record,
/// read and written anew (without what is over its time) when the hub starts. No names are in it.
///
/// The engine acts at once; the line follows within milliseconds on a queue of its own, so that a slow disk stops nobody's clock.
package final class AdministrationJournal: @unchecked Sendable {
  // Unchecked: `file` is only touched on `queue` after init.
  package static let auditDays: Int64 = 90
  /// Longer than any invitation lives.
  package static let revokedDays: Int64 = 400
  private static let dayMs: Int64 = 86_400_000

  private let queue = DispatchQueue(label: "hub.administration")
  private let file: FileHandle
  private let onFailure: @Sendable (String) -> Void
  /// What held when the file was opened.
  package let restored: AdministrativeState
  /// Makes pseudonyms of account names: made once, kept with the bans that speak of them.
  package let pseudonymKey: [UInt8]

  /// Reads the file, or begins it (for its owner only).
  /// - Throws: ``StartupError`` where a line can't be read: bans are not forgotten in silence. A last line without its end is a record that
  ///   was being written when the hub died; nobody was told of it, and it is left out.
  package init(path: String, unixMs: Int64, onFailure: @escaping @Sendable (String) -> Void) throws {
    self.onFailure = onFailure
    var records: [AdministrativeRecord] = []
    var secret: [UInt8]?
    if let text = FileManager.default.contents(atPath: path) {
      var lines = [UInt8](text).split(separator: 0x0A, omittingEmptySubsequences: false)
      _ = lines.popLast()
      for (index, line) in lines.enumerated() {
        if index == 0, let key = RecordText.secret(Array(line)) {
          secret = key
          continue
        }
        guard let record = RecordText.record(Array(line)) else {
          throw StartupError("\(path):\(index + 1): no record of administration; repair or remove the line")
        }
        records.append(record)
      }
    } else if FileManager.default.fileExists(atPath: path) {
      throw StartupError("can't read \(path)")
    }
    guard let secret = secret ?? SystemRandom.bytes(32) else {
      throw StartupError("the system gives no random bytes")
    }
    pseudonymKey = secret
    let kept = Self.kept(records, unixMs: unixMs)
    restored = Self.state(kept)
    file = try Self.rewrite(path, secret, kept)
  }

  /// What a file of records says of one account, read without changing it: the key that pseudonyms are made with, and the lines
  /// that name a pseudonym.
  static func read(path: String) throws -> (key: [UInt8]?, lines: [String]) {
    guard FileManager.default.fileExists(atPath: path) else { return (nil, []) }
    guard let text = FileManager.default.contents(atPath: path) else {
      throw StartupError("can't read \(path)")
    }
    let lines = text.split(separator: 0x0A)
    return (
      lines.first.flatMap { RecordText.secret([UInt8]($0)) },
      lines.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    )
  }

  /// Any thread; returns at once. Order is kept.
  package func write(_ record: AdministrativeRecord) {
    queue.async { [self] in
      do {
        try file.write(contentsOf: try RecordText.line(record))
        try file.synchronize()
      } catch { onFailure("\(error)") }
    }
  }

  /// Waits until everything given so far is on the disk.
  package func flush() { queue.sync {} }

  /// Without bans that ended or were lifted, old acts and old revocations; uses are summed up line by line as they were.
  private static func kept(_ records: [AdministrativeRecord], unixMs: Int64) -> [AdministrativeRecord] {
    var lifted: Set<UInt64> = []
    for case .unbanned(let id) in records { lifted.insert(id) }
    let newest = records.reduce(UInt64(0)) { if case .banned(let ban) = $1 { max($0, ban.id) } else { $0 } }
    return records.filter { record in
      switch record {
      case .banned(let ban):
        // The newest id stays, with its lifting, so that no id ever means two bans.
        ban.id == newest || !(lifted.contains(ban.id) || ban.isOver(unixMs: unixMs))
      case .unbanned(let id): id == newest
      case .revoked(_, let at): at >= unixMs - revokedDays * dayMs
      case .audit(let act): act.at >= unixMs - auditDays * dayMs
      case .used: true
      }
    }
  }

  private static func state(_ kept: [AdministrativeRecord]) -> AdministrativeState {
    var state = AdministrativeState()
    for record in kept {
      switch record {
      case .banned(let ban):
        state.bans.append(ban)
        state.nextBan = max(state.nextBan, ban.id + 1)
      case .unbanned(let id): state.bans.removeAll { $0.id == id }
      case .revoked(let invitation, _): state.revoked.insert(invitation)
      case .used(let invitation): state.uses[invitation, default: 0] += 1
      case .audit(let act): state.audit.append(act)
      }
    }
    state.audit = Array(state.audit.suffix(200))
    return state
  }

  /// Writes the whole file beside the old one and puts it in its place: there is always one whole file.
  private static func rewrite(_ path: String, _ secret: [UInt8], _ records: [AdministrativeRecord]) throws
    -> FileHandle
  {
    let partial = path + ".partial"
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StartupError("can't write \(partial): \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: try RecordText.line(secret: secret))
    for record in records { try file.write(contentsOf: try RecordText.line(record)) }
    try file.synchronize()
    guard rename(partial, path) == 0 else {
      throw StartupError("can't write \(path): \(String(cString: strerror(errno)))")
    }
    let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
    return file
  }
}
