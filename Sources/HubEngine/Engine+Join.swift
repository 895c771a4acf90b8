import HubKernel
import HubScene
import HubWire

extension Engine {
  func join(
    connection: ConnectionKey, hello: Hello, credentials: Credentials, secret: ResumeSecret,
    hasWaited: Bool = false
  ) {
    func reject(_ code: CloseCode, _ message: [UInt8]? = nil) {
      directives.append(.reject(connection, message: message, code))
    }
    func refused(_ code: ErrorCode, _ text: String, retryAfterMs: Int? = nil) {
      counters.refusals[code.rawValue, default: 0] += 1
      let message = Messages.error(code, text, ref: nil, retryAfterMs: retryAfterMs)
      reject(code.retry == .later ? .full : .refused, message)
    }
    guard hello.protocol == ProtocolVersion.current else {
      return reject(
        .version, Messages.error(.badValue, "protocol \(ProtocolVersion.current) is spoken here", ref: nil))
    }
    if isDraining { return reject(.goingDown) }
    guard Verb.join.right(of: credentials.grant.role) == .yes else {
      counters.refusals[ErrorCode.notAllowed.rawValue, default: 0] += 1
      return reject(.refused, Messages.notAllowed(.join, ref: nil))
    }
    let ticket = credentials.ticket
    if let ticket, let session = sessionOfSecret[ticket.secret], let p = participant(session) {
      return resume(p, connection: connection, hello: hello)
    }
    // Whoever was in before the hub began anew is who they were, by the ticket and not by what they say now.
    var credentials = credentials
    if let ticket {
      credentials.grant = ticket.grant
      credentials.account = ticket.account
      credentials.invitation = ticket.invitation.map { Invitation(id: $0) }
    }
    if let ban = standingBan(credentials) {
      counters.refusals[ErrorCode.banned.rawValue, default: 0] += 1
      return reject(
        .removed, Messages.removed(.banned, "banned", reason: ban.reason, until: ban.until))
    }
    guard world.admitsGuests || ticket != nil || credentials.isKnown else {
      return refused(.invitationNeeded, "it takes an invitation or an account")
    }
    // Those who are here already come before those who want in; resuming is above.
    guard ticket != nil || !refusesJoins else {
      return refused(.overloaded, "too busy to let anybody in", retryAfterMs: 5000 + random.below(5000))
    }
    guard let name = CleanText.line(ticket?.name ?? hello.name, scalarsMax: config.limits.nameScalarsMax)
    else {
      return refused(.badName, "a name has 1 to \(config.limits.nameScalarsMax) visible characters")
    }
    guard hello.view == nil || ViewMode(rawValue: hello.view!) != nil else {
      return refused(.badValue, "view is scene, list or hidden")
    }
    var arrival = start
    let place = ticket.flatMap(place(of:))
    if let place {
      arrival = World.Arrival(space: place.space, spawn: 0)
    } else if let id = hello.space {
      guard let space = spaces.firstIndex(where: { $0.id == id }) else {
        return refused(.unknownSpace, "no such space")
      }
      if space != start.space { arrival = World.Arrival(space: space, spawn: 0) }
    }
    let role = credentials.grant.role(in: spaces[arrival.space].id)
    let isInvited = credentials.account.map { spaces[arrival.space].booking?.admits($0) ?? false } ?? false
    guard !spaces[arrival.space].isLocked || isInvited || Verb.passLocks.right(of: role) == .yes else {
      return refused(.locked, "that space is locked", retryAfterMs: 30_000)
    }
    if let invitation = credentials.invitation {
      guard !administration.revoked.contains(invitation.id) else {
        return refused(.badToken, "the invitation was revoked")
      }
      guard administration.uses[invitation.id, default: 0] < invitation.usesMax ?? .max else {
        return refused(.badToken, "the invitation is used up")
      }
    }
    let wanted = opening(in: spaces[arrival.space])
    arrival.space = wanted.index
    guard hasWaited ? !wanted.isFull : hasPlace(wanted), let slot = freeSlots.last else {
      if hello.wait ?? false, wait(connection, hello, credentials, secret, for: wanted) { return }
      return refused(.full, "no place left")
    }
    guard let entity = entityIDs.take(now: now) else { return refused(.full, "no entity id left") }
    freeSlots.removeLast()
    generations[slot] &+= 1
    let session = SessionID(slot: UInt16(slot), generation: generations[slot])
    let space = spaces[arrival.space]
    let pose = place?.pose ?? space.scene.arrival(spawn: arrival.spawn, random: &random)
    let secret = ticket?.secret ?? secret
    let p = Participant(
      session: session, person: freePersonID(ticket?.person), entity: entity, secret: secret,
      credentials: credentials, name: name,
      space: arrival.space, pose: pose, limits: config.limits, now: now)
    p.viewMode = hello.view.flatMap(ViewMode.init) ?? .scene
    p.wantsEvents = hello.events ?? true
    participants[slot] = p
    slotOfEntity[Int(entity.rawValue)] = Int32(slot)
    sessionOfSecret[secret] = session
    sessionOfPerson[p.person] = session
    if let profile = hello.profile, let wrong = apply(profile, to: p) {
      forget(p)
      return refused(wrong.0, wrong.1)
    }
    if let invitation = credentials.invitation, invitation.usesMax != nil, ticket == nil {
      administration.uses[invitation.id, default: 0] += 1
      directives.append(.record(.used(invitation: invitation.id)))
    }
    if let account = credentials.account { p.isMuted = mutedAccounts.contains(account) }
    if let ticket { restore(p, ticket) }
    index(p)
    if ticket == nil { counters.joins += 1 } else { counters.resumes += 1 }
    attach(p, connection: connection, resumed: ticket != nil)
    enter(
      p, space: arrival.space, pose: pose, reason: ticket == nil ? "join" : "resume", isNewConnection: true)
    if let ticket { takeSeatAgain(p, ticket) }
    tellAllPlaces(p)
  }

