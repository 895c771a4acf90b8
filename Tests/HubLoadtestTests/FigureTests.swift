import HubJSON
import HubKernel
import HubLoadtestKit
import HubNet
import HubWire
import Testing

@Suite struct FigureTests {
  @Test func metricsGrowBetweenTwoReadings() throws {
    let before = try #require(
      ServerMetrics(
        """
        # HELP hub_ticks_total Ticks run.
        hub_ticks_total 100
        hub_ticks_skipped_total{cause="own_work"} 1
        hub_ticks_skipped_total{cause="scheduler"} 2
        hub_frames_total 1000
        process_cpu_seconds_total 1.5
        process_resident_memory_bytes 1000000
        hub_tick_lateness_seconds_bucket{le="0.001"} 90
        hub_tick_lateness_seconds_bucket{le="0.002"} 100
        hub_tick_lateness_seconds_bucket{le="+Inf"} 100
        """))
    let after = try #require(
      ServerMetrics(
        """
        hub_ticks_total 300
        hub_ticks_skipped_total{cause="own_work"} 1
        hub_ticks_skipped_total{cause="scheduler"} 5
        hub_frames_total 41000
        process_cpu_seconds_total 2.5
        process_resident_memory_bytes 2000000
        hub_tick_lateness_seconds_bucket{le="0.001"} 190
        hub_tick_lateness_seconds_bucket{le="0.002"} 298
        hub_tick_lateness_seconds_bucket{le="+Inf"} 300
        """))
    let server = LoadtestReport.Server(before, after, seconds: 10)
    #expect(server.ticks == 200)
    #expect(server.skipped == 3 && server.skippedOwnWork == 0)
    #expect(server.cpuCores == 0.1)
    #expect(server.cpuMicrosPerFrame == 25)
    #expect(server.rssBytes == 2_000_000)
    #expect(try #require(server.latenessMsP50).magnitude - 1 < 1e-9)
    // Rank 198 of 200, all within the second bucket's 98.
    #expect(try #require(server.latenessMsP99) == 2)
  }

  @Test(arguments: ["", "# only a comment", "<html>", "hub_ticks_total many"])
  func whatIsNoMetricsIsRefused(_ text: String) { #expect(ServerMetrics(text) == nil) }

  @Test func missingMetricsAreNullNotZero() throws {
    let some = try #require(ServerMetrics("up 1"))
    let server = LoadtestReport.Server(some, some, seconds: 10)
    #expect(
      server.ticks == nil && server.cpuCores == nil && server.latenessMsP99 == nil && server.rssBytes == nil)
  }

  @Test func aRestartedServersCountersAreNotBelieved() throws {
    let before = try #require(ServerMetrics("hub_ticks_total 500"))
    let after = try #require(ServerMetrics("hub_ticks_total 20"))
    #expect(after.growth("hub_ticks_total", since: before) == nil)
  }

  @Test func distributionsAddUp() throws {
    var a = Distribution.milliseconds()
    var b = Distribution.milliseconds()
    for value in 1...99 { a.record(Double(value)) }
    b.record(1000)
    a.add(b)
    #expect(a.count == 100 && a.largest == 1000)
    #expect((try #require(a.percentile(50)) - 50).magnitude < 0.1)
    #expect((try #require(a.percentile(100)) - 1000).magnitude < 1)
    #expect(Distribution.meters().percentile(50) == nil)
  }

  @Test func bytesOfAFrameAreAccountedToTheLast() throws {
    // Header; a keyframe of one S2 enter; an S0 block with a leave, an enter and two updates; a dropped page; two digests.
    var frame = FrameHeader(tick: 1, serverMs: 0, ackedInput: 0).bytes()
    frame += [1, 0, BlockHead(tier: .s2, replaces: true, hasLeaves: false, hasEnters: true).rawValue, 1, 0]
    frame += [UInt8](repeating: 0, count: 2 + 7)
    frame += [
      2, 0, BlockHead(tier: .s0, replaces: false, hasLeaves: true, hasEnters: true).rawValue, 1, 1, 2,
    ]
    frame += [UInt8](repeating: 0, count: 1 + 12 + 20)
    frame += [3, 0, BlockHead.drop]
    frame += [0xFE, 0xFF, 0, 2] + [UInt8](repeating: 0, count: 2 * 14)
    var account = ByteAccount()
    try account.add(frame: frame.span.bytes)
    #expect(account.total == frame.count)
    #expect(account.keyframe == 14 && account.digest == 4 + 28)
    #expect(account.updates.s0 == 20 && account.updateRecords.s0 == 2)
    #expect(account.enterLeave == 13)
    #expect(account.framing == 7 + 6 + 3)
    #expect(account.webSocketHeads == 2)
    account.add(text: 200)
    #expect(account.control == 200 && account.webSocketHeads == 6)
  }

  @Test func aTruncatedFrameIsAnError() {
    var account = ByteAccount()
    #expect(throws: WireError.self) { try account.add(frame: [1, 2, 3].span.bytes) }
  }

  @Test func ghostsAreCountedAfterASecondAndTheVanishedAfterThirty() {
    var departures = Departures()
    let id = EntityID(rawValue: 9)
    #expect(!departures.isGhost(id, nowMs: 1e9))
    departures.left(id, nowMs: 1000)
    #expect(!departures.isGhost(id, nowMs: 2000))
    #expect(departures.isGhost(id, nowMs: 2001))
    departures.came(id)
    #expect(!departures.isGhost(id, nowMs: 1e9))
    departures.vanished(id, nowMs: 0)
    #expect(!departures.isGhost(id, nowMs: 31_000))
    #expect(departures.isGhost(id, nowMs: 31_001))
  }

  @Test(arguments: [
    ("ws://127.0.0.1:8080/ws", "127.0.0.1", 8080, "/ws"), ("ws://hub.example", "hub.example", 80, "/ws"),
    ("ws://[::1]:9000/", "::1", 9000, "/ws"),
  ])
  func addressesAreRead(_ text: String, _ host: String, _ port: Int, _ path: String) throws {
    let address = try #require(ServerAddress(text))
    #expect(address.target.host == host && address.target.port == port && address.target.path == path)
    #expect(address.metrics.port == port + 1)
  }

  @Test(arguments: [
    "", "8080", "http://x:1/", "ws://", "ws://x:port/", "ws://x:0/", "ws://x:1:2/", "ws://[::1/",
    "ws://x:70000",
  ])
  func otherAddressesAreRefused(_ text: String) { #expect(ServerAddress(text) == nil) }
}
