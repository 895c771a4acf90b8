import HubKernel
import HubReplication
import HubScene
import HubWire

extension Engine {
  /// Distance kept, and the pace of a follower: a brisk walk that catches up with walkers.
  private static let keepMeters = 1.6
  private static let metersPerTick = 3.0 / Double(Units.ticksPerSecond)
  private static let blockedTicksMax = 40

  func follow(_ person: String, _ p: Participant, ref: Int?) {
    guard let other = visiblePerson(person, to: p), other !== p else {
      return refuse(p, .unknownPerson, "nobody of that id is to be found", ref: ref)
    }
    if p.seat != nil { standUp(p) }
    p.following = other.session
    p.followBlockedTicks = 0
    p.followBegan = p.pose
    noteInput(p)
    views.refreshFocus(p.slot)
    // A MOVE on its way belongs to the walk before: the new epoch lets it pass unheeded.
    p.pending = nil
    p.pose.velocityX = 0
    p.pose.velocityZ = 0
    p.base = p.pose
    p.baseTick = now
    p.epoch &+= 1
    publish(p)
    send(p, Messages.correct(epoch: p.epoch, pose: p.pose, reason: "follow"))
    send(p, Messages.following(other.person))
  }

  func stopFollowing(_ p: Participant, reason: String) {
    guard p.following != nil else { return }
    p.following = nil
    views.refreshFocus(p.slot)
    p.pose.velocityX = 0
    p.pose.velocityZ = 0
    if p.pose.animation == Animation.walk { p.pose.animation = Animation.idle }
    p.base = p.pose
    p.baseTick = now
    p.epoch &+= 1
    publish(p)
    send(p, Messages.correct(epoch: p.epoch, pose: p.pose, reason: "follow"))
    send(p, Messages.following(nil, reason: reason))
  }

  /// One tick behind the one ahead: walk straight, go round nothing; after two seconds at a wall, or in another
  /// space, appear beside them.
  func stepFollower(_ p: Participant) {
    guard let session = p.following else { return }
    guard let ahead = participant(session), visiblePerson(ahead.person, to: p) != nil else {
      return stopFollowing(p, reason: "gone")
    }
    p.lastInputTick = now
    if ahead.space != p.space {
      let space = spaces[ahead.space]
      guard hasPlace(space), mayEnter(p, space),
        let pose = spot(beside: ahead.point, space, p, distance: Self.keepMeters)
      else {
        return stopFollowing(p, reason: "full")
      }
      return transfer(p, to: ahead.space, pose: pose, reason: "follow")
    }
    let dx = ahead.point.x - p.point.x
    let dz = ahead.point.z - p.point.z
    let distance = (dx * dx + dz * dz).squareRoot()
    guard distance > Self.keepMeters + (p.pose.velocityX == 0 && p.pose.velocityZ == 0 ? 0.4 : 0) else {
      p.followBlockedTicks = 0
      guard p.pose.velocityX != 0 || p.pose.velocityZ != 0 else { return }
      p.pose.velocityX = 0
      p.pose.velocityZ = 0
      p.pose.animation = Animation.idle
      return publish(p)
    }
    let step = min(Self.metersPerTick, distance - Self.keepMeters)
    var claimed = p.pose
    claimed.x += Units.steps(meters: dx / distance * step)
    claimed.z += Units.steps(meters: dz / distance * step)
    claimed.y = Units.steps(
      meters: spaces[p.space].scene.collision.groundHeight(
        x: Units.meters(steps: claimed.x), z: Units.meters(steps: claimed.z), nearY: p.point.y))
    claimed.yaw = Heading.yaw(dx: dx, dz: dz)
    claimed.animation = Animation.walk
    let perSecond = step * Double(Units.ticksPerSecond) * Double(Units.velocityStepsPerMeterPerSecond)
    claimed.velocityX = Int16((dx / distance * perSecond).rounded())
    claimed.velocityZ = Int16((dz / distance * perSecond).rounded())
    let space = spaces[p.space]
    let barred = allows(p, .passLocks) ? space.noneBarred : space.barred
    let verdict = space.scene.check(from: p.pose, to: claimed, elapsedTicks: 1, body: &p.body, barred: barred)
    p.checkedTick = now
    p.pose = verdict.pose
    if verdict.refusal != nil {
      p.followBlockedTicks += 1
      p.pose.velocityX = 0
      p.pose.velocityZ = 0
      if p.followBlockedTicks > Self.blockedTicksMax {
        p.followBlockedTicks = 0
        if let pose = spot(beside: ahead.point, space, p, distance: Self.keepMeters) {
          return arrive(p, in: space, at: pose, reason: "follow", ref: nil)
        }
      }
    } else {
      p.followBlockedTicks = 0
    }
    p.base = p.pose
    p.base.velocityX = 0
    p.base.velocityZ = 0
    p.baseTick = now
    publish(p)
    updatePlaces(p)
  }
}
