import CLibwebsockets
import Glibc

/// What the library points at while a context lives: protocol tables, policies, strings. Freed after the context.
final class LibraryMemory {
  /// How ``SocketLoop`` tells its protocols apart (`lws_protocols.id`).
  enum ProtocolID {
    static let http: UInt32 = 1
    static let webSocket: UInt32 = 2
    static let descriptor: UInt32 = 3
    static let client: UInt32 = 4
  }
  /// Names no client asks for by accident; asking for them leads nowhere (see the upgrade's checks).
  static let httpName = "hubnet-http"
  static let descriptorName = "hubnet-descriptor"
  static let clientName = "hubnet-client"

  private var strings: [UnsafeMutablePointer<CChar>] = []
  private var tables: [UnsafeMutablePointer<lws_protocols>] = []
  private let policy: UnsafeMutablePointer<lws_retry_bo_t>
  let tickTimer: UnsafeMutablePointer<hub_tick_timer>
  let frameBytesMax: Int

  init(_ configuration: SocketLoopConfiguration) {
    frameBytesMax = configuration.frameBytesMax
    policy = .allocate(capacity: 1)
    // All zero turns the library's own pings off: in 4.1.6 they overwrite the payload of a pong that waits to be sent.
    policy.initialize(to: lws_retry_bo_t())
    tickTimer = .allocate(capacity: 1)
    tickTimer.initialize(to: hub_tick_timer())
  }

  deinit {
    for string in strings { free(string) }
    for table in tables { table.deallocate() }
    policy.deallocate()
    tickTimer.deallocate()
  }

  func string(_ text: String) -> UnsafePointer<CChar> {
    let copy = strdup(text)!
    strings.append(copy)
    return UnsafePointer(copy)
  }

  /// A null-terminated table for one vhost.
  func protocols(_ entries: [(name: String, id: UInt32, receiveBytes: Int)]) -> UnsafePointer<lws_protocols> {
    let table = UnsafeMutablePointer<lws_protocols>.allocate(capacity: entries.count + 1)
    table.initialize(repeating: lws_protocols(), count: entries.count + 1)
    for (index, entry) in entries.enumerated() {
      table[index].name = string(entry.name)
      table[index].callback = hubnetOnEvent
      table[index].id = entry.id
      table[index].rx_buffer_size = entry.receiveBytes
      // Larger than any frame with its header: the library sends a message with one send(), or keeps the rest itself.
      table[index].tx_packet_size = max(SendBatch.roomBytes(frameBytesMax: frameBytesMax), 65_536)
    }
    tables.append(table)
    return UnsafePointer(table)
  }

  var liveness: UnsafePointer<lws_retry_bo_t> { UnsafePointer(policy) }
}
