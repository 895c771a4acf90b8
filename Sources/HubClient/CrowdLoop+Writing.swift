import Glibc
import HubKernel
import HubNet

/// What goes: one `send` a message; what a socket does not take waits until it does.
extension CrowdLoop {
  func requestWritable(_ id: ConnectionID) {
    guard let link = link(id), link.phase == .open, !link.writeAsked else { return }
    link.writeAsked = true
    if link.unsent.isEmpty { writers.append(id) }
  }

  /// Asks the handler for a message for each socket that takes one.
  func flush() {
    while !writers.isEmpty {
      let due = writers
      writers.removeAll(keepingCapacity: true)
      for id in due {
        guard let link = link(id), link.writeAsked, link.phase == .open, link.unsent.isEmpty else { continue }
        link.writeAsked = false
        var buffer = SendBuffer(bytes: message)
        handler.writable(id, &buffer)
        if let kind = buffer.kind {
          sendMessage(
            link, opcode: kind == .text ? 1 : 2, UnsafeRawBufferPointer(rebasing: message[..<buffer.count]))
        }
        if buffer.more { requestWritable(id) }
      }
    }
  }

  func sendMessage(_ link: CrowdLink, opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
    precondition(payload.count <= message.count)
    let mask = UInt32(truncatingIfNeeded: masks.next())
    let count = FrameHead.write(opcode: opcode, payload, mask: mask, into: sendRoom)
    write(link, UnsafeRawBufferPointer(rebasing: sendRoom[..<count]))
  }

  /// Bytes as they are, frame heads and all: for what no honest client sends.
  func sendWire(_ bytes: [UInt8], _ id: ConnectionID) {
    guard let link = link(id), link.phase == .open else { return }
    bytes.withUnsafeBytes { write(link, $0) }
  }

  func write(_ link: CrowdLink, _ bytes: UnsafeRawBufferPointer) {
    guard link.unsent.isEmpty else {
      link.unsent.append(contentsOf: bytes)
      return
    }
    let sent = max(Glibc.send(link.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)), 0)
    guard sent < bytes.count else { return }
    // Errors other than a full buffer show at the next read.
    link.unsent.append(contentsOf: bytes[sent...])
    updateInterest(link)
  }

  func sendRest(_ link: CrowdLink) {
    guard !link.unsent.isEmpty else { return }
    let sent = link.unsent.withUnsafeBytes {
      Glibc.send(link.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if sent < 0, errno != EAGAIN, errno != EINTR {
      return drop(link, link.end ?? (link.phase == .handshaking ? .connectFailed("cut") : .lost))
    }
    link.unsent.removeFirst(max(sent, 0))
    guard link.unsent.isEmpty else { return }
    updateInterest(link)
    if link.writeAsked { writers.append(link.id) }
  }

  func close(_ id: ConnectionID, code: UInt16, reason: String, afterSending: Bool) {
    guard let link = link(id), link.phase == .open else { return }
    // What waits is sent first by whoever asked for it: writers run before the close frame is written.
    if afterSending, link.writeAsked { flush() }
    guard self.link(id) != nil, link.phase == .open else { return }
    var payload = [UInt8(code >> 8), UInt8(code & 255)]
    payload += reason.utf8.prefix(120)
    payload.withUnsafeBytes { sendMessage(link, opcode: 8, $0) }
    link.closeCode = code
    link.phase = .closing
    link.deadlineMs = MonotonicClock.nowMs() + Self.closingMs
    watched.insert(id.index)
  }

  /// Cuts the connection without a close frame.
  func abort(_ id: ConnectionID) {
    guard let link = link(id) else { return }
    drop(link, .lost)
  }
}
