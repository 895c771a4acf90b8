/// Room for one message, handed to ``SocketHandler/writable(_:_:)``. The loop reserved it once, with the library's headroom before it.
public struct SendBuffer: ~Copyable {
  public enum Kind: Sendable { case text, binary }

  /// Write the message here, from the start. Only good during the call.
  public let bytes: UnsafeMutableRawBufferPointer
  /// Set when another message waits: another call comes at once while both are small, else when the socket takes it.
  public var more = false
  package private(set) var kind: Kind?
  package private(set) var count = 0

  package init(bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

  /// Sends the first `count` bytes as one message. Traps on a second message: one write per writable socket.
  public mutating func send(_ kind: Kind, count: Int) {
    precondition(self.kind == nil, "one message per call")
    precondition(count >= 0 && count <= bytes.count)
    self.kind = kind
    self.count = count
  }

  /// Copies a message and sends it. Traps if it is larger than ``SocketLoopConfiguration/frameBytesMax``.
  public mutating func send(_ kind: Kind, copying message: RawSpan) {
    precondition(message.byteCount <= bytes.count, "message larger than frameBytesMax")
    message.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
    send(kind, count: message.byteCount)
  }

  public mutating func send(_ kind: Kind, copying message: [UInt8]) {
    send(kind, copying: message.span.bytes)
  }
}
