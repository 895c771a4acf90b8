/// One thread that serves sockets and keeps the tick. Created and run on the same thread; everything but
/// ``handle`` belongs to that thread.
public final class SocketLoop {
  public let configuration: SocketLoopConfiguration
  /// For other threads.
  public let handle: LoopHandle
  /// Ports in the order of ``SocketLoopConfiguration/listeners``.
  public private(set) var boundPorts: [Int]

  /// Binds the listeners; nothing is accepted before ``run()``. The loop holds `handler` unowned: it must outlive the loop.
  public init(_ configuration: SocketLoopConfiguration, handler: any SocketHandler) throws(SocketLoopError) {
    self.configuration = configuration
    handle = LoopHandle()
    boundPorts = []
    fatalError("skeleton")
  }

  /// Serves until ``stop()``, then closes everything and returns.
  public func run() { fatalError("skeleton") }
  /// Ends ``run()`` after the current round.
  public func stop() { handle.stop() }
  /// Microseconds since the planned instant of tick 0; negative before it.
  public var elapsedMicroseconds: Int64 { fatalError("skeleton") }

  /// Opens a client connection. The answer is `opened` or `closed` with ``ConnectionEnd/connectFailed(_:)``, never inside this call.
  public func connect(_ target: ClientTarget) throws(SocketLoopError) -> ConnectionID {
    fatalError("skeleton")
  }

  /// Asks for one call of ``SocketHandler/writable(_:_:)`` when the socket takes data. Asking again before it came changes nothing.
  public func requestWritable(_ id: ConnectionID) { fatalError("skeleton") }
  /// Whether a request for writable has not been answered yet: the peer or the path is slow.
  public func awaitsWritable(_ id: ConnectionID) -> Bool { fatalError("skeleton") }
  /// Whether the socket would not take data now. One system call.
  public func isChoked(_ id: ConnectionID) -> Bool { fatalError("skeleton") }
  /// Bytes written but not yet sent by the kernel. One system call.
  public func unsentBytes(_ id: ConnectionID) -> Int { fatalError("skeleton") }
  /// The peer's numeric address; empty for a void id.
  public func address(of id: ConnectionID) -> String { fatalError("skeleton") }
  /// The cap on messages from now on, e.g. after `hello`.
  public func setMessageBytesMax(_ id: ConnectionID, _ bytes: Int) { fatalError("skeleton") }
  /// Sends a close frame with code (1000...1003, 1007...1014, 3000...4999) and reason (cut to 123 bytes), then ends the connection. Nothing more is
  /// received. With `afterSending` the handler's pending messages go first, for at most ``SocketLoopConfiguration/closeSecondsMax``.
  public func close(_ id: ConnectionID, code: UInt16, reason: String, afterSending: Bool = true) {
    fatalError("skeleton")
  }
  /// Cuts the connection without a close frame, as a vanished peer would: for tests of the other side.
  public func abort(_ id: ConnectionID) { fatalError("skeleton") }
  /// Answers a request whose `http` call returned nil. A void id is ignored.
  public func respond(_ id: ConnectionID, _ response: HTTPResponse) { fatalError("skeleton") }
}
