import Glibc
import HubNet
import Testing

@Suite struct BackpressureTests {
  @Test func aStalledReaderLeavesBoundedUnsentBytes() throws {
    let fixture = try Fixture()
    let script = fixture.script
    var frames = 0
    var unsentMax = 0
    var stalledTicks = 0
    var isChoked = false
    script.onOpened = { id, _ in fixture.loop.requestWritable(id) }
    script.onWritable = { id, buffer in
      frames += 1
      buffer.send(.binary, count: 20_000)
      buffer.more = true
    }
    script.onTick = { _ in
      guard let id = script.accepted.first else { return }
      unsentMax = max(unsentMax, fixture.loop.unsentBytes(id))
      stalledTicks = fixture.loop.awaitsWritable(id) ? stalledTicks + 1 : 0
      isChoked = fixture.loop.isChoked(id)
    }
    let port = fixture.port
    _ = port
    try fixture.run { port in
      let client = try RawClient(port: port, receiveBuffer: 8192)
      _ = try client.upgrade()
      // Reads nothing for a while.
      usleep(700_000)
    }
    #expect(stalledTicks >= 3 && isChoked)
    // One frame beyond the low-water mark, never a growing heap of old ones.
    #expect(unsentMax <= 4096 + 20_000 + 16)
    #expect(frames < 200)
  }

  @Test func aCloseToAStalledReaderEndsInTime() throws {
    let fixture = try Fixture { $0.closeSecondsMax = 1 }
    let script = fixture.script
    var end: ConnectionEnd?
    script.onOpened = { id, _ in fixture.loop.requestWritable(id) }
    script.onWritable = { id, buffer in
      buffer.send(.binary, count: 60_000)
      buffer.more = true
    }
    script.onTick = { timing in
      if timing.index == 6, let id = script.accepted.first {
        script.onWritable = { _, _ in }
        fixture.loop.close(id, code: 4006, reason: "slow", afterSending: false)
      }
    }
    script.onClosed = { _, it in
      end = it
      fixture.loop.stop()
    }
    try fixture.run { port in
      let client = try RawClient(port: port, receiveBuffer: 8192)
      _ = try client.upgrade()
      usleep(2_000_000)
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
