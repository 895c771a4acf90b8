import HubKernel
import HubReplication
import HubScene
import HubWire

extension Engine {
  func openSpaces(_ scenes: [Space], parameters: ReplicationParameters) {
    for scene in scenes {
      let definition = scene.definition
      let least = definition.boundsMin
      let most = definition.boundsMax
      guard
        let grid = try? SpaceGrid(
          minimum: (Units.steps(meters: least.x), Units.steps(meters: least.y), Units.steps(meters: least.z)),
          maximum: (Units.steps(meters: most.x), Units.steps(meters: most.y), Units.steps(meters: most.z)),
          cellSteps: Units.steps(meters: definition.cellMeters))
      else { preconditionFailure("a checked world has a grid") }
      let space = SpaceRuntime(
        index: scene.index, scene: scene,
        replicator: SpaceReplicator(
          grid: grid,
          entityCapacity: min(definition.capacity, config.limits.sessionsMax) + scene.dynamics.count + 64,
          parameters: parameters),
        chatCapacity: config.limits.chatHistoryMax)
      for node in 0..<scene.dynamics.count {
        guard let entity = entityIDs.take(now: 0) else {
          preconditionFailure("more moving nodes than entity ids")
        }
        space.dynamicEntities.append(entity)
        space.dynamicStates.append(nil)
        let isPlaced = space.replicator.insert(
          entity, pose: scene.dynamics.pose(node), isPerson: false)
        precondition(isPlaced, "room for all moving nodes")
      }
      spaces.append(space)
      spaces[scene.base].instances.append(scene.index)
    }
  }

  /// Puts a participant into a space and tells them where they are.
  func enter(_ p: Participant, space index: Int, pose: Pose, reason: String, isNewConnection: Bool = false) {
    let space = spaces[index]
    p.space = index
    p.roleHere = role(of: p, in: space)
    place(p, at: pose)
    space.insert(p.slot)
    voiceChanged(p)
    let isPlaced = space.replicator.insert(p.entity, pose: pose)
    precondition(isPlaced, "the space is not over its capacity")
    p.rosterSequence = 0
    p.newsSequence = .zero
    p.near.removeAll()
    tellSpace(p, reason: reason, isNewConnection: isNewConnection)
    // Only the area: a portal is followed by walking into it, so a spawn beside one never sends anybody on.
    setArea(p, space.places(at: p.point).area)
    p.entry = Messages.entry(p, area: p.area.map { space.scene.areas[$0].nodeID })
    p.rosterSequence = space.roster.touch(slot: p.slot, isNew: true)
    tellEvent(.joined, about: p)
  }

  /// Takes a participant out of their space. `told` is what events call it.
  func exitSpace(_ p: Participant, reason: GoneReason, told: EventKind) {
    let space = spaces[p.space]
    tellEvent(told, about: p)
    leaveSeat(p)
    leaveLead(p)
    cutVoice(p)
    p.rosterSequence = 0
    p.newsSequence = .zero
    setArea(p, nil)
    space.remove(p.slot)
    space.roster.left()
    space.replicator.remove(p.entity)
    space.gone[reason, default: []].append(p.entity)
  }

  /// Another space; entity id and session stay.
  func transfer(_ p: Participant, to index: Int, pose: Pose, reason: String) {
    exitSpace(p, reason: .moved, told: .left)
    // People of the old space hear of it at the end of this tick, but one who leaves must not see them any more.
    enter(p, space: index, pose: pose, reason: reason)
  }

  /// Sets the body down without asking the rules of walking: arrival, goto, seats.
  func place(_ p: Participant, at pose: Pose) {
    p.pose = pose
    p.base = pose
    p.baseTick = now
    p.checkedTick = now
    p.body = BodyState(standingAt: pose)
    p.pending = nil
    p.epoch &+= 1
  }

