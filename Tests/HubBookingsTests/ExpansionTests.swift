import HubBookings
import Testing

/// A file with these lines in one event each.
func calendar(_ events: String..., head: String = "") -> [UInt8] {
  let bodies = events.map { "BEGIN:VEVENT\r\n\($0.replacing("\n", with: "\r\n"))\r\nEND:VEVENT\r\n" }
  return Array("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\(head)\(bodies.joined())END:VCALENDAR\r\n".utf8)
}

let berlin = Zone.iana("Europe/Berlin")!

func expand(
  _ bytes: [UInt8], _ from: String, _ to: String, zone: Zone = berlin,
  limits: CalendarLimits = CalendarLimits()
) throws -> Expansion {
  let window = (CalendarTime(iso: from)!.instant(in: zone), CalendarTime(iso: to)!.instant(in: zone))
  return try CalendarFile(parsing: bytes, limits: limits).expand(from: window.0, to: window.1, roomZone: zone)
}

func starts(_ expansion: Expansion) -> [String] { expansion.occurrences.map(\.start.isoText) }

@Suite struct ExpansionTests {
  @Test
  func
    `A time that a clock change skips is read with the offset before it, one that comes twice is the first`()
    throws
  {
    let spring = calendar("UID:a\nDTSTART;TZID=Europe/Berlin:20260328T023000\nRRULE:FREQ=DAILY;COUNT=3")
    #expect(
      starts(try expand(spring, "2026-03-01", "2026-05-01"))
        == ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"])
    let autumn = calendar("UID:a\nDTSTART;TZID=Europe/Berlin:20261024T023000\nRRULE:FREQ=DAILY;COUNT=3")
    #expect(
      starts(try expand(autumn, "2026-10-01", "2026-11-01"))
        == ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
  }

