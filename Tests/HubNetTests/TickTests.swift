import Glibc
import HubNet
import Testing

@Suite struct TickTests {
  private let period: Int64 = 50_000_000

  /// Runs a schedule against a clock of our own: tick n costs `costMs[n]`, the rest nothing.
  private func run(_ costMs: [UInt64: Int64], untilMs: Int64) -> [TickSchedule.Due] {
    var schedule = TickSchedule(startNs: 0, periodNs: period)
    var ran: [TickSchedule.Due] = []
    var now: Int64 = 0
    while now < untilMs * 1_000_000 {
      if let due = schedule.due(nowNs: now) {
        ran.append(due)
        now += (costMs[due.index] ?? 0) * 1_000_000
      } else {
        now = schedule.deadlineNs
      }
    }
    return ran
  }

  @Test func aTickIsNotDueEarly() {
    var schedule = TickSchedule(startNs: 1000, periodNs: period)
    #expect(schedule.due(nowNs: 999) == nil)
    #expect(schedule.due(nowNs: 1000)?.index == 0)
    #expect(schedule.deadlineNs == 1000 + period)
  }

  @Test func latenessDoesNotAddUp() {
    let ran = run([0: 20, 1: 49, 2: 30, 3: 1], untilMs: 500)
    #expect(ran.map(\.index) == Array(0..<10))
    #expect(ran.allSatisfy { $0.latenessNs == 0 })
  }

  @Test func oneLateTickIsCaughtUp() {
    // Tick 1 ends at 170: 2 is 70 late and runs, 3 is 20 late and runs, 4 is on time.
    let ran = run([1: 120], untilMs: 400)
    #expect(ran.map(\.index) == Array(0..<8))
    #expect(ran.map { $0.latenessNs / 1_000_000 } == [0, 0, 70, 20, 0, 0, 0, 0])
  }

  @Test func aStallSkipsAllButTheLastTwo() {
    // Tick 1 ends at 450: 2...7 are left out, 8 catches up, 9 is due at that instant.
    let ran = run([1: 400], untilMs: 600)
    #expect(ran.map(\.index) == [0, 1, 8, 9, 10, 11])
    #expect(ran.map(\.skipped) == [0, 0, 6, 0, 0, 0])
  }

  @Test func lastingOverloadNeverFallsFurtherBehind() {
    let costs = Dictionary(uniqueKeysWithValues: (0..<200).map { (UInt64($0), Int64(60)) })
    let ran = run(costs, untilMs: 5000)
    #expect(ran.allSatisfy { $0.latenessNs < 2 * period })
    #expect(zip(ran, ran.dropFirst()).allSatisfy { $0.index < $1.index })
    // 60 ms of work in 50 ms: one tick in six is left out.
    #expect((14...18).contains(ran.reduce(0) { $0 + $1.skipped }))
  }

  @Test func aSkipIsTheSchedulersOnlyIfItAloneWasEnough() {
    var schedule = TickSchedule(startNs: 0, periodNs: period)
    _ = schedule.due(nowNs: 0)
    let due = schedule.due(nowNs: 210_000_000)!  // 160 ms late, 2 skipped
    #expect(due.skipped == 2)
    #expect(due.skipCause(runDelayNs: 61_000_000) == .scheduler)
    #expect(due.skipCause(runDelayNs: 59_000_000) == .ownWork)
    #expect(due.skipCause(runDelayNs: 0) == .ownWork)
  }

  @Test func theLoopTicksByRealTimeAndTellsTheCost() throws {
    let fixture = try Fixture { $0.tickMicroseconds = 10_000 }
    var timings: [TickTiming] = []
    fixture.script.onTick = { timing in
      timings.append(timing)
      let begin = fixture.loop.elapsedMicroseconds
      // The fourth tick works for 2 ms.
      if timings.count == 4 { while fixture.loop.elapsedMicroseconds < begin + 2000 {} }
      #expect(begin >= Int64(timing.index) * 10_000 + timing.latenessMicroseconds)
      if timings.count == 8 { fixture.loop.stop() }
    }
    fixture.loop.run()
    #expect(zip(timings, timings.dropFirst()).allSatisfy { $1.index == $0.index + 1 + UInt64($1.skipped) })
    #expect(timings.allSatisfy { $0.latenessMicroseconds >= 0 && ($0.skipCause == nil) == ($0.skipped == 0) })
    #expect(timings[4].last.tickMicroseconds >= 2000)
    #expect(timings[4].last.totalCPUMicroseconds >= timings[4].last.tickCPUMicroseconds)
  }

  @Test func aTickThatOverrunsSkipsTheNext() throws {
    let fixture = try Fixture { $0.tickMicroseconds = 10_000 }
    var timings: [TickTiming] = []
    fixture.script.onTick = { timing in
      timings.append(timing)
      if timings.count == 3 { usleep(75_000) }
      if timings.count == 4 { fixture.loop.stop() }
    }
    fixture.loop.run()
    #expect(timings[3].skipped >= 4 && timings[3].skipCause != nil)
  }
}
