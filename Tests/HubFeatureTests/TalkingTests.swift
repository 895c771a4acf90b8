import HubClient
import HubWire
import Testing

/// Chat, names, status.
@Suite struct TalkingTests {
  @Test func chatReachesTheSpaceAndItsSender() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.on { _ in
        var chat = SendChat(to: "space", text: "Hallo \u{202E}<b>Welt</b>\u{7}!")
        chat.ref = 7
        aylin.send(ClientRequest.chat(chat))
      }
      await crowd.until("both have it") { aylin.chats.count == 1 && jonas.chats.count == 1 }
      let (sent, got) = await crowd.on { _ in (aylin.chats[0], jonas.chats[0]) }
      #expect(sent.ref == 7 && got.ref == nil)
      #expect(got.text == "Hallo <b>Welt</b>!" && got.name == "Aylin" && got.to == "space")
    }
  }

  @Test func chatInAnAreaStaysThere() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      let mia = await crowd.join("Mia")
      await crowd.on { _ in
        for visitor in [aylin, jonas] {
          var goto = Goto()
          goto.area = "stage"
          visitor.send(ClientRequest.goto(goto))
        }
      }
      await crowd.until("both are on stage") {
        mia.entry(of: aylin)?.area == "stage" && mia.entry(of: jonas)?.area == "stage"
      }
      await crowd.on { _ in
        aylin.send(ClientRequest.chat(SendChat(to: "area", text: "Test, test")))
        aylin.send(ClientRequest.chat(SendChat(to: "space", text: "An alle")))
      }
      await crowd.until("he hears both") { jonas.chats.count == 2 }
      await crowd.until("she hears one") { mia.chats.count == 1 }
      #expect(await crowd.on { _ in mia.chats.map(\.text) } == ["An alle"])
    }
  }

  @Test func directMessagesReachOnePerson() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      let mia = await crowd.join("Mia")
      await crowd.on { _ in
        var chat = SendChat(to: "person", text: "nur für dich")
        chat.person = jonas.person
        aylin.send(ClientRequest.chat(chat))
        aylin.send(ClientRequest.chat(SendChat(to: "space", text: "für alle")))
      }
      await crowd.until("he has both") { jonas.chats.count == 2 }
      await crowd.until("she has one") { mia.chats.count == 1 }
      #expect(await crowd.on { _ in mia.chats[0].text } == "für alle")
      #expect(await crowd.on { _ in jonas.chats[0].recipient == jonas.person })
    }
  }

  @Test func namesAndStatusChangeForEverybody() async throws {
    try await story { crowd in
      let aylin = await crowd.join("Aylin")
      let jonas = await crowd.join("Jonas")
      await crowd.on { _ in
        var change = ProfileChange()
        change.name = "Dr. Aylin"
        change.interests = ["mobility data"]
        aylin.send(ClientRequest.profile(change))
        aylin.send(ClientRequest.status("dnd"))
      }
      await crowd.until("he sees it") {
        let entry = jonas.entry(of: aylin)
        return entry?.name == "Dr. Aylin" && entry?.status == "dnd" && entry?.interests == ["mobility data"]
      }
      await crowd.on { _ in jonas.send(ClientRequest.directory(query: "MOBILITY", ref: 3)) }
      await crowd.until("found in the directory") {
        jonas.messages.contains {
          if case .directory(let found) = $0 {
            found.ref == 3 && found.list.map(\.name) == ["Dr. Aylin"]
          } else {
            false
          }
        }
      }
    }
  }
}
