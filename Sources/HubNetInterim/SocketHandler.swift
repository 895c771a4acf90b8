/// What a connection asked for when it came.
public struct UpgradeRequest: Sendable {
  public var path: String
  /// The browser's `Origin`, if any.
  public var origin: String?
  public var host: String?
  public var address: String
}

/// An HTTP request whose body, if any, is not read.
public struct HTTPRequest: Sendable {
  public enum Method: String, Sendable { case get = "GET", head = "HEAD", other = "OTHER" }
  public var method: Method
  /// Percent-decoded by nobody: as it came, without the query.
  public var path: String
  public var query: String
  public var ifNoneMatch: String?
  public var authorization: String?
  public var host: String?
  public var address: String
  /// Index of the listener it came through.
  public var listener: Int
}

public struct HTTPResponse: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// How a tick came: late by so much, after so many that were left out.
public struct TickTiming: Sendable {
  public var tick: UInt32
  public var latenessMicroseconds: Int64
  /// Ticks that were not run because real time had passed them, and whether our own work was the cause.
  public var skipped: Int
  public var skippedByOwnWork: Bool
}

/// What a writable connection wants sent: one message at most.
public enum Outgoing: Sendable, Equatable {
  case nothing
  /// The first `bytes` of the buffer as one message; `more`: ask again.
  case message(bytes: Int, isText: Bool, more: Bool)
  case close(code: UInt16, reason: String)
}

/// Whoever owns the live state. Everything is called on the loop's thread, never reentrantly.
public protocol SocketHandler: AnyObject {
  /// Nil lets a WebSocket in; a status refuses it.
  func admit(_ request: UpgradeRequest) -> Int?
  func opened(_ id: ConnectionID)
  /// A whole message, within the caps. The bytes are only valid during the call.
  func received(_ id: ConnectionID, isText: Bool, _ bytes: RawSpan)
  /// The connection can take a message now.
  func writable(_ id: ConnectionID, _ buffer: UnsafeMutableRawBufferPointer) -> Outgoing
  func closed(_ id: ConnectionID)
  func tick(_ timing: TickTiming)
  func http(_ request: HTTPRequest) -> HTTPResponse
  /// SIGTERM or SIGINT came.
  func stopRequested()
}
