import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

@Suite struct WaitingTests {
  private func hub(hall: Int = 300, yard: Int = 50) throws -> EngineDriver {
    EngineDriver(Engine(world: try World(TestWorld.definition(hallCapacity: hall, yardCapacity: yard))))
  }

  private func place(_ hub: EngineDriver, _ c: ConnectionKey) -> Int? {
    hub.messages(c, "waiting").last?["place"]?.number
  }

  @Test func ofManyWhoComeInOneTickExactlyAsManyGetInAsThereIsRoom() throws {
    let hub = try hub(hall: 40)
    let all = (0..<200).map { hub.join("P\($0)") }
    #expect(all.filter { hub.sessions[$0] != nil }.count == 40)
    #expect(all.filter { hub.closed[$0] == .full }.count == 160)
    // One goes: exactly one place is free, once the tick is over.
    hub.send(all[0], .bye)
    hub.step()
    let more = (0..<5).map { hub.join("Q\($0)") }
    #expect(more.filter { hub.sessions[$0] != nil }.count == 1)
  }

  @Test func anAreaTakesNoMoreInOneTickThanItHolds() throws {
    let hub = try hub()
    let all = (0..<30).map { hub.join("P\($0)") }
    hub.step()
    for c in all {
      var target = Goto()
      target.area = "corner"
      hub.send(c, .goto(target))
    }
    hub.step(21)
    let areas = hub.messages(all[0], "places").flatMap { $0["list"]?.items ?? [] }.flatMap {
      $0["areas"]?.items ?? []
    }
    #expect(areas.last { $0["area"]?.text == "corner" }?["people"]?.number == 2)
    #expect(all.filter { hub.messages($0, "error").last?["code"]?.text == "full" }.count == 28)
  }

  @Test func whoWaitsIsToldTheirPlaceAndGetsInInOrder() throws {
    let hub = try hub(hall: 3)
    let inside = (0..<3).map { hub.join("P\($0)") }
    let waiting = (0..<4).map { n in hub.join("W\(n)") { $0.wait = true } }
    #expect(waiting.map { place(hub, $0) } == [1, 2, 3, 4])
    #expect(waiting.allSatisfy { hub.closed[$0] == nil && hub.sessions[$0] == nil })
    hub.send(inside[0], .bye)
    hub.step(2)
    #expect(hub.sessions[waiting[0]] != nil)
    #expect(waiting.dropFirst().map { place(hub, $0) } == [1, 2, 3])
    // The second loses patience.
    hub.engine.handle(.abandoned(waiting[1]))
    hub.send(inside[1], .bye)
    hub.step(2)
    #expect(hub.sessions[waiting[2]] != nil && hub.sessions[waiting[1]] == nil)
    #expect(place(hub, waiting[3]) == 1)
  }

  @Test func nobodyOvertakesThoseWhoWait() throws {
    let hub = try hub(hall: 2)
    let inside = (0..<2).map { hub.join("P\($0)") }
    let patient = hub.join("W") { $0.wait = true }
    hub.send(inside[0], .bye)
    // In the same tick, before the place is given: the newcomer is refused, the patient one gets it.
    let hasty = hub.join("H")
    #expect(hub.closed[hasty] == .full)
    hub.step(2)
    #expect(hub.sessions[patient] != nil)
  }

  @Test func oneMayWaitForAnotherSpaceWhileBeingInOne() throws {
    let hub = try hub(yard: 1)
    let a = hub.join("A") { $0.space = "yard" }
    let b = hub.join("B")
    let c = hub.join("C")
    var target = Goto()
    target.space = "yard"
    target.wait = true
    for x in [b, c] { hub.send(x, .goto(target)) }
    #expect(place(hub, b) == 1 && place(hub, c) == 2)
    // Going elsewhere gives the place in the queue up.
    var elsewhere = Goto()
    elsewhere.area = "stage"
    hub.send(b, .goto(elsewhere))
    #expect(place(hub, c) == 1)
    hub.send(a, .bye)
    hub.step(2)
    #expect(hub.engine.spaceID(of: try #require(hub.sessions[c])) == "yard")
    #expect(hub.engine.spaceID(of: try #require(hub.sessions[b])) == "hall")
  }

  @Test func aBanMeanwhileCountsForThoseWhoWait() throws {
    let hub = try hub(hall: 2)
    let m = hub.join("M", role: .moderator)
    var home = Credentials()
    home.address = NetworkAddress(v4: 77)
    let a = hub.join("A", credentials: home)
    let b = hub.join("B", credentials: home) { $0.wait = true }
    var request = ModerationRequest(.ban)
    request.person = hub.messages(a, "welcome").first?["person"]?.text
    hub.send(m, .moderate(request))
    hub.step(2)
    #expect(hub.closed[a] == .removed && hub.closed[b] == .removed)
  }
}
