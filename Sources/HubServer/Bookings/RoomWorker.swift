import Foundation
import HubBookings
import HubCalDAV

/// One room at its calendar. Used by one worker at a time: the service hands it out and takes it back under its lock, which
/// is also what makes the hub one writer per room.
final class RoomWorker {
  static let windowPastSeconds = 86_400
  static let windowAheadSeconds = 400 * 86_400
  private static let sweepSeconds = 6 * 3600
  private static let freshSeconds = 86_400

  let config: RoomConfig
  private let source: any CalendarSource
  let ledger: Mutexed<BookingLedger>?
  private let conference: String?
  /// Pseudonyms by mail address.
  private let people: [String: String]
  private var state = SourceState()
  private(set) var snapshot = RoomSnapshot()
  private var sweptAt = 0
  private var freshAt = 0
  private var hasOpenIntents = true
  var overbooked: Set<String> = []
  var notices: [BookingNotice] = []

  init(
    _ config: RoomConfig, source: any CalendarSource, ledger: Mutexed<BookingLedger>?,
    conference: String? = nil, people: [String: String] = [:]
  ) {
    self.people = people
    self.config = config
    self.source = source
    self.ledger = ledger
    self.conference = conference
  }

  /// Whether bookings can be written: a calendar that takes them, and a place for the intents.
  var canBook: Bool {
    if case .caldav = config.source.place { return ledger != nil && config.bookRole != nil }
    return false
  }

  // MARK: - Reading

  /// Asks the calendar what is new.
  func poll(_ client: HTTPClient, now: Int) throws(SourceError) {
    let began = Date()
    defer { snapshot.pollSeconds = Date().timeIntervalSince(began) }
    snapshot.polls += 1
    do {
      try sync(client, now: now, sweep: now - sweptAt >= Self.sweepSeconds)
    } catch {
      snapshot.mirror.failed()
      snapshot.failuresByCode[error.code, default: 0] += 1
      snapshot.lastError = error.description
      throw error
    }
    snapshot.lastError = nil
    snapshot.lastSuccess = now
    if hasOpenIntents { hasOpenIntents = !resolveIntents(client, now: now) }
    followOutside(client, now: now)
    updateOwners(now: now)
  }

  private func updateOwners(now: Int) {
    guard let booked = ledger?.use({ $0.booked(room: config.id, after: now - 3600) }) else { return }
    snapshot.owners = Dictionary(booked.map { ($0.id, $0.owner) }, uniquingKeysWith: { $1 })
  }

  private func sync(_ client: HTTPClient, now: Int, sweep: Bool) throws(SourceError) {
    // The window moves on: once a day everything is read anew, so that what a rule brings into it appears.
    let isFresh = now - freshAt >= Self.freshSeconds
    var next = isFresh ? SourceState() : state
    let change = try source.sync(&next, sweep: sweep && !isFresh, client)
    let window = TimeInterval64(start: now - Self.windowPastSeconds, end: now + Self.windowAheadSeconds)
    let changed = Dictionary(
      change.resources.map { resource in
        (
          resource.name,
          ResourceBookings(
            resource: resource.name, bytes: resource.bytes, window: window, zone: config.zone,
            level: config.privacy, people: people)
        )
      }, uniquingKeysWith: { $1 })
    var removed: [String] = []
    if case .delta(_, let names) = change { removed = names }
    var isFull = false
    if case .full = change { isFull = true }
    snapshot.mirror.apply(replacing: isFull, changed: changed, removed: removed, at: now)
    state = next
    if isFresh { freshAt = now }
    if isFresh || sweep { sweptAt = now }
  }

  // MARK: - Writing

  func carryOut(_ order: BookingOrder, _ client: HTTPClient) -> BookingAnswer {
    defer { updateOwners(now: now) }
    return switch order.wish {
    case .book(let title, let isPrivate, let series):
      book(order, title: title, isPrivate: isPrivate, series, client)
    case .change(let booking): change(order, booking, client)
    case .cancel(let booking): cancel(order, booking, client)
    }
  }

  private func refused(_ order: BookingOrder, _ reason: String, _ conflict: TimeInterval64? = nil)
    -> BookingAnswer
  {
    BookingAnswer(order: order, outcome: .refused, reason: reason, conflict: conflict, booking: order.id)
  }

  private var now: Int { Int(Date().timeIntervalSince1970) }

