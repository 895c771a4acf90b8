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
      case .opened(let room): directives.append(.sfu(.open(room: room)))
      case .closed(let room): directives.append(.sfu(.close(room: room)))
      case .began(let slot, let link):
        guard let p = participants[slot] else { continue }
        counters.sfuLinks += 1
        sfuOwners[link.epoch] = p.session
        directives.append(.sfu(.join(link: link.epoch, room: link.room, speaks: link.speaks)))
        send(p, VoiceMessages.sfu(link))
      case .ended(let slot, let link):
        sfuOwners[link.epoch] = nil
        directives.append(.sfu(.leave(link: link.epoch)))
        if let p = participants[slot] { send(p, VoiceMessages.sfuGone(epoch: link.epoch)) }
      case .silenced(_, let link): directives.append(.sfu(.speaks(link: link.epoch, link.speaks)))
      }
    }
  }

  /// What a client has to say to the server: only over a connection they were given, and only what a server may be shown.
  func relayToServer(
    _ operation: VoiceRequest.Operation, _ request: VoiceRequest, _ address: VoiceAddress, epoch: Int,
    _ p: Participant
  ) {
    guard address == .server(VoiceRequest.sfuUp), let link = spaces[p.space].bridge.links[p.slot],
      link.epoch == epoch
    else { return refuse(p, .notLinked, "no such link any more", ref: request.ref) }
    do {
      if operation == .desc {
        guard request.type == "offer", let sdp = request.sdp else {
          return refuse(p, .badValue, "the media server takes offers", ref: request.ref)
        }
        let passed = try SessionDescription.checked(sdp, maySpeak: link.sends, relayOnly: false)
        directives.append(.sfu(.description(link: epoch, type: "offer", sdp: passed)))
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
      guard let (p, _) = sfuOwner(epoch),
        let passed = try? SessionDescription.checked(sdp, maySpeak: true, relayOnly: false)
      else { return }
      send(p, VoiceMessages.sfuDescription(epoch: epoch, type: type, sdp: passed), isUrgent: true)
    case .candidate(let epoch, let text, let mid):
      guard let (p, _) = sfuOwner(epoch) else { return }
      if let text {
        guard let passed = try? SessionDescription.candidate(Substring(text), relayOnly: false) else {
          return
        }
        send(
          p, VoiceMessages.sfuCandidate(epoch: epoch, String(passed), mid: mid), isUrgent: true)
      } else {
        send(p, VoiceMessages.sfuCandidate(epoch: epoch, nil, mid: nil), isUrgent: true)
      }
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

  private func sfuOwner(_ epoch: Int) -> (Participant, SpaceRuntime)? {
    guard let session = sfuOwners[epoch], let p = participants[Int(session.slot)], p.session == session else {
      return nil
    }
    return (p, spaces[p.space])
  }
}
