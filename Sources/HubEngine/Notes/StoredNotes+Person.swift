import HubWire

extension SpaceNotes {
  /// What a snapshot (nil: none) and the ops after it come to.
  mutating func replay(_ snapshot: StoredNotes?, _ ops: [StoredNoteOp]) {
    for note in snapshot?.notes ?? [] { put(note, in: note.id) }
    for exhibit in snapshot?.exhibits ?? [] { put(exhibit, in: exhibit.id) }
    nextID = snapshot?.next ?? 1
    for op in ops {
      if let note = op.note {
        put(note, in: note.id)
        nextID = max(nextID, note.id + 1)
      } else if let id = op.deleted {
        put(nil as Note?, in: id)
      } else if let exhibit = op.exhibit {
        put(exhibit, in: exhibit.id)
        nextID = max(nextID, exhibit.id + 1)
      } else if let id = op.deletedExhibit {
        put(nil as Exhibit?, in: id)
      }
    }
  }
}

extension StoredNotes {
  /// The state after a snapshot (nil: none) and the ops that came after it.
  public static func folded(_ snapshot: StoredNotes?, _ ops: [StoredNoteOp]) -> StoredNotes {
    var space = SpaceNotes(boards: [])
    space.replay(snapshot, ops)
    return StoredNotes(next: space.nextID, notes: space.current, exhibits: space.exhibits)
  }

  /// The same without an author, as payloads for the log and as the state after them: their notes and votes go; exhibits
  /// stay, since they are what the hub shows, and name nobody any more.
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
    let standing = (exhibits ?? []).map { exhibit in
      guard exhibit.author == author else { return exhibit }
      var exhibit = exhibit
      exhibit.author = ""
      payloads.append(StoredNoteOp.bytes(exhibit))
      return exhibit
    }
    return (payloads, Self.bytes(left, standing, next: next))
  }

  /// Whether an author wrote or voted here.
  public func names(_ author: String) -> Bool {
    notes.contains { $0.author == author || $0.voters.contains(author) }
      || (exhibits ?? []).contains { $0.author == author }
  }

  /// Images of exhibits; of one author's, or of all.
  public func images(of author: String? = nil) -> [String] {
    (exhibits ?? []).filter { author == nil || $0.author == author }.compactMap(\.image?.sha256)
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
    json.key("exhibits")
    json.beginArray()
    for exhibit in exhibits ?? [] where exhibit.author == author { exhibit.write(to: &json) }
    json.endArray()
    return json.end()
  }
}
