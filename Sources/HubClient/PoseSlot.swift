import HubWire

/// The newest word on where we are, waiting for the socket.
enum ClientPoseMessageSlot {
  case none
  case move(MoveMessage)
  case ack(AckMessage)

  var isWaiting: Bool { if case .none = self { false } else { true } }

  /// An acknowledgement rides on a MOVE that still waits.
  mutating func take(_ ack: AckMessage) {
    if case .move(var move) = self {
      move.ackTick = ack.ackTick
      self = .move(move)
    } else {
      self = .ack(ack)
    }
  }
}