  /// The same session over a new connection: id, place and profile stay, the replica starts empty.
  private func resume(_ p: Participant, connection: ConnectionKey, hello: Hello) {
    if let old = p.connection { directives.append(.release(old, .replaced)) }
    counters.resumes += 1
    let status = p.status
    if let mode = hello.view.flatMap(ViewMode.init) { p.viewMode = mode }
    if let events = hello.events { p.wantsEvents = events }
    let acknowledged = p.lastAckTick
    p.lastAckTick = now
    p.isSilenced = false
    attach(p, connection: connection, resumed: true)
    tellSpace(p, reason: "resume", isNewConnection: true)
    tellAllPlaces(p)
    retellVoice(p)
    tellMissed(p, since: acknowledged)
    if p.isLost {
      p.isLost = false
      personChanged(p, .lost)
      tellEvent(.back, about: p)
    }
    if p.status != status { personChanged(p, .status) }
  }

  private func attach(_ p: Participant, connection: ConnectionKey, resumed: Bool) {
    p.connection = connection
    directives.append(.accepted(connection, p.session))
    var json = JSONWriter(type: "welcome")
    json.field("protocol", ProtocolVersion.current)
    json.field("hash", WireProtocol.hashHex)
    json.field("person", p.person)
    json.field("id", Int(p.entity.rawValue))
    json.field("role", p.grant.role.rawValue)
    if p.grant.role == .host, let spaces = p.grant.spaces { json.field("hosts", spaces) }
    json.field("resumed", resumed)
    json.key("world")
    json.beginObject()
    json.field("id", world.id)
    Messages.localized("title", world.title, &json)
    json.field("url", config.worldURL)
    json.endObject()
    json.field("tick", Int(now))
    json.field("serverMs", toldClockMs)
    let limits = config.limits
    json.key("limits")
    json.beginObject()
    json.field("nameScalars", limits.nameScalarsMax)
    json.field("chatScalars", limits.chatScalarsMax)
    json.field("interests", limits.interestsMax)
    json.field("interestScalars", limits.interestScalarsMax)
    json.field("languages", limits.languagesMax)
    json.field("posesPerSecond", limits.posesPerSecondMax)
    json.field("controlsPerSecond", limits.controlsPerSecondMax)
    json.field("resumeSeconds", config.goneSeconds)
    json.endObject()
    send(p, json.end())
  }

  /// Leaves the hub for good.
  func leave(_ p: Participant, reason: GoneReason, close: CloseCode?) {
    counters.leaves += 1
    if reason != .lost { endedSecrets.append(p.secret) }
    if let close, p.connection != nil { directives.append(.close(p.session, close)) }
    exitSpace(p, reason: reason, told: .left)
    forget(p)
  }

  /// Frees everything a session holds; the entity id rests before it is used again.
  private func forget(_ p: Participant) {
    stopWaiting(p)
    sessionOfSecret[p.secret] = nil
    sessionOfPerson[p.person] = nil
    slotOfEntity[Int(p.entity.rawValue)] = -1
    entityIDs.give(back: p.entity, now: now)
    participants[p.slot] = nil
    freeSlots.append(p.slot)
  }

  /// The id they had before, unless somebody else has it by now.
  private func freePersonID(_ wanted: String?) -> String {
    if let wanted, sessionOfPerson[wanted] == nil { return wanted }
    return newPersonID()
  }

  private func newPersonID() -> String {
    while true {
      let id = randomID("p")
      if sessionOfPerson[id] == nil { return id }
    }
  }

  func newAuthor() -> String { randomID("a") }

  /// A letter and 60 random bits.
  private func randomID(_ letter: String) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    var bits = random.next()
    var text = Array(letter.utf8)
    for _ in 0..<12 {
      text.append(letters[Int(bits & 31)])
      bits >>= 5
    }
    return String(decoding: text, as: UTF8.self)
  }
}
