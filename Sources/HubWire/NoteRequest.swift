/// A wish to change a sticky note (docs/PROTOCOL.md, section 2, `note`). Which keys belong depends on `op`; the engine answers
/// missing ones with `bad-value`.
public struct NoteRequest: Decodable, Sendable, Equatable {
  public var op: String
  /// A node with the component `board`.
  public var board: String?
  /// `n` and a number.
  public var note: String?
  /// The revision the wish is based on.
  public var rev: Int?
  public var text: String?
  public var color: String?
  /// Thousandths of the board, from its left and its upper edge.
  public var x: Int?
  public var y: Int?
  /// Of a vote: given or taken back.
  public var on: Bool?
  public var ref: Int?
  public init(op: String) { self.op = op }
}
