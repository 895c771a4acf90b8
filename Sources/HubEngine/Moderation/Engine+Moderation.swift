import HubKernel
import HubWire

extension Engine {
  static let reasonScalarsMax = 200
  static let auditKeptMax = 200
  static let banHoursMax = 24 * 366 * 10
  private static let addressBanHours = 1

  func moderate(_ request: ModerationRequest, _ p: Participant) {
    guard let action = ModerationRequest.Action(rawValue: request.action) else {
      return refuse(p, .badValue, "no such action of moderation", ref: request.ref)
    }
    switch action {
    case .kick: kick(request, p)
    case .mute, .unmute: mute(request, isMuted: action == .mute, p)
    case .ban: ban(request, p)
    case .unban: unban(request, p)
    case .bans: tellBans(p, ref: request.ref)
    case .revoke: revoke(request, p)
    case .audit: tellAudit(p, ref: request.ref)
    case .askMute: askMute(request, p)
    case .lockSpace, .unlockSpace: lockSpace(request, isLocked: action == .lockSpace, p)
    }
  }

  /// Notes an act for the operator, here and, through the shell, for good.
  func audit(_ p: Participant, _ verb: Verb, target: Participant? = nil, detail: String? = nil) {
    let record = AuditRecord(
      at: unixMs, actor: p.pseudonym, role: p.roleHere, verb: verb, target: target?.pseudonym,
      space: spaces[p.space].id, detail: detail)
    if administration.audit.count >= Self.auditKeptMax { administration.audit.removeFirst() }
    administration.audit.append(record)
    directives.append(.record(.audit(record)))
  }

  /// The one an act is aimed at: somebody else in the hub, of a lesser role. Invisible people are no exception: who moderates sees
  /// their ids in no list, but reports name them.
  private func target(_ person: String?, _ p: Participant, _ verb: Verb, ref: Int?) -> Participant? {
    guard let person, let session = sessionOfPerson[person], let other = participant(session), other !== p,
      p.grant.role >= .moderator || other.space == p.space
    else {
      refuse(p, .unknownPerson, "nobody of that id is here", ref: ref)
      return nil
    }
    let theirs = other.grant.role(in: content(of: p).id)
    guard theirs < p.roleHere else {
      refuse(p, .notAllowed, "\(verb.rawValue) is for those of a lesser role", ref: ref)
      return nil
    }
    return other
  }

  private func reason(_ request: ModerationRequest, _ p: Participant) -> (isGood: Bool, text: String?) {
    guard let text = request.reason, !text.isEmpty else { return (true, nil) }
    guard let clean = CleanText.line(text, scalarsMax: Self.reasonScalarsMax) else {
      refuse(p, .badValue, "a reason has up to \(Self.reasonScalarsMax) characters", ref: request.ref)
      return (false, nil)
    }
    return (true, clean)
  }

  private func kick(_ request: ModerationRequest, _ p: Participant) {
    guard let other = target(request.person, p, .kick, ref: request.ref) else { return }
    let reason = reason(request, p)
    guard reason.isGood else { return }
    audit(p, .kick, target: other)
    remove(other, code: .notAllowed, message: "removed by a moderator", reason: reason.text, until: nil)
  }

  /// Ends a session now: the reason goes first, then the close. It can't be resumed.
  private func remove(_ p: Participant, code: ErrorCode, message: String, reason: String?, until: Int64?) {
    counters.removed += 1
    send(p, Messages.removed(code, message, reason: reason, until: until))
    leave(p, reason: .left, close: .removed)
  }

  // MARK: Mute

  private func mute(_ request: ModerationRequest, isMuted: Bool, _ p: Participant) {
    guard let other = target(request.person, p, .mute, ref: request.ref) else { return }
    if let account = other.credentials.account {
      if isMuted { mutedAccounts.insert(account) } else { mutedAccounts.remove(account) }
    }
    guard other.isMuted != isMuted else { return }
    other.isMuted = isMuted
    voiceChanged(other)
    audit(p, .mute, target: other, detail: isMuted ? "on" : "off")
    var json = JSONWriter(type: "muted")
    json.field("muted", isMuted)
    send(other, json.end())
    personChanged(other, .muted)
  }

