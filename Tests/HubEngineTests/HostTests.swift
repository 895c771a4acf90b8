import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

@Suite struct HostTests {
  private func hub(capacity: Int = 50) throws -> EngineDriver {
    EngineDriver(Engine(world: try World(TestWorld.definition(yardCapacity: capacity))))
  }

  private func lead(
    _ hub: EngineDriver, _ c: ConnectionKey, _ action: HostRequest.Action,
    change: (inout HostRequest) -> Void = { _ in }
  ) {
    var request = HostRequest(action)
    change(&request)
    hub.send(c, .host(request))
  }

  private func person(_ hub: EngineDriver, _ c: ConnectionKey) throws -> String {
    try #require(hub.messages(c, "welcome").first?["person"]?.text)
  }

  private func space(_ hub: EngineDriver, _ c: ConnectionKey) throws -> String? {
    hub.engine.spaceID(of: try #require(hub.sessions[c]))
  }

  @Test func gatheringBringsEverybodyToTheHostAfterTheCountdown() throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    let people = (0..<45).map { hub.join("P\($0)") }
    hub.step(3)
    hub.walk(h, toX: -5, z: -5)
    lead(hub, h, .gather) { $0.seconds = 2 }
    let call = try #require(hub.messages(people[0], "call").last)
    #expect(call["kind"]?.text == "gather" && call["seconds"]?.number == 2 && call["name"]?.text == "Host")
    hub.step(38)
    #expect(hub.messages(people[0], "correct").isEmpty)
    hub.step(6)
    for p in people {
      let dx = Double(hub.pose(p).x - hub.pose(h).x) / 400
      let dz = Double(hub.pose(p).z - hub.pose(h).z) / 400
      #expect((dx * dx + dz * dz).squareRoot() < 7)
      #expect(hub.messages(p, "correct").last?["reason"]?.text == "call")
    }
    let done = try #require(hub.messages(h, "called").last)
    #expect(done["moved"]?.number == 45 && done["missed"]?.number == 0)
  }

