/// Text messages waiting for one connection, oldest first, capped in bytes. Messages are shared between queues.
struct ControlQueue {
  private var messages: [[UInt8]] = []
  private var head = 0
  private(set) var bytes = 0

  var isEmpty: Bool { head == messages.count }

  /// False when the cap would be passed: the connection is too slow to be kept.
  mutating func append(_ message: [UInt8], bytesMax: Int) -> Bool {
    guard bytes + message.count <= bytesMax else { return false }
    messages.append(message)
    bytes += message.count
    return true
  }

  mutating func popFirst() -> [UInt8]? {
    guard head < messages.count else { return nil }
    let message = messages[head]
    messages[head] = []
    head += 1
    bytes -= message.count
    if head == messages.count {
      messages.removeAll(keepingCapacity: true)
      head = 0
    }
    return message
  }
}
