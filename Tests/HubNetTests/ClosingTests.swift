import Glibc
import HubNet
import Testing

@Suite struct ClosingTests {
  /// Lets the server do something with the first connection and returns how each side saw the end.
  private func ends(
    _ change: (inout SocketLoopConfiguration) -> Void = { _ in },
    _ act: @escaping (Script, ConnectionID) -> Void
  ) throws -> (server: ConnectionEnd?, client: ConnectionEnd?, turned: [TurnedAway]) {
    let fixture = try Fixture(change)
    let script = fixture.script
    var server: ConnectionEnd?
    var client: ConnectionEnd?
    script.onOpened = { id, isServer in if isServer { act(script, id) } }
    script.onClosed = { id, end in
      if script.accepted.contains(id) { server = end } else { client = end }
      if server != nil && client != nil { fixture.loop.stop() }
    }
    _ = try fixture.connect()
    fixture.loop.run()
    return (server, client, script.turned)
  }

  @Test(arguments: [1000, 1011, 4002, 4999])
  func closeCodeAndReasonArrive(code: Int) throws {
    let got = try ends { script, id in script.loop.close(id, code: UInt16(code), reason: "hello-timeout") }
    #expect(got.client == .closedByPeer(code: UInt16(code), reason: "hello-timeout"))
    #expect(got.server == .closedHere(code: UInt16(code)))
  }

  @Test func aLongReasonIsCutAtACharacter() throws {
    let got = try ends { script, id in
      script.loop.close(id, code: 4004, reason: String(repeating: "ü", count: 100))
    }
    #expect(got.client == .closedByPeer(code: 4004, reason: String(repeating: "ü", count: 61)))
  }

  @Test func whatWaitsIsSentBeforeTheClose() throws {
    let fixture = try Fixture()
    let script = fixture.script
    var order: [String] = []
    script.onOpened = { id, isServer in
      guard isServer else { return }
      script.send(id, .text, Array("first".utf8))
      script.send(id, .text, Array("second".utf8))
      script.loop.close(id, code: 4004, reason: "refused")
    }
    script.onReceived = { _, _, message in order.append(String(decoding: message, as: UTF8.self)) }
    script.onClosed = { id, end in
      if case .closedByPeer(let code, let reason) = end {
        order.append("\(code) \(reason)")
        fixture.loop.stop()
      }
    }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(order == ["first", "second", "4004 refused"])
  }

  @Test func anAbortIsALossForTheOtherSide() throws {
    let got = try ends { script, id in script.loop.abort(id) }
    #expect(got.client == .lost)
  }

  @Test func aMessageOverTheCapCloses1009() throws {
    let fixture = try Fixture { $0.messageBytesMaxAtFirst = 1000 }
    let script = fixture.script
    var client: ConnectionEnd?
    var received: [Int] = []
    script.onOpened = { id, isServer in
      guard !isServer else { return }
      script.send(id, .binary, .init(repeating: 1, count: 1000))
      script.send(id, .binary, .init(repeating: 1, count: 1001))
      script.send(id, .binary, .init(repeating: 1, count: 10))
    }
    script.onReceived = { _, _, message in received.append(message.count) }
    script.onClosed = { id, end in
      if !script.accepted.contains(id) {
        client = end
        fixture.loop.stop()
      }
    }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(client == .closedByPeer(code: 1009, reason: "too-big"))
    #expect(received == [1000])
    #expect(script.turned == [.oversizeMessage])
  }

  @Test func theCapCanBeRaisedForOneConnection() throws {
    let fixture = try Fixture { $0.messageBytesMaxAtFirst = 10 }
    let script = fixture.script
    var received = 0
    script.onOpened = { id, isServer in
      if isServer {
        script.loop.setMessageBytesMax(id, 5000)
      } else {
        script.send(id, .binary, .init(repeating: 1, count: 5000))
      }
    }
    script.onReceived = { _, _, message in
      received = message.count
      fixture.loop.stop()
    }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(received == 5000)
  }

  /// Sends frames by hand and returns the close code that comes back.
  private func closeCode(_ frames: @escaping @Sendable (RawClient) -> Void) throws -> Int? {
    let fixture = try Fixture()
    var received = 0
    fixture.script.onReceived = { _, _, _ in received += 1 }
    let bytes = try fixture.run { port -> [UInt8] in
      let client = try RawClient(port: port)
      _ = try client.upgrade()
      frames(client)
      return client.read(atLeast: 4)
    }
    #expect(received == 0)
    guard bytes.count >= 4, bytes[0] == 0x88 else { return nil }
    return Int(bytes[2]) << 8 | Int(bytes[3])
  }

  @Test func tooManyFragmentsClose1008() throws {
    let code = try closeCode { client in
      client.writeFrame(opcode: 1, fin: false, [65])
      for _ in 0..<15 { client.writeFrame(opcode: 0, fin: false, [65]) }
    }
    #expect(code == 1008)
  }

  @Test func theCapCountsAllFragments() throws {
    let code = try closeCode { client in
      client.writeFrame(opcode: 2, fin: false, .init(repeating: 0, count: 4000))
      client.writeFrame(opcode: 0, fin: true, .init(repeating: 0, count: 97))
    }
    #expect(code == 1009)
  }

  @Test(arguments: [[0xff], [0xc3], [0xed, 0xa0, 0x80]] as [[UInt8]])
  func textThatIsNotUTF8Closes1007(bytes: [UInt8]) throws {
    #expect(try closeCode { $0.writeFrame(opcode: 1, bytes) } == 1007)
  }

  @Test func aPeersCloseIsAnsweredAndTold() throws {
    let fixture = try Fixture()
    var end: ConnectionEnd?
    fixture.script.onClosed = { end = $1 }
    let bytes = try fixture.run { port -> [UInt8] in
      let client = try RawClient(port: port)
      _ = try client.upgrade()
      client.writeFrame(opcode: 8, [0x0f, 0xa1] + Array("bye".utf8))
      return client.read(atLeast: 4)
    }
    #expect(end == .closedByPeer(code: 4001, reason: "bye"))
    #expect(Array(bytes.prefix(4)) == [0x88, 5, 0x0f, 0xa1])
  }

  @Test func stoppingTellsWhoIsStillThere() throws {
    let fixture = try Fixture()
    var ends: [ConnectionEnd] = []
    fixture.script.onClosed = { ends.append($1) }
    fixture.script.onOpened = { _, isServer in if isServer { fixture.loop.stop() } }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(ends.contains(.loopStopped) && ends.count == 2)
  }

  @Test func callsWithAVoidIdDoNothing() throws {
    let fixture = try Fixture()
    let script = fixture.script
    var old: ConnectionID?
    var opened = 0
    script.onOpened = { id, isServer in
      guard isServer else { return }
      opened += 1
      if let old {
        #expect(old.index == id.index && old != id)
        script.loop.close(old, code: 4000, reason: "wrong one")
        script.loop.requestWritable(old)
        #expect(script.loop.address(of: old) == "" && script.loop.address(of: id) == "127.0.0.1")
        fixture.loop.stop()
      } else {
        old = id
        script.loop.abort(id)
      }
    }
    script.onClosed = { id, end in
      if id != old, end == .lost { _ = try? fixture.connect() }
      #expect(end != .closedHere(code: 4000))
    }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(opened == 2)
  }
}