  /// A request, not an order: their microphone goes off, and they may switch it on again.
  private func askMute(_ request: ModerationRequest, _ p: Participant) {
    guard let other = target(request.person, p, .mute, ref: request.ref) else { return }
    audit(p, .mute, target: other, detail: "asked")
    send(other, VoiceMessages.muteAsked())
  }

  // MARK: Bans

  private func ban(_ request: ModerationRequest, _ p: Participant) {
    guard let other = target(request.person, p, .ban, ref: request.ref) else { return }
    let reason = reason(request, p)
    guard reason.isGood else { return }
    guard (1...Self.banHoursMax).contains(request.hours ?? 1) else {
      return refuse(p, .badValue, "a ban lasts 1 to \(Self.banHoursMax) hours", ref: request.ref)
    }
    guard let subjects = subjects(of: other, request) else {
      return refuse(
        p, .badValue, "they have no such account, invitation or address, or the range is too wide",
        ref: request.ref)
    }
    for subject in subjects {
      var hours = request.hours
      if case .address = subject { hours = hours ?? Self.addressBanHours }
      let ban = Ban(
        id: administration.nextBan, subject: subject, reason: reason.text, at: unixMs,
        until: hours.map { unixMs + Int64($0) * 3_600_000 }, by: p.pseudonym)
      administration.nextBan += 1
      administration.bans.append(ban)
      directives.append(.record(.banned(ban)))
      audit(p, .ban, target: other, detail: "b\(ban.id) \(ban.kind) \(hours.map { "\($0) h" } ?? "for good")")
      for case let someone? in participants where someone !== p && ban.matches(someone.credentials) {
        remove(someone, code: .banned, message: "banned", reason: ban.reason, until: ban.until)
      }
    }
    // An address ban may leave the one it was for where they are: they came by more than their address.
    if participant(other.session) != nil {
      remove(other, code: .notAllowed, message: "removed by a moderator", reason: reason.text, until: nil)
    }
    tellBans(p, ref: request.ref)
  }

  /// What a ban of somebody is held against; nil if the request asks for something that isn't there.
  private func subjects(of other: Participant, _ request: ModerationRequest) -> [Ban.Subject]? {
    let credentials = other.credentials
    let account = credentials.account.map { Ban.Subject.account($0) }
    let invitation = credentials.invitation.map { Ban.Subject.invitation($0.id) }
    var address: Ban.Subject?
    if let known = credentials.address {
      // A home has one IPv4 address or 64 bits of IPv6; nobody bans more than 65,536 IPv4 or a provider's IPv6.
      let prefix = request.prefix.map { known.isV4 ? $0 + 96 : $0 } ?? (known.isV4 ? 128 : 64)
      guard (known.isV4 ? 112...128 : 32...128).contains(prefix) else { return nil }
      address = .address(known.masked(to: prefix), prefix: prefix)
    }
    guard let kinds = request.by else {
      let own = [account, invitation].compactMap { $0 }
      return own.isEmpty ? address.map { [$0] } : own
    }
    var found: [Ban.Subject] = []
    for kind in kinds {
      switch kind {
      case "account": if let account { found.append(account) } else { return nil }
      case "invitation": if let invitation { found.append(invitation) } else { return nil }
      case "address": if let address { found.append(address) } else { return nil }
      default: return nil
      }
    }
    return found.isEmpty ? nil : found
  }

  private func unban(_ request: ModerationRequest, _ p: Participant) {
    guard let text = request.id, text.first == "b", let id = UInt64(text.dropFirst()),
      let index = administration.bans.firstIndex(where: { $0.id == id })
    else { return refuse(p, .badValue, "no such ban", ref: request.ref) }
    administration.bans.remove(at: index)
    directives.append(.record(.unbanned(id)))
    audit(p, .unban, detail: text)
    tellBans(p, ref: request.ref)
  }

