import HubEngine
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

@Suite struct JoinTests {
  private func driver(_ change: (inout EngineConfig) -> Void = { _ in }) throws -> EngineDriver {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    change(&config)
    return EngineDriver(Engine(world: try TestWorld.make(), config: config))
  }

  @Test func aNewcomerIsWelcomedAndToldTheirSpace() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    let welcome = try #require(hub.messages(a, "welcome").first)
    #expect(welcome["protocol"]?.number == 1)
    #expect(welcome["role"]?.text == "guest")
    #expect(welcome["resumed"]?.flag == false)
    #expect(welcome["resume"] == nil)
    let space = try #require(hub.messages(a, "space").first)
    #expect(space["space"]?.text == "hall")
    #expect(space["grid"]?["cells"]?.items?.count == 3)
    #expect(hub.messages(a, "places").count == 1)
  }

  @Test func everybodyLearnsOfEverybodyWithinAQuarterSecond() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    let b = hub.join("Jonas")
    hub.step(6)
    for connection in [a, b] {
      let names = hub.messages(connection, "people").flatMap { $0["list"]?.items ?? [] }.compactMap {
        $0["name"]?.text
      }
      #expect(Set(names) == ["Aylin", "Jonas"])
    }
  }

  @Test(arguments: ["", "   ", "\u{202E}", "\u{200B}\u{200D}", String(repeating: "x", count: 41)])
  func aNameThatIsNoneIsRefused(name: String) throws {
    let hub = try driver()
    let a = hub.join(name)
    #expect(hub.closed[a] == .refused)
    #expect(hub.messages(a, "error").first?["code"]?.text == "bad-name")
    #expect(hub.engine.sessionCount == 0)
  }

  @Test func aNameLosesControlAndOverrideCharacters() throws {
    let hub = try driver()
    let a = hub.join("  Ay\u{202E}l\u{0007}in \n  M\u{200B}. ")
    hub.step(6)
    #expect(hub.messages(a, "people").first?["list"]?[0]?["name"]?.text == "Aylin M.")
  }

  @Test func anotherProtocolVersionIsTurnedAway() throws {
    let hub = try driver()
    let a = hub.join("Aylin") { $0.protocol = 2 }
    #expect(hub.closed[a] == .version)
  }

  @Test func anUnknownSpaceIsRefusedAndNothingIsLeftBehind() throws {
    let hub = try driver()
    let a = hub.join("Aylin") { $0.space = "moon" }
    #expect(hub.closed[a] == .refused)
    #expect(hub.messages(a, "error").first?["code"]?.text == "unknown-space")
    #expect(hub.engine.sessionCount == 0)
  }

  @Test func aBadProfileInHelloIsRefusedAndTheSlotIsFree() throws {
    let hub = try driver()
    let a = hub.join("Aylin") {
      var profile = ProfileChange()
      profile.visibility = "loud"
      $0.profile = profile
    }
    #expect(hub.closed[a] == .refused)
    #expect(hub.engine.sessionCount == 0)
  }

  @Test func aFullHubSaysSo() throws {
    let hub = try driver { $0.limits.sessionsMax = 2 }
    hub.join("A")
    hub.join("B")
    let c = hub.join("C")
    #expect(hub.closed[c] == .full)
    #expect(hub.messages(c, "error").first?["retry"]?.text == "later")
  }

  @Test func byeIsToldToTheOthersWithinATick() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    let b = hub.join("Jonas")
    hub.step(6)
    let id = try #require(hub.messages(a, "welcome").first?["id"]?.number)
    hub.send(a, .bye)
    #expect(hub.closed[a] == .bye)
    hub.step()
    let gone = try #require(hub.messages(b, "gone").first)
    #expect(gone["ids"]?[0]?.number == id)
    #expect(gone["reason"]?.text == "left")
  }

  @Test func aSilentParticipantIsLostAfterThreeSecondsAndGoneAfterThirty() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    let b = hub.join("Jonas")
    hub.step(6)
    hub.forget()
    hub.step(58, silent: [a])
    #expect(hub.messages(b, "people").isEmpty)
    hub.step(10, silent: [a])
    let lost = try #require(hub.messages(b, "changed").first?["list"]?[0])
    #expect(lost["ids"]?.items?.count == 1 && lost["lost"]?.flag == true)
    #expect(hub.messages(b, "event").contains { $0["kind"]?.text == "lost" })
    hub.step(135, silent: [a])
    #expect(hub.closed[a] == .silent)
    hub.step(400, silent: [a])
    #expect(hub.messages(b, "gone").first?["reason"]?.text == "lost")
    #expect(hub.engine.sessionCount == 1)
  }

  @Test func aResumedSessionKeepsItsIdPersonAndPlace() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    hub.step(2)
    hub.walk(a, toX: 3, z: 12)
    let before = hub.pose(a)
    let welcome = try #require(hub.messages(a, "welcome").first)
    let ticket = hub.ticket(a)
    hub.disconnect(a)
    hub.step(100)
    let again = hub.comeBack(ticket)
    let second = try #require(hub.messages(again, "welcome").first)
    #expect(second["resumed"]?.flag == true)
    #expect(second["id"] == welcome["id"] && second["person"] == welcome["person"])
    #expect(hub.pose(again).x == before.x && hub.pose(again).z == before.z)
    #expect(hub.messages(again, "space").first?["reason"]?.text == "resume")
  }

  @Test func resumingOverALiveConnectionReplacesIt() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    hub.step(2)
    let again = hub.comeBack(hub.ticket(a))
    #expect(hub.closed[a] == .replaced)
    #expect(hub.engine.sessionCount == 1)
    hub.step(3)
    #expect(hub.sessions[again] != nil)
  }

  @Test func anIdRestsSixtySecondsBeforeItIsUsedAgain() throws {
    let hub = try driver()
    let a = hub.join("A")
    let id = hub.messages(a, "welcome").first?["id"]?.number
    hub.send(a, .bye)
    hub.step(1199)
    let b = hub.join("B")
    #expect(hub.messages(b, "welcome").first?["id"]?.number != id)
    hub.step(2)
    let c = hub.join("C")
    #expect(hub.messages(c, "welcome").first?["id"]?.number == id)
  }

  @Test func whoLeavesAndComesBackInTheSameTickToAFullHallIsToldSoInsteadOfTrapping() throws {
    var config = EngineConfig()
    config.limits.sessionsMax = 200
    let world = try World(TestWorld.definition(hallCapacity: 2))
    let hub = EngineDriver(Engine(world: world, config: config))
    hub.join("Stays")
    // A place in replication is free again one tick after its owner left: churn within one tick uses them all up.
    var refused = 0
    for _ in 0..<100 {
      let guest = hub.join("Comes")
      guard hub.closed[guest] == nil else {
        #expect(hub.messages(guest, "error").first?["code"]?.text == "full")
        refused += 1
        continue
      }
      hub.send(guest, .bye)
    }
    #expect(refused > 0 && hub.engine.sessionCount == 1)
    hub.step(2)
    let later = hub.join("Later")
    #expect(hub.closed[later] == nil && hub.engine.sessionCount == 2)
  }

  @Test func drainingTellsWhenToComeBackAndLetsNobodyIn() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    hub.engine.handle(.drain(retryAfterMs: 2000))
    hub.step()
    let closing = try #require(hub.messages(a, "closing").first)
    #expect((2000..<4000).contains(closing["retryAfterMs"]?.number ?? 0))
    #expect(hub.closed[a] == .goingDown)
    let b = hub.join("Jonas")
    #expect(hub.closed[b] == .goingDown)
  }

  @Test func anUnknownLanguageOfTheClientIsTakenAsEnglishAndRefusesNobody() throws {
    let hub = EngineDriver(Engine(world: try TestWorld.make()))
    for lang in ["de", "en", "tlh", "", "de-AT", "\u{202E}"] {
      let connection = hub.join("A") { $0.lang = lang }
      #expect(hub.messages(connection, "welcome").count == 1, "lang \(lang)")
      #expect(hub.messages(connection, "error").isEmpty)
    }
  }
}
