import HubKernel
import HubScene
import HubWire

/// Moving people together: gather, send, recall. Each is announced with a countdown, so that nobody is torn away in mid-sentence,
/// and carried out a few people a tick, so that a full hall does not stop the clock.
extension Engine {
  private static let secondsMax = 600
  private static let secondsStandard = 5
  private static let callsMax = 32
  private static let movedPerTickMax = 20
  private static let roomsMax = 50

  func gather(_ request: HostRequest, _ p: Participant) {
    let everywhere = request.everywhere ?? false
    let slots = everywhere ? Array(participants.indices) : spaces[p.space].members
    let who = slots.compactMap { participants[$0] }.filter { $0 !== p }
    call(.gather, who.map { ($0.session, nil) }, request, p, verb: everywhere ? .gatherHub : .gather)
  }

  /// Brings back whom this space's hosts have sent away, wherever they are now.
  func recall(_ request: HostRequest, _ p: Participant) {
    let who = participants.compactMap { $0 }.filter { $0.sentFrom == p.space && $0 !== p }
    call(.recall, who.map { ($0.session, nil) }, request, p, verb: .recall)
  }

  func sendPeople(_ request: HostRequest, _ p: Participant) {
    guard let places = request.places, (1...Self.roomsMax).contains(places.count) else {
      return refuse(p, .badValue, "name 1 to \(Self.roomsMax) places", ref: request.ref)
    }
    var rooms: [PendingCall.Room] = []
    for place in places {
      guard let room = room(place, p, ref: request.ref) else { return }
      rooms.append(room)
    }
    var who: [Participant] = []
    if let people = request.people {
      for person in people {
        guard let other = visiblePerson(person, to: p), other.space == p.space else {
          return refuse(p, .unknownPerson, "not everybody named is here", ref: request.ref)
        }
        if !who.contains(where: { $0 === other }) { who.append(other) }
      }
    } else {
      who = spaces[p.space].members.compactMap { participants[$0] }.filter { $0.roleHere < .host }
    }
    let dealt = who.enumerated().map { ($1.session, PendingCall.Room?.some(rooms[$0 % rooms.count])) }
    call(.send, dealt, request, p, verb: .send)
  }

  private func room(_ place: HostRequest.Place, _ p: Participant, ref: Int?) -> PendingCall.Room? {
    var index = p.space
    if let id = place.space {
      guard let found = spaces.firstIndex(where: { $0.id == id }) else {
        refuse(p, .unknownSpace, "no such space", ref: ref)
        return nil
      }
      index = found
    }
    guard let id = place.area else {
      guard place.space != nil else {
        refuse(p, .badValue, "a place is a space, an area or both", ref: ref)
        return nil
      }
      return PendingCall.Room(space: index, area: nil)
    }
    let areas = spaces[index].scene.areas
    guard let area = areas.index(of: id), areas[area].purpose != .seat, areas[area].purpose != .portal else {
      refuse(p, .unknownArea, "no such room in \(spaces[index].id)", ref: ref)
      return nil
    }
    return PendingCall.Room(space: index, area: area)
  }

  private func call(
    _ kind: PendingCall.Kind, _ who: [(SessionID, PendingCall.Room?)], _ request: HostRequest,
    _ p: Participant,
    verb: Verb
  ) {
    let seconds = request.seconds ?? Self.secondsStandard
    guard (0...Self.secondsMax).contains(seconds) else {
      return refuse(p, .badValue, "a countdown has 0 to \(Self.secondsMax) seconds", ref: request.ref)
    }
    guard calls.count < Self.callsMax else {
      return refuse(p, .rateLimited, "too many countdowns run already", ref: request.ref)
    }
    calls.append(
      PendingCall(
        kind: kind, due: now &+ Tick(seconds * Units.ticksPerSecond), host: p.session, space: p.space,
        waiting: who.map { (session: $0.0, room: $0.1) }))
    for (session, room) in who {
      guard let other = participant(session) else { continue }
      let space = room?.space ?? p.space
      var json = JSONWriter(type: "call")
      json.field("kind", kind.rawValue)
      json.field("person", p.person)
      json.field("name", p.name)
      json.field("space", spaces[space].id)
      json.field("area", ifPresent: room?.area.map { spaces[space].scene.areas[$0].nodeID })
      json.field("seconds", seconds)
      send(other, json.end())
    }
    audit(p, verb, detail: "\(who.count)")
    tellCalled(kind, p, seconds: seconds, people: who.count)
  }

  /// To the host: the countdown runs.
  private func tellCalled(_ kind: PendingCall.Kind, _ p: Participant, seconds: Int, people: Int) {
    var json = JSONWriter(type: "calling")
    json.field("kind", kind.rawValue)
    json.field("people", people)
    json.field("seconds", seconds)
    send(p, json.end())
  }

