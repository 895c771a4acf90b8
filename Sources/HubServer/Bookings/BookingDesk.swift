import Foundation
import HubBookings
import HubCalDAV
import HubEngine
import HubKernel
import HubNet
import HubScene
import HubWire
import Logging

/// The rooms as the loop sees them: the newest snapshots, what doors show, who waits for an answer. Lives on the loop's thread; the calendars are
/// asked by ``BookingService``.
final class BookingDesk {
  let rooms: [RoomConfig]
  private(set) var snapshots: [RoomSnapshot]
  private var states: [RoomState?]
  private var runs: [RoomRun]
  /// Where people go on after a booking, where the room names no place.
  private let goOn: BookedPlace
  /// When a room's state has to be worked out again, by what is known: looking at every booking every second would cost ticks.
  private var dueAt: [Int]
  private var occupied: [Bool]
  private let canBook: [Bool]
  private let service: BookingService
  private let mailbox: Mailbox<BookingUpdate>
  private var batch: [BookingUpdate] = []
  private(set) var ordersByOutcome: [String: Int] = [:]

  /// - Parameters:
  ///   - ledgerFolder: where intents are kept; nil: nothing can be booked from inside.
  ///   - start: the space where people go on after a booking, by default.
  ///   - environment: for credentials.
  ///   - pseudonym: of an account's name; nil: there are no accounts.
  /// - Throws: what the operator has to mend, as text without secrets.
  init(
    _ config: BookingsConfig, start: String, ledgerFolder: String?, environment: [String: String],
    pseudonym: ((String) -> String)?, handle: LoopHandle, log: Logger
  ) throws {
    rooms = config.rooms
    let now = Int(Date().timeIntervalSince1970)
    let ledger = try ledgerFolder.map { Mutexed(try BookingLedger(folder: $0, now: now)) }
    let people = config.rooms.first?.people.compactMapValues { pseudonym?($0) } ?? [:]
    let workers = try config.rooms.map { room in
      RoomWorker(
        room, source: try RoomSources.source(of: room, environment: environment), ledger: ledger,
        conference: config.hubURL.map { "\($0)/?space=\(room.space)" }, people: people)
    }
    canBook = workers.map(\.canBook)
    snapshots = rooms.map { _ in RoomSnapshot() }
    states = rooms.map { _ in nil }
    runs = rooms.map { RoomRun($0.running.lock) }
    goOn = BookedPlace(space: start)
    dueAt = rooms.map { _ in 0 }
    occupied = rooms.map { _ in false }
    let mailbox = Mailbox<BookingUpdate>(handle)
    self.mailbox = mailbox
    service = BookingService(workers: workers, log: log) { mailbox.post($0) }
  }

  func start() { service.start() }
  func stop() { service.stop() }

  func room(_ id: some StringProtocol) -> Int? { rooms.firstIndex { $0.id == id } }
  func mayBook(_ room: Int) -> Bool { canBook[room] }

  // MARK: - The tick

  /// Takes what the calendar threads found; once a second looks at the clock.
  func ticked(_ tick: Tick, _ engine: Engine) {
    var changed: Set<String> = []
    var isNews = false
    if !mailbox.isEmpty {
      mailbox.drain(into: &batch)
      for update in batch {
        switch update {
        case .room(let room, let snapshot):
          let before = snapshots[room].mirror.bookings
          snapshots[room] = snapshot
          dueAt[room] = 0
          isNews = true
          if before != snapshot.mirror.bookings { changed.insert(rooms[room].space) }
        case .notice(let room, let notice):
          ordersByOutcome[notice.reason.rawValue, default: 0] += 1
          engine.handle(.tellOwner(notice.owner, RoomMessages.notice(notice, rooms[room])))
        case .answer(let answer):
          ordersByOutcome[answer.outcome.rawValue, default: 0] += 1
          // The doors first: who reads "booked" sees it there.
          refresh(&changed, engine)
          tell(changed, engine)
          changed.removeAll()
          engine.handle(
            .tell(SessionID(bits: answer.order.asker), RoomMessages.answer(answer, rooms[answer.order.room])))
        }
      }
    }
    guard isNews || tick % Tick(Units.ticksPerSecond) == 0 else { return }
    refresh(&changed, engine)
    tell(changed, engine)
  }

  /// Works out what each door shows now.
  private func refresh(_ changed: inout Set<String>, _ engine: Engine) {
    let now = Int(Date().timeIntervalSince1970)
    for index in rooms.indices {
      let config = rooms[index]
      let isOccupied = engine.people(in: config.space, area: config.area) > 0
      guard now >= dueAt[index] || isOccupied != occupied[index] else { continue }
      occupied[index] = isOccupied
      let state = snapshots[index].mirror.state(at: now, isOccupied: isOccupied)
      dueAt[index] = state.changesAt(after: now)
      let former = states[index]
      states[index] = state
      if former.map({ !$0.shows(the: state) }) ?? true { changed.insert(config.space) }
      run(index, state, now: now, engine)
      if let end = runs[index].voiceEndsAt { dueAt[index] = min(dueAt[index], end) }
    }
  }

