import CLibwebsockets
import Glibc

/// Which sockets have something to read, and which blocked ones take data again, at a cost that grows with those and not with
/// all: `epoll(7)`, level-triggered. A socket leaves the set when it is closed.
final class ReadableSet {
  private static let batch = 512
  /// Bounds a round: the kernel hands the ready sockets out in turn, so nobody is left out for long.
  private static let batchesMax = 16
  private let descriptor: Int32
  private let events: UnsafeMutablePointer<epoll_event>

  init() throws(SocketLoopError) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
    events = .allocate(capacity: Self.batch)
    events.initialize(repeating: epoll_event(), count: Self.batch)
  }

  deinit {
    closeDescriptor(descriptor)
    events.deallocate()
  }

  /// A socket that could not be added is served by the library's own rounds.
  func add(_ socket: Int32) {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.fd = socket
    _ = epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
  }

  /// Whether to tell when the socket takes data.
  func watchWritable(_ socket: Int32, _ watches: Bool) {
    var event = epoll_event()
    event.events = watches ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue
    event.data.fd = socket
    _ = epoll_ctl(descriptor, EPOLL_CTL_MOD, socket, &event)
  }

  /// Calls `body` once for each that is ready now, with what `poll(2)` would say, without waiting. A descriptor may have been closed, and its number taken
  /// by another, since it was found readable in this round.
  func forEachReady(_ body: (Int32, _ events: Int32) -> Void) {
    for _ in 0..<Self.batchesMax {
      let count = epoll_wait(descriptor, events, Int32(Self.batch), 0)
      for index in 0..<max(Int(count), 0) {
        let seen = events[index].events
        var poll: Int32 = seen & EPOLLIN.rawValue != 0 ? POLLIN : 0
        if seen & EPOLLOUT.rawValue != 0 { poll |= POLLOUT }
        if seen & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { poll |= POLLIN | POLLHUP }
        body(events[index].data.fd, poll)
      }
      // Level-triggered: what was not read to its end shows up again, in the next round.
      if count < Self.batch { return }
    }
  }
}

extension SocketLoop {
  /// Has the library read what came, and go on with what was blocked.
  func serveReadable(_ context: OpaquePointer) {
    readable.forEachReady { descriptor, events in
      var poll = pollfd()
      poll.fd = descriptor
      poll.events = Int16(POLLIN | POLLOUT)
      poll.revents = Int16(events)
      // The library ignores descriptors that are not its own, and a read that finds nothing does no harm.
      _ = lws_service_fd(context, &poll)
    }
  }

  // MARK: Liveness

  func noteHeard(_ index: Int) {
    table.slots[index].heardSecond = second
    table.slots[index].isPinged = false
  }

  /// Once a second: pings those who have been silent, ends those who stay so. The pings are ours and go out when nothing else of the
  /// connection waits in the library, because its own ones damage a pong that waits to be sent.
  func checkLiveness(_ nowNs: Int64) {
    let now = Int32(truncatingIfNeeded: (nowNs - startNs) / 1_000_000_000)
    guard now != second else { return }
    second = now
    for index in table.slots.indices {
      let slot = table.slots[index]
      guard slot.role == .webSocket || slot.role == .client, let wsi = slot.wsi, slot.closing == .no else {
        continue
      }
      let silent = Int(now - slot.heardSecond)
      if silent >= configuration.hangUpSeconds {
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC)
      } else if silent >= configuration.pingSeconds, !slot.isPinged, slot.end == nil, !slot.isBlocked {
        table.slots[index].isPinged = true
        sendPing(wsi, index)
      }
    }
  }

  /// With a payload, because the library keeps pongs without one to itself.
  private func sendPing(_ wsi: OpaquePointer, _ index: Int) {
    let room = sendRoom.baseAddress! + hub_lws_pre
    room.storeBytes(of: 0x6875_6221, as: UInt32.self)  // "!buh" in memory order
    if lws_write(wsi, room.assumingMemoryBound(to: UInt8.self), 4, LWS_WRITE_PING) < 0 {
      lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC)
    } else {
      noteBlocked(wsi, index)
    }
  }
}
