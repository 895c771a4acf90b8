import CLibwebsockets
import Glibc

/// One request and its answer.
final class HTTPExchange {
  /// `answering`: the handler has it; `done`: waits for the library to finish.
  enum Phase { case readingBody, answering, sending, done }
  var phase = Phase.readingBody
  var request: HTTPRequest
  var bodyBytesExpected: Int
  let keepsAlive: Bool
  /// Set where the rest of the connection can't be trusted to be a request.
  var closesAfter = false
  var head: [UInt8] = []
  var body: [UInt8] = []
  var sent = 0

  init(_ request: HTTPRequest, bodyBytesExpected: Int, keepsAlive: Bool) {
    self.request = request
    self.bodyBytesExpected = bodyBytesExpected
    self.keepsAlive = keepsAlive
  }
}

extension SocketLoop {
  /// A download may stand still this long.
  private static let sendSecondsMax: Int32 = 20

  func onRequest(_ wsi: OpaquePointer, _ index: Int, _ input: UnsafeRawBufferPointer) -> Int32 {
    guard table.slots[index].exchange == nil else { return -1 }
    guard let method = method(wsi) else { return -1 }
    let slot = table.slots[index]
    let path = String(validating: input, as: UTF8.self)
    let length = header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH)
    let bodyBytes = length.map { $0.utf8.allSatisfy { (48...57).contains($0) } ? Int($0) : nil } ?? 0
    let request = HTTPRequest(
      listener: Int(slot.listener), address: slot.address, method: method, path: path ?? "",
      query: query(wsi),
      headers: headers(wsi), body: [])
    let exchange = HTTPExchange(request, bodyBytesExpected: bodyBytes ?? 0, keepsAlive: keepsAlive(wsi))
    table.slots[index].exchange = exchange
    // Chunked bodies aren't read by the library, and guessing at lengths is how requests are smuggled (RFC 9112, section 11.2).
    let needsLength = [.post, .put, .patch].contains(method) && length == nil
    if bodyBytes == nil || path == nil {
      return reject(wsi, index, 400)
    } else if header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) != nil || needsLength {
      return reject(wsi, index, 411)
    } else if exchange.bodyBytesExpected > 0,
      let status = handler?.refusesBody(
        request, bytes: exchange.bodyBytesExpected, bytesMax: configuration.requestBodyBytesMax)
    {
      return reject(wsi, index, status)
    }
    if exchange.bodyBytesExpected == 0 { ask(wsi, index) }
    return 0
  }

  private func reject(_ wsi: OpaquePointer, _ index: Int, _ status: Int) -> Int32 {
    table.slots[index].exchange?.closesAfter = true
    begin(index, .text(status, reasonPhrase(status) + "\n"))
    return 0
  }

  func onBody(_ index: Int, _ input: UnsafeRawBufferPointer) -> Int32 {
    guard let exchange = table.slots[index].exchange, exchange.phase == .readingBody else { return 0 }
    exchange.request.body.append(contentsOf: input)
    return exchange.request.body.count <= exchange.bodyBytesExpected ? 0 : -1
  }

  func onBodyEnd(_ wsi: OpaquePointer, _ index: Int) -> Int32 {
    if table.slots[index].exchange?.phase == .readingBody { ask(wsi, index) }
    return 0
  }

  private func ask(_ wsi: OpaquePointer, _ index: Int) {
    guard let exchange = table.slots[index].exchange, let handler else { return }
    exchange.phase = .answering
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
    let id = table.id(index)
    if let response = handler.http(id, exchange.request) { respond(id, response) }
  }

  /// Answers a request whose `http` call returned nil. A void id is ignored.
  public func respond(_ id: ConnectionID, _ response: HTTPResponse) {
    guard let index = table.find(id), table.slots[index].exchange?.phase == .answering else { return }
    begin(index, response)
  }

  private func begin(_ index: Int, _ response: HTTPResponse) {
    guard let exchange = table.slots[index].exchange, let wsi = table.slots[index].wsi else { return }
    exchange.phase = .sending
    let closes = exchange.closesAfter || !exchange.keepsAlive
    exchange.head = head(response, closes: closes)
    exchange.body = exchange.request.method == .head ? [] : response.body
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, Self.sendSecondsMax)
    writesAsked = true
    lws_callback_on_writable(wsi)
  }

  private func head(_ response: HTTPResponse, closes: Bool) -> [UInt8] {
    var text = "HTTP/1.1 \(response.status) \(reasonPhrase(response.status))\r\n"
    text += "date: \(date.now())\r\nconnection: \(closes ? "close" : "keep-alive")\r\n"
    // These statuses have no body and say nothing of its length (RFC 9110, section 8.6).
    if response.status != 304, response.status != 204 { text += "content-length: \(response.body.count)\r\n" }
    for (name, value) in response.headers {
      precondition(!(name + value).utf8.contains { $0 < 32 || $0 == 127 }, "control character in a header")
      text += "\(name): \(value)\r\n"
    }
    return Array((text + "\r\n").utf8)
  }

  func onHTTPWritable(_ wsi: OpaquePointer, _ index: Int) -> Int32 {
    guard let exchange = table.slots[index].exchange, exchange.phase == .sending else { return 0 }
    let room = UnsafeMutableRawBufferPointer(rebasing: sendRoom.dropFirst(hub_lws_pre))
    let headCount = exchange.head.count
    let total = headCount + exchange.body.count
    let count = min(room.count, total - exchange.sent)
    let fromHead = max(0, min(count, headCount - exchange.sent))
    if fromHead > 0 { room.copyBytes(from: exchange.head[exchange.sent..<(exchange.sent + fromHead)]) }
    let bodyStart = max(0, exchange.sent - headCount)
    UnsafeMutableRawBufferPointer(rebasing: room.dropFirst(fromHead))
      .copyBytes(from: exchange.body[bodyStart..<(bodyStart + count - fromHead)])
    exchange.sent += count
    let isLast = exchange.sent == total
    let start = room.baseAddress!.assumingMemoryBound(to: UInt8.self)
    if lws_write(wsi, start, count, isLast ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0 { return -1 }
    if isLast { return finish(wsi, index, exchange) }
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, Self.sendSecondsMax)
    writesAsked = true
    lws_callback_on_writable(wsi)
    return 0
  }

  private func finish(_ wsi: OpaquePointer, _ index: Int, _ exchange: HTTPExchange) -> Int32 {
    exchange.phase = .done
    table.slots[index].exchange = nil
    lws_set_opaque_user_data(wsi, table.renew(index).opaque)
    if exchange.closesAfter { return -1 }
    // The library keeps or closes the connection as the request asked.
    return lws_http_transaction_completed(wsi) != 0 ? -1 : 0
  }

  // MARK: What the library parsed

  /// A header's value; nil when absent.
  func header(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> String? {
    let length = Int(lws_hdr_total_length(wsi, token))
    guard length > 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
      guard lws_hdr_copy(wsi, buffer.baseAddress, Int32(buffer.count), token) > 0 else { return nil }
      return String(decoding: UnsafeRawBufferPointer(buffer).prefix(length), as: UTF8.self)
    }
  }

  private func method(_ wsi: OpaquePointer) -> HTTPRequest.Method? {
    let tokens: [(lws_token_indexes, HTTPRequest.Method)] = [
      (WSI_TOKEN_GET_URI, .get), (WSI_TOKEN_HEAD_URI, .head), (WSI_TOKEN_POST_URI, .post),
      (WSI_TOKEN_PUT_URI, .put), (WSI_TOKEN_PATCH_URI, .patch), (WSI_TOKEN_DELETE_URI, .delete),
      (WSI_TOKEN_OPTIONS_URI, .options),
    ]
    return tokens.first { lws_hdr_total_length(wsi, $0.0) > 0 }?.1
  }

  private func headers(_ wsi: OpaquePointer) -> [HTTPRequest.Header: String] {
    let tokens: [(HTTPRequest.Header, lws_token_indexes)] = [
      (.host, WSI_TOKEN_HOST), (.origin, WSI_TOKEN_ORIGIN), (.accept, WSI_TOKEN_HTTP_ACCEPT),
      (.acceptLanguage, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE), (.authorization, WSI_TOKEN_HTTP_AUTHORIZATION),
      (.contentType, WSI_TOKEN_HTTP_CONTENT_TYPE), (.cookie, WSI_TOKEN_HTTP_COOKIE),
      (.ifNoneMatch, WSI_TOKEN_HTTP_IF_NONE_MATCH), (.forwardedFor, WSI_TOKEN_X_FORWARDED_FOR),
      (.userAgent, WSI_TOKEN_HTTP_USER_AGENT), (.referer, WSI_TOKEN_HTTP_REFERER),
    ]
    var found: [HTTPRequest.Header: String] = [:]
    for (name, token) in tokens { found[name] = header(wsi, token) }
    return found
  }

  private func query(_ wsi: OpaquePointer) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4097) { buffer in
      // The library caps all headers together at 4 kB, so no pair is longer than the buffer.
      for fragment in 0..<256 {
        let length = lws_hdr_copy_fragment(
          wsi, buffer.baseAddress, Int32(buffer.count), WSI_TOKEN_HTTP_URI_ARGS, Int32(fragment))
        guard length >= 0 else { break }
        let pair = String(decoding: UnsafeRawBufferPointer(buffer).prefix(Int(length)), as: UTF8.self)
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        pairs.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
      }
    }
    return pairs
  }

  /// As RFC 9112, section 9.3, and as the library decides at the end of the exchange.
  private func keepsAlive(_ wsi: OpaquePointer) -> Bool {
    let connection = header(wsi, WSI_TOKEN_CONNECTION)?.lowercased()
    if connection == "close" { return false }
    return header(wsi, WSI_TOKEN_HTTP) == "HTTP/1.1" || connection == "keep-alive"
  }
}
