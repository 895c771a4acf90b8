import HubNet
import Testing

@Suite struct BackpressureTests {
  @Test func aStalledReaderLeavesBoundedUnsentBytes() throws {
    let fixture = try Fixture()
    let script = fixture.script
    let hasStalled = Flag()
    var frames = 0
    var framesBefore = 0
    var unsentMax = 0
    var stalledTicks = 0
    script.onOpened = { id, _ in fixture.loop.requestWritable(id) }
    script.onWritable = { id, buffer in
      frames += 1
      buffer.send(.binary, count: 20_000)
      buffer.more = true
    }
    script.onTick = { _ in
      guard let id = script.accepted.first else { return }
      unsentMax = max(unsentMax, fixture.loop.unsentBytes(id))
      let isStill = frames > 0 && frames == framesBefore && fixture.loop.awaitsWritable(id)
      stalledTicks = isStill ? stalledTicks + 1 : 0
      framesBefore = frames
      if stalledTicks == 5 {
        #expect(fixture.loop.isChoked(id))
        hasStalled.set()
      }
    }
    try fixture.run { port in
      let client = try RawClient(port: port, receiveBuffer: 8192)
      _ = try client.upgrade()
      // Reads nothing until the hub has stopped sending.
      hasStalled.wait()
    }
    // One frame beyond the low-water mark, never a growing heap of old ones.
    #expect(unsentMax <= 4096 + 20_000 + 16)
    #expect(frames < 200)
  }

  @Test func aCloseToAStalledReaderEndsInTime() throws {
    let fixture = try Fixture { $0.closeSecondsMax = 1 }
    let script = fixture.script
    var end: ConnectionEnd?
    script.onOpened = { id, _ in fixture.loop.requestWritable(id) }
    var frames = 0
    script.onWritable = { id, buffer in
      frames += 1
      buffer.send(.binary, count: 60_000)
      buffer.more = true
    }
    var framesBefore = 0
    script.onTick = { _ in
      guard let id = script.accepted.first else { return }
      if frames > 0, frames == framesBefore {
        fixture.loop.close(id, code: 4006, reason: "slow", afterSending: false)
      }
      framesBefore = frames
    }
    let hasEnded = Flag()
    script.onClosed = { _, it in
      end = it
      hasEnded.set()
    }
    try fixture.run { port in
      let client = try RawClient(port: port, receiveBuffer: 8192)
      _ = try client.upgrade()
      hasEnded.wait()
    }
    #expect(end == .closedHere(code: 4006))
  }

  @Test func aSilentPeerIsHungUpOn() throws {
    let fixture = try Fixture {
      $0.pingSeconds = 1
      $0.hangUpSeconds = 2
    }
    var end: ConnectionEnd?
    fixture.script.onClosed = { end = $1 }
    let bytes = try fixture.run { port in
      let client = try RawClient(port: port)
      _ = try client.upgrade()
      return client.readToEnd()
    }
    #expect(bytes == [0x89, 0])
    #expect(end == .lost)
  }
}
