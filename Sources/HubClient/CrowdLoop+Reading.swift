import CEpoll
import Glibc
import HubNet

/// What comes: the answer to the handshake, then frames (RFC 6455), handed on where they lie.
extension CrowdLoop {
  func serve(_ event: crowd_event) {
    let id = ConnectionID(
      index: UInt32(event.tag >> 32), generation: UInt32(truncatingIfNeeded: event.tag))
    guard let link = link(id) else { return }
    if link.phase == .connecting { return connected(link) }
    if event.events & Self.writable != 0 { sendRest(link) }
    guard event.events & ~Self.writable != 0, self.link(id) != nil else { return }
    // An error or hang-up of a link that does not read shows when it reads again.
    if link.bytesPerSecond == nil {
      receive(link, atMost: room.count)
    } else if event.events & ~(Self.writable | Self.readable) != 0 {
      drop(link, .lost)
    }
  }

  private func connected(_ link: CrowdLink) {
    var error: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(link.descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
    guard error == 0, let target else {
      return drop(link, .connectFailed(String(cString: strerror(error))))
    }
    var one: Int32 = 1
    setsockopt(link.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
    link.phase = .handshaking
    control(link, Self.readable)
    FrameHead.request(target).withUnsafeBytes { write(link, $0) }
  }

  func receive(_ link: CrowdLink, atMost limit: Int) {
    let count = recv(link.descriptor, room.baseAddress, min(limit, room.count), 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else {
      let failed = link.phase == .handshaking
      let closed = link.phase == .closing ? ConnectionEnd.closedHere(code: link.closeCode) : .lost
      return drop(
        link, link.end ?? (failed ? .connectFailed("closed before the handshake was complete") : closed))
    }
    if link.bytesPerSecond != nil { link.readableBytes -= Double(count) }
    let fresh = UnsafeRawBufferPointer(rebasing: room[..<count])
    guard link.received.isEmpty else {
      link.received.append(contentsOf: fresh)
      let whole = link.received
      let used = whole.withUnsafeBytes { take(link, $0) }
      link.received.removeFirst(min(used, link.received.count))
      return
    }
    let used = take(link, fresh)
    if used < count { link.received.append(contentsOf: fresh[used...]) }
  }

  /// Reads what has come to a drained socket: heads are looked at, binary messages skipped but for the newest one, texts
  /// and control frames taken as ever.
  func drain(_ id: ConnectionID) {
    guard let link = link(id), link.isDrained else { return }
    receive(link, atMost: room.count)
  }

  /// Takes whole messages off the front; returns how many bytes they were.
  private func take(_ link: CrowdLink, _ bytes: UnsafeRawBufferPointer) -> Int {
    var at = 0
    if link.phase == .handshaking {
      guard let head = headEnd(bytes) else {
        if bytes.count > 8192 { drop(link, .connectFailed("an endless HTTP answer")) }
        return 0
      }
      at = head
      let answer = String(decoding: bytes[..<head], as: UTF8.self)
      if let target, let refusal = FrameHead.refusal(answer, target) {
        drop(link, .connectFailed(refusal))
        return at
      }
      link.phase = .open
      handler.opened(link.id, nil)
    }
    var skipped = DrainedBytes()
    var newest = 0..<0
    defer {
      if skipped.frames > 0 {
        whenDrained?(link.id, skipped, UnsafeRawBufferPointer(rebasing: bytes[newest]).bytes)
      }
    }
    while link.phase == .open || link.phase == .closing, self.link(link.id) != nil {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
      let head: FrameHead.Head
      do throws(FrameHead.Problem) {
        guard let found = try FrameHead.read(rest) else { return at }
        head = found
      } catch {
        fail(link, code: 1002)
        return bytes.count
      }
      guard rest.count >= head.headBytes + head.payloadBytes else { return at }
      let payload = UnsafeRawBufferPointer(
        rebasing: rest[head.headBytes..<head.headBytes + head.payloadBytes])
      at += head.headBytes + head.payloadBytes
      if link.isDrained, head.opcode == 2, head.isFinal, link.fragmentsAreText == nil {
        skipped.frames += 1
        skipped.bytes += head.payloadBytes
        skipped.heads += head.headBytes
        newest = at - head.payloadBytes..<at
        continue
      }
      take(link, head, payload)
    }
    return at
  }

  private func headEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...bytes.count - 4
    where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
      return index + 4
    }
    return nil
  }

  private func take(_ link: CrowdLink, _ head: FrameHead.Head, _ payload: UnsafeRawBufferPointer) {
    switch head.opcode {
    case 1, 2:
      guard link.fragmentsAreText == nil else { return fail(link, code: 1002) }
      if head.isFinal {
        if link.phase == .open { handler.received(link.id, text: head.opcode == 1, payload.bytes) }
        return
      }
      link.fragmentsAreText = head.opcode == 1
      link.fragments = Array(payload)
    case 0:
      guard let isText = link.fragmentsAreText,
        link.fragments.count + payload.count <= FrameHead.messageBytesMax
      else { return fail(link, code: 1002) }
      link.fragments.append(contentsOf: payload)
      guard head.isFinal else { return }
      let whole = link.fragments
      link.fragments = []
      link.fragmentsAreText = nil
      if link.phase == .open { handler.received(link.id, text: isText, whole.span.bytes) }
    case 8:
      if link.end == nil, link.phase == .open {
        let code = payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005
        link.end = .closedByPeer(
          code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
        sendMessage(link, opcode: 8, UnsafeRawBufferPointer(rebasing: payload.prefix(2)))
      }
      // Ours was the first: this is the answer. Either way nothing follows (RFC 6455, section 7.1.1).
      drop(link, link.end ?? .closedHere(code: link.closeCode))
    case 9: sendMessage(link, opcode: 10, payload)
    case 10: break
    default: fail(link, code: 1002)
    }
  }

  private func fail(_ link: CrowdLink, code: UInt16) {
    close(link.id, code: code, reason: "", afterSending: false)
  }
}
