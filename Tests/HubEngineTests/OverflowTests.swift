import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// A full space and its overflow instances.
@Suite struct OverflowTests {
  private func hub(hall: Int = 300, yard: Int = 2, overflow: Int = 2) throws -> EngineDriver {
    var world = TestWorld.definition(hallCapacity: hall, yardCapacity: yard)
    for index in world.spaces.indices { world.spaces[index].overflow = overflow }
    return EngineDriver(Engine(world: try World(world)))
  }

  private func space(_ hub: EngineDriver, _ c: ConnectionKey) -> String? {
    hub.sessions[c].flatMap { hub.engine.spaceID(of: $0) }
  }

  private func goTo(_ hub: EngineDriver, _ c: ConnectionKey, _ space: String, wait: Bool? = nil) {
    var target = Goto()
    (target.space, target.wait) = (space, wait)
    hub.send(c, .goto(target))
    hub.step()
  }

  /// Names of those told of since the last `space`.
  private func people(_ hub: EngineDriver, _ c: ConnectionKey) -> Set<String> {
    let all = hub.sent[c] ?? []
    let last = all.lastIndex { $0["t"]?.text == "space" } ?? 0
    let lists = all[last...].filter { $0["t"]?.text == "people" }.flatMap { $0["list"]?.items ?? [] }
    return Set(lists.compactMap { $0["name"]?.text })
  }

  private func refusal(_ hub: EngineDriver, _ c: ConnectionKey) -> String? {
    hub.messages(c, "error").last?["code"]?.text
  }

  @Test func whoFindsASpaceFullGetsIntoTheNextInstanceAndTheLastOneIsRefused() throws {
    let hub = try hub()
    let all = (0..<7).map { n in hub.join("P\(n)") { $0.space = "yard" } }
    #expect(all.map { space(hub, $0) } == ["yard", "yard", "yard~2", "yard~2", "yard~3", "yard~3", nil])
    #expect(hub.closed[all[6]] == .full)
    let told = try #require(hub.messages(all[2], "space").last)
    #expect(told["space"]?.text == "yard~2" && told["overflowOf"]?.text == "yard")
    #expect(hub.messages(all[0], "space").last?["overflowOf"] == nil)
    #expect(hub.engine.counters.overflows == 4)
    // Before entering, the space is one: all its people, told under its own id.
    #expect(hub.engine.occupancy().map(\.people) == [0, 6])
  }

  @Test func aPortalAndACommandLeadIntoAnInstanceTooAndPeopleOfBothDoNotSeeEachOther() throws {
    let hub = try hub()
    let first = (0..<2).map { n in hub.join("P\(n)") { $0.space = "yard" } }
    let a = hub.join("A")
    goTo(hub, a, "yard")
    #expect(space(hub, a) == "yard~2")
    hub.step(20)
    #expect(people(hub, a) == ["A"] && people(hub, first[0]) == ["P0", "P1"])
    hub.send(a, .chat(SendChat(to: "space", text: "Hallo")))
    #expect(hub.messages(first[0], "chat").isEmpty)
  }

  @Test func whoIsInAnInstanceMayWaitForThePlaceTheyMissed() throws {
    let hub = try hub()
    let inside = (0..<2).map { n in hub.join("P\(n)") { $0.space = "yard" } }
    let a = hub.join("A") { $0.space = "yard" }
    goTo(hub, a, "yard")
    #expect(refusal(hub, a) == "full" && space(hub, a) == "yard~2")
    goTo(hub, a, "yard", wait: true)
    #expect(hub.messages(a, "waiting").last?["place"]?.number == 1)
    hub.send(inside[0], .bye)
    hub.step(2)
    #expect(space(hub, a) == "yard")
  }

  @Test func nobodyOvertakesTheWaitingByAnInstance() throws {
    let hub = try hub(overflow: 1)
    for n in 0..<2 { hub.join("P\(n)") { $0.space = "yard" } }
    let a = hub.join("A") { $0.space = "yard" }
    goTo(hub, a, "yard", wait: true)
    hub.join("B") { $0.space = "yard" }
    let late = hub.join("C") { $0.space = "yard" }
    #expect(hub.closed[late] == .full)
  }

