import HubBookings
import Testing

@Suite struct ReaderTests {
  private static let folded =
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20260701T070000Z\nSUMMARY:K\u{E4}the\nEND:VEVENT\nEND:VCALENDAR\n"

  @Test(arguments: ["\r\n ", "\n ", "\n\t", "\r ", "\r\r\n ", "\n\n "])
  func `A fold may stand inside a character, with any line end`(fold: String) throws {
    let bytes = Array(Self.folded.utf8)
    let split = bytes.firstIndex(of: 0xC3)! + 1
    let file = try CalendarFile(parsing: Array(bytes[..<split]) + Array(fold.utf8) + Array(bytes[split...]))
    #expect(file.events[0].summary == "K\u{E4}the")
  }

  @Test func `A byte order mark, UTF-16, groups and small letters don't matter`() throws {
    #expect(try CalendarFile(parsing: [0xEF, 0xBB, 0xBF] + Array(Self.folded.utf8)).events.count == 1)
    let wide: [UInt8] = Self.folded.utf16.reduce(into: [0xFF, 0xFE]) {
      $0 += [UInt8($1 & 0xFF), UInt8($1 >> 8)]
    }
    #expect(try CalendarFile(parsing: wide).events[0].summary == "K\u{E4}the")
    let small =
      "begin:vcalendar\nbegin:vevent\nitem1.uid:a\nx.dtstart;value=date:20260701\nend:vevent\nend:vcalendar\n"
    #expect(try CalendarFile(parsing: Array(small.utf8)).events.count == 1)
  }

  @Test(arguments: [
    "Europe/Berlin", "/Europe/Berlin", "europe/berlin", "/citadel.org/20210210_1/Europe/Berlin",
    "/mozilla.org/20050126_1/Europe/Berlin", "\"W. Europe Standard Time\"",
    "\"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\"",
    "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
  ])
  func `A zone is known by its IANA name, a prefix before it, or Windows' names`(tzid: String) throws {
    let bytes = calendar("UID:a\nDTSTART;TZID=\(tzid):20260701T090000")
    #expect(starts(try expand(bytes, "2026-07-01", "2026-07-02", zone: .utc)) == ["2026-07-01T07:00:00Z"])
  }

