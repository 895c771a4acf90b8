import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// What a running booking makes of a room in the world.
@Suite struct RunningBookingTests {
  private let store = BookedPlace(space: "hall", area: "store")
  private let yard = BookedPlace(space: "yard")
  private let hall = BookedPlace(space: "hall")

  private func hub() throws -> EngineDriver { EngineDriver(Engine(world: try World(TestWorld.definition()))) }

  private func account(_ name: String) -> Credentials {
    var credentials = Credentials(Grant(.guest))
    credentials.account = name
    return credentials
  }

  private func booking(hosts: Set<String> = [], guests: Set<String> = [], peopleMax: Int? = nil)
    -> RunningBooking
  {
    var booking = RunningBooking()
    booking.name = "Town hall"
    booking.hosts = hosts
    booking.guests = guests
    booking.peopleMax = peopleMax
    return booking
  }

  private func runs(_ hub: EngineDriver, _ place: BookedPlace, _ booking: RunningBooking?, locked: Bool?) {
    hub.engine.handle(.bookingRuns(place, booking, locked: locked))
    hub.step()
  }

  private func goTo(_ hub: EngineDriver, _ c: ConnectionKey, _ place: BookedPlace) {
    var target = Goto()
    (target.space, target.area) = (place.space, place.area)
    hub.send(c, .goto(target))
    hub.step()
  }

  private func people(_ hub: EngineDriver, _ place: BookedPlace) -> Int {
    hub.engine.people(in: place.space, area: place.area)
  }

  private func refusal(_ hub: EngineDriver, _ c: ConnectionKey) -> String? {
    hub.messages(c, "error").last?["code"]?.text
  }

  /// What `places` last said of the store.
  private func told(_ hub: EngineDriver, _ c: ConnectionKey) -> JSONValue? {
    let entries = hub.messages(c, "places").flatMap { $0["list"]?.items ?? [] }
    let areas = entries.filter { $0["space"]?.text == "hall" }.flatMap { $0["areas"]?.items ?? [] }
    return areas.last { $0["area"]?.text == "store" }
  }

  @Test func `A booking opens a room, names it, and shuts it again with those inside`() throws {
    let hub = try hub()
    let c = hub.join("Ada")
    goTo(hub, c, store)
    #expect(refusal(hub, c) == "locked")
    runs(hub, store, booking(), locked: false)
    goTo(hub, c, store)
    #expect(people(hub, store) == 1)
    hub.step(21)
    #expect(told(hub, c)?["name"]?.text == "Town hall")
    #expect(told(hub, c)?["locked"] == nil)
    runs(hub, store, nil, locked: true)
    hub.step(21)
    #expect(told(hub, c)?["name"] == nil)
    #expect(told(hub, c)?["locked"] != nil)
    #expect(people(hub, store) == 1)
    goTo(hub, hub.join("Bob"), store)
    #expect(people(hub, store) == 1)
  }

  @Test func `Only who is invited comes into a locked room, by going there and on foot`() throws {
    let hub = try hub()
    runs(hub, store, booking(hosts: ["h"], guests: ["g"]), locked: true)
    let guest = hub.join("Guest", credentials: account("g"))
    let stranger = hub.join("Stranger", credentials: account("s"))
    for c in [guest, stranger] { goTo(hub, c, store) }
    #expect(people(hub, store) == 1)
    #expect(refusal(hub, stranger) == "locked")
    goTo(hub, guest, hall)
    #expect(people(hub, store) == 0)
    for c in [guest, stranger] {
      hub.walk(c, toX: 0, z: -8)
      hub.walk(c, toX: 15, z: -14)
    }
    #expect(people(hub, store) == 1)
    #expect(hub.messages(stranger, "correct").last?["reason"]?.text == "locked")
    #expect(hub.messages(guest, "correct").last?["reason"]?.text != "locked")
  }

  @Test func `A booking's capacity counts, for the invited too`() throws {
    let hub = try hub()
    runs(hub, store, booking(guests: ["a", "b"], peopleMax: 1), locked: true)
    for name in ["a", "b"] { goTo(hub, hub.join(name, credentials: account(name)), store) }
    #expect(people(hub, store) == 1)
    runs(hub, hall, booking(peopleMax: 3), locked: nil)
    hub.join("c")
    hub.join("d")
    #expect(hub.engine.people(in: "hall", area: nil) == 3)
  }

  @Test func `Who hosts the booking of an area may open it, and nothing else`() throws {
    let hub = try hub()
    runs(hub, store, booking(hosts: ["h"]), locked: true)
    let host = hub.join("Host", credentials: account("h"))
    hub.send(host, .lock(area: "corner", locked: true, ref: nil))
    #expect(refusal(hub, host) == "not-allowed")
    hub.send(host, .lock(area: "store", locked: false, ref: nil))
    let guest = hub.join("Guest")
    goTo(hub, guest, store)
    #expect(people(hub, store) == 1)
    // The same booking, changed: the host's hand on the lock stands.
    runs(hub, store, booking(hosts: ["h"], guests: ["x"]), locked: nil)
    goTo(hub, hub.join("Other"), store)
    #expect(people(hub, store) == 2)
    runs(hub, store, nil, locked: true)
    hub.send(host, .lock(area: "store", locked: false, ref: nil))
    #expect(refusal(hub, host) == "not-allowed")
  }

