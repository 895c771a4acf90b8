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

  private var entries: [String: Entry] = [:]
  private let handle: FileHandle

  /// Reads and tidies the file: what ended over 30 days ago is forgotten.
  /// - Throws: when the folder can't be written, as text for the operator.
  init(folder: String, now: Int) throws {
    let path = folder + "/bookings.jsonl"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if let data = FileManager.default.contents(atPath: path) {
      for line in data.split(separator: 0x0A) {
        // The last line may be torn by a crash: then its step was not taken.
        guard let entry = try? JSON.decode(Entry.self, from: [UInt8](line)) else { continue }
        entries[entry.id] = entry
      }
    }
    entries = entries.filter {
      $0.value.state == .intent || ($0.value.state == .booked && $0.value.lastEnd > now - 30 * 86_400)
    }
    let kept = try entries.values.sorted { $0.id < $1.id }.map { try JSON.encode($0) + [0x0A] }
    let fresh = path + ".new"
    guard
      FileManager.default.createFile(
        atPath: fresh, contents: Data(kept.joined()), attributes: [.posixPermissions: 0o600]),
      rename(fresh, path) == 0, let handle = FileHandle(forWritingAtPath: path)
    else { throw StartupError("can't write \(path)") }
    try handle.seekToEnd()
    self.handle = handle
    try handle.synchronize()
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
