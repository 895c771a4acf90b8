import HubClient
import HubNet
import HubWire
import Testing

/// Whatever a peer sends, it gets its documented code, and a bystander notices nothing.
@Suite struct BadInputTests {
  @Test func everyMistakeOfAParticipantHasItsCode() async throws {
    let mistakes: [(text: String, code: String)] = [
      ("{", "bad-message"), ("[]", "bad-message"), ("{\"t\":\"status\",\"status\":7}", "bad-message"),
      ("{\"t\":\"ping\",\"n\":1e999}", "bad-message"), ("{\"t\":\"fireworks\"}", "unknown-type"),
      ("{\"t\":\"status\",\"status\":\"asleep\"}", "bad-value"),
      ("{\"t\":\"chat\",\"to\":\"moon\",\"text\":\"x\"}", "bad-value"),
      ("{\"t\":\"chat\",\"to\":\"space\",\"text\":\"\"}", "bad-value"),
      ("{\"t\":\"chat\",\"to\":\"space\",\"text\":\"\(String(repeating: "x", count: 1001))\"}", "bad-value"),
      ("{\"t\":\"goto\",\"space\":\"nowhere\"}", "unknown-space"),
      ("{\"t\":\"goto\",\"area\":\"nowhere\"}", "unknown-area"),
      ("{\"t\":\"goto\",\"area\":\"store\"}", "locked"),
      ("{\"t\":\"follow\",\"person\":\"nobody\"}", "unknown-person"),
      ("{\"t\":\"delete\",\"id\":\"c999999\"}", "unknown-chat"),
      ("{\"t\":\"lock\",\"area\":\"stage\",\"locked\":true}", "not-allowed"),
      ("{\"t\":\"profile\",\"name\":\"\\u0007\"}", "bad-name"),
      ("{\"t\":\"view\",\"mode\":\"upside-down\"}", "bad-value"),
    ]
    try await story { crowd in
      let bystander = await crowd.join("Bystander")
      let clumsy = await crowd.join("Clumsy")
      for (index, mistake) in mistakes.enumerated() {
        await crowd.on { _ in clumsy.send(mistake.text) }
        await crowd.until("an answer to \(mistake.text.prefix(60))") { clumsy.errors.count == index + 1 }
        #expect(
          await crowd.on { _ in clumsy.errors.last?.code } == mistake.code, "\(mistake.text.prefix(60))")
      }
      #expect(await crowd.on { _ in clumsy.isIn && bystander.isIn })
      #expect(
        await crowd.on { _ in bystander.errors.isEmpty && bystander.failures.isEmpty && bystander.ends.isEmpty
        })
    }
  }

  @Test func nineMalformedMessagesEndTheConnection() async throws {
    try await story { crowd in
      let bystander = await crowd.join("Bystander")
      let noise = await crowd.join("Noise") { _ in }
      await crowd.on { _ in noise.comesBack = false }
      for round in 1...8 {
        await crowd.on { pool in
          pool.sendRaw(binary: Array(repeating: 9, count: round), noise.client)
        }
        await crowd.until("answer \(round)") { noise.errorCodes.count == round }
      }
      #expect(await crowd.on { _ in Set(noise.errorCodes) } == ["bad-message"])
      await crowd.on { pool in pool.sendRaw(binary: [2, 1], noise.client) }
      await crowd.until("closed") { noise.closeCode == 4000 }
      let frames = await crowd.on { _ in bystander.frames }
      await crowd.until("the bystander's frames go on") { bystander.frames > frames + 3 }
    }
  }

  @Test func strangersAreRefusedWithTheirCloseCode() async throws {
    try await story { crowd in
      let bystander = await crowd.join("Bystander")
      func refused(_ name: String, _ code: UInt16, error: String? = nil, _ first: [UInt8]?, text: Bool = true)
        async
      {
        let stranger = await crowd.join(name, waits: false) { $0.saysHello = false }
        await crowd.until("\(name) is connected") { stranger.client.isConnected }
        await crowd.on { pool in
          stranger.comesBack = false
          guard let first else { return }
          if text { pool.send(first, stranger.client) } else { pool.sendRaw(binary: first, stranger.client) }
        }
        await crowd.until("\(name) is closed") { !stranger.ends.isEmpty }
        #expect(await crowd.on { _ in stranger.closeCode } == code, "\(name)")
        if let error { #expect(await crowd.on { _ in stranger.errorCodes } == [error], "\(name)") }
      }
      func hello(_ rest: String) -> [UInt8] { Array("{\"t\":\"hello\",\(rest)}".utf8) }
      await refused("no hello first", 4000, Array("{\"t\":\"ping\",\"n\":1}".utf8))
      await refused("no JSON first", 4000, Array("hello?".utf8))
      await refused("binary first", 4000, [3, 0, 0], text: false)
      await refused("another protocol", 4003, hello("\"protocol\":2,\"name\":\"A\""))
      await refused("no name", 4004, error: "bad-name", hello("\"protocol\":1,\"name\":\" \\u200b\""))
      await refused(
        "an unknown space", 4004, error: "unknown-space",
        hello("\"protocol\":1,\"name\":\"A\",\"space\":\"x\""))
      await refused(
        "a name of 10 kB", 1009, hello("\"protocol\":1,\"name\":\"\(String(repeating: "x", count: 10_000))\"")
      )
      await refused("nobody speaks", 4002, nil)
      #expect(await crowd.on { _ in bystander.isIn && bystander.errors.isEmpty && bystander.ends.isEmpty })
    }
  }

  @Test func namesLoseControlCharactersAndOverrides() async throws {
    try await story { crowd in
      let jonas = await crowd.join("Jonas")
      let odd = await crowd.join("A\u{202E}yl\u{7}in")
      await crowd.until("named") { jonas.entry(of: odd)?.name == "Aylin" }
    }
  }

  @Test func anOversizedMessageClosesWith1009() async throws {
    try await story { crowd in
      let loud = await crowd.join("Loud")
      await crowd.on { _ in
        loud.comesBack = false
        loud.send("{\"t\":\"chat\",\"to\":\"space\",\"text\":\"\(String(repeating: "x", count: 9000))\"}")
      }
      await crowd.until("closed") { loud.closeCode == 1009 }
    }
  }
}
