import HubClient
import Testing

@Suite struct ClockSyncTests {
  @Test func keepsTheOffsetOfTheSmallestRoundTrip() {
    var clock = ClockSync()
    clock.note(sentMs: 0, receivedMs: 40, serverMs: 1030)  // 10 ms more on the way there than back
    clock.note(sentMs: 100, receivedMs: 102, serverMs: 1101)
    clock.note(sentMs: 200, receivedMs: 260, serverMs: 1210)
    #expect(clock.roundTripMs == 2)
    #expect(clock.offsetMs == 1000.5)
    #expect(clock.tick(atMs: 49.5) == 21)
    #expect(clock.localMs(ofTick: 21) == 49.5)
  }

  @Test func forgetsASampleAfterEightNewerOnes() {
    var clock = ClockSync()
    clock.note(sentMs: 0, receivedMs: 1, serverMs: 500)
    for n in 1...7 { clock.note(sentMs: Double(n), receivedMs: Double(n) + 10, serverMs: 900 + n) }
    #expect(clock.roundTripMs == 1)
    clock.note(sentMs: 8, receivedMs: 18, serverMs: 908)
    #expect(clock.roundTripMs == 10)
  }

  @Test func welcomeGivesAFirstGuessThatAnySampleReplaces() {
    var clock = ClockSync()
    clock.assume(serverMs: 4000, atMs: 1000)
    #expect(clock.offsetMs == 3000)
    clock.note(sentMs: 1000, receivedMs: 1002, serverMs: 4500)
    clock.assume(serverMs: 0, atMs: 2000)
    #expect(clock.offsetMs == 3499.5)
  }
}
