/// A request, read completely.
public struct HTTPRequest: Sendable {
  public enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
  }
  /// The headers that are kept; others are dropped on arrival.
  public enum Header: Sendable, CaseIterable {
    case host, origin, accept, acceptLanguage, authorization, contentType, cookie
    case ifNoneMatch, forwardedFor, userAgent, referer
  }

  /// Index into ``SocketLoopConfiguration/listeners``.
  public var listener: Int
  /// The peer's numeric address, without port.
  public var address: String
  public var method: Method
  /// Percent-decoded, without query. May hold anything a peer can send: check before it touches files.
  public var path: String
  /// Percent-decoded `name=value` pairs in order; a name alone has an empty value.
  public var query: [(name: String, value: String)]
  public var headers: [Header: String]
  /// What ``SocketHandler/refusesBody(_:bytes:bytesMax:)`` let in.
  public var body: [UInt8]

  /// The first value of that name in the query.
  public func value(of name: String) -> String? { query.first { $0.name == name }?.value }
}

/// An answer. `Content-Length` and `Connection` are the loop's; everything else is said here.
public struct HTTPResponse: Sendable {
  public var status: Int
  /// Name and value, sent in order. Values must not hold control characters (traps).
  public var headers: [(name: String, value: String)]
  /// Held until it is sent; not sent for HEAD.
  public var body: [UInt8]

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Plain text, not to be cached.
  public static func text(_ status: Int, _ text: String) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")],
      body: Array(text.utf8))
  }

  /// JSON, not to be cached.
  public static func json(_ status: Int = 200, _ text: [UInt8]) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: [("content-type", "application/json"), ("cache-control", "no-store")],
      body: text)
  }
}
