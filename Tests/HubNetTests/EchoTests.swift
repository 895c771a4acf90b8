import Glibc
import HubNet
import Testing

@Suite struct EchoTests {
  @Test func textAndBinaryGoBothWays() throws {
    let fixture = try Fixture()
    let script = fixture.script
    var echoed: [(Bool, [UInt8])] = []
    script.onOpened = { id, isServer in
      if !isServer {
        script.send(id, .text, Array("Grüße".utf8))
        script.send(id, .binary, [0, 255, 1])
        script.send(id, .binary, [])
      }
    }
    script.onReceived = { id, text, message in
      if script.accepted.contains(id) {
        script.send(id, text ? .text : .binary, message)
      } else {
        echoed.append((text, message))
        if echoed.count == 3 { fixture.loop.stop() }
      }
    }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(echoed.map(\.0) == [true, false, false])
    #expect(echoed.map(\.1) == [Array("Grüße".utf8), [0, 255, 1], []])
  }

  @Test(arguments: [125, 126, 511, 512, 513, 4096, 65_535])
  func messagesOfEverySizeArriveWhole(count: Int) throws {
    let fixture = try Fixture { $0.messageBytesMaxAtFirst = 70_000 }
    let script = fixture.script
    let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var echoed: [UInt8] = []
    script.onOpened = { id, isServer in if !isServer { script.send(id, .binary, message) } }
    script.onReceived = { id, _, message in
      if script.accepted.contains(id) { return script.send(id, .binary, message) }
      echoed = message
      fixture.loop.stop()
    }
    _ = try fixture.connect()
    fixture.loop.run()
    #expect(echoed == message)
  }

  @Test func fiveHundredClientsInOneProcessGetTheirOwnEchoes() throws {
    let fixture = try Fixture {
      $0.connectionsMax = 600
      $0.clientConnectionsMax = 600
    }
    let script = fixture.script
    var answers: [ConnectionID: Int] = [:]
    var clients: [ConnectionID: UInt8] = [:]
    script.onOpened = { id, isServer in
      guard !isServer else { return }
      clients[id] = UInt8(truncatingIfNeeded: clients.count)
      if clients.count == 500 { for (id, mark) in clients { script.send(id, .binary, [mark]) } }
    }
    script.onReceived = { id, _, message in
      if script.accepted.contains(id) { return script.send(id, .binary, message) }
      #expect(message == [clients[id]!])
      answers[id, default: 0] += 1
      if answers.values.reduce(0, +) == 1000 { return fixture.loop.stop() }
      if answers[id] == 1 { script.send(id, .binary, message) }
    }
    for _ in 0..<500 { _ = try fixture.connect() }
    fixture.loop.run()
    #expect(answers.count == 500 && answers.values.allSatisfy { $0 == 2 })
    #expect(Set(script.accepted).count == 500)
  }

  @Test func fragmentsBecomeOneMessage() throws {
    let fixture = try Fixture()
    let script = fixture.script
    var messages: [[UInt8]] = []
    script.onReceived = { id, text, message in
      #expect(text)
      messages.append(message)
      script.send(id, .text, message)
    }
    _ = try fixture.run { port in
      let client = try RawClient(port: port)
      _ = try client.upgrade()
      client.writeFrame(opcode: 1, fin: false, Array("Gr".utf8) + [0xc3])
      client.writeFrame(opcode: 9, [7])
      client.writeFrame(opcode: 0, fin: false, [0xbc])
      client.writeFrame(opcode: 0, fin: true, Array("n".utf8))
      var got: [UInt8] = []
      while !got.suffix(5).elementsEqual("Grün".utf8) {
        let part = client.read()
        if part.isEmpty { break }
        got += part
      }
      return got
    }
    #expect(messages == [Array("Grün".utf8)])
  }

  @Test func aWakeBringsTheMailInOrder() throws {
    let fixture = try Fixture { $0.tickMicroseconds = nil }
    let mailbox = Mailbox<Int>(fixture.loop.handle)
    var got: [Int] = []
    var batch: [Int] = []
    fixture.script.onWoken = {
      mailbox.drain(into: &batch)
      got += batch
    }
    try fixture.run { _ in
      for number in 0..<1000 { mailbox.post(number) }
      while !mailbox.isEmpty { usleep(100) }
    }
    #expect(got == Array(0..<1000))
  }
}
