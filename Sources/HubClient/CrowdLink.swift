import Glibc
import HubNet

/// One socket of a ``CrowdLoop``.
final class CrowdLink {
  enum Phase { case connecting, handshaking, open, closing }

  let id: ConnectionID
  let descriptor: Int32
  var phase = Phase.connecting
  var end: ConnectionEnd?
  var closeCode: UInt16 = 1000
  /// Bytes received that are no whole frame yet.
  var received: [UInt8] = []
  /// Fragments of one message.
  var fragments: [UInt8] = []
  var fragmentsAreText: Bool?
  /// Bytes that the socket did not take.
  var unsent: [UInt8] = []
  var writeAsked = false
  /// The handshake's or the closing handshake's end at the latest.
  var deadlineMs: Double
  /// How fast this side reads; nil: at once.
  var bytesPerSecond: Double?
  var readableBytes = 0.0
  /// Read when its owner says so, and its binary messages are counted, not handed on.
  var isDrained = false

  init(id: ConnectionID, descriptor: Int32, deadlineMs: Double) {
    self.id = id
    self.descriptor = descriptor
    self.deadlineMs = deadlineMs
  }
}

/// Heads of WebSocket frames (RFC 6455, section 5.2) as a client meets them.
enum FrameHead {
  enum Problem: Error { case masked, reservedBits, tooLong, control }

  struct Head {
    var opcode: UInt8
    var isFinal: Bool
    var headBytes: Int
    var payloadBytes: Int
  }

  static let messageBytesMax = 64 << 20

  /// Nil: not all of the head is there yet.
  static func read(_ bytes: UnsafeRawBufferPointer) throws(Problem) -> Head? {
    guard bytes.count >= 2 else { return nil }
    let (first, second) = (bytes[0], bytes[1])
    guard first & 0x70 == 0 else { throw .reservedBits }
    guard second & 0x80 == 0 else { throw .masked }
    var head = Head(
      opcode: first & 15, isFinal: first & 0x80 != 0, headBytes: 2, payloadBytes: Int(second & 0x7F))
    if head.opcode >= 8, !head.isFinal || head.payloadBytes > 125 { throw .control }
    let extra = head.payloadBytes == 126 ? 2 : head.payloadBytes == 127 ? 8 : 0
    guard extra > 0 else { return head }
    guard bytes.count >= 2 + extra else { return nil }
    var length: UInt64 = 0
    for index in 2..<2 + extra { length = length << 8 | UInt64(bytes[index]) }
    guard length <= UInt64(messageBytesMax) else { throw .tooLong }
    head.headBytes += extra
    head.payloadBytes = Int(length)
    return head
  }

  /// Writes head and masked payload behind each other; `payload` may lie anywhere else.
  /// - Returns: bytes written.
  static func write(
    opcode: UInt8, _ payload: UnsafeRawBufferPointer, mask: UInt32, into out: UnsafeMutableRawBufferPointer
  ) -> Int {
    out[0] = 0x80 | opcode
    var at = 2
    switch payload.count {
    case ..<126: out[1] = 0x80 | UInt8(payload.count)
    case ..<65_536:
      out[1] = 0x80 | 126
      out[2] = UInt8(payload.count >> 8)
      out[3] = UInt8(payload.count & 255)
      at = 4
    default:
      out[1] = 0x80 | 127
      for index in 0..<8 { out[2 + index] = UInt8(truncatingIfNeeded: payload.count >> (56 - index * 8)) }
      at = 10
    }
    for index in 0..<4 { out[at + index] = UInt8(truncatingIfNeeded: mask >> UInt32(index * 8)) }
    at += 4
    for index in 0..<payload.count {
      out[at + index] = payload[index] ^ UInt8(truncatingIfNeeded: mask >> UInt32((index & 3) * 8))
    }
    return at + payload.count
  }

  /// The key of RFC 6455's own example, and the answer to it: the nonce protects from caches that mix up answers, and
  /// none stands between a load tester and its server.
  static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  static func request(_ target: ClientTarget) -> [UInt8] {
    let host = target.host.contains(":") ? "[\(target.host)]" : target.host
    var text = "GET \(target.path) HTTP/1.1\r\nHost: \(host):\(target.port)\r\nUpgrade: websocket\r\n"
    text += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n"
    text += "Sec-WebSocket-Protocol: \(target.subprotocol)\r\n"
    if let origin = target.origin { text += "Origin: \(origin)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// What is wrong with the answer's head (without its last empty line); nil: nothing.
  static func refusal(_ answer: String, _ target: ClientTarget) -> String? {
    let lines = answer.split(whereSeparator: \.isNewline)
    guard let status = lines.first, status.hasPrefix("HTTP/1.1 ") else { return "no HTTP answer" }
    guard status.hasPrefix("HTTP/1.1 101") else { return "answered \(status.dropFirst(9))" }
    func value(_ name: String) -> Substring? {
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { continue }
        return line[line.index(after: colon)...].drop { $0 == " " }
      }
      return nil
    }
    guard value("sec-websocket-accept") == Substring(accept) else { return "no WebSocket answer" }
    guard value("sec-websocket-protocol") == Substring(target.subprotocol) else {
      return "another subprotocol than \(target.subprotocol)"
    }
    return nil
  }
}
