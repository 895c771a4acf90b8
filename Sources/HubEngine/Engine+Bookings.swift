import HubKernel
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

  /// A booking begins, changes or is over: the room's name, capacity, host and lock follow, in overflow instances too.
  func setBooking(_ place: BookedPlace, _ booking: RunningBooking?, locked: Bool?) {
    guard let (base, area) = room(place) else { return }
    for space in instances(of: base) {
      if let area {
        space.bookings[area] = booking
        if let locked, space.locked.contains(area) != locked {
          // Who is inside may stay: a lock bars entering only.
          space.setLocked(area, locked)
          tellEvent(locked ? .locked : .unlocked, in: space, area: area)
        }
        space.areasChanged[area] = true
        space.updateBarred(area)
      } else {
        setBooking(booking, of: space)
      }
    }
    if area == nil, let locked { setLocked(base, locked) }
    if booking != nil { withdrawCalls(base, area) }
  }

  private func setBooking(_ booking: RunningBooking?, of space: SpaceRuntime) {
    space.booking = booking
    space.placesChanged = true
    for slot in space.members {
      guard let p = participants[slot] else { continue }
      let role = role(of: p, in: space)
      guard role != p.roleHere else { continue }
      p.roleHere = role
      tellRole(p)
      personChanged(p)
    }
  }

  /// Switches the voice of a room on or off, for all in it at once, and tells them.
  func setVoice(_ place: BookedPlace, _ isOn: Bool) {
    guard let (base, area) = room(place), base.voiceOff.contains(area) == isOn else { return }
    for space in instances(of: base) {
      if isOn { space.voiceOff.remove(area) } else { space.voiceOff.insert(area) }
      space.voice.isStale = true
    }
    var json = JSONWriter(type: "event")
    json.field("kind", (isOn ? EventKind.voiceOn : .voiceOff).rawValue)
    json.field("space", place.space)
    json.field("area", ifPresent: place.area)
    let bytes = json.end()
    for p in people(in: base, area) { send(p, bytes) }
  }

  /// To somebody whose role here a booking gives or has given.
  func tellRole(_ p: Participant) {
    var json = JSONWriter(type: "role")
    json.field("space", spaces[p.space].id)
    json.field("role", p.roleHere.rawValue)
    send(p, json.end())
  }

  func tellBookingEnds(_ place: BookedPlace, _ minutes: Int, _ goTo: BookedPlace) {
    guard let (space, area) = room(place) else { return }
    let bytes = bookingEvent(.bookingEnds, place, goTo, minutes: minutes)
    for p in people(in: space, area) { send(p, bytes) }
  }

  /// Everybody in the room hears of it and where to go on; who may not be there any more gets a countdown. A host's countdown that
  /// runs for them goes first.
  func endBooking(_ place: BookedPlace, _ graceSeconds: Int?, _ goTo: BookedPlace) {
    guard let (space, area) = room(place), let (target, targetArea) = room(goTo) else { return }
    let bytes = bookingEvent(.bookingOver, place, goTo, minutes: nil)
    for p in people(in: space, area) { send(p, bytes) }
    guard let graceSeconds else { return }
    var call = PendingCall(
      kind: .booking, due: now &+ Tick(graceSeconds * Units.ticksPerSecond), host: nil, space: space.index,
      area: area, waiting: [])
    let bound = Set(calls.flatMap { $0.waiting.map(\.session) })
    for p in people(in: space, area) where isOverstaying(p, call) && !bound.contains(p.session) {
      call.waiting.append((p.session, PendingCall.Room(space: target.index, area: targetArea)))
      var json = JSONWriter(type: "call")
      json.field("kind", PendingCall.Kind.booking.rawValue)
      json.field("space", goTo.space)
      json.field("area", ifPresent: goTo.area)
      json.field("seconds", graceSeconds)
      send(p, json.end())
    }
    if !call.waiting.isEmpty { calls.append(call) }
  }

  /// Still in a room that is shut to them.
  func isOverstaying(_ p: Participant, _ call: PendingCall) -> Bool {
    let space = spaces[p.space]
    guard space.scene.base == call.space else { return false }
    guard let area = call.area else {
      return space.isLocked && !allows(p, .passLocks) && !(space.booking?.admits(p.pseudonym) ?? false)
    }
    return p.area == area && space.locked.contains(area) && !passes(p, area, space)
  }

  /// A booking runs again before the countdown of the one before is over: who is of it stays.
  private func withdrawCalls(_ space: SpaceRuntime, _ area: Int?) {
    for index in calls.indices {
      let call = calls[index]
      guard call.kind == .booking, call.space == space.index, call.area == area else { continue }
      calls[index].waiting.removeAll { entry in
        guard let p = participant(entry.session) else { return true }
        guard !isOverstaying(p, call) else { return false }
        var json = JSONWriter(type: "call")
        json.field("kind", "cancelled")
        send(p, json.end())
        return true
      }
    }
  }

  /// Whoever hosts the booking of an area may lock and unlock that one.
  func leads(_ message: ClientMessage, _ p: Participant) -> Bool {
    let space = spaces[p.space]
    guard case .lock(let id, _, _) = message, let area = space.scene.areas.index(of: id) else { return false }
    return space.bookings[area]?.hosts.contains(p.pseudonym) ?? false
  }

  private func room(_ place: BookedPlace) -> (SpaceRuntime, Int?)? {
    guard let space = spaces.first(where: { $0.id == place.space }) else { return nil }
    guard let id = place.area else { return (space, nil) }
    return space.scene.areas.index(of: id).map { (space, $0) }
  }

  /// In all instances of a space.
  private func people(in space: SpaceRuntime, _ area: Int?) -> [Participant] {
    instances(of: space).flatMap(\.members).compactMap { participants[$0] }
      .filter { area == nil || $0.area == area }
  }

  private func bookingEvent(
    _ kind: EventKind, _ place: BookedPlace, _ goTo: BookedPlace, minutes: Int?
  ) -> [UInt8] {
    var json = JSONWriter(type: "event")
    json.field("kind", kind.rawValue)
    json.field("space", place.space)
    json.field("area", ifPresent: place.area)
    json.field("count", ifPresent: minutes)
    json.key("goTo")
    json.beginObject()
    json.field("space", goTo.space)
    json.field("area", ifPresent: goTo.area)
    json.endObject()
    return json.end()
  }

  /// People in an area, or without one in the whole space.
  public func people(in id: String, area: String?) -> Int {
    guard let space = spaces.first(where: { $0.id == id }) else { return 0 }
    let instances = instances(of: space)
    guard let area else { return instances.reduce(0) { $0 + $1.members.count } }
    guard let index = space.scene.areas.index(of: area) else { return 0 }
    return instances.reduce(0) { $0 + $1.areaPeople[index] }
  }
}
