import HubBookings
import Testing

/// What a running booking does to its room, minute by minute.
@Suite struct RoomRunTests {
  private static let berlin = Zone.iana("Europe/Berlin")!

  private func mirror(_ events: [String], from: Int = 0, zone: Zone = .utc) -> RoomMirror {
    var mirror = RoomMirror()
    var changed: [String: ResourceBookings] = [:]
    for (n, event) in events.enumerated() {
      let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:\(n)\r\n\(event)\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
      changed["\(n)"] = ResourceBookings(
        resource: "\(n)", bytes: Array(text.utf8),
        window: TimeInterval64(start: from, end: from + 86_400 * 30),
        zone: zone, level: .title, people: ["ada@example.org": "a", "bob@example.org": "b"])
    }
    mirror.apply(replacing: true, changed: changed, removed: [], at: from)
    return mirror
  }

  private func times(_ start: Int, _ end: Int, _ more: String = "") -> String {
    func text(_ at: Int) -> String {
      func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
      return "19700101T\(two(at / 3600))\(two(at / 60 % 60))\(two(at % 60))Z"
    }
    return "DTSTART:\(text(start))\r\nDTEND:\(text(end))\(more)"
  }

  /// What happens, second by second, with when.
  private func log(_ run: inout RoomRun, _ mirror: RoomMirror, _ seconds: some Sequence<Int>) -> [String] {
    var lines: [String] = []
    for now in seconds {
      for step in run.steps(mirror.state(at: now), at: now) {
        switch step {
        case .runs(let booking, let locked): lines.append("\(now) runs \(booking.resource) \(word(locked))")
        case .idle(let locked): lines.append("\(now) idle \(word(locked))")
        case .warn(let minutes): lines.append("\(now) warn \(minutes)")
        case .over: lines.append("\(now) over")
        case .voice(let isOn): lines.append("\(now) voice \(isOn ? "on" : "off")")
        }
      }
    }
    return lines
  }
  private func word(_ locked: Bool?) -> String { locked.map { $0 ? "shut" : "open" } ?? "-" }

  private func run(opens: Bool = false, invitedOnly: Bool = false) -> RoomRun {
    var settings = RoomRun.Settings()
    (settings.opens, settings.invitedOnly) = (opens, invitedOnly)
    return RoomRun(settings)
  }

