import HubBookings
import Testing

@Suite struct MirrorTests {
  private let zone = Zone.utc
  private func event(_ start: String, _ end: String, _ more: String = "") -> [UInt8] {
    Array(
      ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:\(start)\r\nDTEND:\(end)\r\nSUMMARY:Secret talk\r\n"
        + "ORGANIZER;CN=Ada:mailto:ada@example.org\r\n\(more)END:VEVENT\r\nEND:VCALENDAR\r\n").utf8)
  }
  private let window = TimeInterval64(start: 0, end: 86_400 * 30)

  private func mirror(_ bytes: [UInt8], _ level: PrivacyLevel = .busy) -> RoomMirror {
    var mirror = RoomMirror()
    mirror.apply(
      replacing: true,
      changed: ["a": ResourceBookings(resource: "a", bytes: bytes, window: window, zone: zone, level: level)],
      removed: [], at: 100)
    return mirror
  }

  @Test(arguments: PrivacyLevel.allCases) func `A level lets through what it names`(level: PrivacyLevel) {
    let booking = mirror(event("19700101T010000Z", "19700101T020000Z"), level).bookings[0]
    #expect(booking.title == (level == .busy ? nil : "Secret talk"))
    #expect(booking.organizer == (level == .full ? "Ada" : nil))
  }

  @Test(arguments: ["PRIVATE", "CONFIDENTIAL", "X-ANYTHING"])
  func `Any class but PUBLIC is busy at every level`(name: String) {
    let booking = mirror(event("19700101T010000Z", "19700101T020000Z", "CLASS:\(name)\r\n"), .full).bookings[
      0]
    #expect(booking.title == nil)
    #expect(booking.organizer == nil)
  }

  @Test func `A door tells free, soon, booked, over`() {
    let mirror = mirror(event("19700101T010000Z", "19700101T020000Z"))
    #expect(mirror.state(at: 1000).kind == .free)
    #expect(mirror.state(at: 1000).until == 3600)
    #expect(mirror.state(at: 3001).kind == .startingSoon)
    #expect(mirror.state(at: 3600).kind == .booked)
    #expect(mirror.state(at: 7199).until == 7200)
    #expect(mirror.state(at: 7200).kind == .free)
    #expect(mirror.state(at: 7201, isOccupied: true).kind == .runningOver)
  }

  @Test func `A door is looked at again when it may change`() {
    let mirror = mirror(event("19700101T010000Z", "19700101T020000Z"))
    func next(_ now: Int) -> Int { mirror.state(at: now).changesAt(after: now) }
    #expect(next(0) == 60)
    #expect(next(2990) == 3000)
    #expect(next(3590) == 3600)
    #expect(next(6590) == 6600)
    #expect(next(7070) == 7080)
    #expect(next(7199) == 7200)
  }

  @Test func `What is tentative blocks and says so`() {
    let mirror = mirror(event("19700101T010000Z", "19700101T020000Z", "STATUS:TENTATIVE\r\n"))
    #expect(mirror.state(at: 3600).kind == .tentative)
    #expect(!mirror.isFree(TimeInterval64(start: 3600, end: 3700)))
  }

  @Test func `Nothing heard, or nothing for three polls, is unknown and never free`() {
    #expect(RoomMirror().state(at: 0).kind == .unknown)
    var mirror = mirror(event("19700101T010000Z", "19700101T020000Z"))
    mirror.failed()
    mirror.failed()
    #expect(mirror.state(at: 200).kind == .free)
    mirror.failed()
    #expect(mirror.state(at: 200).kind == .unknown)
    #expect(!mirror.isFree(TimeInterval64(start: 100_000, end: 100_100)))
  }

  @Test func `A broken event that may block makes the room incomplete`() {
    let mirror = mirror(event("19700101T010000Z", "19700101T020000Z", "RRULE:FREQ=SECONDLY\r\n"))
    #expect(mirror.state(at: 0).kind == .incomplete)
    #expect(!mirror.isFree(TimeInterval64(start: 0, end: 60)))
  }

  @Test func `Bookings in a row are one`() {
    var mirror = RoomMirror()
    var changed: [String: ResourceBookings] = [:]
    for (name, start, end) in [("a", "01", "02"), ("b", "02", "03"), ("c", "04", "05")] {
      changed[name] = ResourceBookings(
        resource: name, bytes: event("19700101T\(start)0000Z", "19700101T\(end)0000Z"), window: window,
        zone: zone, level: .busy)
    }
    mirror.apply(replacing: true, changed: changed, removed: [], at: 0)
    #expect(mirror.state(at: 3600).until == 3 * 3600)
    #expect(mirror.conflicts(with: TimeInterval64(start: 0, end: 3600)).isEmpty)
    #expect(mirror.conflicts(with: TimeInterval64(start: 0, end: 3601)).map(\.resource) == ["a"])
    mirror.apply(replacing: false, changed: [:], removed: ["b"], at: 1)
    #expect(mirror.bookings.map(\.resource) == ["a", "c"])
  }
}

