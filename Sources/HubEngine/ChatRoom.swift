/// One message, kept in memory only, for those who arrive.
struct ChatMessage {
  let id: UInt64
  let author: String
  /// The message as JSON, without `ref`.
  let json: [UInt8]
}

/// The recent messages of a space or an area: a bounded list, oldest first.
struct ChatRoom {
  private(set) var messages: [ChatMessage] = []
  let capacity: Int

  init(capacity: Int) {
    precondition(capacity > 0)
    self.capacity = capacity
  }

  mutating func append(_ message: ChatMessage) {
    if messages.count == capacity { messages.removeFirst() }
    messages.append(message)
  }

  /// Removes a message; false if it is not (or no longer) here.
  mutating func remove(_ id: UInt64) -> Bool {
    guard let index = messages.firstIndex(where: { $0.id == id }) else { return false }
    messages.remove(at: index)
    return true
  }

  func message(_ id: UInt64) -> ChatMessage? { messages.first { $0.id == id } }
}
