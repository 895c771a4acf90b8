import HubWire

extension StoredNotes {
  /// The notes after a snapshot (nil: none) and the ops that came after it.
  public static func folded(_ snapshot: StoredNotes?, _ ops: [StoredNoteOp]) -> StoredNotes {
    var space = SpaceNotes(boards: [])
    for note in snapshot?.notes ?? [] { space.put(note, in: note.id) }
    var next = snapshot?.next ?? 1
    for op in ops {
      if let note = op.note {
        space.put(note, in: note.id)
        next = max(next, note.id + 1)
      } else if let id = op.deleted {
        space.put(nil, in: id)
      }
    }
    return StoredNotes(next: next, notes: space.current)
  }

  /// The same without what an author wrote and voted, as payloads for the log and as the state after them.
  public func erasing(author: String) -> (payloads: [[UInt8]], state: [UInt8]) {
    var payloads: [[UInt8]] = []
    var left: [Note] = []
    for note in notes {
      if note.author == author {
        payloads.append(StoredNoteOp.bytes(deleted: note.id))
        continue
      }
      var note = note
      if note.voters.contains(author) {
        note.voters.removeAll { $0 == author }
        payloads.append(StoredNoteOp.bytes(note))
      }
      left.append(note)
    }
    return (payloads, Self.bytes(left, next: next))
  }

  /// Whether an author wrote or voted here.
  public func names(_ author: String) -> Bool {
    notes.contains { $0.author == author || $0.voters.contains(author) }
  }

  /// What an author wrote and what they voted for, as one JSON object.
  public func export(author: String, space: String) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("space", space)
    json.key("notes")
    json.beginArray()
    for note in notes where note.author == author { note.write(to: &json) }
    json.endArray()
    json.field("votedFor", notes.filter { $0.voters.contains(author) }.map { "n\($0.id)" })
    return json.end()
  }
}
