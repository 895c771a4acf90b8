import HubKernel
import HubReplication
import HubScene
import HubWire

extension Engine {
  /// Longest time without a MOVE over which the last one is carried on: 1 s.
  static let extrapolationTicksMax: Tick = 20

  /// A MOVE's pose is carried on from the instant it is for to the tick that takes it, if that lies at most so far back: later ones
  /// are taken as they are, as are those of clients whose clock is wrong.
  static let latenessMsMax = 250

  /// Keeps the newest MOVE until the tick.
  func take(_ move: MoveMessage, from p: Participant) {
    acknowledge(p, tick16: move.ackTick)
    guard move.epoch == UInt8(truncatingIfNeeded: p.epoch) else {
      counters.movesStale += 1
      return
    }
    guard p.poseBucket.take(now: now) else {
      counters.movesRateLimited += 1
      return
    }
    p.pending = move
  }

  /// Moves everybody by one tick: claims, extrapolation, followers; then where that brought them.
  func moveAll() {
    for case let p? in participants {
      if p.following != nil { stepFollower(p) }
      if let move = p.pending {
        p.pending = nil
        claim(move, of: p)
      } else if p.base.velocityX != 0 || p.base.velocityZ != 0 {
        extrapolate(p)
      }
      settleLevels(p)
    }
  }

  private func claim(_ move: MoveMessage, of p: Participant) {
    p.ackedInput = move.sequence
    var claimed = move.pose
    let speedMax = Int16(config.limits.speedMetersPerSecondMax * Double(Units.velocityStepsPerMeterPerSecond))
    claimed.velocityX = min(max(claimed.velocityX, -speedMax), speedMax)
    claimed.velocityZ = min(max(claimed.velocityZ, -speedMax), speedMax)
    claimed.flags.subtract([.snap, .ext])
    let steps = stepped(from: p.pose, to: claimed)
    if steps || claimed.yaw != p.pose.yaw || claimed.animation != p.pose.animation { noteInput(p) }
    if p.seat != nil {
      // A seated body only turns; a real step stands it up beside the seat.
      guard far(from: p.pose, to: claimed) else {
        p.pose.yaw = claimed.yaw
        return
      }
      return standUp(p)
    }
    if p.following != nil {
      // The answer to the `correct` of its beginning is where following began, and no step.
      guard far(from: p.pose, to: claimed), far(from: p.followBegan, to: claimed) else { return }
      stopFollowing(p, reason: "moved")
    }
    let verdict = check(p, claimed)
    counters.movesAccepted += 1
    p.pose = verdict.pose
    p.base = verdict.pose
    p.baseTick = now
    p.baseLateMs = 0
    if let refusal = verdict.refusal {
      p.pose.velocityX = 0
      p.pose.velocityZ = 0
      p.base = p.pose
      p.epoch &+= 1
      let reason = self.reason(refusal, claimed, p)
      counters.corrections[reason, default: 0] += 1
      send(p, Messages.correct(epoch: p.epoch, pose: p.pose, reason: reason))
    } else if p.base.velocityX != 0 || p.base.velocityZ != 0 {
      let lateMs = Int(
        Int16(bitPattern: UInt16(truncatingIfNeeded: now &* Tick(Units.tickMilliseconds)) &- move.atMs))
      if lateMs > 0, lateMs <= Self.latenessMsMax {
        p.baseLateMs = lateMs
        carryOn(p, milliseconds: lateMs)
      }
    }
    publish(p)
    updatePlaces(p)
  }

  /// Carries the last claim on by its velocity, in the arithmetic of the predictor; a wall ends it silently, since
  /// the walker has met the same wall.
  private func extrapolate(_ p: Participant) {
    let elapsed = now &- p.baseTick
    guard elapsed <= Self.extrapolationTicksMax else {
      p.base.velocityX = 0
      p.base.velocityZ = 0
      p.pose.velocityX = 0
      p.pose.velocityZ = 0
      return publish(p)
    }
    carryOn(p, milliseconds: Int(elapsed) * Units.tickMilliseconds + p.baseLateMs)
    publish(p)
    updatePlaces(p)
  }

  /// Moves the body to where its base leads in so many milliseconds. A wall ends that; too fast a step is left out.
  private func carryOn(_ p: Participant, milliseconds: Int) {
    var claimed = p.base
    claimed.x &+= Self.travelled(p.base.velocityX, milliseconds)
    claimed.z &+= Self.travelled(p.base.velocityZ, milliseconds)
    claimed.y = p.pose.y
    let verdict = check(p, claimed)
    p.pose = verdict.pose
    guard let refusal = verdict.refusal, refusal != .speed else { return }
    p.pose.velocityX = 0
    p.pose.velocityZ = 0
    p.base = p.pose
  }

  /// Steps of 2.5 mm at 1/32 m/s, rounded down: for whole ticks what the predictor says, `(5 * velocity * ticks) >> 3`.
  private static func travelled(_ velocity: Int16, _ milliseconds: Int) -> Int32 {
    let product = Int(velocity) * milliseconds
    return Int32(product >= 0 ? product / 80 : -((79 - product) / 80))
  }

  private func check(_ p: Participant, _ claimed: Pose) -> MoveVerdict {
    let space = spaces[p.space]
    let elapsed = Int(now &- p.checkedTick)
    p.checkedTick = now
    let barred = barred(to: p, in: space)
    return space.scene.check(from: p.pose, to: claimed, elapsedTicks: elapsed, body: &p.body, barred: barred)
  }

  /// Hands the body to replication, with the levels the hub itself adds.
  func publish(_ p: Participant) {
    var shown = p.pose
    if p.handRaised { shown.flags.insert(.handRaised) }
    if p.emoteUntil > now { shown.animation = p.emote }
    spaces[p.space].replicator.setPose(p.entity, shown)
  }

  /// Ends emotes and the snap flag after their time; both are levels that last a second at least.
  private func settleLevels(_ p: Participant) {
    if p.emote != 0, p.emoteUntil <= now {
      p.emote = 0
      publish(p)
    }
    if p.pose.flags.contains(.snap), now &- p.baseTick >= 20 {
      p.pose.flags.remove(.snap)
      p.base.flags.remove(.snap)
      publish(p)
    }
  }

  private func reason(_ refusal: MoveRefusal, _ claimed: Pose, _ p: Participant) -> String {
    switch refusal {
    case .speed: return "speed"
    case .bounds: return "bounds"
    case .wall: return "wall"
    case .door: return "closed"
    case .height: return "ground"
    case .lockedArea:
      let space = spaces[p.space]
      let hits = space.scene.areas.containing(
        Vector3(
          Units.meters(steps: claimed.x), Units.meters(steps: claimed.y), Units.meters(steps: claimed.z)))
      for i in 0..<hits.count where space.locked.contains(hits[i]) && !passes(p, hits[i], space) {
        return "locked"
      }
      return "full"
    }
  }

  private func stepped(from a: Pose, to b: Pose) -> Bool { a.x != b.x || a.y != b.y || a.z != b.z }

  /// More than 25 cm: a step on purpose, not a sway.
  private func far(from a: Pose, to b: Pose) -> Bool {
    let dx = Int64(a.x) - Int64(b.x)
    let dz = Int64(a.z) - Int64(b.z)
    return dx * dx + dz * dz > 100 * 100
  }

  /// Something a participant did: away by idling ends.
  func noteInput(_ p: Participant) {
    p.lastInputTick = now
    if p.isIdle {
      p.isIdle = false
      personChanged(p, .status)
    }
  }
}
