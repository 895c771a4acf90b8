import HubScene
import HubWire

extension Engine {
  /// Whether a participant may do this in a space, by the role they have there.
  func allows(_ p: Participant, _ verb: Verb, in space: SpaceRuntime) -> Bool {
    verb.right(of: role(of: p, in: space)) == .yes
  }

  /// Whether a space lets them in: the one they are in does, a locked one those who pass locks.
  func mayEnter(_ p: Participant, _ space: SpaceRuntime) -> Bool {
    p.space == space.index || !space.isLocked || allows(p, .passLocks, in: space)
      || space.booking?.admits(p.pseudonym) ?? false
  }

  /// The role of their grant; who hosts the booking of a whole space is its host meanwhile.
  func role(of p: Participant, in space: SpaceRuntime) -> Role {
    let role = p.grant.role(in: base(of: space).id)
    guard role < .host, let booking = space.booking, booking.hosts.contains(p.pseudonym) else { return role }
    return .host
  }

  /// Whether a locked area lets them in.
  func passes(_ p: Participant, _ area: Int, _ space: SpaceRuntime) -> Bool {
    allows(p, .passLocks, in: space) || space.bookings[area]?.admits(p.pseudonym) ?? false
  }

  /// The areas they can't walk into: those locked, but for whom a running booking admits, and those full.
  func barred(to p: Participant, in space: SpaceRuntime) -> AreaSet {
    if allows(p, .passLocks, in: space) { return space.noneBarred }
    guard space.bookings.values.contains(where: { $0.admits(p.pseudonym) }) else { return space.barred }
    var barred = space.barred
    for (area, booking) in space.bookings where booking.admits(p.pseudonym) && !space.isAreaFull(area) {
      barred.remove(area)
    }
    return barred
  }

  /// The same for the space they are in.
  func allows(_ p: Participant, _ verb: Verb) -> Bool { verb.right(of: p.roleHere) == .yes }

  /// Whether a participant may do this where they are; if not, they are told which role it takes.
  func require(_ p: Participant, _ verb: Verb, ref: Int?) -> Bool {
    if allows(p, verb) { return true }
    refuseRight(p, verb, ref: ref)
    return false
  }

  /// `not-allowed`, with the verb and the least role that may.
  func refuseRight(_ p: Participant, _ verb: Verb, ref: Int?) {
    counters.refusals[ErrorCode.notAllowed.rawValue, default: 0] += 1
    send(p, Messages.notAllowed(verb, ref: ref))
  }
}

extension Messages {
  static func notAllowed(_ verb: Verb, ref: Int?) -> [UInt8] {
    let least = verb.leastRole
    var json = JSONWriter(type: "error")
    json.field("code", ErrorCode.notAllowed.rawValue)
    json.field(
      "message",
      least.map { "\(verb.rawValue) takes the role \($0.rawValue) here" } ?? "nobody may \(verb.rawValue)")
    json.field("retry", ErrorCode.notAllowed.retry.rawValue)
    json.field("verb", verb.rawValue)
    json.field("needs", ifPresent: least?.rawValue)
    json.field("ref", ifPresent: ref)
    return json.end()
  }
}
