/// Why a calendar could not be read or written. Holds no address, no header and no body: it may be logged.
public enum SourceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No connection, a broken one, TLS refused; the text is the library's own, without addresses.
  case connection(String)
  case timeout
  /// More than the cap came.
  case tooLarge
  /// A redirect to another server, or a chain of them.
  case redirect
  /// 401 or 403.
  case denied
  /// 404 or 410.
  case notFound
  /// 409, 412, 423: somebody else was first, or has changed it.
  case conflict
  /// 429 or 503, with the seconds it asked for.
  case busy(retryAfterSeconds: Int?)
  /// Any other status that is no success.
  case status(Int)
  /// An answer that is not what was asked for.
  case malformed(String)
  /// A file that can't be read.
  case file(String)
  /// The source can't do this (a feed is read-only).
  case unsupported

  public var description: String {
    switch self {
    case .connection(let why): "no connection: \(why)"
    case .timeout: "no answer in time"
    case .tooLarge: "the answer is over the cap"
    case .redirect: "redirected to another server"
    case .denied: "access denied"
    case .notFound: "not found"
    case .conflict: "changed by somebody else"
    case .busy(let seconds): "the server is busy" + (seconds.map { ", asks for \($0) s" } ?? "")
    case .status(let status): "status \(status)"
    case .malformed(let why): "not understood: \(why)"
    case .file(let why): why
    case .unsupported: "this source can't do that"
    }
  }

  /// A short word for metrics.
  public var code: String {
    switch self {
    case .connection: "connection"
    case .timeout: "timeout"
    case .tooLarge: "too-large"
    case .redirect: "redirect"
    case .denied: "denied"
    case .notFound: "not-found"
    case .conflict: "conflict"
    case .busy: "busy"
    case .status: "status"
    case .malformed: "malformed"
    case .file: "file"
    case .unsupported: "unsupported"
    }
  }
}
