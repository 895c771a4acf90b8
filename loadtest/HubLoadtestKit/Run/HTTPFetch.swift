import Glibc

/// Why a page could not be had.
public struct FetchError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// One blocking GET with a time limit: for the world before a run, and for metrics on a thread of their own.
public enum HTTPFetch {
  public static let bytesMax = 64 << 20

  /// The body of a 200 answer.
  public static func get(_ address: HTTPAddress, timeoutSeconds: Int = 5) throws(FetchError) -> [UInt8] {
    let socket = try connect(address, timeoutSeconds)
    defer { close(socket) }
    let host = address.host.contains(":") ? "[\(address.host)]" : address.host
    let request = Array(
      "GET \(address.path) HTTP/1.1\r\nHost: \(host):\(address.port)\r\nConnection: close\r\n\r\n".utf8)
    var sent = 0
    while sent < request.count {
      let count = request[sent...].withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw FetchError(description: "\(address): \(reason(errno))") }
      sent += count
    }
    return try body(receive(socket, address), address)
  }

  private static func connect(_ address: HTTPAddress, _ timeoutSeconds: Int) throws(FetchError) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(address.host, String(address.port), &hints, &found)
    guard code == 0 else {
      throw FetchError(description: "\(address): \(String(cString: gai_strerror(code)))")
    }
    defer { freeaddrinfo(found) }
    var last: Int32 = 0
    var next = found
    while let candidate = next {
      next = candidate.pointee.ai_next
      let socket = socket(
        candidate.pointee.ai_family, candidate.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard socket >= 0 else {
        last = errno
        continue
      }
      var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
      setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
      if Glibc.connect(socket, candidate.pointee.ai_addr, candidate.pointee.ai_addrlen) == 0 { return socket }
      last = errno
      close(socket)
    }
    throw FetchError(description: "\(address): \(reason(last))")
  }

  private static func receive(_ socket: Int32, _ address: HTTPAddress) throws(FetchError) -> [UInt8] {
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &chunk, chunk.count, 0)
      guard count >= 0 else { throw FetchError(description: "\(address): \(reason(errno))") }
      if count == 0 { return answer }
      answer += chunk[..<count]
      if let head = headEnd(answer), let length = contentLength(answer[..<head]),
        answer.count >= head + length
      {
        return Array(answer[..<(head + length)])
      }
      guard answer.count <= bytesMax else {
        throw FetchError(description: "\(address): answer over \(bytesMax) bytes")
      }
    }
  }

  private static func body(_ answer: [UInt8], _ address: HTTPAddress) throws(FetchError) -> [UInt8] {
    guard let head = headEnd(answer) else { throw FetchError(description: "\(address): no HTTP answer") }
    let status = String(decoding: answer.prefix { $0 != 0x0D }, as: UTF8.self).split(separator: " ")
    guard status.count >= 2, status[1] == "200" else {
      throw FetchError(description: "\(address): answered \(status.dropFirst().joined(separator: " "))")
    }
    if let length = contentLength(answer[..<head]), answer.count < head + length {
      throw FetchError(description: "\(address): answer ends after \(answer.count - head) of \(length) bytes")
    }
    return Array(answer[head...])
  }

  private static func headEnd(_ answer: [UInt8]) -> Int? {
    answer.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]).map(\.upperBound)
  }

  private static func contentLength(_ head: ArraySlice<UInt8>) -> Int? {
    for line in String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: ":", maxSplits: 1)
      guard fields.count == 2, fields[0].lowercased() == "content-length" else { continue }
      return Int(fields[1].filter { $0 != " " })
    }
    return nil
  }

  private static func reason(_ code: Int32) -> String {
    code == EAGAIN || code == EINPROGRESS ? "no answer in time" : String(cString: strerror(code))
  }
}
