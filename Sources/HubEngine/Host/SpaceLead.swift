import HubKernel

/// What those who lead a space have set up in it. In memory only.
struct SpaceLead {
  /// Raised hands in the order they went up.
  private(set) var hands: [SessionID] = []
  /// Told to the space at the end of the tick.
  var handsChanged = false
  /// Whom everybody in the space sees well, and whom clients show large.
  var spotlight: SessionID?

  mutating func raise(_ session: SessionID) {
    guard !hands.contains(session) else { return }
    hands.append(session)
    handsChanged = true
  }

  mutating func lower(_ session: SessionID) {
    guard let index = hands.firstIndex(of: session) else { return }
    hands.remove(at: index)
    handsChanged = true
  }
}

/// People who will be moved together when their countdown is over.
struct PendingCall {
  enum Kind: String { case gather, send, recall, booking }

  let kind: Kind
  let due: Tick
  /// Nil: nobody's, a booking is over.
  let host: SessionID?
  /// Where the host was when they called.
  let space: Int
  /// For a booking: its area, nil for the whole space. Who is not in it any more, or may be there again, is left alone.
  var area: Int?
  /// Who has not been moved yet, and for `send` where to.
  var waiting: [(session: SessionID, room: Room?)]
  var moved = 0
  var missed = 0

  /// A room to go to: an area, or a whole space.
  struct Room {
    let space: Int
    let area: Int?
  }
}
