import HubEngine
import HubJSON
import HubStore

/// Takes over the logs of all spaces and puts their notes and exhibits into the engine.
enum NoteLoading {
  private static let page = 1024

  /// - Returns: how many ops were replayed after the snapshots.
  static func restore(from log: any SpaceLog, into engine: Engine) throws -> Int {
    var replayed = 0
    engine.restoreAuthors(try log.authors())
    for space in engine.loggedSpaces {
      let head = try log.claim(space)
      let (snapshot, ops) = try load(space, to: head.sequence, from: log)
      let isKnown = engine.restoreNotes(
        space: space, epoch: head.epoch, sequence: head.sequence, snapshot: snapshot, ops: ops)
      precondition(isKnown, "the engine named the space")
      replayed += ops.count
    }
    return replayed
  }

  /// The newest snapshot of a space and all ops after it, up to its log's `end`.
  static func load(_ space: String, to end: UInt64, from log: any SpaceLog) throws
    -> (snapshot: StoredNotes?, ops: [StoredNoteOp])
  {
    let saved = try log.snapshot(space)
    let snapshot = try saved.map {
      try decode(StoredNotes.self, $0.state, "\(space), snapshot \($0.sequence)")
    }
    var ops: [StoredNoteOp] = []
    var sequence = saved?.sequence ?? 0
    while sequence < end {
      let records = try log.read(space, after: sequence, limit: page)
      guard let last = records.last else { throw LogError.damaged("\(space): nothing after \(sequence)") }
      for record in records {
        // An erased payload is a change that was taken out on purpose.
        guard let payload = record.payload else { continue }
        ops.append(try decode(StoredNoteOp.self, payload, "\(space)/\(record.sequence)"))
      }
      sequence = last.sequence
    }
    return (snapshot, ops)
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], _ what: String) throws
    -> Value
  {
    do { return try JSON.decode(type, from: bytes.span.bytes, limits: .file) } catch {
      throw LogError.damaged("\(what): \(error)")
    }
  }
}
