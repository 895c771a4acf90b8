import HubBookings
import Testing

@Suite struct WriterTests {
  private static let start = CalendarTime(iso: "2026-07-01T07:00:00Z")!.instant(in: .utc)

  @Test(arguments: [
    "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Casablanca", "Australia/Lord_Howe", "UTC",
  ])
  func `What is written reads back as the same event, by its own VTIMEZONE too`(name: String) throws {
    let zone = try #require(Zone.iana(name))
    var event = CalendarWriter.Event(
      uid: "1", interval: TimeInterval64(start: Self.start, end: Self.start + 5400), zone: zone,
      summary: "Raum; K\u{E4}the, \\ \"x\"\n\(String(repeating: "\u{1F600}\u{E4}", count: 60))",
      stamp: Self.start)
    event.rule = "FREQ=WEEKLY;COUNT=60"
    let bytes = CalendarWriter.bytes(for: event)
    for line in bytes.split(separator: 0x0A) {
      #expect(line.last == 0x0D)
      #expect(line.count <= 76)
      #expect(String(validating: line, as: UTF8.self) != nil)
    }
    let year = (Self.start, Self.start + 400 * 86_400)
    let file = try CalendarFile(parsing: bytes)
    #expect(file.events[0].summary == event.summary)
    let byName = file.expand(from: year.0, to: year.1, roomZone: berlin)
    #expect(byName.occurrences.count == 58)
    // The same with a name that means nothing: now the definition in the file has to hold.
    let renamed = String(decoding: bytes, as: UTF8.self).replacing(name, with: "Ours")
    let byDefinition = try CalendarFile(parsing: Array(renamed.utf8)).expand(
      from: year.0, to: year.1, roomZone: berlin)
    #expect(byDefinition.occurrences.map(\.interval) == byName.occurrences.map(\.interval))
  }

  @Test func `No text can begin a line of its own`() throws {
    var event = CalendarWriter.Event(
      uid: "1\r\nATTENDEE:x", interval: TimeInterval64(start: Self.start, end: Self.start + 1), zone: .utc,
      summary: "a\r\nEND:VEVENT\r\nBEGIN:VEVENT", stamp: 0)
    event.conference = "https://hub.example/\r\nX-A:1"
    event.organizer = (name: "A\"\r\nX-B:1", address: "mailto:a@example.org\r\nX-C:1")
    let file = try CalendarFile(parsing: CalendarWriter.bytes(for: event))
    #expect(file.events.count == 1)
    #expect(file.events[0].attendees.isEmpty)
    #expect(file.events[0].organizer?.name == "A\"\nX-B:1")
  }
}
