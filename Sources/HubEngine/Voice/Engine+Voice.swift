import HubKernel
import HubScene
import HubWire

extension Engine {
  /// News of who is beyond the mesh comes once a second at most.
  private static let namesTicksMin: Tick = 20
  /// From one turn of a space to the next.
  private static let turnTicks = 5

  /// One `voice` message. Media never comes here: the hub says who may speak with whom, and carries what their browsers agree on.
  func voice(_ request: VoiceRequest, _ p: Participant) {
    guard let operation = VoiceRequest.Operation(rawValue: request.op) else {
      return refuse(p, .badValue, "no such op of voice", ref: request.ref)
    }
    switch operation {
    case .join:
      guard p.voice == nil else { return retellVoice(p) }
      p.voice = VoiceSeat(order: nextVoiceOrder())
      voiceChanged(p)
      directives.append(.voiceServers(p.session))
      // Whoever comes from the process before this one still has its connections.
      send(p, VoiceMessages.links([]))
    case .leave:
      cutVoice(p)
      p.voice = nil
      send(p, VoiceMessages.left())
    case .state:
      guard p.voice != nil, let isMuted = request.muted else {
        return refuse(p, .badValue, "state takes muted, after join", ref: request.ref)
      }
      p.voice!.isMuted = isMuted
      let bytes = VoiceMessages.peerState(p)
      let space = spaces[p.space]
      for slot in space.voice.peers(of: p.slot) + space.bridge.listeners(of: p.slot) {
        if let other = participants[slot] { send(other, bytes) }
      }
    case .ice: if p.voice != nil { directives.append(.voiceServers(p.session)) }
    case .desc, .cand: relay(operation, request, p)
    case .caption: caption(request, p)
    }
  }

  /// Passes on a description or a candidate, to the one it is for and only while the two may hear each other. The sender
  /// is who sent it, whatever the message says.
  private func relay(_ operation: VoiceRequest.Operation, _ request: VoiceRequest, _ p: Participant) {
    guard let address = request.to, let epoch = request.epoch else {
      return refuse(p, .badValue, "to and epoch are needed", ref: request.ref)
    }
    guard case .person(let to) = address else {
      return relayToServer(operation, request, address, epoch: epoch, p)
    }
    guard (0...65535).contains(to) else {
      return refuse(p, .badValue, "to is a person or a media server", ref: request.ref)
    }
    let slot = Int(slotOfEntity[to])
    guard slot >= 0, let other = participants[slot], other.space == p.space,
      let link = spaces[p.space].voice.link(p.slot, slot), link.epoch == epoch
    else { return refuse(p, .notLinked, "no such link any more", ref: request.ref) }
    let relayOnly = isRelayOnly(p, other)
    do {
      if operation == .desc {
        guard let type = request.type, type == "offer" || type == "answer", let sdp = request.sdp else {
          return refuse(p, .badValue, "a description is an offer or an answer", ref: request.ref)
        }
        let maySpeak = p.slot < slot ? link.lowSpeaks : link.highSpeaks
        let passed = try SessionDescription.checked(sdp, maySpeak: maySpeak, relayOnly: relayOnly)
        counters.voiceRelayed += 1
        send(
          other, VoiceMessages.description(from: p, epoch: epoch, type: type, sdp: passed), isUrgent: true)
      } else {
        guard (request.mid ?? "").utf8.count <= 32 else {
          return refuse(p, .badValue, "mid has up to 32 bytes", ref: request.ref)
        }
        let text = request.cand ?? ""
        let passed =
          text.isEmpty ? nil : try SessionDescription.candidate(Substring(text), relayOnly: relayOnly)
        guard text.isEmpty || passed != nil else { return }
        counters.voiceRelayed += 1
        send(
          other,
          VoiceMessages.candidate(from: p, epoch: epoch, passed.map(String.init), mid: request.mid),
          isUrgent: true)
      }
    } catch {
      refuse(p, .badValue, error.description, ref: request.ref)
    }
  }

  private func isRelayOnly(_ a: Participant, _ b: Participant) -> Bool {
    switch config.voice.relay {
    case .never: false
    case .guests: a.grant.role == .guest || b.grant.role == .guest
    case .always: true
    }
  }

  // MARK: Who hears whom

