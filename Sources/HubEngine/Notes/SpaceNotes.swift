import HubKernel

/// What a note op does, as told to people.
enum NoteVerb: String { case create, move, change, delete, vote }

/// An op on its way into the log.
struct NoteOp {
  let verb: NoteVerb
  let id: UInt64
  let before: Note?
  let after: Note?
  /// Instead of a note.
  var exhibit: ExhibitChange?
  let session: SessionID
  let ref: Int?
}

/// The notes and exhibits of one space. `current` runs ahead of the log: it holds what is on its way, so that the next wish is judged by it.
/// People see ``durable`` only.
struct SpaceNotes {
  /// Ids of the nodes with a board.
  let boards: [String]
  /// By id, ascending.
  private(set) var current: [Note] = []
  /// The same of exhibits; their ids come from the same numbers.
  private(set) var exhibits: [Exhibit] = []
  var nextID: UInt64 = 1
  /// Of the last durable op.
  var sequence: UInt64 = 0
  var epoch: UInt64 = 1
  /// In the commit that is under way.
  private(set) var underWay: [NoteOp] = []
  /// For the next one.
  private(set) var waiting: [NoteOp] = []
  var sinceSnapshot = 0
  /// Tick since when the log holds text that no note shows any more.
  var stale: Tick?

  init(boards: [String]) { self.boards = boards }

  subscript(id: UInt64) -> Note? { current.first { $0.id == id } }

  /// Takes an op up, ahead of the log.
  mutating func take(_ op: NoteOp) {
    if let change = op.exhibit { put(change.after, in: op.id) } else { put(op.after, in: op.id) }
    waiting.append(op)
  }

  /// What goes into the next commit; nil while one is under way or there is nothing.
  mutating func begin() -> [NoteOp]? {
    guard underWay.isEmpty, !waiting.isEmpty else { return nil }
    swap(&underWay, &waiting)
    return underWay
  }

  /// The commit is durable.
  mutating func confirm() -> [NoteOp] {
    defer { underWay.removeAll() }
    sequence += UInt64(underWay.count)
    sinceSnapshot += underWay.count
    return underWay
  }

  /// The commit failed: back to what is durable. What waited stood on it, so it goes too.
  mutating func rollBack() -> [NoteOp] {
    let lost = underWay + waiting
    underWay.removeAll()
    waiting.removeAll()
    for op in lost.reversed() {
      if let change = op.exhibit { put(change.before, in: op.id) } else { put(op.before, in: op.id) }
    }
    return lost
  }

  /// What the log holds. O(notes); free of copies while nothing is on its way.
  var durable: (notes: [Note], exhibits: [Exhibit]) {
    var copy = self
    _ = copy.rollBack()
    return (copy.current, copy.exhibits)
  }

  mutating func put(_ note: Note?, in id: UInt64) { Self.put(note, in: id, of: &current) }
  mutating func put(_ exhibit: Exhibit?, in id: UInt64) { Self.put(exhibit, in: id, of: &exhibits) }

  /// Puts one into a list that ascends by id, in place of the one of that id; nil takes that one out.
  private static func put<Item: Identifiable<UInt64>>(_ item: Item?, in id: UInt64, of list: inout [Item]) {
    let index = list.firstIndex { $0.id >= id } ?? list.count
    let isThere = index < list.count && list[index].id == id
    list.replaceSubrange(index..<(isThere ? index + 1 : index), with: item.map { [$0] } ?? [])
  }
}

/// What became of a commit.
public enum CommitOutcome: Sendable, Equatable, CaseIterable {
  /// It survives a crash.
  case stored
  /// It is not in the log and never will be.
  case refused
  /// The disk failed in a way that leaves open whether it is there when the log is opened anew.
  case unknown
}

/// Ops of one tick for the log: all spaces in one commit. The answer is ``Event/committed(id:_:)``.
public struct NoteCommit: Sendable, Equatable {
  public struct Batch: Sendable, Equatable {
    public let space: String
    public let expectedSequence: UInt64
    public let epoch: UInt64
    public let payloads: [[UInt8]]
  }
  public let id: UInt64
  public let batches: [Batch]
}
