import CAllocationCounter
import HubEngine
import HubKernel
import HubReplication
import HubTestKit
import HubWire
import Testing

/// The count is of the whole process: this target runs alone, one test after the other.
@Suite(.serialized) struct EngineAllocationTests {
  @Test func theCounterSeesAnAllocation() {
    let before = hub_allocation_count()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 8)
    memory.storeBytes(of: 1, as: Int.self)
    #expect(hub_allocation_count() > before)
    memory.deallocate()
  }

  @Test func aSteadyTickOfWalkersAndTheirFramesAllocatesNothing() throws {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    let engine = Engine(world: try TestWorld.make(), config: config)
    let hub = EngineDriver(engine)
    var sessions: [SessionID] = []
    for i in 0..<50 {
      let connection = hub.join("P\(i)") { $0.events = false }
      sessions.append(try #require(hub.sessions[connection]))
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: config.limits.frameBytesMax, alignment: 16)
    defer { buffer.deallocate() }
    var tick = hub.tick
    var frames = 0
    func steady() {
      tick += 1
      for (index, session) in sessions.enumerated() where (Int(tick) + index) % 3 == 0 {
        guard var pose = engine.truth(of: session) else { continue }
        // Turning on the spot and swaying by a few centimetres: nobody changes area.
        pose.x += (Int(tick) / 3 + index) % 2 == 0 ? 12 : -12
        pose.yaw &+= 3000
        let move = MoveMessage(
          sequence: UInt8(truncatingIfNeeded: tick), ackTick: UInt16(truncatingIfNeeded: tick - 1), epoch: 1,
          pose: pose, atMs: UInt16(truncatingIfNeeded: tick &* 50))
        engine.handle(.move(session, move))
      }
      engine.step(tick: tick, unixMs: 0)
      engine.drainDirectives { _ in }
      for session in sessions {
        if case .written = engine.writeFrame(session: session, serverMs: UInt64(tick) * 50, into: buffer) {
          frames += 1
        }
        engine.handle(.ack(session, tick: UInt16(truncatingIfNeeded: tick)))
      }
    }
    for _ in 0..<400 { steady() }
    frames = 0
    let before = hub_allocation_count()
    for _ in 0..<200 { steady() }
    let allocations = hub_allocation_count() - before
    #expect(frames > 200 * 20)
    #expect(engine.counters.movesAccepted > 9000)
    #expect(allocations == 0)
  }
}
