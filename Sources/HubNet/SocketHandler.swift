/// What a ``SocketLoop`` tells its owner. All calls come on the loop's thread, never inside each other
/// except where a call says so; a handler may call the loop's methods from any of them.
public protocol SocketHandler: AnyObject {
  /// A peer connected to a listener, before any byte was read. False closes the socket at once: for counts per address.
  /// Called again for none of its requests. `place` is the index that every id of this socket will have.
  func admits(place: Int, address: String, listener: Int) -> Bool
  /// A socket that was admitted is gone, whatever became of it; after `closed` where there was one.
  func departed(place: Int)
  /// A WebSocket upgrade with the right path and subprotocol. A refusal answers with that HTTP status.
  func admit(_ request: UpgradeRequest) -> UpgradeRefusal?
  /// The connection is open, in both directions. `peer` is what ``admit(_:)`` saw, nil for our own client connections.
  func opened(_ id: ConnectionID, _ peer: UpgradeRequest?)
  /// One whole message; text is valid UTF-8. The bytes are only good during the call.
  func received(_ id: ConnectionID, text: Bool, _ message: RawSpan)
  /// A connection sends more bytes than ``SocketLoopConfiguration/receivedBytesPerSecondMax``: close it. May come again.
  func flooded(_ id: ConnectionID)
  /// The socket takes a frame now, after ``SocketLoop/requestWritable(_:)``. Put at most one message into the buffer
  /// (late binding: build it now) and set ``SendBuffer/more`` to be called again. Small messages of a row leave with one system call.
  func writable(_ id: ConnectionID, _ buffer: inout SendBuffer)
  /// The last call for this id. Every id that was opened, and every client connection asked for, gets exactly one.
  func closed(_ id: ConnectionID, _ end: ConnectionEnd)
  /// A request announces a body of so many bytes; its `body` is still empty. Nil lets it come; a status refuses it, and the connection
  /// closes. By default ``SocketLoopConfiguration/requestBodyBytesMax`` decides.
  func refusesBody(_ request: HTTPRequest, bytes: Int, bytesMax: Int) -> Int?
  /// An HTTP request, body included. Nil means later, through ``SocketLoop/respond(_:_:)``.
  func http(_ id: ConnectionID, _ request: HTTPRequest) -> HTTPResponse?
  /// An HTTP exchange answered later ended without its answer; the id is void.
  func httpAbandoned(_ id: ConnectionID)
  /// A step of the fixed clock.
  func tick(_ timing: TickTiming)
  /// A part of the tick's time, 0 at the tick itself: a good moment to send to one part of the connections, so that the sends of a
  /// tick don't come as one burst. All phases of a tick come before the next tick, however late.
  func phase(_ phase: Int, latenessMicroseconds: Int64)
  /// Somebody called ``LoopHandle/wake()``: drain mailboxes. Wakes that come together arrive as one.
  func woken()
  /// SIGTERM or SIGINT came (``SocketLoopConfiguration/handlesSignals``). Nothing stops by itself: say goodbye, then ``SocketLoop/stop()``.
  func stopRequested(signal: Int32)
  /// SIGHUP came: the certificates were read anew for new connections, or not (the old ones stay).
  func certificatesReloaded(_ isGood: Bool)
  /// Connections were turned away without asking the handler.
  func turnedAway(_ why: TurnedAway)
}

/// Why the loop turned a connection away or ended it by a rule of its own.
public enum TurnedAway: Sendable, CaseIterable {
  /// ``SocketLoopConfiguration/connectionsMax`` reached; answered with 503.
  case connectionsFull
  /// No descriptor was left (`EMFILE`, `ENFILE`).
  case descriptors
  /// ``SocketHandler/admits(place:address:listener:)`` or ``SocketHandler/admit(_:)`` said no.
  case refused
  /// An upgrade to another path or subprotocol.
  case notAnEndpoint
  /// A message over its cap: closed with 1009.
  case oversizeMessage
  /// A message of too many fragments: closed with 1008.
  case fragments
}

extension SocketHandler {
  public func admits(place: Int, address: String, listener: Int) -> Bool { true }
  public func departed(place: Int) {}
  public func admit(_ request: UpgradeRequest) -> UpgradeRefusal? { nil }
  public func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) {}
  public func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {}
  public func flooded(_ id: ConnectionID) {}
  public func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {}
  public func closed(_ id: ConnectionID, _ end: ConnectionEnd) {}
  public func refusesBody(_ request: HTTPRequest, bytes: Int, bytesMax: Int) -> Int? {
    bytes > bytesMax ? 413 : nil
  }
  public func http(_ id: ConnectionID, _ request: HTTPRequest) -> HTTPResponse? { .text(404, "not found\n") }
  public func httpAbandoned(_ id: ConnectionID) {}
  public func tick(_ timing: TickTiming) {}
  public func phase(_ phase: Int, latenessMicroseconds: Int64) {}
  public func woken() {}
  public func stopRequested(signal: Int32) {}
  public func certificatesReloaded(_ isGood: Bool) {}
  public func turnedAway(_ why: TurnedAway) {}
}

/// A WebSocket handshake about to be answered.
public struct UpgradeRequest: Sendable, Equatable {
  /// Index into ``SocketLoopConfiguration/listeners``.
  public var listener: Int
  /// The peer's numeric address, without port. Behind a proxy: the proxy's.
  public var address: String
  /// Path without query.
  public var path: String
  /// The `Origin` header; nil when absent (not a browser).
  public var origin: String?
  public var host: String?
  /// `X-Forwarded-For` as sent: trust it only from a proxy of ours.
  public var forwardedFor: String?

  package init(
    listener: Int, address: String, path: String, origin: String?, host: String?, forwardedFor: String?
  ) {
    self.listener = listener
    self.address = address
    self.path = path
    self.origin = origin
    self.host = host
    self.forwardedFor = forwardedFor
  }
}

/// An HTTP answer in place of an upgrade.
public struct UpgradeRefusal: Sendable, Equatable {
  /// 400...599.
  public var httpStatus: Int
  public init(httpStatus: Int) { self.httpStatus = httpStatus }
}