  /// What the clock makes of a room's bookings, carried out in the world.
  private func run(_ index: Int, _ state: RoomState, now: Int, _ engine: Engine) {
    let config = rooms[index]
    let place = BookedPlace(space: config.space, area: config.area)
    let goTo = config.running.goTo ?? goOn
    for step in runs[index].steps(state, at: now) {
      switch step {
      case .runs(let booking, let locked):
        engine.handle(.bookingRuns(place, running(booking, index), locked: locked))
      case .idle(let locked): engine.handle(.bookingRuns(place, nil, locked: locked))
      case .voice(let isOn): engine.handle(.bookingVoice(place, isOn))
      case .warn(let minutes): engine.handle(.bookingEnds(place, minutes: minutes, goTo: goTo))
      case .over:
        engine.handle(
          .bookingOver(place, graceSeconds: config.running.graceMinutes.map { $0 * 60 }, goTo: goTo))
      }
    }
  }

  private func running(_ booking: MirroredBooking, _ index: Int) -> RunningBooking {
    var running = RunningBooking()
    if rooms[index].running.renames { running.name = booking.title }
    if rooms[index].running.limitsPeople { running.peopleMax = rooms[index].capacity }
    let owner = booking.hubBooking.flatMap { snapshots[index].owners[$0] }
    running.hosts = Set([booking.host, owner].compactMap { $0 })
    running.guests = Set(booking.guests)
    return running
  }

  private func tell(_ spaces: Set<String>, _ engine: Engine) {
    for space in spaces.sorted() {
      engine.handle(.rooms(space: space, RoomMessages.rooms(of: space, self)))
    }
  }

  func state(_ room: Int) -> RoomState {
    states[room] ?? snapshots[room].mirror.state(at: Int(Date().timeIntervalSince1970))
  }

  // MARK: - Orders

  static func refusal(_ message: BookingMessage, _ reason: String) -> [UInt8] {
    RoomMessages.refusal(message, reason)
  }

  /// - Returns: `pending`, or why not.
  func take(_ message: BookingMessage, session: SessionID, grant: Grant, owner: String) -> [UInt8] {
    if message.action == "mine" { return RoomMessages.bookings(of: owner, ref: message.ref, self) }
    guard let index = room(message.room) else { return Self.refusal(message, "unknown-room") }
    guard canBook[index], let least = rooms[index].bookRole else { return Self.refusal(message, "read-only") }
    guard grant.role(in: rooms[index].space) >= least else { return Self.refusal(message, "role") }
    var interval = TimeInterval64(start: 0, end: 0)
    if message.action != "cancel" {
      // Seconds that any calendar knows: 1970 to 9999.
      guard let from = message.from, let to = message.to, from < to, from >= 0, to <= 253_402_300_799 else {
        return Self.refusal(message, "bad-time")
      }
      interval = TimeInterval64(start: from, end: to)
    }
    let wish: BookingOrder.Wish
    switch (message.action, message.booking) {
    case ("book", _):
      let title = CleanTitle.cleaned(message.title ?? "")
      var series: BookingSeries?
      if let wished = message.repeat {
        series = BookingSeries.Frequency(rawValue: wished.every)
          .flatMap { BookingSeries(frequency: $0, count: wished.count) }
        guard series != nil else { return Self.refusal(message, "bad-series") }
      }
      wish = .book(title: title, isPrivate: message.private ?? false, series: series)
    case ("change", let booking?): wish = .change(booking: booking)
    case ("cancel", let booking?): wish = .cancel(booking: booking)
    default: return Self.refusal(message, "bad-action")
    }
    let order = BookingOrder(
      id: UUID().uuidString.lowercased(), asker: session.bits, ref: message.ref, owner: owner, room: index,
      interval: interval, wish: wish)
    guard service.submit(order) else { return Self.refusal(message, "busy") }
    return RoomMessages.pending(order, rooms[index])
  }
}

/// A booking's title: one line of at most 120 scalars.
enum CleanTitle {
  static func cleaned(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(400) {
      // Control characters, line ends, and what reverses the reading direction.
      let isFit =
        scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
      line.append(isFit ? scalar : " ")
    }
    let words = String(line).split(separator: " ").joined(separator: " ")
    return words.isEmpty ? "Hub" : String(String.UnicodeScalarView(words.unicodeScalars.prefix(120)))
  }
}

extension SessionID {
  /// Slot and generation in one word, to be handed through threads that have nothing to do with sessions.
  var bits: UInt64 { UInt64(generation) << 16 | UInt64(slot) }
  init(bits: UInt64) {
    self.init(slot: UInt16(truncatingIfNeeded: bits), generation: UInt16(truncatingIfNeeded: bits >> 16))
  }
}

extension RoomState {
  /// Whether people see the same: when it was asked last is shown only where nothing else is known.
  func shows(the other: RoomState) -> Bool {
    kind == other.kind && current == other.current && next == other.next && until == other.until
      && (kind != .unknown || asOf == other.asOf)
  }
}
