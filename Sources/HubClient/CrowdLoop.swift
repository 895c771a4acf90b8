import CEpoll
import Glibc
import HubKernel
import HubNet
import Synchronization

/// What a ``ClientPool`` needs of the loop that serves its sockets.
protocol ClientLoop: AnyObject {
  var handle: LoopHandle { get }
  func run()
  func stop()
  func connect(_ target: ClientTarget) throws(SocketLoopError) -> ConnectionID
  func requestWritable(_ id: ConnectionID)
  func close(_ id: ConnectionID, code: UInt16, reason: String, afterSending: Bool)
  func abort(_ id: ConnectionID)
}

extension SocketLoop: ClientLoop {}

/// Serves thousands of client sockets on one thread for little: epoll, one `recv` for everything that has come to a
/// socket, messages handed on where they lie, one `send` a message. The library that the server uses reads a client's
/// bytes one by one through its state machine and looks at every socket in every round, which for a crowd costs more
/// than everything the bots do. No TLS: such targets go through the library.
///
/// A round reads what has come, writes what was asked for, steps every 5 ms, and sleeps for a millisecond, so that reads
/// come in batches: what it delivers is late by up to that.
final class CrowdLoop: ClientLoop {
  let handle = LoopHandle()
  private unowned let handler: any SocketHandler
  private let linksMax: Int
  private let epoll: Int32
  private var links: [CrowdLink?]
  private var generations: [UInt32]
  private var free: [UInt32]
  private var writers: [ConnectionID] = []
  private var gone: [(ConnectionID, ConnectionEnd)] = []
  /// Links with a rate or a deadline, looked at in every step.
  private var watched: Set<UInt32> = []
  private var address: (storage: sockaddr_storage, length: socklen_t)?
  private var masks: SeededRandom
  private let handlesSignals: Bool
  private let room: UnsafeMutableRawBufferPointer
  private let sendRoom: UnsafeMutableRawBufferPointer
  private let message: UnsafeMutableRawBufferPointer
  private var target: ClientTarget?

  private static let stepMs = 5.0
  private static let pauseNs = 1_000_000
  private static let handshakeMs = 20_000.0
  private static let closingMs = 5000.0
  private static let eventsMax = 512
  private static let signalCame = Atomic<Int32>(0)

  init(
    linksMax: Int, seed: UInt64, handlesSignals: Bool, handler: any SocketHandler
  ) throws(SocketLoopError) {
    self.handler = handler
    self.linksMax = linksMax
    self.handlesSignals = handlesSignals
    masks = SeededRandom(seed: seed ^ 0x6D61_736B)
    try DescriptorLimit.ensure(linksMax + 64)
    epoll = crowd_epoll_create()
    links = Array(repeating: nil, count: linksMax)
    generations = Array(repeating: 0, count: linksMax)
    free = (0..<UInt32(linksMax)).reversed()
    room = .allocate(byteCount: 1 << 18, alignment: 16)
    message = .allocate(byteCount: 65_536, alignment: 16)
    sendRoom = .allocate(byteCount: 65_536 + 14, alignment: 16)
    guard epoll >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
  }

  deinit {
    for case let link? in links { Glibc.close(link.descriptor) }
    if epoll >= 0 { Glibc.close(epoll) }
    room.deallocate()
    message.deallocate()
    sendRoom.deallocate()
  }

  func stop() { handle.stop() }

  // MARK: The round

  func run() {
    if handlesSignals {
      // Touched once before a handler may: its first use takes a lock.
      Self.signalCame.store(0, ordering: .releasing)
      signal(SIGINT) { CrowdLoop.signalCame.store($0, ordering: .releasing) }
      signal(SIGTERM) { CrowdLoop.signalCame.store($0, ordering: .releasing) }
    }
    var events = [crowd_event](repeating: crowd_event(), count: Self.eventsMax)
    var nextStepMs = MonotonicClock.nowMs()
    var lastStepMs = nextStepMs
    var steps: UInt64 = 0
    while !handle.stopAsked {
      var count: Int32
      repeat {
        count = crowd_epoll_ready(epoll, &events, Int32(Self.eventsMax))
        for index in 0..<Int(max(count, 0)) { serve(events[index]) }
        flush()
      } while count == Int32(Self.eventsMax)
      if handle.takeWake() { handler.woken() }
      let signal = Self.signalCame.exchange(0, ordering: .acquiringAndReleasing)
      if signal != 0 { handler.stopRequested(signal: signal) }
      let now = MonotonicClock.nowMs()
      if now >= nextStepMs {
        let late = now - nextStepMs
        let skipped = Int(late / Self.stepMs)
        nextStepMs += Double(skipped + 1) * Self.stepMs
        steps += UInt64(skipped)
        handler.tick(TickTiming(index: steps, latenessMicroseconds: Int64(late * 1000), skipped: skipped))
        steps += 1
        watch(now, sinceMs: now - lastStepMs)
        lastStepMs = now
      }
      flush()
      tellEnds()
      var pause = timespec(tv_sec: 0, tv_nsec: Self.pauseNs)
      if writers.isEmpty { nanosleep(&pause, nil) }
    }
    for case let link? in links { drop(link, link.end ?? .loopStopped) }
    tellEnds()
  }

