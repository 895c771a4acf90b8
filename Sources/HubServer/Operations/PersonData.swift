import Foundation
import HubEngine
import HubJSON
public import HubStore
import HubWire

/// What is kept of a person, found by the account they came with: shown to them (Art. 15 GDPR), or erased (Art. 17).
public struct PersonData {
  private let log: any SpaceLog
  /// As the log and the administrative records know the person.
  private let account: String
  private let author: String?
  private let records: [String]
  private let owners: Set<String>
  private let bookingsPath: String

  /// - Parameters:
  ///   - person: the account's name as its invitation gives it, its pseudonym as the audit log shows it, or an author's id
  ///     as the client shows it of one's own notes.
  ///   - administrationPath: the file of administrative records, which holds the key of the pseudonyms; it may be missing.
  ///   - folder: the hub's data, where its bookings are noted.
  public init(_ person: String, in log: any SpaceLog, administrationPath: String, folder: String) throws {
    self.log = log
    bookingsPath = BookingLedger.path(folder)
    let administration = try AdministrationJournal.read(path: administrationPath)
    let authors = try log.authors()
    let pseudonym = administration.key.map { IdentityDesk.pseudonym(of: person, key: $0) }
    let known = [person, pseudonym].compactMap(\.self)
    owners = Set(known).subtracting([""])
    let account = known.first { authors[$0] != nil } ?? pseudonym ?? person
    self.account = account
    let isAuthor = person.utf8.count == 13 && person.first == "a"
    author = authors[account] ?? (isAuthor ? person : nil)
    records = administration.lines.filter { line in known.contains { line.contains("\"\($0)\"") } }
  }

  /// One JSON line a space in which something of them is, one an image they put up, one for each room they booked, and the
  /// administrative records that name them. Empty: nothing is kept.
  public func export() throws -> [String] {
    var lines: [String] = []
    var images: Set<String> = []
    if let author {
      for summary in try log.verify() {
        let (snapshot, ops) = try NoteLoading.load(summary.space, to: summary.sequence, from: log)
        let notes = StoredNotes.folded(snapshot, ops)
        guard notes.names(author) else { continue }
        images.formUnion(notes.images(of: author))
        lines.append(String(decoding: notes.export(author: author, space: summary.space), as: UTF8.self))
      }
    }
    for image in images.isEmpty ? [] : try log.images() where images.contains(image.sha256) {
      var json = JSONWriter(reserving: image.bytes.count * 4 / 3 + 256)
      json.beginObject()
      json.field("image", image.sha256)
      json.field("mediaType", image.mediaType)
      json.field("base64", Data(image.bytes).base64EncodedString())
      lines.append(String(decoding: json.end(), as: UTF8.self))
    }
    for entry in BookingLedger.entries(of: owners, in: bookingsPath) {
      lines.append(
        "{\"t\":\"booking\"," + String(decoding: try JSON.encode(entry).dropFirst(), as: UTF8.self))
    }
    return lines + records
  }

  /// Takes down what they wrote, takes their votes back, forgets who their author was and whose bookings were theirs. The log
  /// gets ops that say so and a snapshot after them: what stood before is gone from the file. Only while no hub runs on it.
  /// - Returns: how many ops that took, how many bookings it was, and how many administrative records stay until their time is
  ///   over.
  public func erase() throws -> (ops: Int, bookings: Int, recordsKept: Int) {
    var count = 0
    if let author {
      for summary in try log.verify() {
        let head = try log.claim(summary.space)
        let (snapshot, ops) = try NoteLoading.load(summary.space, to: head.sequence, from: log)
        let (payloads, state) = StoredNotes.folded(snapshot, ops).erasing(author: author)
        try log.append([
          LogBatch(
            space: summary.space, expectedSequence: head.sequence, epoch: head.epoch, payloads: payloads)
        ])
        // Also where nothing is left of them: records before may hold what they took down themselves.
        try log.save(
          LogSnapshot(space: summary.space, sequence: head.sequence + UInt64(payloads.count), state: state))
        count += payloads.count
      }
    }
    try ImageLoading.dropUnnamed(log)
    try log.forget(account: account)
    return (count, try BookingLedger.disown(owners, in: bookingsPath), records.count)
  }
}
