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

  @Test func aPeerThatAnswersPingsStays() throws {
    let fixture = try Fixture {
      $0.pingSeconds = 1
      $0.hangUpSeconds = 2
    }
    var end: ConnectionEnd?
    fixture.script.onClosed = { end = $1 }
    let answered = try fixture.run { port in
      let client = try RawClient(port: port)
      _ = try client.upgrade()
      for _ in 0..<3 {
        let ping = client.read(atLeast: 6)
        guard ping.count == 6, ping[0] == 0x89 else { return false }
        client.writeFrame(opcode: 0xA, Array(ping[2...]))
      }
      return true
    }
    #expect(answered)
    #expect(end != .lost)
  }

  /// The library's own pings used to damage a pong that waited; ours must not.
  @Test func aPongCarriesThePayloadOfItsPingWhilePingsOfOursAreOut() throws {
    let fixture = try Fixture {
      $0.pingSeconds = 1
      $0.hangUpSeconds = 30
      $0.tickMicroseconds = 10_000
      // The pong waits in the loop for as long, so that pings of ours come between.
      $0.batchMicroseconds = 700_000
    }
    let pongs = try fixture.run { port in
      let client = try RawClient(port: port)
      _ = try client.upgrade()
      var pongs: [String] = []
      var bytes: [UInt8] = []
      while pongs.count < 3 {
        let part = client.read()
        if part.isEmpty { break }
        bytes += part
        guard bytes.count >= 2, bytes.count >= 2 + Int(bytes[1]) else { continue }
        let payload = Array(bytes[2..<(2 + Int(bytes[1]))])
        let opcode = bytes[0] & 15
        bytes.removeFirst(2 + payload.count)
        if opcode == 0xA { pongs.append(String(decoding: payload, as: UTF8.self)) }
        guard opcode == 9 else { continue }
        // Answers our ping, and asks in the same moment.
        client.writeFrame(opcode: 0xA, payload)
        client.writeFrame(opcode: 9, Array("round \(pongs.count)".utf8))
      }
      return pongs
    }
    #expect(pongs == ["round 0", "round 1", "round 2"])
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
    // One ping, with the four bytes of its payload.
    #expect(bytes.prefix(2) == [0x89, 4] && bytes.count == 6)
    #expect(end == .lost)
  }
}