@Suite struct PolicyTests {
  private func policy() -> BookingPolicy {
    var policy = BookingPolicy()
    policy.opening = OpeningHours([.init(weekdays: [3, 4], fromMinute: 480, toMinute: 1440)])
    return policy
  }
  private let hour = 3600

  @Test func `The rules are asked one by one`() {
    let policy = policy()
    func check(_ start: Int, _ end: Int, held: Int = 0, now: Int = 0) -> BookingPolicy.Refusal? {
      policy.check(TimeInterval64(start: start, end: end), held: held, now: now, zone: .utc)
    }
    #expect(check(9 * hour, 10 * hour) == nil)
    #expect(check(7 * hour, 9 * hour) == .closed)
    #expect(check(23 * hour, 25 * hour) == .closed)
    #expect(check(9 * hour, 9 * hour + 60) == .tooShort)
    #expect(check(9 * hour, 18 * hour) == .tooLong)
    #expect(check(9 * hour, 10 * hour, now: 11 * hour) == .past)
    #expect(check(9 * hour, 10 * hour, held: 4) == .quota)
    #expect(check(86_400 * 7 * 20 + 9 * hour, 86_400 * 7 * 20 + 10 * hour) == .tooFarAhead)
  }

  @Test func `Spans that touch are one, and hours are of the room's zone`() throws {
    let hours = OpeningHours([
      .init(weekdays: [0], fromMinute: 480, toMinute: 720),
      .init(weekdays: [0], fromMinute: 720, toMinute: 1080),
    ])
    let berlin = try #require(Zone.iana("Europe/Berlin"))
    let monday = berlin.instant(ofLocal: CivilDate(year: 2026, month: 3, day: 30).dayNumber * 86_400)
    #expect(hours.contain(TimeInterval64(start: monday + 8 * hour, end: monday + 18 * hour), zone: berlin))
    #expect(!hours.contain(TimeInterval64(start: monday + 7 * hour, end: monday + 9 * hour), zone: berlin))
  }
}

@Suite struct AttemptTests {
  private func run(_ outcomes: [BookingAttempt.Outcome]) -> [BookingAttempt.Action] {
    var attempt = BookingAttempt()
    return [attempt.first] + outcomes.map { attempt.after($0) }
  }

  @Test func `Booked is said only after the second look`() {
    #expect(
      run([.done, .done, .done, .done]) == [.look, .noteIntent, .write, .verify, .finish(.booked)])
  }

  @Test func `Nothing is written without its intent`() {
    #expect(run([.done, .lost]).last == .finish(.failed))
  }

  @Test func `A conflict is withdrawn and tried once more`() {
    let when = TimeInterval64(start: 1, end: 2)
    let actions = run([
      .done, .done, .done, .taken(when), .done, .done, .done, .done, .done, .taken(when), .done,
    ])
    #expect(actions.last == .finish(.conflict(when)))
    #expect(actions.filter { $0 == .write }.count == 2)
    #expect(actions.filter { $0 == .withdraw }.count == 2)
  }

  @Test func `A lost answer is asked for, never written twice`() {
    #expect(run([.done, .done, .lost]).last == .find)
    #expect(run([.done, .done, .lost, .absent]).last == .finish(.failed))
    #expect(run([.done, .done, .lost, .done, .done]).last == .finish(.booked))
    #expect(run([.done, .done, .lost, .lost]).last == .finish(.unsure))
  }

  @Test func `What can't be verified is withdrawn; what can't be withdrawn stays open`() {
    #expect(run([.done, .done, .done, .lost]).last == .withdraw)
    #expect(run([.done, .done, .done, .lost, .done]).last == .finish(.failed))
    #expect(run([.done, .done, .done, .lost, .lost]).last == .finish(.unsure))
  }
}

@Suite struct BookingTextTests {
  @Test func `What is written is read again`() throws {
    var entry = BookingText.Entry(
      id: "8f2c", interval: TimeInterval64(start: 1_795_000_000, end: 1_795_003_600),
      title: "Über, \\ alles; und noch ein langer Titel mit Umläuten äöüäöüäöüäöüäöüäöüäöü\nzwei",
      isPrivate: false)
    entry.conference = "https://hub.example.org/#space=lab"
    let bytes = BookingText.file(entry, now: 1_795_000_000)
    #expect(bytes.split(separator: 0x0A).allSatisfy { $0.count <= 76 })
    let file = try CalendarFile(parsing: bytes)
    #expect(file.skipped.isEmpty)
    #expect(file.events.map(\.uid) == ["8f2c"])
    #expect(file.events.map(\.hubBooking) == ["8f2c"])
    #expect(file.events.map(\.summary) == [entry.title])
    let found = file.expand(from: 1_794_000_000, to: 1_796_000_000, roomZone: .utc).occurrences.map(
      \.interval)
    #expect(found == [entry.interval])
  }
}
