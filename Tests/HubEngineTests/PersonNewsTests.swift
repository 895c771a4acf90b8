import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

/// Small changes of people: told without their whole entry, to those concerned at once, in a crowd to others once a second.
@Suite struct PersonNewsTests {
  private func crowd(_ count: Int) throws -> (hub: EngineDriver, people: [ConnectionKey]) {
    let hub = EngineDriver(Engine(world: try TestWorld.make(), config: EngineConfig()))
    let people = (0..<count).map { hub.join("P\($0)", role: .moderator) { $0.view = "list" } }
    hub.step(12)
    return (hub, people)
  }

  private func id(_ hub: EngineDriver, _ c: ConnectionKey) -> Int {
    hub.messages(c, "welcome").first?["id"]?.number ?? -1
  }

  private func go(_ hub: EngineDriver, _ c: ConnectionKey, _ area: String) {
    var target = Goto()
    target.area = area
    hub.send(c, .goto(target))
  }

  /// Names without what everybody has, in a form that can be compared.
  private func known(_ hub: EngineDriver, _ c: ConnectionKey) -> [Int: [String: JSONValue]] {
    hub.people(c).mapValues { entry in
      Dictionary(uniqueKeysWithValues: entry.members.map { ($0.key, $0.value) })
    }
  }

  @Test(arguments: [8, 104]) func whoSawAllChangesKnowsWhatANewcomerIsTold(count: Int) throws {
    let (hub, people) = try crowd(count)
    var random = SeededRandom(seed: UInt64(count))
    var profile = ProfileChange()
    for round in 0..<120 {
      let one = people[1 + random.below(7)]
      switch random.below(7) {
      case 0, 1: go(hub, one, ["stage", "corner"][random.below(2)])
      case 2: hub.send(one, .status(["available", "busy", "away", "dnd"][random.below(4)]))
      case 3:
        var request = ModerationRequest(random.below(2) == 0 ? .mute : .unmute)
        request.person = hub.messages(one, "welcome")[0]["person"]!.text!
        hub.send(people[0], .moderate(request))
      case 4 where one != people[2]:
        profile.visibility = ["everyone", "invisible"][random.below(2)]
        hub.send(one, .profile(profile))
      case 5: hub.send(one, .view(mode: ["list", "hidden"][random.below(2)], events: nil))
      default: hub.step(random.below(12), silent: round > 60 ? [people[2]] : [])
      }
      if random.below(2) == 0 { hub.step() }
    }
    hub.step(70, silent: [people[2]])
    let late = hub.join("Late")
    hub.step(21, silent: [people[2]])
    let told = known(hub, late)
    #expect(told.count == count + 1 && told.values.contains { $0["lost"] == .bool(true) })
    for one in people.prefix(8) where one != people[2] {
      #expect(known(hub, one) == told)
    }
  }

  @Test func inACrowdAnAreaHearsAtOnceAndAllOthersTogetherWithinASecond() throws {
    let (hub, people) = try crowd(104)
    let (a, b, c, far) = (people[0], people[1], people[2], people[3])
    go(hub, a, "stage")
    go(hub, c, "corner")
    hub.step(25)
    hub.forget()
    go(hub, b, "corner")
    hub.step()
    for one in [b, c] {
      let change = try #require(hub.messages(one, "changed").first?["list"]?[0])
      #expect(change["area"]?.text == "corner" && change["ids"]?.items?.count == 1)
    }
    go(hub, b, "stage")
    hub.step()
    // Those there, those where they were, and themselves.
    for one in [a, b, c] {
      #expect(hub.messages(one, "changed").last?["list"]?[0]?["area"]?.text == "stage")
    }
    hub.step(20)
    #expect(hub.messages(far, "people").isEmpty && hub.messages(far, "changed").count <= 2)
    #expect(hub.messages(far, "changed").last?["list"]?[0]?["area"]?.text == "stage")
    hub.step(20)
    #expect(hub.messages(far, "changed").count <= 2)
  }

  @Test func wherePeopleInvisibleAreIsNotTold() throws {
    let (hub, people) = try crowd(104)
    var profile = ProfileChange()
    profile.visibility = "invisible"
    hub.send(people[1], .profile(profile))
    // The change before it was not told yet, either.
    go(hub, people[2], "stage")
    hub.send(people[2], .profile(profile))
    hub.step(25)
    hub.forget()
    go(hub, people[1], "corner")
    hub.send(people[1], .status("busy"))
    hub.step(25)
    for one in people { #expect(hub.messages(one, "changed").isEmpty && hub.messages(one, "people").isEmpty) }
  }

  @Test func whoComesBackIsNoNewsWhereNothingChanged() throws {
    let (hub, people) = try crowd(3)
    let ticket = hub.ticket(people[1])
    hub.disconnect(people[1])
    hub.step(3)
    hub.forget()
    let back = hub.comeBack(ticket) { $0.view = "list" }
    hub.step(25)
    #expect(hub.messages(people[0], "people").isEmpty && hub.messages(people[0], "changed").isEmpty)
    #expect(hub.people(back).count == 3)
  }
}
