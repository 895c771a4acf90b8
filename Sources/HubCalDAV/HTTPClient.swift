import CCurl
import Foundation

/// User and password of a calendar server; describes itself as `***`.
public struct SourceCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  public let user: String
  public let password: String
  public init(user: String, password: String) {
    self.user = user
    self.password = password
  }
  public var description: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// One request to a calendar server.
public struct CalendarRequest: Sendable {
  public var method: String
  public var address: SourceAddress
  public var headers: [(name: String, value: String)] = []
  public var body: [UInt8] = []
  public var timeoutSeconds = 10
  public var answerBytesMax = 4 << 20

  public init(_ method: String, _ address: SourceAddress) {
    self.method = method
    self.address = address
  }
}

public struct CalendarResponse: Sendable {
  public var status: Int
  /// Names in lower case; of several, the last.
  public var headers: [String: String]
  public var body: [UInt8]
}

/// Blocking HTTP over libcurl, with caps on time and bytes. One per thread: it keeps the connection open between
/// requests, and is not safe to share.
///
/// Redirects are followed by hand, three at most, for reading methods and on the same server only: credentials and feed
/// secrets never reach another host. File URLs and other schemes are refused by the library too.
public final class HTTPClient {
  private let handle: UnsafeMutableRawPointer
  private static let isReady: Bool = hub_curl_global_init() == CURLE_OK
  private static let redirectsMax = 3
  public private(set) var requests = 0
  private let turns: ServerTurns

  /// - Parameter turns: shared by clients that are not to crowd a server.
  /// - Throws: ``SourceError/connection(_:)`` where the library does not start.
  public init(turns: ServerTurns = ServerTurns()) throws(SourceError) {
    guard Self.isReady, let handle = curl_easy_init() else { throw .connection("libcurl does not start") }
    self.turns = turns
    self.handle = handle
  }

  deinit { curl_easy_cleanup(handle) }

  /// - Returns: any answer, whatever its status.
  public func send(_ request: CalendarRequest, _ credentials: SourceCredentials?) throws(SourceError)
    -> CalendarResponse
  {
    var request = request
    let isRead = ["GET", "PROPFIND", "REPORT", "OPTIONS"].contains(request.method)
    for _ in 0...Self.redirectsMax {
      let address = request.address
      let answer = try turns.take(address.origin) { () throws(SourceError) in try once(request, credentials) }
      guard [301, 302, 307, 308].contains(answer.status) else { return answer }
      guard isRead, let location = answer.headers["location"],
        let next = request.address.following(location: location)
      else { throw .redirect }
      request.address = next
    }
    throw .redirect
  }

  private func once(_ request: CalendarRequest, _ credentials: SourceCredentials?) throws(SourceError)
    -> CalendarResponse
  {
    requests += 1
    let answer = Answer(bytesMax: request.answerBytesMax)
    let owner = Unmanaged.passUnretained(answer).toOpaque()
    curl_easy_reset(handle)
    var code = CURLE_OK
    func set(_ option: CURLoption, _ value: Int) {
      if code == CURLE_OK { code = hub_curl_set_long(handle, option, value) }
    }
    // The library copies strings.
    func set(_ option: CURLoption, _ text: String) {
      if code == CURLE_OK { code = text.withCString { hub_curl_set_bytes(handle, option, $0) } }
    }
    set(CURLOPT_URL, request.address.exposed)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_CUSTOMREQUEST, request.method)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT, 5)
    set(CURLOPT_TIMEOUT, request.timeoutSeconds)
    set(CURLOPT_ACCEPT_ENCODING, "identity")
    set(CURLOPT_USERAGENT, "hub")
    set(CURLOPT_PROXY, "")
    if let credentials {
      set(CURLOPT_HTTPAUTH, hub_curl_auth_basic)
      set(CURLOPT_USERNAME, credentials.user)
      set(CURLOPT_PASSWORD, credentials.password)
    }
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    // No "Expect: 100-continue": small bodies, and some servers wait for ever.
    for (name, value) in request.headers + [(name: "Expect", value: "")] {
      guard let longer = curl_slist_append(list, "\(name): \(value)") else { throw .connection("no memory") }
      list = longer
    }
    if code == CURLE_OK { code = hub_curl_set_headers(handle, list) }
    if code == CURLE_OK { code = hub_curl_set_body_sink(handle, takeBody, owner) }
    if code == CURLE_OK { code = hub_curl_set_header_sink(handle, takeHeader, owner) }
    let hasBody = !request.body.isEmpty || request.method == "PUT"
    let result = request.body.withUnsafeBytes { bytes in
      if hasBody {
        set(CURLOPT_POSTFIELDSIZE, bytes.count)
        if code == CURLE_OK {
          code =
            bytes.count == 0
            ? hub_curl_set_bytes(handle, CURLOPT_POSTFIELDS, "")
            : hub_curl_set_bytes(handle, CURLOPT_POSTFIELDS, bytes.baseAddress)
        }
      }
      return code == CURLE_OK ? curl_easy_perform(handle) : code
    }
    var status = 0
    guard result == CURLE_OK, hub_curl_status(handle, &status) == CURLE_OK else {
      if answer.isTooLarge { throw .tooLarge }
      if result == CURLE_OPERATION_TIMEDOUT { throw .timeout }
      throw .connection(String(cString: curl_easy_strerror(result)))
    }
    return CalendarResponse(status: status, headers: answer.headers, body: answer.body)
  }
}

/// What comes in while a transfer runs; alive for its whole length on the caller's stack.
private final class Answer {
  let bytesMax: Int
  var body: [UInt8] = []
  var headers: [String: String] = [:]
  var headerBytes = 0
  var isTooLarge = false
  init(bytesMax: Int) { self.bytesMax = bytesMax }

  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= bytesMax else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    headerBytes += bytes.count
    guard headerBytes <= 64 << 10 else {
      isTooLarge = true
      return false
    }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") { headers.removeAll() }
    guard let colon = line.firstIndex(of: ":") else { return true }
    headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
      in: .whitespacesAndNewlines)
    return true
  }
}

/// Fewer bytes than given tell the library to stop.
@c(hub_curl_take_body)
func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ owner: UnsafeMutableRawPointer?
)
  -> Int
{
  guard let owner else { return 0 }
  let answer = Unmanaged<Answer>.fromOpaque(owner).takeUnretainedValue()
  return answer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

@c(hub_curl_take_header)
func takeHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ owner: UnsafeMutableRawPointer?
)
  -> Int
{
  guard let owner else { return 0 }
  let answer = Unmanaged<Answer>.fromOpaque(owner).takeUnretainedValue()
  return answer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}
