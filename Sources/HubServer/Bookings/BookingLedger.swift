import Foundation
import HubBookings
import HubJSON

/// What the hub itself has booked, and what it was about to: one line a step, on disk before the step. After a crash the open
/// intents are found here and asked for at the calendar.
final class BookingLedger {
  enum State: String, Codable { case intent, booked, gone }
  struct Entry: Codable, Equatable {
    var id: String
    var room: String
    /// The resource at the calendar.
    var resource: String
    var start: Int
    var end: Int
    /// Who may change and cancel it.
    var owner: String
    var state: State
    /// When a series ends for good; nil: a single booking.
    var seriesEnd: Int?
    var lastEnd: Int { seriesEnd ?? end }
    var interval: TimeInterval64 { TimeInterval64(start: start, end: max(start, end)) }
  }

  private var entries: [String: Entry]
  private let handle: FileHandle

  static func path(_ folder: String) -> String { folder + "/bookings.jsonl" }

  /// Reads and tidies the file: what ended over 30 days ago is forgotten.
  /// - Throws: when the folder can't be written, as text for the operator.
  init(folder: String, now: Int) throws {
    let path = Self.path(folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    entries = Self.read(path).filter {
      $0.value.state == .intent || ($0.value.state == .booked && $0.value.lastEnd > now - 30 * 86_400)
    }
    try Self.write(entries, to: path)
    guard let handle = FileHandle(forWritingAtPath: path) else { throw StartupError("can't write \(path)") }
    try handle.seekToEnd()
    self.handle = handle
    try handle.synchronize()
  }

  /// The newest step of each; nothing where there is no file.
  static func read(_ path: String) -> [String: Entry] {
    var entries: [String: Entry] = [:]
    for line in FileManager.default.contents(atPath: path)?.split(separator: 0x0A) ?? [] {
      // The last line may be torn by a crash: then its step was not taken.
      guard let entry = try? JSON.decode(Entry.self, from: [UInt8](line)) else { continue }
      entries[entry.id] = entry
    }
    return entries
  }

  /// A new file, which takes the old one's place in one step.
  private static func write(_ entries: [String: Entry], to path: String) throws {
    let kept = try entries.values.sorted { $0.id < $1.id }.map { try JSON.encode($0) + [0x0A] }
    let fresh = path + ".new"
    guard
      FileManager.default.createFile(
        atPath: fresh, contents: Data(kept.joined()), attributes: [.posixPermissions: 0o600]),
      let handle = FileHandle(forWritingAtPath: fresh)
    else { throw StartupError("can't write \(path)") }
    try handle.synchronize()
    guard rename(fresh, path) == 0 else { throw StartupError("can't write \(path)") }
  }

  /// What is there of somebody, the earliest first.
  static func entries(of owners: Set<String>, in path: String) -> [Entry] {
    read(path).values.filter { owners.contains($0.owner) }.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
  }

  /// Nobody owns them any more; the rooms stay booked, in calendars that are the town's. Only while no hub runs on the file.
  /// - Returns: how many bookings that were.
  static func disown(_ owners: Set<String>, in path: String) throws -> Int {
    var entries = read(path)
    let theirs = entries.values.filter { owners.contains($0.owner) }
    guard !theirs.isEmpty else { return 0 }
    for entry in theirs { entries[entry.id]?.owner = "" }
    try write(entries, to: path)
    return theirs.count
  }

  /// On disk when it returns.
  func note(_ entry: Entry) throws {
    try handle.write(contentsOf: Data(try JSON.encode(entry) + [0x0A]))
    try handle.synchronize()
    entries[entry.id] = entry
  }

  func settle(_ id: String, _ state: State) throws {
    guard var entry = entries[id] else { return }
    entry.state = state
    try note(entry)
    if state == .gone { entries[id] = nil }
  }

  subscript(id: String) -> Entry? { entries[id] }
  func intents(room: String) -> [Entry] {
    entries.values.filter { $0.room == room && $0.state == .intent }.sorted { $0.id < $1.id }
  }
  func booked(room: String, after now: Int) -> [Entry] {
    entries.values.filter { $0.room == room && $0.state == .booked && $0.lastEnd > now }.sorted {
      $0.id < $1.id
    }
  }
  func held(by owner: String, room: String, now: Int) -> Int {
    entries.values.count { $0.room == room && $0.owner == owner && $0.lastEnd > now }
  }
}