  private func tellEnds() {
    while !gone.isEmpty {
      let ends = gone
      gone.removeAll(keepingCapacity: true)
      for (id, end) in ends { handler.closed(id, end) }
    }
  }

  private func watch(_ now: Double, sinceMs: Double) {
    guard !watched.isEmpty else { return }
    for index in watched.sorted() {
      guard let link = links[Int(index)] else {
        watched.remove(index)
        continue
      }
      if link.phase != .open, now > link.deadlineMs {
        let wasOpen = link.phase == .closing
        drop(
          link,
          link.end ?? (wasOpen ? .closedHere(code: link.closeCode) : .connectFailed("no answer in 20 s")))
        continue
      }
      if let rate = link.bytesPerSecond {
        link.readableBytes = min(link.readableBytes + rate * sinceMs / 1000, max(rate, 1))
        if link.readableBytes >= 64 { receive(link, atMost: Int(link.readableBytes)) }
      } else if link.phase == .open {
        watched.remove(index)
      }
    }
  }

  // MARK: Links

  func link(_ id: ConnectionID) -> CrowdLink? {
    guard let link = links[Int(id.index)], link.id == id else { return nil }
    return link
  }

  func connect(_ target: ClientTarget) throws(SocketLoopError) -> ConnectionID {
    self.target = target
    if address == nil { address = try Self.lookUp(target) }
    guard let slot = free.popLast(), let (known, length) = address else {
      throw .descriptorLimit(needed: linksMax + 1, allowed: linksMax)
    }
    var storage = known
    let descriptor = socket(
      Int32(storage.ss_family),
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      free.append(slot)
      throw .system(call: "socket", errno: errno)
    }
    generations[Int(slot)] += 1
    let link = CrowdLink(
      id: ConnectionID(index: slot, generation: generations[Int(slot)]), descriptor: descriptor,
      deadlineMs: MonotonicClock.nowMs() + Self.handshakeMs)
    links[Int(slot)] = link
    watched.insert(slot)
    let result = withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
    }
    if result != 0, errno != EINPROGRESS {
      drop(link, .connectFailed(String(cString: strerror(errno))))
      return link.id
    }
    control(link, isNew: true, Self.writable)
    return link.id
  }

  private static func lookUp(_ target: ClientTarget) throws(SocketLoopError) -> (
    sockaddr_storage, socklen_t
  ) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(target.host, String(target.port), &hints, &found) == 0, let first = found else {
      throw .addressNotAvailable(host: target.host)
    }
    defer { freeaddrinfo(found) }
    var storage = sockaddr_storage()
    memcpy(&storage, first.pointee.ai_addr, Int(first.pointee.ai_addrlen))
    return (storage, first.pointee.ai_addrlen)
  }

  private static let readable = UInt32(CROWD_READABLE)
  private static let writable = UInt32(CROWD_WRITABLE)

  private func control(_ link: CrowdLink, isNew: Bool = false, _ interest: UInt32) {
    let tag = UInt64(link.id.index) << 32 | UInt64(link.id.generation)
    let result = crowd_epoll_watch(epoll, link.descriptor, isNew ? 1 : 0, interest, tag)
    precondition(result == 0, "epoll_ctl: \(String(cString: strerror(errno)))")
  }

  private func updateInterest(_ link: CrowdLink) {
    let reads = link.bytesPerSecond == nil ? Self.readable : 0
    control(link, reads | (link.unsent.isEmpty ? 0 : Self.writable))
  }

  /// How fast this side takes what comes: nil at once, 0 not at all.
  func setReading(_ id: ConnectionID, bytesPerSecond: Double?) {
    guard let link = link(id), link.phase == .open else { return }
    link.bytesPerSecond = bytesPerSecond
    link.readableBytes = 0
    if bytesPerSecond != nil { watched.insert(id.index) }
    updateInterest(link)
  }

  private func drop(_ link: CrowdLink, _ end: ConnectionEnd) {
    guard links[Int(link.id.index)] === link else { return }
    links[Int(link.id.index)] = nil
    free.append(link.id.index)
    watched.remove(link.id.index)
    Glibc.close(link.descriptor)
    gone.append((link.id, end))
  }

  // MARK: Reading

  private func serve(_ event: crowd_event) {
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

  private func receive(_ link: CrowdLink, atMost limit: Int) {
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

  // MARK: Writing

  func requestWritable(_ id: ConnectionID) {
    guard let link = link(id), link.phase == .open, !link.writeAsked else { return }
    link.writeAsked = true
    if link.unsent.isEmpty { writers.append(id) }
  }

  /// Asks the handler for a message for each socket that takes one.
  private func flush() {
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

  private func sendMessage(_ link: CrowdLink, opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
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

  private func write(_ link: CrowdLink, _ bytes: UnsafeRawBufferPointer) {
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

  private func sendRest(_ link: CrowdLink) {
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
