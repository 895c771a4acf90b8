import HubClient
import HubKernel
import HubReplication
import HubWire

/// Viewers against the truth: who is where, and what each viewer shows of it.
extension LoadTest {
  /// Between two looks at a viewer: 350 ms, or as long as bounds the comparisons to 2,000 per viewer and second. More would
  /// make the bots late, and their lateness stands in every error.
  var samplePeriodMs: Double { max(350, Double(bots.count) / 2) }

  /// Viewers are looked at in batches: where everybody truly is is worked out once a batch.
  func sampleDue(_ now: Double) {
    guard now >= nextBatchMs else { return }
    nextBatchMs = max(nextBatchMs + 25, now)
    for space in grounds.indices {
      var isFilled = false
      for viewer in bots
      where viewer.isViewer && viewer.space == space && viewer.nextSampleMs <= now && viewer.isHere {
        if !isFilled { fillTruths(space, now) }
        isFilled = true
        viewer.nextSampleMs = max(viewer.nextSampleMs + samplePeriodMs, now + 100)
        sample(viewer, now)
      }
    }
  }

  private func fillTruths(_ space: Int, _ now: Double) {
    truths.removeAll(keepingCapacity: true)
    truthIndex.removeAll(keepingCapacity: true)
    var roll: [(bot: Int, id: EntityID, mustShow: Bool)] = []
    for bot in bots where bot.space == space && bot.isHere {
      guard let id = bot.id, let pose = bot.truth(nowMs: now) else { continue }
      truthIndex[id.rawValue] = truths.count
      if trace != nil { roll.append((bot.number, id, bot.isSettled(now))) }
      truths.append(
        TrueAvatar(
          id: id, x: pose.x, y: pose.y, z: pose.z, yaw: pose.yaw, isMoving: pose.speed > 0,
          mustShow: bot.isSettled(now)))
    }
    trace?.roll(space, now, roll)
  }

  /// Where the bot behind an avatar truly was; nil where that is not known, or its place is not the hub's business yet.
  func truthBack(_ id: EntityID, atMs ms: Double) -> MotionPose? {
    let owner = owners[Int(id.rawValue)]
    guard owner >= 0, bots[Int(owner)].isSettled(ms) else { return nil }
    return bots[Int(owner)].walker?.poseBack(atMs: ms)
  }

  /// The nearest 16 and 32 others, anew every five seconds.
  private func chooseWatched(_ viewer: Bot, _ own: TrueAvatar, _ now: Double) {
    guard now - viewer.watched.chosenMs > 5000 else { return }
    var others: [(distance: Double, id: EntityID)] = []
    for avatar in truths where avatar.id != own.id {
      let (dx, dz) = (avatar.x - own.x, avatar.z - own.z)
      others.append((dx * dx + dz * dz, avatar.id))
    }
    others.sort { ($0.distance, $0.id.rawValue) < ($1.distance, $1.id.rawValue) }
    var ids = others.prefix(16).map(\.id)
    let rest = others.dropFirst(16)
    if !rest.isEmpty {
      for _ in 0..<min(32, rest.count) {
        let id = rest[rest.startIndex + pickRandom.below(rest.count)].id
        if !ids.contains(id) { ids.append(id) }
      }
    }
    viewer.watched.choose(ids, nowMs: now, &aligned)
    trace?.watched(viewer.number, ids, now)
  }

  private func sampleDrawn(_ viewer: Bot, _ own: TrueAvatar, tick: Double) {
    for entry in viewer.watched.entries {
      guard let index = truthIndex[entry.id.rawValue], let drawn = entry.drawn(tick) else { continue }
      let avatar = truths[index]
      let (dx, dy, dz) = (drawn.x - avatar.x, drawn.y - avatar.y, drawn.z - avatar.z)
      let (vx, vy, vz) = (avatar.x - own.x, avatar.y - own.y, avatar.z - own.z)
      checker.noteDrawn(
        (dx * dx + dy * dy + dz * dz).squareRoot(),
        distance: (vx * vx + vy * vy + vz * vz).squareRoot(), isMoving: avatar.isMoving)
    }
  }