  @Test func `A booking opens its room, warns twice, and is over`() {
    var run = run(opens: true)
    #expect(
      log(&run, mirror([times(3600, 7200)]), 3000..<8000) == [
        "3000 idle shut", "3600 runs 0 open", "6600 warn 10", "7080 warn 2", "7200 idle shut", "7200 over",
      ])
  }

  @Test func `Voice goes on with a booking, and off with grace after the last`() {
    var settings = RoomRun.Settings()
    (settings.startsVoice, settings.voiceGraceSeconds) = (true, 60)
    var run = RoomRun(settings)
    let lines = log(&run, mirror([times(3600, 7200), times(7230, 9000)]), 3000..<9100)
    #expect(
      lines.filter { $0.contains("voice") } == ["3000 voice off", "3600 voice on", "9060 voice off"])
  }

  @Test func `Voice is off before the calendar has answered, and stays on when it falls silent`() {
    var settings = RoomRun.Settings()
    settings.startsVoice = true
    var run = RoomRun(settings)
    #expect(log(&run, RoomMirror(), [10, 11]) == ["10 voice off"])
    #expect(log(&run, mirror([times(3600, 7200)]), [3600]).last == "3600 voice on")
    #expect(log(&run, RoomMirror(), [3700, 9000]) == [])
  }

  @Test(arguments: [(false, false, "-", "-"), (false, true, "open", "shut"), (true, true, "shut", "shut")])
  func `What the settings say holds for the lock`(
    _ opens: Bool, _ invited: Bool, _ idle: String, _ runs: String
  ) {
    var run = run(opens: opens, invitedOnly: invited)
    let lines = log(&run, mirror([times(3600, 7200)]), [3000, 3600])
    #expect(lines == ["3000 idle \(idle)", "3600 runs 0 \(runs)"])
  }

  @Test func `Ticks that come late warn late, and once`() {
    var run = run()
    #expect(
      log(&run, mirror([times(3600, 7200)]), [3600, 6700, 6710, 7150, 7151, 7300]) == [
        "3600 runs 0 -", "6700 warn 9", "7150 warn 1", "7300 idle -", "7300 over",
      ])
  }

  @Test func `An end that moves closer is warned of at once, one that moves away is warned of anew`() {
    var run = run(opens: true)
    #expect(log(&run, mirror([times(3600, 7200)]), [3600]) == ["3600 runs 0 open"])
    // Nobody touches the lock of a booking that goes on: its host may have turned it.
    #expect(log(&run, mirror([times(3600, 4200)]), [3800]) == ["3800 runs 0 -", "3800 warn 7"])
    #expect(log(&run, mirror([times(3600, 7200)]), [3900, 6600]) == ["3900 runs 0 -", "6600 warn 10"])
  }

  @Test func `A booking that is deleted while it runs is over`() {
    var run = run(opens: true)
    _ = log(&run, mirror([times(3600, 7200)]), [3600])
    #expect(log(&run, mirror([]), [3700]) == ["3700 idle shut", "3700 over"])
  }

  @Test func `Bookings back to back hand the room over; the same people's go on`() {
    var strangers = run(opens: true)
    #expect(
      log(&strangers, mirror([times(3600, 7200), times(7200, 9000)]), [7000, 7080, 7200]) == [
        "7000 runs 0 open", "7000 warn 4", "7080 warn 2", "7200 runs 1 open", "7200 over",
      ])
    let ada = "\r\nORGANIZER:mailto:ADA@example.org"
    var same = run(opens: true)
    #expect(
      log(&same, mirror([times(3600, 7200, ada), times(7200, 9000, ada)]), [7000, 7080, 7200, 8400]) == [
        "7000 runs 0 open", "7200 runs 1 open", "8400 warn 10",
      ])
  }

  @Test func `A calendar that falls silent shuts nobody out, and the end that was known is warned of`() {
    var run = run(opens: true)
    var mirror = mirror([times(3600, 7200)])
    _ = log(&run, mirror, [3600])
    for _ in 0..<RoomMirror.failuresUntilUnknown { mirror.failed() }
    #expect(log(&run, mirror, [6000, 6600, 7300, 9000]) == ["6600 warn 10"])
  }

  @Test func `Only those are let in by name whom the operator names, and who did not decline`() {
    let invited = times(
      3600, 7200,
      "\r\nORGANIZER;CN=Ada:MAILTO:ada@example.org\r\nATTENDEE:mailto:Bob@Example.org\r\nATTENDEE:mailto:eve@example.org"
    )
    let booking = mirror([invited]).bookings[0]
    #expect(booking.host == "a")
    #expect(booking.guests == ["b"])
    let declined = times(3600, 7200, "\r\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org")
    #expect(mirror([declined]).bookings[0].guests == [])
  }

  /// 2026-03-29 has no 02:00 to 03:00 in Berlin, 2026-10-25 has it twice.
  @Test(arguments: [("20260329", 1_774_744_200, 3600), ("20261025", 1_792_884_600, 3 * 3600)])
  func `The nights of the clock changes keep true hours`(_ day: String, _ start: Int, _ seconds: Int) {
    let event = "DTSTART;TZID=Europe/Berlin:\(day)T013000\r\nDTEND;TZID=Europe/Berlin:\(day)T033000"
    let mirror = mirror([event], from: start - 86_400, zone: Self.berlin)
    var run = run(opens: true)
    let end = start + seconds
    #expect(
      log(&run, mirror, stride(from: start - 3600, to: end + 3600, by: 1)) == [
        "\(start - 3600) idle shut", "\(start) runs 0 open", "\(end - 600) warn 10", "\(end - 120) warn 2",
        "\(end) idle shut", "\(end) over",
      ])
    #expect((start..<end).allSatisfy { mirror.state(at: $0).kind == .booked })
  }

  @Test(arguments: [(1_774_738_800, 23), (1_792_879_200, 25)])
  func `A day of a clock change is open as long as it lasts`(_ midnight: Int, _ hours: Int) {
    let always = OpeningHours([.init(weekdays: Set(0...6), fromMinute: 0, toMinute: 1440)])
    let day = TimeInterval64(start: midnight, end: midnight + hours * 3600)
    #expect(always.contain(day, zone: Self.berlin))
    let morning = OpeningHours([.init(weekdays: [6], fromMinute: 0, toMinute: 240)])
    let open = hours - 20
    #expect(morning.contain(TimeInterval64(start: midnight, end: midnight + open * 3600), zone: Self.berlin))
    #expect(
      !morning.contain(TimeInterval64(start: midnight, end: midnight + open * 3600 + 1), zone: Self.berlin))
  }
}