  /// A series is one entry with a rule, and one booking of its owner's quota; each time of it has to be allowed and free.
  private func book(
    _ order: BookingOrder, title: String, isPrivate: Bool, _ series: BookingSeries?, _ client: HTTPClient
  ) -> BookingAnswer {
    guard canBook, let ledger else { return refused(order, "read-only") }
    var intervals = [order.interval]
    if let series {
      guard let times = series.intervals(first: order.interval, zone: config.zone) else {
        return refused(order, "bad-time")
      }
      intervals = times
      for (a, b) in zip(times, times.dropFirst()) where b.start < a.end { return refused(order, "too-long") }
    }
    let held = ledger.use { $0.held(by: order.owner, room: config.id, now: now) }
    for interval in intervals {
      if let refusal = config.policy.check(interval, held: held, now: now, zone: config.zone) {
        return refused(order, refusal.rawValue, interval == order.interval ? nil : interval)
      }
    }
    var attempt = BookingAttempt()
    var action = attempt.first
    var id = order.id
    var name = ""
    while true {
      let outcome: BookingAttempt.Outcome
      switch action {
      case .look: outcome = look(intervals, except: nil, sweep: false, client)
      case .noteIntent:
        // A withdrawn name is never used again.
        if !name.isEmpty { id = UUID().uuidString.lowercased() }
        name = resourceName(id)
        outcome = note(id, name, order, seriesEnd: series.flatMap { _ in intervals.last?.end })
      case .write:
        outcome = write(id, text(id, order.interval, title, isPrivate, series), client)
      case .find: outcome = find(name, client)
      case .verify: outcome = look(intervals, except: name, sweep: true, client)
      case .withdraw: outcome = withdraw(name, client)
      case .pause:
        settle(id, .gone)
        Thread.sleep(forTimeInterval: Double.random(in: 0.2...1))
        outcome = .done
      case .finish(let result):
        switch result {
        case .booked:
          // Not noted is not booked: the intent stays open, and the next poll finds the entry and settles it.
          settle(id, .booked)
          return BookingAnswer(order: order, outcome: .booked, reason: nil, conflict: nil, booking: id)
        case .conflict(let when):
          settle(id, .gone)
          return refused(order, "taken", when)
        case .failed:
          settle(id, .gone)
          return refused(order, "no-answer")
        case .unsure:
          hasOpenIntents = true
          return refused(order, "unsure")
        }
      }
      action = attempt.after(outcome)
    }
  }

  private func text(
    _ id: String, _ interval: TimeInterval64, _ title: String, _ isPrivate: Bool, _ series: BookingSeries?
  ) -> [UInt8] {
    guard let series else {
      var entry = BookingText.Entry(id: id, interval: interval, title: title, isPrivate: isPrivate)
      entry.conference = conference
      return BookingText.file(entry, now: now)
    }
    // With its zone: a series follows the room's clocks.
    var event = CalendarWriter.Event(
      uid: id, interval: interval, zone: config.zone, summary: title, stamp: now)
    event.rule = series.rule
    event.classification = isPrivate ? "PRIVATE" : "PUBLIC"
    event.hubBooking = id
    event.conference = conference
    return CalendarWriter.bytes(for: event)
  }

  /// Syncs and looks whether anything else takes one of the slots.
  /// - Parameter intervals: nil: those of the resource itself.
  private func look(
    _ intervals: [TimeInterval64]?, except: String?, sweep: Bool, _ client: HTTPClient
  ) -> BookingAttempt.Outcome {
    do {
      try sync(client, now: now, sweep: sweep)
    } catch { return .lost }
    // A room that is not fully known is not free.
    if snapshot.mirror.isIncomplete { return .taken(nil) }
    let own = snapshot.mirror.bookings.filter { $0.resource == except }
    if except != nil, own.isEmpty { return .lost }
    for interval in intervals ?? own.map(\.interval) {
      if let other = snapshot.mirror.conflicts(with: interval, except: except).first {
        return .taken(other.interval)
      }
    }
    return .done
  }

  private func resourceName(_ id: String) -> String {
    guard case .caldav(let address) = config.source.place else { return "" }
    return CalDAVSource(address).address.member(id + ".ics").resourceName
  }

  private func note(_ id: String, _ name: String, _ order: BookingOrder, seriesEnd: Int?)
    -> BookingAttempt.Outcome
  {
    let entry = BookingLedger.Entry(
      id: id, room: config.id, resource: name, start: order.interval.start, end: order.interval.end,
      owner: order.owner, state: .intent, seriesEnd: seriesEnd)
    do {
      try ledger?.use { try $0.note(entry) }
      return .done
    } catch { return .lost }
  }

  func settle(_ id: String, _ state: BookingLedger.State) {
    do {
      try ledger?.use { try $0.settle(id, state) }
    } catch {
      // The disk is full, say. The intent stays open and is resolved at the calendar later.
      hasOpenIntents = true
    }
  }