  /// Four times a second, and in the same tick when somebody changed places. In a crowd somebody does in every tick: there
  /// such a tick only ends what must end.
  func stepVoice() {
    if overload.step == 0 {
      voiceBeginnings = config.voice.beginningsPerTickMax
    } else {
      // What ticks without a decision did not use is there at the next turn.
      let perTick = config.voice.beginningsPerTickOverloaded
      voiceBeginnings = min(voiceBeginnings + perTick, Self.turnTicks * perTick)
    }
    for space in spaces {
      let isTurn = space.voice.isStale || (Int(now) + space.index) % Self.turnTicks == 0
      guard isTurn || !space.voice.moved.isEmpty else { continue }
      guard isTurn || space.voice.listeners <= config.voice.decidedAtOnceMax else {
        cutMoved(space)
        continue
      }
      var people: [VoiceListener] = []
      for slot in space.members {
        if let p = participants[slot], p.voice != nil { people.append(listener(p, space)) }
      }
      stepBridge(space, people)
      if people.isEmpty && space.voice.links.isEmpty {
        space.voice.forgetMoved()
        continue
      }
      let changes = space.voice.update(
        people, config.voice, now: now, nextEpoch: &nextVoiceEpoch, beginningsLeft: &voiceBeginnings,
        except: space.bridge.handedOver
      ) { space.scene.collision.blocksVoice(from: $0, to: $1) }
      // Some wait: they are next, unless looking for them costs time that is not there.
      if voiceBeginnings == 0, overload.step == 0 { space.voice.isStale = true }
      tellVoice(changes)
      for person in people { if let p = participants[person.slot] { tellVoiceRoom(p, space) } }
    }
  }

  /// Nobody hears anybody a tick longer than they may; what begins waits for the space's turn.
  private func cutMoved(_ space: SpaceRuntime) {
    func person(_ slot: Int) -> VoiceListener? {
      guard let p = participants[slot], p.space == space.index, p.voice != nil else { return nil }
      return listener(p, space)
    }
    let moved = space.voice.moved.sorted().compactMap(person)
    for one in moved { tellBridge(space.bridge.check(one), space) }
    tellVoice(space.voice.cut(moved, config.voice, person))
    for one in moved { if let p = participants[one.slot] { tellVoiceRoom(p, space) } }
  }

  /// Somebody as the rules of hearing see them now. Who came to another place is the last one there.
  private func listener(_ p: Participant, _ space: SpaceRuntime) -> VoiceListener {
    let place = voicePlace(p, space)
    if p.voice!.place != place {
      p.voice!.place = place
      p.voice!.order = nextVoiceOrder()
    }
    return VoiceListener(
      slot: p.slot, place: place, point: p.point, order: p.voice!.order, maySpeak: !p.isMuted)
  }

  func voicePlace(_ p: Participant, _ space: SpaceRuntime) -> VoicePlace {
    guard p.chosenStatus != .dnd else { return .silent }
    guard !space.voiceOff.contains(nil) else { return .closed }
    guard let area = p.area else { return .floor }
    guard !space.voiceOff.contains(area) else { return .closed }
    switch space.scene.areas[area].purpose {
    case .quiet: return .silent
    case .stage: return .stage
    case .voice, .bookable: return .room(area: area)
    case .portal, .seat: return .floor
    }
  }

  /// Who hears them, or whom they hear, may be others now: what must end does so in this tick.
  func voiceChanged(_ p: Participant) {
    if p.voice != nil { spaces[p.space].voice.moved.insert(p.slot) }
  }

  /// Ends all of somebody's links at once: they leave, are thrown out, or stop.
  func cutVoice(_ p: Participant) {
    guard p.voice != nil else { return }
    tellBridge(spaces[p.space].bridge.cut(p.slot), spaces[p.space])
    tellVoice(spaces[p.space].voice.cut(p.slot))
    voiceChanged(p)
    p.voice!.place = nil
    p.voice!.told = nil
  }

