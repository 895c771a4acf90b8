import HubKernel
import HubScene

extension Engine {
  /// What a client needs to go on with this session in another process; nil for a session that is gone, or whose client
  /// has fallen silent: the window in which it may come back has begun.
  public func ticket(of session: SessionID, expiresUnixMs: Int64) -> SessionTicket? {
    guard let p = participant(session), !p.isLost else { return nil }
    p.ticketNumber &+= 1
    let space = spaces[p.space]
    return SessionTicket(
      secret: p.secret, number: p.ticketNumber, expiresUnixMs: expiresUnixMs, person: p.person, name: p.name,
      space: space.id, seat: p.seat.map { space.scene.areas[$0].nodeID }, x: p.pose.x, y: p.pose.y,
      z: p.pose.z, yaw: p.pose.yaw, epoch: p.epoch, grant: p.grant, account: p.credentials.account,
      invitation: p.credentials.invitation?.id, handRaised: p.handRaised, isMuted: p.isMuted,
      status: p.chosenStatus.rawValue, visibility: p.visibility.rawValue)
  }

  /// Whether this hub itself still has the session: then its own clock says how long, and no date on a ticket.
  public func knows(_ secret: ResumeSecret) -> Bool { sessionOfSecret[secret] != nil }

  /// Sessions that ended for good since the last call, other than by silence: their tickets are void.
  public func takeEndedSecrets() -> [ResumeSecret] {
    guard !endedSecrets.isEmpty else { return [] }
    defer { endedSecrets.removeAll() }
    return endedSecrets
  }

  /// A message that may not arrive: told again if they come back.
  func keep(_ json: [UInt8], for p: Participant) {
    p.direct.removeAll { !isAwaited($0.tick, since: p.lastAckTick) }
    if p.direct.count == config.limits.chatHistoryMax { p.direct.removeFirst() }
    p.direct.append((now, json))
  }

  /// Whatever was sent to them alone and not followed by an acknowledgement; clients know a message by its `id`.
  func tellMissed(_ p: Participant, since ack: Tick) {
    for message in p.direct where isAwaited(message.tick, since: ack) { send(p, message.json) }
  }

  /// The acknowledgement that came at `ack` was of a frame up to a second older: better told twice than never.
  private func isAwaited(_ tick: Tick, since ack: Tick) -> Bool {
    Int32(bitPattern: tick &- ack) >= -Int32(Units.ticksPerSecond)
  }

  /// Where a ticket puts its bearer: the same spot of the same space if one can stand there, else as near as can be.
  /// Nil: that space is no longer there, or full.
  func place(of ticket: SessionTicket) -> (space: Int, pose: Pose)? {
    guard let index = spaces.firstIndex(where: { $0.id == ticket.space }), !spaces[index].isFull else {
      return nil
    }
    let space = spaces[index]
    let bounds = space.scene.definition
    let point = Vector3(
      Units.meters(steps: ticket.x), Units.meters(steps: ticket.y), Units.meters(steps: ticket.z))
    guard point.x > bounds.boundsMin.x, point.x < bounds.boundsMax.x, point.z > bounds.boundsMin.z,
      point.z < bounds.boundsMax.z, point.y > bounds.boundsMin.y, point.y < bounds.boundsMax.y
    else { return (index, space.scene.arrival(spawn: 0, random: &random)) }
    let collision = space.scene.collision
    let ground = collision.groundHeight(x: point.x, z: point.z, nearY: point.y)
    if collision.isFree(x: point.x, y: ground, z: point.z, touching: true) {
      return (index, at(Vector3(point.x, ground, point.z), yaw: ticket.yaw))
    }
    // A door has closed, or the world is another one: as near as can be.
    for radius in [0.1, 0.5, 2] {
      if let spot = collision.freeSpot(near: point, radius: radius, random: &random) {
        return (index, at(spot, yaw: ticket.yaw))
      }
    }
    return (index, space.scene.arrival(spawn: 0, random: &random))
  }

  /// Takes over what the ticket says of the participant; before they enter their space.
  func restore(_ p: Participant, _ ticket: SessionTicket) {
    p.epoch = ticket.epoch
    p.ticketNumber = ticket.number
    p.handRaised = ticket.handRaised
    p.isMuted = ticket.isMuted
    p.chosenStatus = Status(rawValue: ticket.status) ?? .available
    p.visibility = Visibility(rawValue: ticket.visibility) ?? .everyone
  }

  /// Sits down again where they sat, if nobody else does by now.
  func takeSeatAgain(_ p: Participant, _ ticket: SessionTicket) {
    let space = spaces[p.space]
    guard let id = ticket.seat, space.id == ticket.space, let area = space.scene.areas.index(of: id),
      space.scene.areas[area].purpose == .seat, space.seats[area] == nil
    else { return }
    sit(area, space, p, ref: nil)
  }
}
