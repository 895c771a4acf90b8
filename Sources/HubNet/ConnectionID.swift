/// Names a connection or an HTTP exchange of one loop: a slot, and which use of that slot it is.
/// A stale id never reaches another connection; calls with it do nothing.
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
  /// Dense, below ``SocketLoopConfiguration/connectionsMax`` plus exchanges in flight: good for arrays beside the loop.
  public let index: UInt32
  /// Starts at 1, so that zeroed memory names nothing.
  public let generation: UInt32

  public init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }

  public var description: String { "\(index).\(generation)" }
}

/// How a WebSocket connection ended.
public enum ConnectionEnd: Sendable, Equatable {
  /// The peer sent a close frame; 1005 stands for a close frame without a code (RFC 6455, section 7.1.5).
  case closedByPeer(code: UInt16, reason: String)
  /// We closed it: ``SocketLoop/close(_:code:reason:afterSending:)``, or a rule of the loop (1007, 1009, 1008).
  case closedHere(code: UInt16)
  /// The connection broke without a close frame: reset, end of stream, or no pong in time.
  case lost
  /// A client connection that was never established: refused, wrong answer, timeout.
  case connectFailed(String)
  /// The loop stopped.
  case loopStopped
}