  @Test
  func `A zone's own definition counts where its name says nothing, the room's zone where nothing does`()
    throws
  {
    let zone = """
      BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0400\r\n\
      TZOFFSETTO:+0300\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
      DTSTART:16010101T020000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0400\r\n\
      RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n
      """
    let bytes = calendar(
      "UID:a\nDTSTART;TZID=Ours:20260701T090000", "UID:b\nDTSTART;TZID=Ours:20261201T090000",
      "UID:c\nDTSTART;TZID=Nowhere:20261202T090000", head: zone)
    #expect(
      starts(try expand(bytes, "2026-07-01", "2027-01-01"))
        == ["2026-07-01T05:00:00Z", "2026-12-01T06:00:00Z", "2026-12-02T08:00:00Z"])
    #expect(try CalendarFile(parsing: bytes).unknownZones == ["Nowhere"])
  }

  @Test(arguments: [
    "UID:bad\nRRULE:FREQ=DAILY", "UID:bad\nDTSTART:2026",
    "UID:bad\nDTSTART:20260701T070000Z\nRRULE:FREQ=OFTEN",
    "UID:bad\nDTSTART:20260701T070000Z\nRRULE:FREQ=DAILY;INTERVAL=0",
    "UID:bad\nDTSTART:20260701T070000Z\nRRULE:FREQ=DAILY;COUNT=3;UNTIL=20260801",
    "UID:bad\nDTSTART:20260701T070000Z\nDTEND:20260701T060000Z",
    "UID:bad\nDTSTART:20260701T070000Z\nRRULE:FREQ=SECONDLY",
    "UID:bad\nDTSTART:20260701T070000Z\nDURATION:ever",
  ])
  func `A broken event is left out with its reason, makes the room uncertain and costs no other`(bad: String)
    throws
  {
    let found = try expand(
      calendar(bad, "UID:good\nDTSTART:20260702T070000Z\nDURATION:PT1H"), "2026-07-01", "2026-07-10")
    #expect(found.occurrences.map(\.event.uid) == ["good"])
    #expect(found.skipped.map(\.uid) == ["bad"])
    #expect(found.isIncomplete)
  }

  @Test func `What is left out but can't take the room leaves the room certain`() throws {
    let found = try expand(
      calendar("UID:bad\nTRANSP:TRANSPARENT\nDTSTART:nonsense"), "2026-07-01", "2026-07-10")
    #expect(found.skipped.count == 1)
    #expect(!found.isIncomplete)
  }

  @Test func `A file that is cut off keeps its whole events and is incomplete`() throws {
    let bytes = calendar("UID:a\nDTSTART:20260701T070000Z", "UID:b\nDTSTART:20260702T070000Z")
    let cut = Array(bytes[..<(bytes.count - 40)])
    let found = try expand(cut, "2026-07-01", "2026-07-10")
    #expect(found.occurrences.map(\.event.uid) == ["a"])
    #expect(found.isIncomplete)
  }

  @Test func `An alarm's properties aren't the event's`() throws {
    let bytes = calendar(
      "UID:a\nDTSTART:20260701T070000Z\nBEGIN:VALARM\nSUMMARY:alarm\nDURATION:PT5H\nDTSTART:19990101\nEND:VALARM\nSUMMARY:event"
    )
    let file = try CalendarFile(parsing: bytes)
    #expect(file.events.map(\.summary) == ["event"])
  }

  @Test func `What is no calendar is refused`() {
    #expect(throws: CalendarError.notACalendar) { try CalendarFile(parsing: Array("<html>gone</html>".utf8)) }
    #expect(throws: CalendarError.notACalendar) { try CalendarFile(parsing: []) }
    var limits = CalendarLimits()
    limits.fileBytesMax = 10
    #expect(throws: CalendarError.tooLarge(bytes: 11, most: 10)) {
      try CalendarFile(parsing: Array(repeating: 0x41, count: 11), limits: limits)
    }
  }

  @Test func `Deep nesting costs no good event`() throws {
    let deep = String(repeating: "BEGIN:X\r\n", count: 50_000)
    let bytes = calendar("UID:a\nDTSTART:20260701T070000Z", head: deep)
    #expect(try CalendarFile(parsing: bytes).events.count == 1)
  }

  @Test func `Bytes changed at random are read or refused, never fatal`() throws {
    let seedFile = calendar(
      "UID:a\nDTSTART;TZID=\"W. Europe Standard Time\":20260701T090000\nDURATION:P1DT2H\nRRULE:FREQ=MONTHLY;BYDAY=-1FR,2MO;BYSETPOS=1,-1;UNTIL=20280101T000000Z\nEXDATE:20260702T070000Z,20260703T070000Z\nRDATE;VALUE=PERIOD:20260801T070000Z/PT2H",
      "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260831T070000Z\nDTSTART:20260831T080000Z\nDTEND:20260831T090000Z",
      "UID:b\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260103\nRRULE:FREQ=YEARLY;BYWEEKNO=20,-1;BYDAY=MO"
    )
    var state: UInt64 = 20_261_123
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: state >> 33) % bound
    }
    let alphabet = Array("\r\n\t ;:=,\"/-+0123456789TZPWDHMS^\\".utf8) + [0, 0x80, 0xC3, 0xFF]
    var read = 0
    for _ in 0..<3000 {
      var bytes = seedFile
      for _ in 0..<(1 + random(8)) {
        let at = random(bytes.count)
        switch random(4) {
        case 0: bytes[at] = alphabet[random(alphabet.count)]
        case 1: bytes.insert(alphabet[random(alphabet.count)], at: at)
        case 2: bytes.remove(at: at)
        default:
          let length = min(random(40), bytes.count - at)
          bytes.insert(contentsOf: Array(bytes[at..<(at + length)]), at: random(bytes.count))
        }
      }
      guard let file = try? CalendarFile(parsing: bytes) else { continue }
      let found = file.expand(from: 1_767_225_600, to: 1_830_297_600, roomZone: berlin)
      for occurrence in found.occurrences { #expect(occurrence.interval.start <= occurrence.interval.end) }
      for (first, second) in zip(found.busy, found.busy.dropFirst()) { #expect(first.end < second.start) }
      read += 1
    }
    #expect(read > 2000)
  }
}
