import HubWire

/// A sticky note as it is stored. People in it are random ids that live as long as a session: never names.
public struct Note: Sendable, Equatable, Decodable, Identifiable {
  public internal(set) var id: UInt64
  public internal(set) var board: String
  /// Grows with every move and change, not with votes: those never contradict each other.
  public internal(set) var rev: Int
  public internal(set) var text: String
  public internal(set) var color: String
  /// Thousandths of the board from its left and upper edge.
  public internal(set) var x: Int
  public internal(set) var y: Int
  public internal(set) var author: String
  /// Ascending.
  public internal(set) var voters: [String]

  static let colors = ["yellow", "green", "blue", "pink", "orange", "white"]
  static let places = 0...1000

  /// As in `notes` and `note`: nobody learns who voted.
  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field("id", "n\(id)")
    json.field("board", board)
    json.field("rev", rev)
    json.field("text", text)
    json.field("color", color)
    json.field("x", x)
    json.field("y", y)
    json.field("author", author)
    json.field("votes", voters.count)
    json.endObject()
  }

  /// As in the log.
  func store(in json: inout JSONWriter) {
    json.beginObject()
    json.field("id", Int(id))
    json.field("board", board)
    json.field("rev", rev)
    json.field("text", text)
    json.field("color", color)
    json.field("x", x)
    json.field("y", y)
    json.field("author", author)
    json.field("voters", voters)
    json.endObject()
  }
}

/// One record of a space's log: the note or exhibit as it is afterwards, or the id of one that is gone. Hence replaying needs no rules.
public struct StoredNoteOp: Sendable, Equatable, Decodable {
  public let note: Note?
  public let deleted: UInt64?
  public let exhibit: Exhibit?
  public let deletedExhibit: UInt64?

  static func bytes(_ op: NoteOp) -> [UInt8] {
    if let change = op.exhibit { return change.after.map { bytes($0) } ?? bytes(deletedExhibit: op.id) }
    return op.after.map { bytes($0) } ?? bytes(deleted: op.id)
  }

  static func bytes(_ exhibit: Exhibit) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("exhibit")
    exhibit.store(in: &json)
    return json.end()
  }

  static func bytes(deletedExhibit id: UInt64) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("deletedExhibit", Int(id))
    return json.end()
  }

  static func bytes(_ note: Note) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("note")
    note.store(in: &json)
    return json.end()
  }

  static func bytes(deleted id: UInt64) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("deleted", Int(id))
    return json.end()
  }
}

/// A snapshot: all notes and exhibits of a space.
public struct StoredNotes: Sendable, Equatable, Decodable {
  /// The number the next note gets: no id ever comes back.
  public let next: UInt64
  public let notes: [Note]
  /// Nil in snapshots of before there were any.
  public let exhibits: [Exhibit]?

  static func bytes(_ notes: [Note], _ exhibits: [Exhibit], next: UInt64) -> [UInt8] {
    var json = JSONWriter(reserving: 64 + notes.count * 256 + exhibits.count * 1024)
    json.beginObject()
    json.field("next", Int(next))
    json.key("notes")
    json.beginArray()
    for note in notes { note.store(in: &json) }
    json.endArray()
    json.key("exhibits")
    json.beginArray()
    for exhibit in exhibits { exhibit.store(in: &json) }
    json.endArray()
    return json.end()
  }
}
