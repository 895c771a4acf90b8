import HubKernel
import HubScene
import HubWire

extension Engine {
  /// One control message of a session.
  func handle(_ message: ClientMessage, from p: Participant) {
    if case .bye = message { return leave(p, reason: .left, close: .bye) }
    if case .voice = message {
      guard p.voiceBucket.take(now: now) else {
        return dropped(p, p.voiceBucket, perSecond: config.limits.voicePerSecondMax)
      }
    } else {
      guard p.controlBucket.take(now: now) else {
        return dropped(p, p.controlBucket, perSecond: config.limits.controlsPerSecondMax)
      }
    }
    if let verb = message.verb, !leads(message, p), !require(p, verb, ref: message.ref) { return }
    switch message {
    case .hello: refuse(p, .badMessage, "hello comes once")
    case .profile(let change):
      if let wrong = apply(change, to: p) { return refuse(p, wrong.0, wrong.1) }
      index(p)
      personChanged(p)
    case .status(let text):
      guard let status = Status(rawValue: text) else {
        return refuse(p, .badValue, "status is available, busy, away or dnd")
      }
      noteInput(p)
      p.chosenStatus = status
      voiceChanged(p)
      personChanged(p, .status)
      tellEvent(.status, about: p)
    case .view(let text, let events):
      guard let mode = ViewMode(rawValue: text) else {
        return refuse(p, .badValue, "mode is scene, list or hidden")
      }
      setView(p, mode, events: events)
    case .goto(let target): goto(target, p)
    case .follow(let person, let ref): follow(person, p, ref: ref)
    case .unfollow: stopFollowing(p, reason: "asked")
    case .gesture(let hand, let emote): gesture(p, hand: hand, emote: emote)
    case .interact(let node, let action, let ref): interact(node, action, p, ref: ref)
    case .chat(let chat): self.chat(chat, p)
    case .delete(let id, let ref): delete(id, p, ref: ref)
    case .lock(let area, let locked, let ref): lock(area, locked, p, ref: ref)
    case .booking(let booking):
      directives.append(.booking(p.session, booking, p.grant, owner: p.credentials.account ?? p.person))
    case .note(let wish): note(wish, p)
    case .exhibit(let wish): exhibit(wish, p)
    case .upload(let wish): upload(wish, p)
    case .voice(let request): voice(request, p)
    case .directory(let query, let limit, let ref): directory(query, limit: limit, p, ref: ref)
    case .ping(let n): send(p, Messages.pong(n: n, serverMs: toldClockMs))
    case .host(let request): host(request, p)
    case .moderate(let request): moderate(request, p)
    case .unknown(let type, let ref):
      refuse(p, .unknownType, "no message of type \(type.prefix(40))", ref: ref)
    case .bye: break
    }
  }

  /// Bytes that were no message: eight are answered, the next one ends the connection.
  public func malformed(_ session: SessionID, _ why: String) {
    guard let p = participant(session) else { return }
    p.badMessages += 1
    if p.badMessages > 8 {
      directives.append(.close(p.session, .protocolError))
    } else {
      refuse(p, .badMessage, why)
    }
  }

  /// Whether one more MOVE or ACK is taken: far more than a client has reason to send end the connection.
  func takesBinary(_ p: Participant) -> Bool {
    guard !p.binaryBucket.take(now: now) else { return true }
    directives.append(.close(p.session, .flooding))
    return false
  }

  private func dropped(_ p: Participant, _ bucket: TokenBucket, perSecond: Int) {
    if now &- p.dropWindowStart > 200 {
      p.dropWindowStart = now
      p.droppedInWindow = 0
    }
    p.droppedInWindow += 1
    if p.droppedInWindow >= 100 {
      directives.append(.close(p.session, .flooding))
    } else {
      refuse(
        p, .rateLimited, "at most \(perSecond) such messages a second",
        retryAfterMs: bucket.waitMilliseconds)
    }
  }

  private func setView(_ p: Participant, _ mode: ViewMode, events: Bool?) {
    let before = p.status
    p.viewMode = mode
    if let events { p.wantsEvents = events }
    setViewWantsPoses(p)
    if mode != .hidden { noteInput(p) }
    if p.status != before { personChanged(p, .status) }
  }

  private func gesture(_ p: Participant, hand: Bool?, emote: String?) {
    noteInput(p)
    if let hand, hand != p.handRaised {
      p.handRaised = hand
      tellEvent(hand ? .hand : .handDown, about: p)
      handChanged(p)
    }
    if let emote {
      let known: [String: UInt8] = [
        "wave": Animation.wave, "clap": Animation.clap, "dance": Animation.dance, "nod": Animation.nod,
      ]
      guard let animation = known[emote] else {
        return refuse(p, .badValue, "emote is wave, clap, dance or nod")
      }
      p.emote = animation
      p.emoteUntil = now &+ 60
      tellEvent(.emote, about: p, emote: emote)
    }
    publish(p)
  }

  private func interact(_ node: String, _ action: String, _ p: Participant, ref: Int?) {
    let space = spaces[p.space]
    guard let index = space.scene.dynamics.items.firstIndex(where: { $0.nodeID == node }),
      case .door(let door) = space.scene.dynamics.items[index].motion
    else { return refuse(p, .unknownNode, "no such door here", ref: ref) }
    guard action == "open" || action == "close" else {
      return refuse(p, .badValue, "action is open or close", ref: ref)
    }
    guard !door.locked || allows(p, .openLockedDoors) else {
      return refuse(p, .locked, "that door is locked", ref: ref)
    }
    let pose = space.scene.dynamics.pose(index)
    let dx = Units.meters(steps: pose.x) - p.point.x
    let dz = Units.meters(steps: pose.z) - p.point.z
    guard p.viewMode != .scene || dx * dx + dz * dz <= 16 else {
      return refuse(p, .tooFar, "come within 4 m of the door", ref: ref)
    }
    noteInput(p)
    space.scene.requestDoor(index, open: action == "open")
  }

  private func lock(_ area: String, _ locked: Bool, _ p: Participant, ref: Int?) {
    let space = spaces[p.space]
    guard let index = space.scene.areas.index(of: area) else {
      return refuse(p, .unknownArea, "no such area here", ref: ref)
    }
    guard space.locked.contains(index) != locked else { return }
    space.setLocked(index, locked)
    tellEvent(locked ? .locked : .unlocked, in: space, area: index)
  }
}
