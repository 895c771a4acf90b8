import Foundation
import HubBookings
import HubCalDAV
import HubNet
import Logging

/// What the calendar threads tell the loop.
enum BookingUpdate: Sendable {
  case room(Int, RoomSnapshot)
  case answer(BookingAnswer)
  case notice(Int, BookingNotice)
}

/// Two threads that talk to calendars, so that the hub's tick never waits for one. A room is in one thread's hands at a time; orders go
/// before polls.
final class BookingService: @unchecked Sendable {
  // Unchecked: everything mutable is touched with `condition` locked, but for a worker, which belongs to the thread that has
  // set `isBusy`.
  static let threads = 2
  private static let failuresBeforeBackOff = 3
  private static let ordersMax = 256
  /// From here on a calendar is slow. Slow ones are asked one at a time, so that the rooms of good ones stay true.
  private static let slowSeconds = 4.0

  private struct Slot {
    let worker: RoomWorker
    var isBusy = false
    var dueAt: Double
    var orders: [BookingOrder] = []
    /// Its calendar took long last time.
    var isSlow = false
  }

  private let condition = NSCondition()
  private var slots: [Slot]
  private var waitingOrders = 0
  private var isStopping = false
  private let turns = ServerTurns()
  private let log: Logger
  private let post: @Sendable (BookingUpdate) -> Void

  /// - Parameter post: takes what the threads find out; called on them.
  init(workers: [RoomWorker], log: Logger, post: @escaping @Sendable (BookingUpdate) -> Void) {
    let start = Date().timeIntervalSince1970
    slots = workers.map { Slot(worker: $0, dueAt: start) }
    self.log = log
    self.post = post
  }

  func start() {
    for index in 0..<Self.threads {
      let thread = Thread { [self] in run() }
      thread.name = "calendar-\(index)"
      thread.stackSize = 4 << 20
      thread.start()
    }
  }

  /// Lets the threads end after what they are doing; does not wait for them.
  func stop() {
    condition.lock()
    isStopping = true
    condition.broadcast()
    condition.unlock()
  }

  /// - Returns: false where too many wait already.
  func submit(_ order: BookingOrder) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard waitingOrders < Self.ordersMax, !isStopping else { return false }
    waitingOrders += 1
    slots[order.room].orders.append(order)
    condition.signal()
    return true
  }

  private func run() {
    guard let client = try? HTTPClient(turns: turns) else {
      return log.error("calendar-library", metadata: ["why": "libcurl does not start"])
    }
    condition.lock()
    while !isStopping {
      let now = Date().timeIntervalSince1970
      guard let room = next(now) else {
        let mayWaitLonger = isSlowBusy
        let wake =
          slots.lazy.filter { !$0.isBusy && !(mayWaitLonger && $0.isSlow) }.map(\.dueAt).min() ?? now + 60
        _ = condition.wait(until: Date(timeIntervalSince1970: max(now + 0.01, wake)))
        continue
      }
      slots[room].isBusy = true
      let order = slots[room].orders.isEmpty ? nil : slots[room].orders.removeFirst()
      if order != nil { waitingOrders -= 1 }
      let worker = slots[room].worker
      condition.unlock()
      let delay = work(worker, room, order, client)
      condition.lock()
      slots[room].isBusy = false
      let ended = Date().timeIntervalSince1970
      slots[room].isSlow = ended - now > Self.slowSeconds
      if let delay { slots[room].dueAt = ended + delay }
      condition.broadcast()
    }
    condition.unlock()
  }

  private var isSlowBusy: Bool { slots.contains { $0.isBusy && $0.isSlow } }

  /// A room with an order first, else the one that is due longest.
  private func next(_ now: Double) -> Int? {
    var found: Int?
    let isSlowBusy = isSlowBusy
    for (index, slot) in slots.enumerated() where !slot.isBusy {
      if slot.isSlow, isSlowBusy { continue }
      if !slot.orders.isEmpty { return index }
      if slot.dueAt <= now, found.map({ slot.dueAt < slots[$0].dueAt }) ?? true { found = index }
    }
    return found
  }

  /// - Returns: seconds until the next poll; nil where nothing was polled.
  private func work(_ worker: RoomWorker, _ room: Int, _ order: BookingOrder?, _ client: HTTPClient)
    -> Double?
  {
    guard let order else { return poll(worker, room, client) }
    let answer = worker.carryOut(order, client)
    log.info(
      "booking",
      metadata: [
        "room": "\(worker.config.id)", "outcome": "\(answer.outcome.rawValue)",
        "reason": "\(answer.reason ?? "-")",
      ])
    // The room first: who reads "booked" sees the door say so.
    post(.room(room, worker.snapshot))
    post(.answer(answer))
    return nil
  }

  private func poll(_ worker: RoomWorker, _ room: Int, _ client: HTTPClient) -> Double {
    let now = Int(Date().timeIntervalSince1970)
    let wasFailing = worker.snapshot.lastError
    var retryAfter: Int?
    do {
      try worker.poll(client, now: now)
      if wasFailing != nil { log.info("calendar-back", metadata: ["room": "\(worker.config.id)"]) }
    } catch {
      if case .busy(let seconds) = error { retryAfter = seconds }
      if wasFailing != error.description {
        log.warning(
          "calendar-failed", metadata: ["room": "\(worker.config.id)", "why": "\(error.description)"])
      }
    }
    post(.room(room, worker.snapshot))
    for notice in worker.takeNotices() { post(.notice(room, notice)) }
    return delay(worker, now: now, retryAfter: retryAfter)
  }

  /// The interval, less up to a fifth so that rooms spread: never more, for changes shall show within it. Far from opening hours ten minutes; after some
  /// failures ever longer, up to ten minutes.
  private func delay(_ worker: RoomWorker, now: Int, retryAfter: Int?) -> Double {
    let config = worker.config
    var interval = Double(config.pollSeconds)
    if case .feed = config.source.place, let asked = worker.snapshot.mirror.refreshSeconds {
      interval = max(interval, Double(min(max(asked, 60), 86_400)))
    }
    let near = TimeInterval64(start: now, end: now + 60)
    let soon = TimeInterval64(start: now + 3600, end: now + 3660)
    let ago = TimeInterval64(start: now - 3600, end: now - 3540)
    if ![near, soon, ago].contains(where: { config.policy.opening.contain($0, zone: config.zone) }) {
      interval = max(interval, 600)
    }
    let failures = worker.snapshot.mirror.failures - Self.failuresBeforeBackOff
    if failures > 0 { interval = max(interval, min(600, interval * Double(1 << min(failures, 8)))) }
    if let retryAfter { interval = max(interval, Double(retryAfter)) }
    return interval * Double.random(in: 0.8...1)
  }
}
