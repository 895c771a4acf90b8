import HubKernel
import HubScene
import HubWire

/// Sticky notes. A wish is judged at once, goes into the tick's commit, and is told to anybody, its author included, only when
/// the log has it. Who is in a space may create, change, move and vote there; deleting is its author's and the moderators'.
extension Engine {
  private static let opsPerSnapshot = 256
  /// How long text that was changed or taken down stays in the log: 30 s.
  private static let staleTicksMax: Tick = 600

  func note(_ wish: NoteRequest, _ p: Participant) {
    let space = content(of: p)
    guard space.notes.waiting.count < config.limits.notesWaitingMax else {
      return refuse(p, .notStored, "the store is behind", ref: wish.ref, retryAfterMs: 1000)
    }
    do {
      let op = try judge(wish, p, space)
      noteInput(p)
      space.notes.take(op)
    } catch  where error.code == .notAllowed {
      refuseRight(p, .deleteOthers, ref: wish.ref)
    } catch {
      refuse(p, error.code, error.text, ref: wish.ref)
      if error.code == .conflict, let id = number(wish.note),
        let note = space.notes.durable.notes.first(where: { $0.id == id })
      {
        // So that a client that missed nothing can show what it was refused for.
        send(
          p, Messages.list("notes", of: space, in: spaces[p.space], isWhole: false) { note.write(to: &$0) })
      }
    }
  }

  struct NoteRefusal: Error {
    let code: ErrorCode
    let text: String
  }

  private func judge(_ wish: NoteRequest, _ p: Participant, _ space: SpaceRuntime) throws(NoteRefusal)
    -> NoteOp
  {
    guard let verb = NoteVerb(rawValue: wish.op) else {
      throw NoteRefusal(code: .badValue, text: "op is create, move, change, vote or delete")
    }
    guard !space.notes.boards.isEmpty else { throw NoteRefusal(code: .unknownBoard, text: "no board here") }
    let limits = config.limits
    var text: String?
    if let given = wish.text {
      text = CleanText.paragraph(given, scalarsMax: limits.noteScalarsMax)
      guard text != nil else {
        throw NoteRefusal(code: .badValue, text: "a note has 1 to \(limits.noteScalarsMax) characters")
      }
    }
    if let color = wish.color, !Note.colors.contains(color) {
      throw NoteRefusal(code: .badValue, text: "color is \(Note.colors.joined(separator: ", "))")
    }
    for place in [wish.x, wish.y] {
      if let place, !Note.places.contains(place) {
        throw NoteRefusal(code: .badValue, text: "x and y are 0 to 1000")
      }
    }
    if let board = wish.board, !space.notes.boards.contains(board) {
      throw NoteRefusal(code: .unknownBoard, text: "no such board here")
    }
    func op(_ before: Note?, _ after: Note?) -> NoteOp {
      let id = after?.id ?? before?.id ?? 0
      return NoteOp(verb: verb, id: id, before: before, after: after, session: p.session, ref: wish.ref)
    }
    if verb == .create {
      guard let board = wish.board, let text else {
        throw NoteRefusal(code: .badValue, text: "a new note needs board and text")
      }
      guard space.notes.current.count < limits.notesPerSpaceMax else {
        throw NoteRefusal(code: .quota, text: "a space holds \(limits.notesPerSpaceMax) notes")
      }
      let own = space.notes.current.reduce(0) { $0 + ($1.author == author(p) ? 1 : 0) }
      guard own < limits.notesPerPersonMax else {
        throw NoteRefusal(code: .quota, text: "a person puts up \(limits.notesPerPersonMax) notes in a space")
      }
      let note = Note(
        id: space.notes.nextID, board: board, rev: 1, text: text, color: wish.color ?? "yellow",
        x: wish.x ?? 500, y: wish.y ?? 500, author: author(p), voters: [])
      space.notes.nextID += 1
      return op(nil, note)
    }
    guard let id = number(wish.note), let before = space.notes[id] else {
      throw NoteRefusal(code: .unknownNote, text: "no such note here")
    }
    if verb == .vote {
      guard let isOn = wish.on else { throw NoteRefusal(code: .badValue, text: "a vote needs on") }
      var after = before
      after.voters.removeAll { $0 == author(p) }
      if isOn {
        let index = after.voters.firstIndex { $0 > author(p) } ?? after.voters.count
        after.voters.insert(author(p), at: index)
        guard after.voters.count <= limits.votesPerNoteMax else {
          throw NoteRefusal(code: .quota, text: "a note takes \(limits.votesPerNoteMax) votes")
        }
      }
      return op(before, after)
    }
    if verb == .delete, before.author != author(p), !allows(p, .deleteOthers, in: space) {
      throw NoteRefusal(code: .notAllowed, text: "only its author, a host or a moderator takes a note down")
    }
    guard let rev = wish.rev else { throw NoteRefusal(code: .badValue, text: "\(verb.rawValue) needs rev") }
    guard rev == before.rev || config.noteMutation == .staleRevisionTaken else {
      throw NoteRefusal(code: .conflict, text: "the note is at revision \(before.rev)")
    }
    if verb == .delete { return op(before, nil) }
    var after = before
    if verb == .move {
      guard let x = wish.x, let y = wish.y else {
        throw NoteRefusal(code: .badValue, text: "a move needs x and y")
      }
      after.board = wish.board ?? before.board
      (after.x, after.y) = (x, y)
    } else {
      guard text != nil || wish.color != nil else {
        throw NoteRefusal(code: .badValue, text: "a change needs text or color")
      }
      after.text = text ?? before.text
      after.color = wish.color ?? before.color
    }
    if after != before { after.rev += 1 }
    return op(before, after)
  }

