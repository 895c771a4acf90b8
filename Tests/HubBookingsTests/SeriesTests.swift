import HubBookings
import Testing

@Suite struct BookingSeriesTests {
  private let berlin = Zone.iana("Europe/Berlin")!

  /// Over both clock changes of 2026, the skipped and the doubled hour included.
  @Test(arguments: [
    "2026-03-20T09:00:00", "2026-03-20T02:30:00", "2026-10-20T02:30:00", "2026-10-01T23:30:00",
  ])
  func `What is asked for is what the calendar will say`(first: String) throws {
    let start = try #require(CalendarTime(iso: first)?.instant(in: berlin))
    let interval = TimeInterval64(start: start, end: start + 3600)
    for frequency in BookingSeries.Frequency.allCases {
      let series = try #require(BookingSeries(frequency: frequency, count: 20))
      let times = try #require(series.intervals(first: interval, zone: berlin))
      var event = CalendarWriter.Event(uid: "1", interval: interval, zone: berlin, summary: "s", stamp: 0)
      event.rule = series.rule
      let file = try CalendarFile(parsing: CalendarWriter.bytes(for: event))
      let read = file.expand(from: start, to: start + 400 * 86_400, roomZone: .utc).occurrences
      #expect(read.map(\.interval) == times)
    }
  }

  @Test func `A time that can not be written down is refused`() throws {
    let series = try #require(BookingSeries(frequency: .daily, count: 2))
    let second = 1_792_891_800  // 2026-10-25T01:30:00Z, the second 02:30 in Berlin.
    #expect(series.intervals(first: TimeInterval64(start: second, end: second + 60), zone: berlin) == nil)
    #expect(series.intervals(first: TimeInterval64(start: second - 3600, end: second), zone: berlin) != nil)
  }

  @Test(arguments: [-1, 0, 1, 61, Int.max]) func `A series has two to sixty times`(count: Int) {
    #expect(BookingSeries(frequency: .daily, count: count) == nil)
  }

  /// RFC 5545, 3.3.5, and ISO 8601's long form; what stands in tables is no date, and its room not known to be free.
  @Test(arguments: [
    ("20261202T100000", true), ("2026-12-02T10:00", true), ("2026-12-02 10:00", false),
    ("2026-12-02 10:00:00", false),
  ])
  func `A blank in a date costs the event, and says so`(text: String, isRead: Bool) throws {
    let bytes = Array(
      "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:\(text)\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        .utf8)
    let start = 1_796_083_200
    let seen = try CalendarFile(parsing: bytes).expand(
      from: start, to: start + 30 * 86_400, roomZone: berlin)
    #expect(seen.occurrences.count == (isRead ? 1 : 0))
    #expect(seen.skipped.count == (isRead ? 0 : 1))
    #expect(seen.isIncomplete == !isRead)
  }
}