  private func write(_ id: String, _ bytes: [UInt8], _ client: HTTPClient) -> BookingAttempt.Outcome {
    do {
      _ = try source.create(id + ".ics", bytes, client)
      return .done
    } catch {
      switch error {
      // The answer is lost, or comes from something between us and the calendar: it may be there all the same.
      case .timeout, .connection, .tooLarge, .redirect, .malformed, .busy, .status: return .lost
      default: return .refused
      }
    }
  }

  func find(_ name: String, _ client: HTTPClient) -> BookingAttempt.Outcome {
    do { return try source.read(name, client) == nil ? .absent : .done } catch { return .lost }
  }

  func withdraw(_ name: String, _ client: HTTPClient) -> BookingAttempt.Outcome {
    do {
      // With its tag: if somebody has made it theirs meanwhile, it is no longer ours to delete.
      guard let found = try source.read(name, client) else { return .absent }
      try source.delete(name, etag: found.etag, client)
      snapshot.mirror.apply(replacing: false, changed: [:], removed: [name], at: now)
      return .done
    } catch { return .lost }
  }

  /// Own bookings only, and only by who made them.
  private func own(_ booking: String, _ order: BookingOrder) -> BookingLedger.Entry? {
    guard let entry = ledger?.use({ $0[booking] }), entry.room == config.id, entry.owner == order.owner,
      entry.state == .booked
    else { return nil }
    return entry
  }

  private func cancel(_ order: BookingOrder, _ booking: String, _ client: HTTPClient) -> BookingAnswer {
    guard let entry = own(booking, order) else { return refused(order, "not-yours") }
    guard withdraw(entry.resource, client) != .lost else { return refused(order, "no-answer") }
    settle(booking, .gone)
    return BookingAnswer(order: order, outcome: .cancelled, reason: nil, conflict: nil, booking: booking)
  }

  /// Moves an own booking. What somebody else wrote into it stays their right: then it is refused and shown as it is.
  private func change(_ order: BookingOrder, _ booking: String, _ client: HTTPClient) -> BookingAnswer {
    guard var entry = own(booking, order) else { return refused(order, "not-yours") }
    guard entry.seriesEnd == nil else { return refused(order, "series") }
    if let refusal = config.policy.check(order.interval, held: 0, now: now, zone: config.zone) {
      return refused(order, refusal.rawValue)
    }
    switch look([order.interval], except: entry.resource, sweep: true, client) {
    case .done: break
    case .taken(let when): return refused(order, "taken", when)
    default: return refused(order, "no-answer")
    }
    do {
      guard let found = try source.read(entry.resource, client),
        let event = try? CalendarFile(parsing: found.bytes).events.first
      else { return refused(order, "gone") }
      var text = BookingText.Entry(
        id: booking, interval: order.interval, title: event.summary,
        isPrivate: event.classification == "PRIVATE")
      text.sequence = event.sequence + 1
      text.conference = conference
      try source.update(
        CalendarResource(name: found.name, etag: found.etag, bytes: BookingText.file(text, now: now)), client)
      if case .taken(let when) = look([order.interval], except: entry.resource, sweep: true, client) {
        // Somebody came in between: back to where it was, which nobody could take meanwhile without being seen.
        if let mine = try source.read(entry.resource, client) {
          try source.update(CalendarResource(name: mine.name, etag: mine.etag, bytes: found.bytes), client)
        }
        return refused(order, "taken", when)
      }
    } catch {
      return refused(order, error == .conflict ? "changed-elsewhere" : "no-answer")
    }
    entry.start = order.interval.start
    entry.end = order.interval.end
    let settled = entry
    do { try ledger?.use { try $0.note(settled) } } catch { return refused(order, "no-answer") }
    return BookingAnswer(order: order, outcome: .changed, reason: nil, conflict: nil, booking: booking)
  }

  /// Looks up what a crash or a lost answer left open: an entry that stands alone in its slot is booked, one that
  /// does not is withdrawn, one that is not there never was.
  /// - Returns: whether none is left.
  private func resolveIntents(_ client: HTTPClient, now: Int) -> Bool {
    guard let ledger else { return true }
    var isClear = true
    for entry in ledger.use({ $0.intents(room: config.id) }) {
      switch find(entry.resource, client) {
      case .absent: settle(entry.id, .gone)
      case .done:
        switch look(nil, except: entry.resource, sweep: true, client) {
        case .done: settle(entry.id, .booked)
        case .taken:
          if withdraw(entry.resource, client) == .lost { isClear = false } else { settle(entry.id, .gone) }
        default: isClear = false
        }
      default: isClear = false
      }
    }
    return isClear
  }
}
