import HubKernel
import HubReplication
import HubWire

extension Engine {
  func host(_ request: HostRequest, _ p: Participant) {
    guard let action = HostRequest.Action(rawValue: request.action) else {
      return refuse(p, .badValue, "no such action of a host", ref: request.ref)
    }
    noteInput(p)
    switch action {
    case .gather: gather(request, p)
    case .send: sendPeople(request, p)
    case .recall: recall(request, p)
    case .cancel: cancelCalls(p)
    case .callHand: callHand(request, p)
    case .lowerHands: lowerHands(request, p)
    case .spotlight: spotlight(request, p)
    case .announce: announce(request, p)
    }
  }

  // MARK: Hands

  /// A hand went up or down: the space's queue follows, and the space hears of it at the end of the tick.
  func handChanged(_ p: Participant) {
    let space = spaces[p.space]
    if p.handRaised { space.lead.raise(p.session) } else { space.lead.lower(p.session) }
  }

  /// Takes a hand down for somebody.
  private func lowerHand(of other: Participant) {
    guard other.handRaised else { return }
    other.handRaised = false
    handChanged(other)
    publish(other)
    tellEvent(.handDown, about: other)
  }

  /// The next hand, or a certain one, gets the floor: the hand goes down, the spotlight on.
  private func callHand(_ request: HostRequest, _ p: Participant) {
    let space = spaces[p.space]
    var chosen: Participant?
    if let person = request.person {
      chosen = space.lead.hands.lazy.compactMap { self.participant($0) }.first { $0.person == person }
    } else {
      chosen = space.lead.hands.first.flatMap { participant($0) }
    }
    guard let chosen else { return refuse(p, .unknownPerson, "no such hand is up", ref: request.ref) }
    lowerHand(of: chosen)
    setSpotlight(chosen, space)
    audit(p, .callHand, target: chosen)
  }

  private func lowerHands(_ request: HostRequest, _ p: Participant) {
    let hands = spaces[p.space].lead.hands.compactMap { participant($0) }
    let chosen = request.person.map { person in hands.filter { $0.person == person } } ?? hands
    guard request.person == nil || !chosen.isEmpty else {
      return refuse(p, .unknownPerson, "no such hand is up", ref: request.ref)
    }
    for other in chosen { lowerHand(of: other) }
    audit(p, .lowerHands, detail: "\(chosen.count)")
  }

  /// At the end of a tick, the queue where it changed.
  func tellHands() {
    for space in spaces where space.lead.handsChanged {
      space.lead.handsChanged = false
      broadcast(space, handsMessage(space))
    }
  }

  private func handsMessage(_ space: SpaceRuntime) -> [UInt8] {
    var json = JSONWriter(type: "hands")
    json.field("space", space.id)
    json.key("list")
    json.beginArray()
    for session in space.lead.hands.prefix(Self.handsToldMax) {
      guard let p = participant(session) else { continue }
      json.beginObject()
      json.field("id", Int(p.entity.rawValue))
      if p.visibility == .invisible {
        json.field("anonymous", true)
      } else {
        json.field("person", p.person)
        json.field("name", p.name)
      }
      json.endObject()
    }
    json.endArray()
    json.field("total", space.lead.hands.count)
    return json.end()
  }
  private static let handsToldMax = 100

  // MARK: Spotlight

  private func spotlight(_ request: HostRequest, _ p: Participant) {
    let space = spaces[p.space]
    var chosen: Participant?
    if let person = request.person {
      guard let other = visiblePerson(person, to: p), other.space == p.space else {
        return refuse(p, .unknownPerson, "nobody of that id is here", ref: request.ref)
      }
      chosen = other
    }
    setSpotlight(chosen, space)
    audit(p, .spotlight, target: chosen, detail: chosen == nil ? "off" : nil)
  }

  /// Puts somebody into everybody's view, or nobody: they come first among those whom replication always shows well.
  func setSpotlight(_ chosen: Participant?, _ space: SpaceRuntime) {
    guard space.lead.spotlight != chosen?.session else { return }
    space.lead.spotlight = chosen?.session
    showPresenters(space)
    broadcast(space, spotlightMessage(space))
  }

  private func spotlightMessage(_ space: SpaceRuntime) -> [UInt8] {
    var json = JSONWriter(type: "spotlight")
    json.field("space", space.id)
    let chosen = space.lead.spotlight.flatMap { participant($0) }
    json.field("id", ifPresent: chosen.map { Int($0.entity.rawValue) })
    if let chosen, chosen.visibility != .invisible {
      json.field("person", chosen.person)
      json.field("name", chosen.name)
    }
    return json.end()
  }

  /// Who presents, the one in the spotlight first.
  func showPresenters(_ space: SpaceRuntime) {
    var presenters = space.presenters
    if let entity = space.lead.spotlight.flatMap({ participant($0) })?.entity {
      presenters.removeAll { $0 == entity }
      presenters.insert(entity, at: 0)
    }
    space.replicator.setPresenters(presenters.span)
  }

  // MARK: Coming and going

  /// What a newcomer to a space has to know of how it is led.
  func tellLead(_ p: Participant) {
    let space = spaces[p.space]
    if !space.lead.hands.isEmpty { send(p, handsMessage(space)) }
    if space.lead.spotlight != nil { send(p, spotlightMessage(space)) }
  }

  /// Somebody leaves a space: their hand and the spotlight on them stay behind.
  func leaveLead(_ p: Participant) {
    let space = spaces[p.space]
    space.lead.lower(p.session)
    p.handRaised = false
    if space.lead.spotlight == p.session { setSpotlight(nil, space) }
  }

  // MARK: Announcements

  private func announce(_ request: HostRequest, _ p: Participant) {
    let everywhere = request.everywhere ?? false
    guard let text = CleanText.paragraph(request.text ?? "", scalarsMax: config.limits.chatScalarsMax) else {
      return refuse(
        p, .badValue, "an announcement has 1 to \(config.limits.chatScalarsMax) characters", ref: request.ref)
    }
    guard p.chatBucket.take(now: now) else {
      return refuse(
        p, .rateLimited, "one announcement a second", ref: request.ref,
        retryAfterMs: p.chatBucket.waitMilliseconds)
    }
    var json = JSONWriter(type: "announcement")
    json.field("id", "a\(nextChat)")
    nextChat += 1
    if everywhere { json.field("everywhere", true) } else { json.field("space", spaces[p.space].id) }
    json.field("person", p.person)
    json.field("name", p.name)
    json.field("text", text)
    json.field("at", Int(unixMs))
    let bytes = json.end()
    if everywhere {
      for case let other? in participants { send(other, bytes) }
    } else {
      for space in instances(of: spaces[p.space]) { broadcast(space, bytes) }
    }
    audit(p, everywhere ? .announceHub : .announce)
  }
}