  @Test func `Who hosts the booking of a space is its host while it runs`() throws {
    let hub = try hub()
    let host = hub.join("Host", credentials: account("h"))
    runs(hub, hall, booking(hosts: ["h"]), locked: nil)
    #expect(hub.messages(host, "role").last?["role"]?.text == "host")
    var announcement = HostRequest(.announce)
    announcement.text = "Welcome"
    hub.send(host, .host(announcement))
    #expect(refusal(hub, host) == nil)
    goTo(hub, host, yard)
    hub.send(host, .host(announcement))
    #expect(refusal(hub, host) == "not-allowed")
    goTo(hub, host, hall)
    #expect(hub.messages(host, "role").count == 2)
    runs(hub, hall, nil, locked: nil)
    #expect(hub.messages(host, "role").last?["role"]?.text == "guest")
  }

  @Test func `A locked space lets in who is invited`() throws {
    let hub = try hub()
    runs(hub, yard, booking(guests: ["g"]), locked: true)
    let guest = hub.join("Guest", credentials: account("g"))
    let stranger = hub.join("Stranger")
    for c in [guest, stranger] { goTo(hub, c, yard) }
    #expect(people(hub, yard) == 1)
    #expect(refusal(hub, stranger) == "locked")
    let direct = hub.join("Direct", credentials: account("g")) { $0.space = "yard" }
    #expect(hub.messages(direct, "welcome").count == 1)
    #expect(people(hub, yard) == 2)
  }

  @Test func `People inside are told of the end and where to go on`() throws {
    let hub = try hub()
    runs(hub, store, booking(), locked: false)
    let inside = hub.join("In")
    let outside = hub.join("Out")
    goTo(hub, inside, store)
    hub.engine.handle(.bookingEnds(store, minutes: 10, goTo: yard))
    hub.engine.handle(.bookingOver(store, graceSeconds: nil, goTo: yard))
    hub.step(200)
    let told = hub.messages(inside, "event").filter {
      ["bookingEnds", "bookingOver"].contains($0["kind"]?.text)
    }
    #expect(told.map { $0["kind"]?.text } == ["bookingEnds", "bookingOver"])
    #expect(told.first?["count"]?.number == 10)
    #expect(told.allSatisfy { $0["goTo"]?["space"]?.text == "yard" })
    #expect(!hub.messages(outside, "event").contains { $0["kind"]?.text == "bookingEnds" })
    #expect(people(hub, store) == 1)
  }

  @Test func `After the grace those who may not stay are brought on, after a countdown`() throws {
    let hub = try hub()
    runs(hub, store, booking(guests: ["a", "b"]), locked: true)
    let a = hub.join("A", credentials: account("a"))
    let b = hub.join("B", credentials: account("b"))
    let moderator = hub.join("M", role: .moderator)
    let c = hub.join("C", credentials: account("a"))
    for person in [a, b, c, moderator] { goTo(hub, person, store) }
    #expect(people(hub, store) == 4)
    // The next booking invites b.
    runs(hub, store, booking(guests: ["b"]), locked: true)
    hub.engine.handle(.bookingOver(store, graceSeconds: 3, goTo: yard))
    hub.step()
    #expect(hub.messages(a, "call").last?["kind"]?.text == "booking")
    #expect(hub.messages(a, "call").last?["seconds"]?.number == 3)
    #expect(hub.messages(b, "call").isEmpty && hub.messages(moderator, "call").isEmpty)
    // Who goes by themselves is left alone.
    goTo(hub, c, BookedPlace(space: "hall", area: "corner"))
    hub.step(40)
    #expect(people(hub, store) == 3)
    hub.step(40)
    #expect(people(hub, store) == 2)
    #expect(hub.engine.spaceID(of: try #require(hub.sessions[a])) == "yard")
    #expect(hub.engine.spaceID(of: try #require(hub.sessions[c])) == "hall")
  }

  @Test func `A booking that goes on after all takes the countdown back`() throws {
    let hub = try hub()
    runs(hub, store, booking(guests: ["a"]), locked: true)
    let a = hub.join("A", credentials: account("a"))
    goTo(hub, a, store)
    runs(hub, store, nil, locked: true)
    hub.engine.handle(.bookingOver(store, graceSeconds: 3, goTo: yard))
    hub.step()
    runs(hub, store, booking(guests: ["a"]), locked: true)
    #expect(hub.messages(a, "call").last?["kind"]?.text == "cancelled")
    hub.step(80)
    #expect(people(hub, store) == 1)
  }
}