  /// The ban that keeps somebody out now, if any. Those that are over are forgotten. O(bans).
  func standingBan(_ credentials: Credentials) -> Ban? {
    for ban in administration.bans where ban.isOver(unixMs: unixMs) {
      directives.append(.record(.unbanned(ban.id)))
    }
    administration.bans.removeAll { $0.isOver(unixMs: unixMs) }
    return administration.bans.first { $0.matches(credentials) }
  }

  private func tellBans(_ p: Participant, ref: Int?) {
    var json = JSONWriter(type: "bans")
    json.field("ref", ifPresent: ref)
    json.key("list")
    json.beginArray()
    for ban in administration.bans.suffix(200) where !ban.isOver(unixMs: unixMs) {
      json.beginObject()
      json.field("id", "b\(ban.id)")
      json.field("kind", ban.kind)
      json.field("reason", ifPresent: ban.reason)
      json.field("at", Int(ban.at))
      json.field("until", ifPresent: ban.until.map { Int($0) })
      json.endObject()
    }
    json.endArray()
    send(p, json.end())
  }

  // MARK: Invitations

  private func revoke(_ request: ModerationRequest, _ p: Participant) {
    var id = request.id
    if id == nil {
      guard let other = target(request.person, p, .revoke, ref: request.ref) else { return }
      id = other.credentials.invitation?.id
    }
    guard let id, (1...64).contains(id.utf8.count) else {
      return refuse(p, .badValue, "no such invitation", ref: request.ref)
    }
    audit(p, .revoke, detail: id)
    revoke(invitation: id)
  }

  /// From now on the invitation lets nobody in, and whoever came by it is out.
  func revoke(invitation id: String) {
    administration.revoked.insert(id)
    directives.append(.record(.revoked(invitation: id, at: unixMs)))
    for case let someone? in participants where someone.credentials.invitation?.id == id {
      remove(someone, code: .badToken, message: "the invitation was revoked", reason: nil, until: nil)
    }
  }

  // MARK: Locks and the audit log

  private func lockSpace(_ request: ModerationRequest, isLocked: Bool, _ p: Participant) {
    var space = spaces[p.space]
    if let id = request.space {
      guard let found = spaces.first(where: { $0.id == id }) else {
        return refuse(p, .unknownSpace, "no such space", ref: request.ref)
      }
      space = found
    }
    guard allows(p, .lockSpace, in: space) else { return refuseRight(p, .lockSpace, ref: request.ref) }
    guard space.isLocked != isLocked else { return }
    audit(p, .lockSpace, detail: "\(base(of: space).id) \(isLocked ? "locked" : "open")")
    setLocked(space, isLocked)
  }

  /// A space with all its overflow instances.
  func setLocked(_ space: SpaceRuntime, _ isLocked: Bool) {
    for instance in instances(of: space) where instance.isLocked != isLocked {
      instance.isLocked = isLocked
      instance.placesChanged = true
      tellEvent(isLocked ? .locked : .unlocked, in: instance)
    }
  }

  private func tellAudit(_ p: Participant, ref: Int?) {
    var json = JSONWriter(type: "audit")
    json.field("ref", ifPresent: ref)
    json.key("list")
    json.beginArray()
    for record in administration.audit {
      json.beginObject()
      json.field("at", Int(record.at))
      json.field("actor", record.actor)
      json.field("role", record.role.rawValue)
      json.field("verb", record.verb.rawValue)
      json.field("target", ifPresent: record.target)
      json.field("space", ifPresent: record.space)
      json.field("detail", ifPresent: record.detail)
      json.endObject()
    }
    json.endArray()
    send(p, json.end())
  }
}

extension Messages {
  static func removed(_ code: ErrorCode, _ message: String, reason: String?, until: Int64?) -> [UInt8] {
    var json = JSONWriter(type: "error")
    json.field("code", code.rawValue)
    json.field("message", message)
    json.field("retry", code.retry.rawValue)
    json.field("reason", ifPresent: reason)
    json.field("until", ifPresent: until.map { Int($0) })
    return json.end()
  }
}
