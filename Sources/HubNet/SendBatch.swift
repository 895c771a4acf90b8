import CLibwebsockets

/// Messages of a server framed one after another (RFC 6455, section 5.2: final, unmasked), to leave with one system call.
struct SendBatch: ~Copyable {
  /// Enough for most of what a tick has for a connection; more would fill a slow socket with what grows stale.
  private static let smallBytes = 4096
  private static let headerBytesMax = 10

  private let room: UnsafeMutableRawBufferPointer
  private let frameBytesMax: Int
  private var start = 0
  private var end = 0
  private(set) var isEmpty = true

  /// What ``room`` must hold for frames of that size.
  static func roomBytes(frameBytesMax: Int) -> Int {
    hub_lws_pre + smallBytes + 2 * headerBytesMax + frameBytesMax
  }

  init(room: UnsafeMutableRawBufferPointer, frameBytesMax: Int) {
    self.room = room
    self.frameBytesMax = frameBytesMax
    end = hub_lws_pre
  }

  /// Where the next message goes: its header fits before it.
  var payload: UnsafeMutableRawBufferPointer {
    let at = isEmpty ? hub_lws_pre + Self.headerBytesMax : end + Self.headerBytesMax
    return UnsafeMutableRawBufferPointer(rebasing: room[at..<(at + frameBytesMax)])
  }

  var takesMore: Bool { end - start < Self.smallBytes }
  var bytes: UnsafeMutableRawBufferPointer? {
    end > start && start > 0 ? UnsafeMutableRawBufferPointer(rebasing: room[start..<end]) : nil
  }

  /// The message in ``payload`` left by another way.
  mutating func skip() { isEmpty = false }

  /// Puts the header before the first `count` bytes of ``payload``, and both after what is there.
  mutating func append(_ kind: SendBuffer.Kind, _ count: Int) {
    let payload = payload
    let opcode: UInt8 = 0x80 | (kind == .text ? 1 : 2)
    let header = count < 126 ? 2 : count < 65_536 ? 4 : 10
    let at = isEmpty ? hub_lws_pre + Self.headerBytesMax - header : end
    if !isEmpty {
      // The headroom was for the longest header: close the gap.
      room.baseAddress!.advanced(by: at + header).copyMemory(from: payload.baseAddress!, byteCount: count)
    }
    room[at] = opcode
    switch header {
    case 2: room[at + 1] = UInt8(count)
    case 4:
      room[at + 1] = 126
      room[at + 2] = UInt8(count >> 8)
      room[at + 3] = UInt8(count & 255)
    default:
      room[at + 1] = 127
      for byte in 0..<8 { room[at + 2 + byte] = UInt8(truncatingIfNeeded: count >> (56 - 8 * byte)) }
    }
    if isEmpty { start = at }
    end = at + header + count
    isEmpty = false
  }
}