  @Test func peopleAreDealtOutToRoomsAndComeBackWhenRecalled() throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    let people = (0..<4).map { hub.join("P\($0)") }
    hub.step(3)
    lead(hub, h, .send) {
      $0.places = [.init(area: "stage"), .init(space: "yard")]
      $0.seconds = 0
    }
    hub.step(2)
    #expect(try people.map { try space(hub, $0) } == ["hall", "yard", "hall", "yard"])
    hub.step(6)
    let areas = hub.messages(h, "people").flatMap { $0["list"]?.items ?? [] }.compactMap { $0["area"]?.text }
    #expect(areas.contains("stage"))
    lead(hub, h, .recall) { $0.seconds = 1 }
    #expect(hub.messages(people[1], "call").last?["kind"]?.text == "recall")
    hub.step(22)
    #expect(try people.allSatisfy { try space(hub, $0) == "hall" })
    // Nobody is away any more: there is nobody to call back.
    lead(hub, h, .recall) { $0.seconds = 0 }
    #expect(hub.messages(h, "calling").last?["people"]?.number == 0)
  }

  @Test func aFullRoomTakesWhomItCanAndTheHostHearsOfTheRest() throws {
    let hub = try hub(capacity: 2)
    let h = hub.join("Host", role: .host)
    let people = (0..<5).map { hub.join("P\($0)") }
    hub.step(3)
    lead(hub, h, .send) {
      $0.places = [.init(space: "yard")]
      $0.seconds = 0
    }
    hub.step(3)
    #expect(try people.filter { try space(hub, $0) == "yard" }.count == 2)
    #expect(hub.messages(h, "called").last?["missed"]?.number == 3)
    #expect(people.filter { hub.messages($0, "error").last?["code"]?.text == "full" }.count == 3)
    // The corner holds two.
    lead(hub, h, .send) {
      $0.places = [.init(area: "corner")]
      $0.seconds = 0
    }
    hub.step(3)
    #expect(hub.messages(h, "called").last?["moved"]?.number == 2)
  }

  @Test func aCancelledCountdownMovesNobody() throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    let a = hub.join("A")
    hub.step(2)
    lead(hub, h, .gather) { $0.seconds = 2 }
    hub.step(10)
    lead(hub, h, .cancel)
    #expect(hub.messages(a, "call").last?["kind"]?.text == "cancelled")
    hub.step(60)
    #expect(hub.messages(a, "correct").isEmpty)
  }

  @Test func handsQueueInTheOrderTheyWentUp() throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    let people = (0..<3).map { hub.join("P\($0)") }
    hub.step(3)
    for p in [people[2], people[0], people[1]] {
      hub.send(p, .gesture(hand: true, emote: nil))
      hub.step()
    }
    func queue() -> [String] {
      hub.messages(h, "hands").last?["list"]?.items?.compactMap { $0["name"]?.text } ?? []
    }
    #expect(queue() == ["P2", "P0", "P1"])
    lead(hub, h, .callHand)
    hub.step()
    #expect(queue() == ["P0", "P1"])
    #expect(hub.messages(people[1], "spotlight").last?["name"]?.text == "P2")
    hub.send(people[0], .gesture(hand: false, emote: nil))
    hub.step()
    #expect(queue() == ["P1"])
    let late = hub.join("Late")
    #expect(hub.messages(late, "hands").last?["list"]?[0]?["name"]?.text == "P1")
    hub.send(people[1], .bye)
    hub.step()
    #expect(queue().isEmpty)
    lead(hub, h, .callHand)
    #expect(hub.messages(h, "error").last?["code"]?.text == "unknown-person")
  }

  @Test func theSpotlightEndsWhenItsPersonGoes() throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    let a = hub.join("A")
    hub.step(2)
    let id = try person(hub, a)
    lead(hub, h, .spotlight) { $0.person = id }
    #expect(hub.messages(h, "spotlight").last?["person"]?.text == id)
    var away = Goto()
    away.space = "yard"
    hub.send(a, .goto(away))
    hub.step()
    #expect(hub.messages(h, "spotlight").last?["person"] == nil)
    hub.step(20)
  }

  @Test func anAnnouncementReachesTheSpaceOrTheWholeHub() throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A") { $0.space = "yard" }
    hub.step(2)
    lead(hub, h, .announce) { $0.text = "We begin" }
    #expect(hub.messages(m, "announcement").last?["text"]?.text == "We begin")
    #expect(hub.messages(a, "announcement").isEmpty)
    lead(hub, m, .announce) {
      $0.text = "The hub closes at six"
      $0.everywhere = true
    }
    #expect(hub.messages(a, "announcement").last?["everywhere"]?.flag == true)
    lead(hub, h, .announce) { $0.text = " \u{200B} " }
    #expect(hub.messages(h, "error").last?["code"]?.text == "bad-value")
  }

  @Test func aHostHasNoPowersInAnotherSpace() throws {
    let hub = try hub()
    let h = hub.join("Host", credentials: Credentials(Grant(.host, spaces: ["yard"])))
    let a = hub.join("A")
    hub.step(2)
    lead(hub, h, .gather) { $0.seconds = 0 }
    #expect(hub.messages(h, "error").last?["code"]?.text == "not-allowed")
    var target = Goto()
    target.space = "yard"
    hub.send(h, .goto(target))
    hub.send(a, .goto(target))
    hub.step(2)
    lead(hub, h, .gather) { $0.seconds = 0 }
    hub.step(2)
    #expect(hub.messages(a, "correct").last?["reason"]?.text == "call")
  }

  @Test(arguments: [-1, 601, Int.max]) func aCountdownHasBounds(seconds: Int) throws {
    let hub = try hub()
    let h = hub.join("Host", role: .host)
    lead(hub, h, .gather) { $0.seconds = seconds }
    #expect(hub.messages(h, "error").last?["code"]?.text == "bad-value")
  }
}
