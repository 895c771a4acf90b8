import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

@Suite struct ChatAndPresenceTests {
  private func driver() throws -> EngineDriver {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    return EngineDriver(Engine(world: try TestWorld.make(), config: config))
  }
  private func say(_ text: String, to: String = "space", person: String? = nil, ref: Int? = nil)
    -> ClientMessage
  {
    var chat = SendChat(to: to, text: text)
    chat.person = person
    chat.ref = ref
    return .chat(chat)
  }
  private func person(_ hub: EngineDriver, _ c: ConnectionKey) throws -> String {
    try #require(hub.messages(c, "welcome").first?["person"]?.text)
  }

  @Test func spaceChatReachesTheSpaceAndOnlyIt() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    let c = hub.join("C") { $0.space = "yard" }
    hub.step()
    hub.send(a, say("Hallo", ref: 5))
    #expect(hub.messages(b, "chat").first?["text"]?.text == "Hallo")
    #expect(hub.messages(b, "chat").first?["ref"] == nil)
    #expect(hub.messages(a, "chat").first?["ref"]?.number == 5)
    #expect(hub.messages(c, "chat").isEmpty)
  }

  @Test func areaChatReachesTheAreaAndIsKeptForThoseWhoEnter() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step()
    hub.send(a, say("too early", to: "area"))
    #expect(hub.messages(a, "error").last?["code"]?.text == "unknown-area")
    hub.walk(a, toX: -14, z: 12)
    hub.step(25)
    hub.send(a, say("in the corner", to: "area"))
    #expect(hub.messages(a, "chat").count == 1)
    #expect(hub.messages(b, "chat").isEmpty)
    hub.walk(b, toX: -13, z: 12)
    let history = try #require(hub.messages(b, "history").last)
    #expect(history["area"]?.text == "corner")
    #expect(history["list"]?[0]?["text"]?.text == "in the corner")
  }

  @Test func directChatCrossesSpacesAndIsQuietForTheUndisturbed() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B") { $0.space = "yard" }
    let c = hub.join("C")
    hub.step()
    hub.send(b, .status("dnd"))
    hub.send(a, say("psst", to: "person", person: try person(hub, b)))
    #expect(hub.messages(b, "chat").first?["quiet"]?.flag == true)
    #expect(hub.messages(a, "chat").first?["recipient"]?.text == (try person(hub, b)))
    #expect(hub.messages(c, "chat").isEmpty)
  }

  @Test func chatIsPlainTextAndCleaned() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step()
    hub.send(a, say("<b>\u{202E}x\u{0000}\"\\</b>\n\n\n\ny"))
    #expect(hub.messages(a, "chat").first?["text"]?.text == "<b>x\"\\</b>\n\ny")
  }

  @Test(arguments: ["", " \n ", "\u{200B}", String(repeating: "x", count: 1001)])
  func emptyAndEndlessMessagesAreRefused(text: String) throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.send(a, say(text, ref: 1))
    #expect(hub.messages(a, "error").last?["code"]?.text == "bad-value")
  }

  @Test func theSixthMessageInASecondIsTooMany() throws {
    let hub = try driver()
    let a = hub.join("A")
    for i in 0..<6 { hub.send(a, say("m\(i)")) }
    #expect(hub.messages(a, "chat").count == 5)
    let error = try #require(hub.messages(a, "error").last)
    #expect(error["code"]?.text == "rate-limited" && (error["retryAfterMs"]?.number ?? 0) > 0)
    hub.step(20)
    hub.send(a, say("later"))
    #expect(hub.messages(a, "chat").count == 6)
  }

  @Test func newcomersGetTheLastFiftyMessages() throws {
    let hub = try driver()
    let a = hub.join("A")
    for i in 0..<60 {
      hub.send(a, say("m\(i)"))
      hub.step(20)
    }
    let b = hub.join("B")
    let list = hub.messages(b, "history").flatMap { $0["list"]?.items ?? [] }
    #expect(list.count == 50)
    #expect(list.first?["text"]?.text == "m10" && list.last?["text"]?.text == "m59")
  }

  @Test func authorsAndModeratorsDeleteAndOthersDoNot() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    let m = hub.join("M", role: .moderator)
    hub.step()
    hub.send(a, say("one"))
    hub.send(a, say("two"))
    let ids = hub.messages(a, "chat").compactMap { $0["id"]?.text }
    hub.send(b, .delete(chat: ids[0], ref: nil))
    #expect(hub.messages(b, "error").last?["code"]?.text == "not-allowed")
    hub.send(a, .delete(chat: ids[0], ref: nil))
    hub.send(m, .delete(chat: ids[1], ref: nil))
    #expect(hub.messages(b, "deleted").compactMap { $0["id"]?.text } == ids)
    let c = hub.join("C")
    #expect(hub.messages(c, "history").isEmpty)
    hub.send(m, .delete(chat: "c999", ref: nil))
    #expect(hub.messages(m, "error").last?["code"]?.text == "unknown-chat")
  }

  @Test func theDirectoryFindsByWhatPeopleWorkOn() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    hub.join("Jörg Müller") {
      var profile = ProfileChange()
      profile.interests = ["Mobilitätsdaten", "Open Data"]
      profile.role = "Verwaltung"
      profile.languages = ["de", "tr"]
      $0.profile = profile
      $0.space = "yard"
    }
    for (query, count) in [("mobilitat", 1), ("MÜLLER open", 1), ("muller yard", 1), ("tram", 0), ("", 2)] {
      hub.send(a, .directory(query: query, limit: nil, ref: 1))
      #expect(hub.messages(a, "directory").last?["total"]?.number == count, "\(query)")
    }
  }

  @Test func theInvisibleAreInNoListAndCannotBeFollowed() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step(6)
    var change = ProfileChange()
    change.visibility = "invisible"
    hub.send(b, .profile(change))
    hub.step(6)
    let entry = hub.messages(a, "people").flatMap { $0["list"]?.items ?? [] }.last
    #expect(entry?["anonymous"]?.flag == true && entry?["name"] == nil)
    hub.send(a, .directory(query: "", limit: nil, ref: nil))
    #expect(hub.messages(a, "directory").last?["total"]?.number == 1)
    hub.send(a, .follow(person: try person(hub, b), ref: 2))
    #expect(hub.messages(a, "error").last?["code"]?.text == "unknown-person")
  }

  @Test func onlyInThisSpaceHidesFromTheOtherSpaces() throws {
    let hub = try driver()
    let a = hub.join("A")
    let c = hub.join("C") { $0.space = "yard" }
    let b = hub.join("B") {
      var change = ProfileChange()
      change.visibility = "space"
      $0.profile = change
    }
    _ = b
    for (connection, count) in [(a, 3), (c, 2)] {
      hub.send(connection, .directory(query: "", limit: nil, ref: nil))
      #expect(hub.messages(connection, "directory").last?["total"]?.number == count)
    }
  }

  @Test func idlingAndHidingMeanAwayAndInputComesBack() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    func shown() -> String? {
      hub.people(b).values.first { $0["name"]?.text == "A" }?["status"]?.text
    }
    hub.step(6)
    #expect(shown() == "available")
    hub.step(6010)
    #expect(shown() == "away")
    hub.send(a, say("back"))
    hub.step(6)
    #expect(shown() == "available")
    hub.send(a, .view(mode: "hidden", events: nil))
    hub.step(6)
    #expect(shown() == "away")
    hub.send(a, .view(mode: "scene", events: nil))
    hub.step(6)
    #expect(shown() == "available")
  }

  @Test func nearnessIsToldOnceEachWay() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step(3)
    hub.walk(b, toX: 0, z: 0)
    hub.step(20)
    hub.forget()
    hub.walk(a, toX: 0, z: 1.5)
    hub.step(20)
    #expect(hub.messages(a, "event").filter { $0["kind"]?.text == "near" }.count == 1)
    hub.walk(a, toX: 0, z: 9)
    hub.step(20)
    #expect(hub.messages(a, "event").filter { $0["kind"]?.text == "away" }.count == 1)
  }

  @Test func aCrowdOfEventsIsCountedNotShouted() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(3)
    for i in 0..<40 { hub.join("P\(i)") }
    hub.step(60)
    let events = hub.messages(a, "event")
    let told = events.filter { $0["kind"]?.text == "joined" }.count
    let counted = events.filter { $0["kind"]?.text == "many" }.compactMap { $0["count"]?.number }.reduce(0, +)
    #expect(told <= 12 && told + counted >= 40)
  }

  @Test func onlyModeratorsLockAndEverybodyHears() throws {
    let hub = try driver()
    let a = hub.join("A")
    let m = hub.join("M", role: .moderator)
    hub.step(3)
    hub.send(a, .lock(area: "stage", locked: true, ref: 1))
    #expect(hub.messages(a, "error").last?["code"]?.text == "not-allowed")
    hub.send(m, .lock(area: "stage", locked: true, ref: 2))
    hub.step(21)
    #expect(hub.messages(a, "event").last { $0["kind"]?.text == "locked" }?["area"]?.text == "stage")
    let areas = hub.messages(a, "places").last?["list"]?[0]?["areas"]?.items ?? []
    #expect(areas.contains { $0["area"]?.text == "stage" && $0["locked"]?.flag == true })
  }

  @Test func floodsAreAnsweredThenClosed() throws {
    let hub = try driver()
    let a = hub.join("A")
    for _ in 0..<41 { hub.send(a, .ping(n: 1)) }
    #expect(hub.messages(a, "error").last?["code"]?.text == "rate-limited")
    for _ in 0..<100 { hub.send(a, .ping(n: 1)) }
    #expect(hub.closed[a] == .flooding)
  }

  @Test func theNinthBadMessageEndsTheConnection() throws {
    let hub = try driver()
    let a = hub.join("A")
    let session = try #require(hub.sessions[a])
    for _ in 0..<8 { hub.engine.malformed(session, "no JSON") }
    hub.step()
    #expect(hub.closed[a] == nil)
    #expect(hub.messages(a, "error").count == 8)
    hub.engine.malformed(session, "no JSON")
    hub.step()
    #expect(hub.closed[a] == .protocolError)
  }

  @Test func unknownTypesAndValuesAreAnsweredByName() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.send(a, .unknown(type: "fly", ref: 4))
    hub.send(a, .status("asleep"))
    hub.send(a, .view(mode: "vr", events: nil))
    hub.send(a, .gesture(hand: nil, emote: "moonwalk"))
    #expect(
      hub.messages(a, "error").compactMap { $0["code"]?.text } == [
        "unknown-type", "bad-value", "bad-value", "bad-value",
      ])
  }
}