  /// Everything again, for a connection that knows nothing: a client keeps what has the same epoch.
  func retellVoice(_ p: Participant) {
    guard p.voice != nil else { return }
    directives.append(.voiceServers(p.session))
    p.voice!.told = nil
    let space = spaces[p.space]
    tellVoiceRoom(p, space)
    let peers = space.voice.peers(of: p.slot)
    let server = space.bridge.links[p.slot]
    let epochs = peers.compactMap { space.voice.link(p.slot, $0)?.epoch }
    send(p, VoiceMessages.links(epochs + (server.map { [$0.epoch] + ($0.down.map { [$0] } ?? []) } ?? [])))
    if let server { tellServer(p, server) }
    for slot in peers {
      guard let other = participants[slot], let link = space.voice.link(p.slot, slot) else { continue }
      tellPeer(p, other, link)
    }
  }

  private func tellVoice(_ changes: [VoiceChange]) {
    for change in changes {
      switch change {
      case .began(let pair, let link):
        guard let low = participants[pair.low], let high = participants[pair.high] else { continue }
        counters.voiceLinks += 1
        tellPeer(low, high, link)
        tellPeer(high, low, link)
      case .ended(let pair, let link):
        guard let low = participants[pair.low], let high = participants[pair.high] else { continue }
        send(low, VoiceMessages.peerGone(high.entity, epoch: link.epoch))
        send(high, VoiceMessages.peerGone(low.entity, epoch: link.epoch))
      }
    }
  }

  private func tellPeer(_ p: Participant, _ other: Participant, _ link: VoiceLink) {
    let isLow = p.slot < other.slot
    send(
      p,
      VoiceMessages.peer(
        other, link: link, isPolite: p.entity < other.entity,
        speaks: isLow ? link.lowSpeaks : link.highSpeaks,
        hears: isLow ? link.highSpeaks : link.lowSpeaks, relay: isRelayOnly(p, other)))
  }

  private func tellVoiceRoom(_ p: Participant, _ space: SpaceRuntime) {
    let place = p.voice?.place ?? voicePlace(p, space)
    var room = VoiceRoom(
      area: p.area, place: place, isMuted: p.isMuted, isDisturbable: p.chosenStatus != .dnd,
      beyond: space.voice.beyond[p.slot] ?? [])
    room.note(space.bridge, p.slot)
    if let voice = p.voice, let told = voice.told {
      guard told != room, !told.isSame(butForNames: room) || now &- voice.toldTick >= Self.namesTicksMin
      else { return }
    }
    p.voice?.told = room
    p.voice?.toldTick = now
    send(
      p,
      VoiceMessages.room(
        room, area: room.area.map { space.scene.areas[$0] },
        beyond: room.beyond.compactMap { participants[$0]?.entity }, config.voice))
  }

  private func nextVoiceOrder() -> UInt64 {
    voiceOrder += 1
    return voiceOrder
  }

  // MARK: Captions

  /// A participant's own line of text beside their voice: to everybody in earshot, whether they use voice or not.
  private func caption(_ request: VoiceRequest, _ p: Participant) {
    guard !p.isMuted else { return refuse(p, .muted, "a moderator has muted you", ref: request.ref) }
    guard p.captionBucket.take(now: now) else {
      return refuse(
        p, .rateLimited, "too many captions", ref: request.ref,
        retryAfterMs: p.captionBucket.waitMilliseconds)
    }
    let raw = request.text ?? ""
    guard let text = raw.isEmpty ? "" : CleanText.line(raw, scalarsMax: 200) else {
      return refuse(p, .badValue, "a caption has up to 200 characters", ref: request.ref)
    }
    let space = spaces[p.space]
    let bytes = VoiceMessages.caption(p, text: text, isFinal: request.final ?? true)
    for slot in space.members {
      guard let other = participants[slot], isInEarshot(other, of: p, space) else { continue }
      send(other, bytes)
    }
  }

  private func isInEarshot(_ other: Participant, of p: Participant, _ space: SpaceRuntime) -> Bool {
    if other === p { return true }
    switch (voicePlace(p, space), voicePlace(other, space)) {
    case (.room(let a), .room(let b)): return a == b
    case (.stage, .stage), (.stage, .floor): return true
    case (.floor, .floor):
      return (p.point - other.point).length <= config.voice.leaveMeters
        && (p.point.y - other.point.y).magnitude <= config.voice.heightMeters
        && !space.scene.collision.blocksVoice(from: p.point, to: other.point)
    default: return false
    }
  }
}