  /// Stops this host's countdowns; who has been moved stays where they are.
  func cancelCalls(_ p: Participant) {
    let mine = calls.filter { $0.host == p.session }
    calls.removeAll { $0.host == p.session }
    for call in mine {
      for (session, _) in call.waiting {
        guard let other = participant(session) else { continue }
        var json = JSONWriter(type: "call")
        json.field("kind", "cancelled")
        json.field("person", p.person)
        json.field("name", p.name)
        send(other, json.end())
      }
    }
    audit(p, .cancel, detail: "\(mine.count)")
    tellCall(p, moved: 0, missed: 0, kind: "cancelled")
  }

  /// Once a tick: those whose time has come, a few at a time.
  func stepCalls() {
    guard !calls.isEmpty else { return }
    var budget = Self.movedPerTickMax
    for index in calls.indices where calls[index].due <= now {
      while budget > 0, let next = calls[index].waiting.first {
        calls[index].waiting.removeFirst()
        guard let p = participant(next.session) else { continue }
        guard calls[index].kind != .booking || isOverstaying(p, calls[index]) else { continue }
        budget -= 1
        if move(p, for: calls[index], to: next.room) {
          calls[index].moved += 1
        } else {
          calls[index].missed += 1
        }
      }
    }
    for call in calls where call.due <= now && call.waiting.isEmpty {
      if let host = call.host.flatMap({ participant($0) }) {
        tellCall(host, moved: call.moved, missed: call.missed, kind: call.kind.rawValue)
      }
    }
    calls.removeAll { $0.due <= now && $0.waiting.isEmpty }
  }

  /// To the host: how many came, and how many found no room.
  private func tellCall(_ p: Participant, moved: Int, missed: Int, kind: String) {
    var json = JSONWriter(type: "called")
    json.field("kind", kind)
    json.field("moved", moved)
    json.field("missed", missed)
    send(p, json.end())
  }

  /// Moves one. False where there is no room; they are told.
  private func move(_ p: Participant, for call: PendingCall, to room: PendingCall.Room?) -> Bool {
    let pose: Pose?
    let target: Int
    if let room {
      target = opening(in: spaces[room.space], from: p).index
      pose = room.area.map { spot(in: $0, spaces[target], p) } ?? spawnSpot(spaces[target])
    } else if let host = call.host.flatMap({ participant($0) }),
      call.kind == .gather || host.space == call.space
    {
      target = host.space
      pose = spot(around: host, p, people: call.moved)
    } else {
      // The host has gone on: to the space they called from.
      target = call.space
      pose = spawnSpot(spaces[target])
    }
    guard let pose, target == p.space || !spaces[target].isFull else {
      refuse(p, .full, "no room where you were called to")
      return false
    }
    switch call.kind {
    case .send: p.sentFrom = p.sentFrom ?? call.space
    case .gather, .recall: p.sentFrom = nil
    case .booking: break
    }
    arrive(p, in: spaces[target], at: pose, reason: "call", ref: nil)
    return true
  }

  private func spawnSpot(_ space: SpaceRuntime) -> Pose {
    space.scene.arrival(spawn: space.index == start.space ? start.spawn : 0, random: &random)
  }

  private func spot(in area: Int, _ space: SpaceRuntime, _ p: Participant) -> Pose? {
    guard p.space == space.index && p.area == area || !space.isAreaFull(area) else { return nil }
    let box = space.scene.areas[area].box
    let radius = max(0.4, min(box.halfWidth, box.halfDepth) - 0.35)
    for _ in 0..<8 {
      guard let spot = space.scene.collision.freeSpot(near: box.base, radius: radius, random: &random) else {
        return nil
      }
      if box.contains(spot) { return at(spot, yaw: p.pose.yaw) }
    }
    return nil
  }

  /// Around the host, the circle growing with the crowd, never in a portal nor in another area that is full.
  private func spot(around host: Participant, _ p: Participant, people: Int) -> Pose? {
    let space = spaces[host.space]
    let radius = 2 + 0.5 * Double(people).squareRoot()
    for _ in 0..<8 {
      guard let spot = space.scene.collision.freeSpot(near: host.point, radius: radius, random: &random)
      else {
        continue
      }
      let places = space.places(at: spot)
      if places.portal != nil { continue }
      if let area = places.area, area != p.area || p.space != host.space, space.isAreaFull(area) { continue }
      return at(spot, yaw: Heading.yaw(dx: host.point.x - spot.x, dz: host.point.z - spot.z))
    }
    return nil
  }
}
