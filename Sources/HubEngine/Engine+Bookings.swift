import HubScene
import HubWire

/// What bookings do to spaces. The calendars themselves are outside: ready messages and orders come as events.
extension Engine {
  func setRooms(_ id: String, _ bytes: [UInt8]) {
    guard let space = spaces.first(where: { $0.id == id }) else { return }
    space.rooms = bytes
    broadcast(space, bytes)
  }

  func tellOwner(_ owner: String, _ bytes: [UInt8]) {
    for case let p? in participants where (p.credentials.account ?? p.person) == owner { send(p, bytes) }
  }

  func lockByBooking(_ id: String, _ area: String, _ locked: Bool) {
    guard let space = spaces.first(where: { $0.id == id }), let index = space.scene.areas.index(of: area),
      space.locked.contains(index) != locked
    else { return }
    // Who is inside may stay: a lock bars entering only.
    space.setLocked(index, locked)
    tellEvent(locked ? .locked : .unlocked, in: space, area: index)
  }

  func tellBookingEnds(_ id: String, _ area: String?, _ minutes: Int) {
    guard let space = spaces.first(where: { $0.id == id }) else { return }
    let index = area.flatMap { space.scene.areas.index(of: $0) }
    var json = JSONWriter(type: "event")
    json.field("kind", EventKind.bookingEnds.rawValue)
    json.field("space", id)
    json.field("area", ifPresent: area)
    json.field("count", minutes)
    let bytes = json.end()
    for slot in space.members {
      guard let p = participants[slot], area == nil || p.area == index else { continue }
      send(p, bytes)
    }
  }

  /// People in an area, or without one in the whole space.
  public func people(in id: String, area: String?) -> Int {
    guard let space = spaces.first(where: { $0.id == id }) else { return 0 }
    guard let area else { return space.members.count }
    return space.scene.areas.index(of: area).map { space.areaPeople[$0] } ?? 0
  }
}
