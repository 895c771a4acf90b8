import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

@Suite struct OverloadTests {
  /// Feeds `ticks` ticks of the same work; the steps after each.
  static func feed(
    _ control: inout OverloadControl, _ now: inout Tick, ticks: Int, work: Int, skipped: Int = 0
  ) -> [Int] {
    (0..<ticks).map { _ in
      now += 1 + Tick(skipped)
      control.note(workMicroseconds: work * (1 + skipped), skippedTicks: skipped, now: now)
      return control.step
    }
  }

  @Test func loadRaisesOneStepAtATimeAndCalmLowersThemSlowly() {
    var control = OverloadControl()
    var now: Tick = 0
    #expect(Self.feed(&control, &now, ticks: 200, work: 30_000).allSatisfy { $0 == 0 })
    let rising = Self.feed(&control, &now, ticks: 200, work: 48_000)
    #expect(rising.last == 3)
    for step in 1...3 {
      let at = rising.firstIndex(of: step)!
      #expect(at >= 5 + (step - 1) * 40 && at < 40 + (step - 1) * 41, "step \(step) at \(at)")
    }
    // Between the two limits nothing moves.
    #expect(Self.feed(&control, &now, ticks: 400, work: 39_000).allSatisfy { $0 == 3 })
    let falling = Self.feed(&control, &now, ticks: 500, work: 5_000)
    #expect(falling.last == 0)
    #expect(falling.firstIndex(of: 2)! >= 99 && falling.firstIndex(of: 0)! >= 299)
  }

  @Test func aFewSkippedTicksAreNoOverloadButFourWithinTwoSecondsAre() {
    var control = OverloadControl()
    var now: Tick = 0
    _ = Self.feed(&control, &now, ticks: 50, work: 5_000)
    #expect(Self.feed(&control, &now, ticks: 3, work: 20_000, skipped: 1) == [0, 0, 0])
    #expect(Self.feed(&control, &now, ticks: 100, work: 5_000).last == 0)
    #expect(Self.feed(&control, &now, ticks: 4, work: 20_000, skipped: 1) == [0, 0, 0, 1])
    #expect(Self.feed(&control, &now, ticks: 99, work: 5_000).last == 1)
    #expect(Self.feed(&control, &now, ticks: 10, work: 5_000).last == 0)
  }

  @Test func nonsenseFromTheClockBreaksNothing() {
    var control = OverloadControl()
    control.note(workMicroseconds: -5, skippedTicks: -9, now: 1)
    control.note(workMicroseconds: .max, skippedTicks: 0, now: 2)
    #expect(control.step <= 1 && control.loadPermille >= 0)
  }

  @Test func moreMovesAndAcksThanAnyClientSendsEndTheConnectionAndAHeldUpLineDoesNot() throws {
    let hub = EngineDriver(Engine(world: try TestWorld.make()))
    let held = hub.join("Held up")
    let flooder = hub.join("Flooder")
    let limits = Limits()
    let session = try #require(hub.sessions[held])
    // Ten seconds of a client's acknowledgements and MOVEs at once, then its usual pace.
    for _ in 0..<200 { hub.engine.handle(.ack(session, tick: UInt16(hub.tick))) }
    for _ in 0..<200 { hub.move(held, to: hub.pose(held)) }
    for _ in 0..<100 {
      hub.step()
      hub.move(held, to: hub.pose(held))
    }
    #expect(hub.closed[held] == nil)
    let other = try #require(hub.sessions[flooder])
    for _ in 0...(limits.binaryBurstMax + limits.binariesPerSecondMax) {
      hub.engine.handle(.ack(other, tick: UInt16(hub.tick)))
    }
    hub.step()
    #expect(hub.closed[flooder] == .flooding && hub.closed[held] == nil)
  }

  @Test func atTheThirdStepNobodyNewMayEnterAndSessionsResume() throws {
    let hub = EngineDriver(Engine(world: try TestWorld.make()))
    let early = hub.join("Early")
    let ticket = hub.ticket(early)
    for _ in 0..<160 {
      hub.step()
      hub.engine.handle(.load(workMicroseconds: 49_000, skippedTicks: 0))
    }
    #expect(hub.engine.overloadStep == 3 && hub.engine.counters.overloadChanges == 3)
    let late = hub.join("Late")
    let error = try #require(hub.messages(late, "error").last)
    #expect(error["code"]?.text == "overloaded" && error["retry"]?.text == "later")
    #expect((5000..<10_000).contains(try #require(error["retryAfterMs"]?.number)))
    #expect(hub.closed[late] == .full && hub.engine.sessionCount == 1)
    hub.disconnect(early)
    let again = hub.comeBack(ticket)
    #expect(hub.messages(again, "welcome").last?["resumed"] == .bool(true))
    for _ in 0..<400 {
      hub.step()
      hub.engine.handle(.load(workMicroseconds: 1_000, skippedTicks: 0))
    }
    #expect(hub.engine.overloadStep == 0)
    #expect(hub.messages(hub.join("Late"), "welcome").count == 1)
  }
}