  private func number(_ note: String?) -> UInt64? {
    guard let note, note.first == "n" else { return nil }
    return UInt64(note.dropFirst())
  }

  /// What stands for a participant in the log. Without an account it dies with the session: nobody can lead it back to them
  /// afterwards. With one it is the same at every visit, and what leads to the account is kept where it can be erased.
  func author(_ p: Participant) -> String {
    if let author = p.author { return author }
    let author = knownAuthor(p) ?? newAuthor()
    p.author = author
    if let account = p.credentials.account {
      authors[account] = author
      // At every visit: how long ago the last one was decides how long this is kept.
      directives.append(.author(id: author, account: account))
    }
    return author
  }

  /// As whom they wrote in this stay or, with an account, in an earlier one; nil: not yet.
  func knownAuthor(_ p: Participant) -> String? {
    p.author ?? p.credentials.account.flatMap { authors[$0] }
  }

  /// Who wrote as whom, before the first tick: account to author.
  public func restoreAuthors(_ known: [String: String]) {
    precondition(now == 0, "authors are restored before the first tick")
    authors = known
  }

  /// At the end of a tick: what was taken up goes to the log, in one commit for all spaces that have none under way.
  func commitNotes() {
    for space in spaces {
      if let stale = space.notes.stale, now &- stale >= Self.staleTicksMax { snapshotNotes(space) }
    }
    var batches: [NoteCommit.Batch] = []
    var indices: [Int] = []
    for space in spaces {
      guard let ops = space.notes.begin() else { continue }
      if config.noteMutation == .toldBeforeStored {
        for (offset, op) in ops.enumerated() {
          tell(op, in: space, sequence: space.notes.sequence + UInt64(offset) + 1)
        }
      }
      indices.append(space.index)
      batches.append(
        NoteCommit.Batch(
          space: space.id, expectedSequence: space.notes.sequence, epoch: space.notes.epoch,
          payloads: ops.map(StoredNoteOp.bytes)))
    }
    guard !batches.isEmpty else { return }
    commits[nextCommit] = indices
    directives.append(.commit(NoteCommit(id: nextCommit, batches: batches)))
    nextCommit += 1
  }

  /// The log's answer.
  func finishCommit(_ id: UInt64, _ outcome: CommitOutcome) {
    guard let indices = commits.removeValue(forKey: id) else { preconditionFailure("an unknown commit") }
    for index in indices {
      let space = spaces[index]
      guard outcome == .stored else {
        // What waited behind it was never given to the log.
        let unsure =
          outcome == .unknown && config.noteMutation != .unknownToldAsRefused
          ? space.notes.underWay.count : 0
        let lost = space.notes.rollBack()
        if config.noteMutation == .keptAfterFailure {
          for op in lost { space.notes.put(op.after, in: op.id) }
        }
        for (index, op) in lost.enumerated() {
          guard let p = participant(op.session) else { continue }
          if index < unsure {
            refuse(
              p, .maybeStored, "the disk failed; it may be there after the hub's next start", ref: op.ref)
          } else {
            refuse(p, .notStored, "the hub could not store it", ref: op.ref, retryAfterMs: 5000)
          }
        }
        continue
      }
      var sequence = space.notes.sequence
      for op in space.notes.confirm() {
        sequence += 1
        counters.notesStored += 1
        if op.verb == .delete || op.verb == .change, space.notes.stale == nil { space.notes.stale = now }
        tell(op, in: space, sequence: sequence)
      }
      if space.notes.sinceSnapshot >= Self.opsPerSnapshot { snapshotNotes(space) }
    }
  }

