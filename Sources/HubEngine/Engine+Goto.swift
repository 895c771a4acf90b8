import HubKernel
import HubReplication
import HubScene
import HubWire

extension Engine {
  func goto(_ goto: Goto, _ p: Participant) {
    let named = [goto.area, goto.person, goto.node].compactMap { $0 }.count
    guard named == 1 || (named == 0 && goto.space != nil) else {
      return refuse(p, .badValue, "name one of space, area, person, node", ref: goto.ref)
    }
    stopWaiting(p)
    if let person = goto.person { return gotoPerson(person, p, ref: goto.ref) }
    var index = p.space
    if let id = goto.space {
      guard let found = spaces.firstIndex(where: { $0.id == id }) else {
        return refuse(p, .unknownSpace, "no such space", ref: goto.ref)
      }
      index = opening(in: spaces[found], from: p).index
    }
    let space = spaces[index]
    guard mayEnter(p, space) else { return refuse(p, .locked, "that space is locked", ref: goto.ref) }
    if let id = goto.area {
      guard let area = space.scene.areas.index(of: id) else {
        return refuse(p, .unknownArea, "no such area in \(space.id)", ref: goto.ref)
      }
      return gotoArea(area, space, p, ref: goto.ref)
    }
    if let id = goto.node {
      guard let spot = nodePoint(id, space) else {
        return refuse(p, .unknownNode, "no such node in \(space.id)", ref: goto.ref)
      }
      return settle(beside: spot, space, p, ref: goto.ref)
    }
    if index != p.space, !hasPlace(space) {
      guard goto.wait ?? false, wait(p, for: space) else {
        return refuse(p, .full, "that space is full", ref: goto.ref)
      }
      return
    }
    let spawn = index == start.space ? start.spawn : 0
    arrive(
      p, in: space, at: space.scene.arrival(spawn: spawn, random: &random), reason: "goto", ref: goto.ref)
  }

  private func gotoPerson(_ person: String, _ p: Participant, ref: Int?) {
    guard let other = visiblePerson(person, to: p), other !== p else {
      return refuse(p, .unknownPerson, "nobody of that id is to be found", ref: ref)
    }
    guard mayEnter(p, spaces[other.space]) else {
      return refuse(p, .locked, "that space is locked", ref: ref)
    }
    noteContact(p, other)
    settle(beside: other.point, spaces[other.space], p, ref: ref)
  }

  private func gotoArea(_ area: Int, _ space: SpaceRuntime, _ p: Participant, ref: Int?) {
    let passes = allows(p, .passLocks, in: space)
    if !self.passes(p, area, space), space.locked.contains(area) {
      return refuse(p, .locked, "that area is locked", ref: ref)
    }
    let definition = space.scene.areas[area]
    switch definition.purpose {
    case .seat: return sit(area, space, p, ref: ref)
    case .portal:
      return settle(beside: definition.box.base, space, p, ref: ref, distance: 1.2 + definition.box.halfDepth)
    default: break
    }
    if !passes, p.area != area, space.isAreaFull(area) {
      return refuse(p, .full, "that area is full", ref: ref)
    }
    let box = definition.box
    let radius = max(0.4, min(box.halfWidth, box.halfDepth) - 0.35)
    for _ in 0..<8 {
      guard let spot = space.scene.collision.freeSpot(near: box.base, radius: radius, random: &random) else {
        break
      }
      guard box.contains(spot) else { continue }
      return arrive(p, in: space, at: at(spot, yaw: p.pose.yaw), reason: "goto", ref: ref)
    }
    refuse(p, .full, "no free spot in that area", ref: ref)
  }

  /// Beside a point and facing it: 1.5 m away where there is room.
  private func settle(
    beside point: Vector3, _ space: SpaceRuntime, _ p: Participant, ref: Int?, distance: Double = 1.5
  ) {
    guard let pose = spot(beside: point, space, p, distance: distance) else {
      return refuse(p, .full, "no free spot there", ref: ref)
    }
    arrive(p, in: space, at: pose, reason: "goto", ref: ref)
  }