  @Test func `Hours are exact and days are nominal over a clock change`() throws {
    let hours = calendar("UID:a\nDTSTART;TZID=Europe/Berlin:20260328T200000\nDURATION:PT12H")
    #expect(
      try expand(hours, "2026-03-28", "2026-03-30").occurrences[0].end.isoText == "2026-03-29T07:00:00Z")
    let day = calendar("UID:a\nDTSTART;TZID=Europe/Berlin:20260328T200000\nDURATION:P1D")
    #expect(try expand(day, "2026-03-28", "2026-03-30").occurrences[0].end.isoText == "2026-03-29T18:00:00Z")
  }

  @Test func `The window takes its start in and leaves its end out`() throws {
    let bytes = calendar(
      "UID:before\nDTSTART:20260701T070000Z\nDTEND:20260701T080000Z",
      "UID:over\nDTSTART:20260701T073000Z\nDTEND:20260701T083000Z",
      "UID:moment\nDTSTART:20260701T080000Z", "UID:after\nDTSTART:20260701T090000Z\nDTEND:20260701T100000Z")
    let found = try expand(bytes, "2026-07-01T08:00:00Z", "2026-07-01T09:00:00Z")
    #expect(found.occurrences.map(\.event.uid) == ["over", "moment"])
  }

  @Test func `An override stands where it was moved to, and its old place is free`() throws {
    let bytes = calendar(
      "UID:a\nDTSTART;TZID=Europe/Berlin:20260701T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4",
      "UID:a\nRECURRENCE-ID:20260702T070000Z\nDTSTART:20260801T070000Z\nDURATION:PT2H",
      "UID:a\nRECURRENCE-ID;VALUE=DATE:20260703\nSTATUS:CANCELLED")
    let july = try expand(bytes, "2026-07-01", "2026-07-10")
    #expect(starts(july) == ["2026-07-01T07:00:00Z", "2026-07-03", "2026-07-04T07:00:00Z"])
    #expect(july.busy.count == 2)
    #expect(starts(try expand(bytes, "2026-08-01", "2026-08-10")) == ["2026-08-01T07:00:00Z"])
  }

  @Test func `THISANDFUTURE moves and reshapes the rest of the series`() throws {
    let bytes = calendar(
      "UID:a\nSUMMARY:old\nDTSTART;TZID=Europe/Berlin:20260320T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4",
      "UID:a\nSUMMARY:new\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260327T090000\n"
        + "DTSTART;TZID=Europe/Berlin:20260327T110000\nDURATION:PT3H")
    let found = try expand(bytes, "2026-03-01", "2026-05-01")
    #expect(
      starts(found) == [
        "2026-03-20T08:00:00Z", "2026-03-27T10:00:00Z", "2026-04-03T09:00:00Z", "2026-04-10T09:00:00Z",
      ])
    #expect(found.occurrences.map(\.event.summary) == ["old", "new", "new", "new"])
    #expect(found.occurrences[3].end.isoText == "2026-04-10T12:00:00Z")
  }

  @Test func `EXDATE matches the instant in any zone, and a date the whole day`() throws {
    let bytes = calendar(
      "UID:a\nDTSTART;TZID=Europe/Berlin:20260701T090000\nRRULE:FREQ=DAILY;COUNT=5\nEXDATE:20260702T070000Z\n"
        + "EXDATE;VALUE=DATE:20260703\nEXDATE;TZID=America/New_York:20260704T030000")
    #expect(
      starts(try expand(bytes, "2026-07-01", "2026-07-10")) == [
        "2026-07-01T07:00:00Z", "2026-07-05T07:00:00Z",
      ])
  }

  @Test func `UNTIL as a date ends a timed series at that day's midnight`() throws {
    let bytes = calendar("UID:a\nDTSTART;TZID=Europe/Berlin:20260701T090000\nRRULE:FREQ=DAILY;UNTIL=20260703")
    #expect(starts(try expand(bytes, "2026-07-01", "2026-07-10")).count == 2)
    let days = calendar("UID:a\nDTSTART;VALUE=DATE:20260701\nRRULE:FREQ=DAILY;UNTIL=20260703")
    #expect(
      starts(try expand(days, "2026-07-01", "2026-07-10")) == ["2026-07-01", "2026-07-02", "2026-07-03"])
  }

  @Test func `An RDATE may bring its own length, and one named twice is one`() throws {
    let bytes = calendar(
      "UID:a\nDTSTART:20260701T070000Z\nDTEND:20260701T080000Z\n"
        + "RDATE;VALUE=PERIOD:20260702T070000Z/PT3H,20260703T070000Z/20260703T073000Z\nRDATE:20260702T070000Z"
    )
    let found = try expand(bytes, "2026-07-01", "2026-07-10")
    #expect(
      found.occurrences.map(\.end.isoText) == [
        "2026-07-01T08:00:00Z", "2026-07-02T10:00:00Z", "2026-07-03T07:30:00Z",
      ])
  }

  @Test func `Exchange's midnight to midnight is a whole day`() throws {
    let bytes = calendar(
      "UID:a\nDTSTART;TZID=\"W. Europe Standard Time\":20260701T000000\n"
        + "DTEND;TZID=\"W. Europe Standard Time\":20260703T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
      "UID:b\nDTSTART:20260630T220000Z\nDTEND:20260701T220000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE")
    let found = try expand(bytes, "2026-07-01", "2026-07-10")
    #expect(
      Set(found.occurrences.map { $0.start.isoText + $0.end.isoText }) == [
        "2026-07-012026-07-03", "2026-07-012026-07-02",
      ])
  }

  @Test(arguments: [
    ("", true), ("TRANSP:TRANSPARENT", false), ("STATUS:CANCELLED", false), ("STATUS:TENTATIVE", true),
    ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", false), ("TRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", true),
    ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", true),
  ])
  func `Opaque and not cancelled takes the room`(lines: String, blocks: Bool) throws {
    let bytes = calendar(
      "UID:a\nDTSTART:20260701T070000Z\nDTEND:20260701T080000Z" + (lines.isEmpty ? "" : "\n" + lines))
    let found = try expand(bytes, "2026-07-01", "2026-07-02")
    #expect(found.occurrences.count == 1)
    #expect(found.busy.isEmpty == !blocks)
  }

  @Test func `Days and floating times block in the room's zone`() throws {
    let bytes = calendar(
      "UID:a\nDTSTART;VALUE=DATE:20260701", "UID:b\nDTSTART:20260705T090000\nDTEND:20260705T100000")
    let busy = try expand(bytes, "2026-07-01", "2026-07-10").busy
    #expect(
      busy.map { CalendarTime.utc($0.start).isoText } == ["2026-06-30T22:00:00Z", "2026-07-05T07:00:00Z"])
  }

  @Test func `A daily series of fifteen years reaches today, with and without COUNT`() throws {
    for rule in ["FREQ=DAILY", "FREQ=DAILY;COUNT=9000", "FREQ=DAILY;BYSETPOS=1;BYHOUR=9,10"] {
      let bytes = calendar("UID:a\nDTSTART;TZID=Europe/Berlin:20110101T090000\nRRULE:\(rule)")
      let found = try expand(bytes, "2026-07-01", "2026-07-03")
      #expect(starts(found) == ["2026-07-01T07:00:00Z", "2026-07-02T07:00:00Z"], "\(rule)")
    }
  }

  @Test func `The newest revision of an event counts`() throws {
    let bytes = calendar(
      "UID:a\nSEQUENCE:2\nDTSTART:20260702T070000Z", "UID:a\nSEQUENCE:1\nDTSTART:20260701T070000Z")
    #expect(starts(try expand(bytes, "2026-07-01", "2026-07-10")) == ["2026-07-02T07:00:00Z"])
  }

  @Test func `Published busy times block without an event`() throws {
    let bytes = Array(
      "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nFREEBUSY:20260701T070000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20260702T070000Z/PT1H\nEND:VFREEBUSY\nEND:VCALENDAR\n"
        .utf8)
    #expect(try expand(bytes, "2026-07-01", "2026-07-10").busy.count == 1)
  }
}