  /// The log forgets what was before: also texts that are gone.
  private func snapshotNotes(_ space: SpaceRuntime) {
    space.notes.sinceSnapshot = 0
    space.notes.stale = nil
    let durable = space.notes.durable
    directives.append(
      .snapshot(
        space: space.id, sequence: space.notes.sequence,
        state: StoredNotes.bytes(durable.notes, durable.exhibits, next: space.notes.nextID)))
  }

  /// To the space and its overflow instances, and to the author wherever they are now.
  private func tell(_ op: NoteOp, in space: SpaceRuntime, sequence: UInt64) {
    let author = participant(op.session)
    var shown: (person: String, name: String)?
    if let author, author.visibility != .invisible { shown = (author.person, author.name) }
    for instance in space.instances.map({ spaces[$0] }) where !instance.members.isEmpty {
      let bytes = Messages.op(op, in: instance, sequence: sequence, by: shown, ref: nil)
      for slot in instance.members {
        if let p = participants[slot], p !== author { send(p, bytes) }
      }
    }
    guard let author else { return }
    let place = content(of: author) === space ? spaces[author.space] : space
    send(
      author,
      Messages.op(op, in: place, sequence: sequence, by: (author.person, author.name), ref: op.ref))
  }

  /// All notes of a space for one who arrives, in pieces a client takes.
  func tellNotes(_ p: Participant) {
    let space = content(of: p)
    guard !space.notes.boards.isEmpty else { return }
    let notes = space.notes.durable.notes
    let step = 24
    for start in stride(from: 0, to: max(1, notes.count), by: step) {
      let bytes = Messages.list(
        "notes", of: space, in: spaces[p.space], isWhole: start == 0, own: knownAuthor(p)
      ) { json in
        for note in notes[start..<min(notes.count, start + step)] { note.write(to: &json) }
      }
      send(p, bytes)
    }
  }

  /// Puts back what the log holds, before the first tick.
  /// - Returns: false when the world has no such space (any more).
  public func restoreNotes(
    space id: String, epoch: UInt64, sequence: UInt64, snapshot: StoredNotes?, ops: [StoredNoteOp]
  ) -> Bool {
    guard let space = spaces.first(where: { $0.id == id }) else { return false }
    precondition(now == 0 && space.notes.sequence == 0, "notes are restored once, before the first tick")
    space.notes.replay(snapshot, ops)
    space.notes.epoch = epoch
    space.notes.sequence = sequence
    space.notes.sinceSnapshot = ops.count
    space.notes.stale = ops.isEmpty ? nil : 0
    return true
  }

  /// Spaces that have a log: all of the file, since exhibits may stand everywhere.
  public var loggedSpaces: [String] { world.spaces.map(\.id) }
}

extension Messages {
  /// `note` or `exhibit`: one op as it is stored.
  static func op(
    _ op: NoteOp, in space: SpaceRuntime, sequence: UInt64, by: (person: String, name: String)?, ref: Int?
  ) -> [UInt8] {
    let isExhibit = op.exhibit != nil
    var json = JSONWriter(type: isExhibit ? "exhibit" : "note")
    json.field("op", op.verb.rawValue)
    json.field("space", space.id)
    json.field("sequence", Int(sequence))
    json.key(isExhibit ? "exhibit" : "note")
    if let exhibit = op.exhibit?.after {
      exhibit.write(to: &json)
    } else if let note = op.after {
      note.write(to: &json)
    } else {
      json.beginObject()
      json.field("id", isExhibit ? "x\(op.id)" : "n\(op.id)")
      json.endObject()
    }
    json.field("person", ifPresent: by?.person)
    json.field("name", ifPresent: by?.name)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  /// `notes` or `exhibits`: what stands in a space, or a piece of it. `content` keeps it, `space` shows it.
  static func list(
    _ type: StaticString, of content: SpaceRuntime, in space: SpaceRuntime, isWhole: Bool,
    own: String? = nil, _ items: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var json = JSONWriter(type: type)
    json.field("space", space.id)
    json.field("sequence", Int(content.notes.sequence))
    json.field("first", isWhole)
    json.field("own", ifPresent: own)
    json.key("list")
    json.beginArray()
    items(&json)
    json.endArray()
    return json.end()
  }
}
