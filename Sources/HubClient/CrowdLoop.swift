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
  unowned let handler: any SocketHandler
  private let linksMax: Int
  private let epoll: Int32
  private var links: [CrowdLink?]
  private var generations: [UInt32]
  private var free: [UInt32]
  var writers: [ConnectionID] = []
  private var gone: [(ConnectionID, ConnectionEnd)] = []
  /// Links with a rate or a deadline, looked at in every step.
  var watched: Set<UInt32> = []
  private var address: (storage: sockaddr_storage, length: socklen_t)?
  var masks: SeededRandom
  private let handlesSignals: Bool
  let room: UnsafeMutableRawBufferPointer
  let sendRoom: UnsafeMutableRawBufferPointer
  let message: UnsafeMutableRawBufferPointer
  var target: ClientTarget?
  /// What has come to a drained socket, and the newest message of it.
  var whenDrained: ((ConnectionID, DrainedBytes, _ newest: RawSpan) -> Void)?

  private static let stepMs = 5.0
  private static let pauseNs = 1_000_000
  private static let handshakeMs = 20_000.0
  static let closingMs = 5000.0
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

  /// From now on this socket is read by ``drain(_:)`` alone.
  func setDrained(_ id: ConnectionID) {
    guard let link = link(id), link.phase == .open, !link.isDrained else { return }
    link.isDrained = true
    updateInterest(link)
  }

  static let readable = UInt32(CROWD_READABLE)
  static let writable = UInt32(CROWD_WRITABLE)

  func control(_ link: CrowdLink, isNew: Bool = false, _ interest: UInt32) {
    let tag = UInt64(link.id.index) << 32 | UInt64(link.id.generation)
    let result = crowd_epoll_watch(epoll, link.descriptor, isNew ? 1 : 0, interest, tag)
    precondition(result == 0, "epoll_ctl: \(String(cString: strerror(errno)))")
  }

  func updateInterest(_ link: CrowdLink) {
    let reads = link.bytesPerSecond == nil && !link.isDrained ? Self.readable : 0
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

  func drop(_ link: CrowdLink, _ end: ConnectionEnd) {
    guard links[Int(link.id.index)] === link else { return }
    links[Int(link.id.index)] = nil
    free.append(link.id.index)
    watched.remove(link.id.index)
    Glibc.close(link.descriptor)
    gone.append((link.id, end))
  }
}
