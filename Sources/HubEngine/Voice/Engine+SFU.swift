import HubKernel
import HubWire

/// The media server's side of voice: the engine decides who is connected to it, and carries what the two agree on.
extension Engine {
  func stepBridge(_ space: SpaceRuntime, _ people: [VoiceListener]) {
    guard config.voice.hasSFU, !people.isEmpty || !space.bridge.isEmpty else { return }
    var step = VoiceBridge.Step(
      now: now, isUp: isSFUUp, nextEpoch: nextVoiceEpoch, nextRoom: nextSFURoom,
      beginningsLeft: voiceBeginnings)
    let changes = space.bridge.update(people, config.voice, &step)
    (nextVoiceEpoch, nextSFURoom, voiceBeginnings) = (step.nextEpoch, step.nextRoom, step.beginningsLeft)
    tellBridge(changes, space)
  }

  func tellBridge(_ changes: [SFUChange], _ space: SpaceRuntime) {
    for change in changes {
      switch change {
      case .opened(let room, let kind): directives.append(.sfu(.open(room: room, kind)))
      case .closed(let room): directives.append(.sfu(.close(room: room)))
      case .began(let slot, let link):
        guard let p = participants[slot] else { continue }
        counters.sfuLinks += 1
        sfuOwners[link.epoch] = p.session
        directives.append(.sfu(.join(link: link.epoch, room: link.room, speaks: link.speaks)))
        if let down = link.down {
          sfuOwners[down] = p.session
          directives.append(.sfu(.listen(link: down, room: link.room)))
        }
        tellServer(p, link)
      case .ended(let slot, let link):
        let p = participants[slot]
        for (epoch, name) in link.connections {
          sfuOwners[epoch] = nil
          directives.append(.sfu(.leave(link: epoch)))
          if let p { send(p, VoiceMessages.sfuGone(name, epoch: epoch)) }
        }
      case .hears(let slot, let link, let speakers):
        guard let down = link.down, let p = participants[slot] else { continue }
        directives.append(.sfu(.hear(link: down, speakers)))
        for speaker in speakers {
          if let (other, _) = sfuOwner(speaker) { send(p, VoiceMessages.peerState(other)) }
        }
      case .silenced(_, let link): directives.append(.sfu(.speaks(link: link.epoch, link.speaks)))
      }
    }
  }

  func tellServer(_ p: Participant, _ link: SFULink) {
    send(
      p,
      VoiceMessages.sfu(
        VoiceRequest.sfuUp, epoch: link.epoch, sends: link.sends, receives: link.down == nil))
    if let down = link.down {
      send(p, VoiceMessages.sfu(VoiceRequest.sfuDown, epoch: down, sends: false, receives: true))
    }
  }

  /// What a client has to say to the server: only over a connection they were given, and only what a server may be shown.
  func relayToServer(
    _ operation: VoiceRequest.Operation, _ request: VoiceRequest, _ address: VoiceAddress, epoch: Int,
    _ p: Participant
  ) {
    guard let link = spaces[p.space].bridge.links[p.slot],
      let name = link.connections.first(where: { $0.epoch == epoch })?.name, address == .server(name)
    else { return refuse(p, .notLinked, "no such link any more", ref: request.ref) }
    let isUp = name == VoiceRequest.sfuUp
    do {
      if operation == .desc {
        let type = isUp ? "offer" : "answer"
        guard request.type == type, let sdp = request.sdp else {
          return refuse(p, .badValue, "\(name) takes an \(type)", ref: request.ref)
        }
        let passed = try SessionDescription.checked(sdp, maySpeak: isUp && link.sends, relayOnly: false)
        directives.append(.sfu(.description(link: epoch, type: type, sdp: passed)))
      } else {
        guard (request.mid ?? "").utf8.count <= 32 else {
          return refuse(p, .badValue, "mid has up to 32 bytes", ref: request.ref)
        }
        let text = request.cand ?? ""
        let passed = text.isEmpty ? nil : try SessionDescription.candidate(Substring(text), relayOnly: false)
        directives.append(.sfu(.candidate(link: epoch, passed.map(String.init), mid: request.mid)))
      }
      counters.voiceRelayed += 1
    } catch {
      refuse(p, .badValue, error.description, ref: request.ref)
    }
  }

  /// News of the server; what it says of connections that have ended is late and means nothing.
  func sfu(_ event: SFUEvent) {
    switch event {
    case .isUp(let isUp):
      guard isUp != isSFUUp else { return }
      isSFUUp = isUp
      for space in spaces { space.voice.isStale = true }
    case .description(let epoch, let type, let sdp):
      guard let (p, space) = sfuOwner(epoch), let passed = serverDescription(sdp) else { return }
      let name = space.bridge.name(p.slot, epoch)
      send(p, VoiceMessages.sfuDescription(name, epoch: epoch, type: type, sdp: passed), isUrgent: true)
    case .offer(let epoch, let sdp, let streams):
      guard let (p, space) = sfuOwner(epoch), let passed = serverDescription(sdp) else { return }
      let voices = streams.sorted { $0.key < $1.key }.compactMap { mid, speaker in
        sfuOwner(speaker).map { (mid: mid, of: $0.0.entity) }
      }
      let name = space.bridge.name(p.slot, epoch)
      send(
        p,
        VoiceMessages.sfuDescription(name, epoch: epoch, type: "offer", sdp: passed, streams: voices),
        isUrgent: true)
    case .candidate(let epoch, let text, let mid):
      guard let (p, space) = sfuOwner(epoch) else { return }
      var passed: String?
      if let text {
        guard let checked = try? SessionDescription.candidate(Substring(text), relayOnly: false) else {
          return
        }
        passed = String(checked)
      }
      let name = space.bridge.name(p.slot, epoch)
      send(
        p, VoiceMessages.sfuCandidate(name, epoch: epoch, passed, mid: passed == nil ? nil : mid),
        isUrgent: true)
    case .ready(let epoch):
      guard let (p, space) = sfuOwner(epoch) else { return }
      space.bridge.isReady(p.slot, epoch: epoch)
      space.voice.isStale = true
    case .gone(let epoch):
      guard let (p, space) = sfuOwner(epoch) else { return }
      counters.sfuBroken += 1
      tellBridge(space.bridge.broke(p.slot, epoch: epoch, now: now), space)
    }
  }

  private func serverDescription(_ sdp: String) -> String? {
    try? SessionDescription.checked(
      sdp, maySpeak: true, relayOnly: false, bytesMax: SessionDescription.serverBytesMax)
  }

  private func sfuOwner(_ epoch: Int) -> (Participant, SpaceRuntime)? {
    guard let session = sfuOwners[epoch], let p = participants[Int(session.slot)], p.session == session else {
      return nil
    }
    return (p, spaces[p.space])
  }
}