  func spot(beside point: Vector3, _ space: SpaceRuntime, _ p: Participant, distance: Double) -> Pose? {
    let barred = barred(to: p, in: space)
    func isAllowed(_ spot: Vector3) -> Bool {
      let hits = space.scene.areas.containing(spot)
      for i in 0..<hits.count {
        if barred.contains(hits[i]) || space.scene.areas[hits[i]].purpose == .portal { return false }
      }
      return true
    }
    // Best at the right distance on the near side of every wall. What hangs on a wall is less than a metre from the far
    // side too, and furniture keeps a body at its own distance, so the side counts by how much nearer one gets.
    var best: (spot: Vector3, miss: Double)?
    for _ in 0..<12 {
      guard let spot = space.scene.collision.freeSpot(near: point, radius: distance + 0.5, random: &random)
      else {
        continue
      }
      guard isAllowed(spot) else { continue }
      let left = metersLeft(walkingFrom: spot, to: point, space)
      let miss = ((spot - point).length - distance).magnitude + 4 * left
      if best == nil || miss < best!.miss { best = (spot, miss) }
    }
    guard let best else { return nil }
    return at(best.spot, yaw: Heading.yaw(dx: point.x - best.spot.x, dz: point.z - best.spot.z))
  }

  /// How far from a point a body stops that walks towards it from a spot in a straight line.
  private func metersLeft(walkingFrom spot: Vector3, to point: Vector3, _ space: SpaceRuntime) -> Double {
    let start = at(spot, yaw: 0)
    var goal = start
    goal.x = Units.steps(meters: point.x)
    goal.z = Units.steps(meters: point.z)
    var body = BodyState(standingAt: start)
    let verdict = space.scene.check(
      from: start, to: goal, elapsedTicks: Units.ticksPerSecond, body: &body, barred: space.noneBarred)
    let dx = Units.meters(steps: verdict.pose.x) - point.x
    let dz = Units.meters(steps: verdict.pose.z) - point.z
    return (dx * dx + dz * dz).squareRoot()
  }

  /// Puts down in this or another space, unless that is full.
  func arrive(
    _ p: Participant, in space: SpaceRuntime, at pose: Pose, reason: String, ref: Int?,
    hasWaited: Bool = false
  ) {
    if space.index == p.space {
      leaveSeat(p)
      putDown(p, at: pose, reason: reason)
    } else if space.isFull || (!space.waiters.isEmpty && !hasWaited) {
      return refuse(p, .full, "that space is full", ref: ref)
    } else {
      transfer(p, to: space.index, pose: pose, reason: reason)
    }
    if reason != "follow", p.following != nil { stopFollowing(p, reason: "went") }
    noteInput(p)
  }

  private func nodePoint(_ id: String, _ space: SpaceRuntime) -> Vector3? {
    if let node = space.scene.dynamics.items.firstIndex(where: { $0.nodeID == id }) {
      let pose = space.scene.dynamics.pose(node)
      return Vector3(
        Units.meters(steps: pose.x), Units.meters(steps: pose.y), Units.meters(steps: pose.z))
    }
    return space.scene.graph.node(named: id).map { space.scene.graph.worldTransform(of: $0).origin }
  }

  // MARK: Seats

  func sit(_ area: Int, _ space: SpaceRuntime, _ p: Participant, ref: Int?) {
    if let holder = space.seats[area], holder != p.session {
      return refuse(p, .occupied, "that seat is taken", ref: ref)
    }
    let seat = space.scene.areas[area]
    // The box's own -z is where a sitter looks: yaw of (−sin, 0, −cos) from its x axis (cos, −sin).
    let yaw = Heading.yaw(dx: seat.box.axisZ, dz: -seat.box.axisX)
    var pose = at(seat.box.base, yaw: yaw)
    pose.animation = Animation.sit
    pose.flags = .seated
    if space.index != p.space {
      guard !space.isFull else { return refuse(p, .full, "that space is full", ref: ref) }
      transfer(p, to: space.index, pose: pose, reason: "goto")
    } else {
      leaveSeat(p)
      putDown(p, at: pose, reason: "seat")
    }
    if p.following != nil { stopFollowing(p, reason: "went") }
    p.seat = area
    space.seats[area] = p.session
    noteInput(p)
  }

  func leaveSeat(_ p: Participant) {
    guard let seat = p.seat else { return }
    spaces[p.space].seats[seat] = nil
    p.seat = nil
    p.pose.flags.remove(.seated)
    if p.pose.animation == Animation.sit { p.pose.animation = Animation.idle }
  }

  /// Stands up at the nearest free spot; the client takes that pose.
  func standUp(_ p: Participant) {
    leaveSeat(p)
    let space = spaces[p.space]
    let spot = space.scene.collision.freeSpot(near: p.point, radius: 1.5, random: &random)
    putDown(p, at: spot.map { at($0, yaw: p.pose.yaw) } ?? p.pose, reason: "seat")
  }
}