  private func sample(_ viewer: Bot, _ now: Double) {
    let session = viewer.client.session
    guard let frameTick = session.frameTick, let own = truths.first(where: { $0.id == viewer.id }) else {
      return
    }
    // Without frames a client carries predictions on for a second, then lets everybody rest.
    let tick = min(session.clock.tick(atMs: now), Double(frameTick) + 20)
    let ageMs = max(now - session.clock.localMs(ofTick: Double(frameTick)), 0)
    frameAgeMs.record(ageMs)
    trouble.noteFrameAge(ageMs, now)
    trace?.sample(viewer.number, tick: tick, isSettled: viewer.isSettled(now), now)
    sampleDrawn(viewer, own, tick: tick)
    chooseWatched(viewer, own, now)
    session.withReplica { replica in
      checker.sample(
        replica, tick: tick, viewer: own, viewerIsSettled: viewer.isSettled(now),
        viewerIsShort: session.frameHeader?.flags.contains(.interestReduced) == true, frameAgeMs: ageMs,
        truth: truths.span)
      replica.forEachShown { shown in
        guard let why = ghost(shown.id, for: viewer, now) else { return }
        ghosts += 1
        let ageMs = now - session.clock.localMs(ofTick: Double(session.frameTick ?? 0))
        problem(
          "ghost: \(why), " + (ageMs > 500 ? "viewer without a frame for over 500 ms" : "viewer up to date"))
      }
    }
  }

  /// Why nobody should be shown there any more; nil: somebody should.
  private func ghost(_ id: EntityID, for viewer: Bot, _ now: Double) -> String? {
    if departures.isGhost(id, nowMs: now) { return "left" }
    let owner = owners[Int(id.rawValue)]
    guard owner >= 0 else { return nil }
    let bot = bots[Int(owner)]
    // It told us itself, over a second ago, that it is in another space, and it is not on its way back: in a portal the
    // hub may have moved it already, and others may see it before it hears so itself.
    guard bot.isHere, bot.space != viewer.space, bot.walker?.isInPortal == false,
      now - bot.sinceMs > Departures.graceMs,
      now - viewer.sinceMs > Departures.graceMs
    else { return nil }
    return "in another space"
  }

  /// Goes through what a viewer waits to see; what was seen or has taken too long is told and dropped.
  func look(
    for pending: inout [Bot.Pending], of viewer: Bot, isNewcomers: Bool, _ now: Double,
    seen: (Bot.Pending, ShownEntity?) -> Bool,
    done: (Double?) -> Void
  ) {
    viewer.client.session.withReplica { replica in
      var kept = 0
      for index in pending.indices {
        let item = pending[index]
        if seen(item, replica.entity(item.id)) {
          done(max(now - item.sinceMs, 0))
        } else if !isStillThere(item.id, viewer) {
          // Gone elsewhere meanwhile: nothing to wait for.
          trace?.awaitsNoMore(viewer.number, item.id, isNewcomer: isNewcomers, now)
        } else if now - item.sinceMs > Bot.pendingMaxMs {
          done(nil)
        } else {
          pending[kept] = item
          kept += 1
        }
      }
      pending.removeLast(pending.count - kept)
    }
  }

  private func isStillThere(_ id: EntityID, _ viewer: Bot) -> Bool {
    let owner = owners[Int(id.rawValue)]
    return owner >= 0 && bots[Int(owner)].isHere && bots[Int(owner)].space == viewer.space
  }

  func announceNewcomer(_ bot: Bot, _ now: Double) {
    guard let id = bot.id, let at = bot.truth(nowMs: now) else { return }
    for viewer in bots
    where viewer.isViewer && viewer !== bot && viewer.space == bot.space && viewer.isSettled(now) {
      guard let from = viewer.truth(nowMs: now) else { continue }
      let distance = ((at.x - from.x) * (at.x - from.x) + (at.z - from.z) * (at.z - from.z)).squareRoot()
      guard distance <= options.sightMeters, viewer.newcomers.count < 256 else { continue }
      let pending = Bot.Pending(id: id, animation: 0, sinceMs: now)
      viewer.newcomers.append(pending)
      trace?.awaits(viewer.number, pending, isNewcomer: true)
    }
  }

  /// Up to three viewers of the space watch for a change of what a body does.
  func announceChange(_ change: Bot.Pending, in space: Int, from bot: Bot) {
    guard stage == .measuring else { return }
    for _ in 0..<3 {
      let viewer = bots[pickRandom.below(bots.count)]
      guard viewer.isViewer, viewer !== bot, viewer.space == space, viewer.isSettled(change.sinceMs) else {
        continue
      }
      // A newer change of the same body takes the older one's place: the older can't be seen any more.
      if viewer.changes.contains(where: { $0.id == change.id }) {
        viewer.changes.removeAll { $0.id == change.id }
        trace?.awaitsNoMore(viewer.number, change.id, isNewcomer: false, change.sinceMs)
      }
      let shows = viewer.client.session.withReplica { $0.entity(change.id)?.predictor.animation }
      guard let shows, let shows, shows != change.animation, viewer.changes.count < 64 else { continue }
      viewer.changes.append(change)
      trace?.awaits(viewer.number, change, isNewcomer: false)
    }
  }
}