  /// Tells a connection which space it is in; its replica starts empty.
  func tellSpace(_ p: Participant, reason: String, isNewConnection: Bool) {
    let space = spaces[p.space]
    openView(p, isNewConnection: isNewConnection)
    p.rosterTold = 0
    // Entries come as they are when they are told: only what changes from now on is news.
    p.newsTold = space.news.latest
    var json = JSONWriter(type: "space")
    json.field("space", space.id)
    if space.isOverflow { json.field("overflowOf", base(of: space).id) }
    Messages.pose(p.pose, &json)
    json.field("epoch", Int(p.epoch))
    json.field("reason", reason)
    let grid = space.replicator.grid
    json.key("grid")
    json.beginObject()
    json.field("origin", [Int(grid.originX), Int(grid.originY), Int(grid.originZ)])
    json.field("cell", Int(grid.cellSteps))
    json.field("band", Int(CodedVolume.bandSteps))
    json.field("cells", [Int(grid.countX), Int(grid.countBands), Int(grid.countZ)])
    json.field("digest", Int(grid.coarseEdge))
    json.endObject()
    send(p, json.end())
    if p.connection != nil { directives.append(.ticket(p.session)) }
    if !space.dynamicEntities.isEmpty { send(p, nodesMessage(space, Array(space.dynamicEntities.indices))) }
    if let rooms = space.rooms { send(p, rooms) }
    if p.roleHere != p.grant.role(in: space.id) { tellRole(p) }
    tellHistory(p, of: space.chat, to: "space", space: space.id, area: nil)
    tellLead(p)
    tellNotes(p)
    tellExhibits(p)
  }

  func nodesMessage(_ space: SpaceRuntime, _ nodes: [Int]) -> [UInt8] {
    Messages.list(
      "nodes",
      nodes.map { node in
        var json = JSONWriter()
        json.beginObject()
        json.field("id", Int(space.dynamicEntities[node].rawValue))
        json.field("node", space.scene.dynamics.items[node].nodeID)
        json.field("state", ifPresent: space.dynamicStates[node]?.rawValue)
        json.endObject()
        return json.bytes
      })
  }

  /// The body's area and portal after it moved; follows the portal.
  func updatePlaces(_ p: Participant) {
    let places = spaces[p.space].places(at: p.point)
    setArea(p, places.area)
    if let portal = places.portal { goThrough(portal, p) }
  }

  private func goThrough(_ portal: Int, _ p: Participant) {
    let space = spaces[p.space]
    let area = space.scene.areas[portal]
    guard let destination = area.portal,
      let named = spaces.firstIndex(where: { $0.id == destination.space }),
      let spawn = spaces[named].scene.spawns.firstIndex(where: { $0.nodeID == destination.spawn })
    else { preconditionFailure("a valid world's portals lead somewhere") }
    let target = opening(in: spaces[named], from: p).index
    let isBarred =
      space.locked.contains(portal) && !passes(p, portal, space) || !mayEnter(p, spaces[target])
    guard !isBarred, hasPlace(spaces[target]) else {
      // Back to where they came from, clear of the portal.
      let box = area.box
      let spot =
        space.scene.collision.freeSpot(
          near: p.point, radius: 1 + max(box.halfWidth, box.halfDepth), random: &random)
      var pose = p.pose
      if let spot { pose = at(spot, yaw: p.pose.yaw &+ 32768) }
      return putDown(p, at: pose, reason: isBarred ? "locked" : "full")
    }
    counters.portals += 1
    let pose = spaces[target].scene.arrival(spawn: spawn, random: &random)
    transfer(p, to: target, pose: pose, reason: "portal")
  }

  /// Moves the body within its space and tells its client to take that pose.
  func putDown(_ p: Participant, at pose: Pose, reason: String) {
    var pose = pose
    pose.flags.insert(.snap)
    place(p, at: pose)
    spaces[p.space].replicator.setPose(p.entity, pose)
    send(p, Messages.correct(epoch: p.epoch, pose: pose, reason: reason))
    if reason != "locked" && reason != "full" { updatePlaces(p) }
  }

  func at(_ point: Vector3, yaw: UInt16) -> Pose {
    Pose(
      x: Units.steps(meters: point.x), y: Units.steps(meters: point.y), z: Units.steps(meters: point.z),
      yaw: yaw)
  }

  /// Enters or leaves an area: heads, events, the area's recent chat.
  func setArea(_ p: Participant, _ area: Int?) {
    guard p.area != area else { return }
    let space = spaces[p.space]
    if let old = p.area {
      space.count(area: old, by: -1)
      tellEvent(.exited, about: p, area: old)
    }
    groupChanged(p, space, from: p.area, to: area)
    let left = p.area
    p.area = area
    voiceChanged(p)
    if let area {
      space.count(area: area, by: 1)
      tellEvent(.entered, about: p, area: area)
      if let room = space.areaChat[area] {
        tellHistory(p, of: room, to: "area", space: space.id, area: space.scene.areas[area].nodeID)
      }
    }
    personChanged(p, .area, left: left)
  }
}