  @Test func notesAreOneForAllInstances() throws {
    let hub = try hub(hall: 2)
    let all = (0..<4).map { hub.join("P\($0)") }
    #expect(space(hub, all[3]) == "hall~2")
    var wish = NoteRequest(op: "create")
    (wish.board, wish.text) = ("pinboard", "Aus dem zweiten Raum")
    hub.send(all[3], .note(wish))
    hub.step()
    #expect(hub.commits.map { $0.batches.map(\.space) } == [["hall"]])
    hub.answerCommit()
    // Each is told of it as standing where they are.
    #expect(hub.messages(all[0], "note").last?["space"]?.text == "hall")
    #expect(hub.messages(all[2], "note").last?["space"]?.text == "hall~2")
    #expect(hub.messages(all[0], "note").last?["sequence"] == hub.messages(all[2], "note").last?["sequence"])
    hub.send(all[1], .bye)
    hub.step()
    let next = hub.join("Q")
    #expect(hub.messages(next, "notes").last?["list"]?.items?.count == 1)
    #expect(hub.engine.loggedSpaces == ["hall", "yard"])
  }

  @Test func aLockOfTheSpaceShutsItsInstancesAndItsHostHostsThem() throws {
    let hub = try hub()
    var credentials = Credentials(Grant(.host, spaces: ["yard"]))
    credentials.account = "host"
    for n in 0..<2 { hub.join("P\(n)") { $0.space = "yard" } }
    let host = hub.join("H", credentials: credentials) { $0.space = "yard" }
    #expect(space(hub, host) == "yard~2")
    let moderator = hub.join("M", role: .moderator)
    var request = ModerationRequest(.lockSpace)
    request.space = "yard"
    hub.send(moderator, .moderate(request))
    let stranger = hub.join("S")
    for id in ["yard", "yard~2", "yard~3"] {
      goTo(hub, stranger, id)
      #expect(refusal(hub, stranger) == "locked" && space(hub, stranger) == "hall")
    }
    var announcement = HostRequest(.announce)
    announcement.text = "Gleich geht es los."
    hub.send(host, .host(announcement))
    #expect(refusal(hub, host) == nil)
    let heard = hub.sessions.keys.filter { !hub.messages($0, "announcement").isEmpty }
    #expect(heard.count == 3, "both instances' people, and nobody of the hall")
  }

  @Test func aBookingForSoManyPeopleIsNotStretchedByInstances() throws {
    let hub = try hub(yard: 50)
    var booking = RunningBooking()
    booking.name = "Workshop"
    booking.peopleMax = 2
    hub.engine.handle(.bookingRuns(BookedPlace(space: "yard"), booking, locked: nil))
    let all = (0..<3).map { n in hub.join("P\(n)") { $0.space = "yard" } }
    #expect(all.map { space(hub, $0) } == ["yard", "yard", nil])
    hub.engine.handle(.bookingRuns(BookedPlace(space: "yard"), nil, locked: nil))
    #expect(hub.engine.people(in: "yard", area: nil) == 2)
  }

  @Test func aTicketLeadsBackIntoTheInstance() throws {
    let hub = try hub()
    for n in 0..<2 { hub.join("P\(n)") { $0.space = "yard" } }
    let a = hub.join("A") { $0.space = "yard" }
    let ticket = hub.ticket(a)
    let anew = try self.hub()
    let back = anew.comeBack(ticket)
    #expect(space(anew, back) == "yard~2")
    // The world has none any more: they arrive like anybody.
    let without = try self.hub(overflow: 0)
    #expect(space(without, without.comeBack(ticket)) == "hall")
  }

  @Test func aWorldWithoutGuestsTakesInvitationsAccountsAndTickets() throws {
    var definition = TestWorld.definition()
    definition.admitsGuests = false
    let hub = EngineDriver(Engine(world: try World(definition)))
    let stranger = hub.join("Eve")
    #expect(hub.closed[stranger] == .refused)
    #expect(refusal(hub, stranger) == "invitation-needed")
    var invited = Credentials()
    invited.invitation = Invitation(id: "i1")
    let guest = hub.join("Ina", credentials: invited)
    #expect(hub.sessions[guest] != nil)
    var known = Credentials()
    known.account = "konto"
    let others = [hub.join("Kim", credentials: known), hub.join("Mo", role: .moderator)]
    #expect(others.allSatisfy { hub.sessions[$0] != nil })
    let again = EngineDriver(Engine(world: try World(definition)))
    let back = again.comeBack(hub.ticket(guest))
    #expect(again.sessions[back] != nil)
  }

  @Test(arguments: [-1, 9])
  func overflowHasBounds(_ overflow: Int) throws {
    var definition = TestWorld.definition()
    definition.spaces[1].overflow = overflow
    #expect(throws: WorldInvalid.self) { try World(definition) }
  }
}
