import HubKernel
import HubReplication
import HubScene

/// A space while the hub runs: scene, replication, people, chat. Owned by the engine, on its thread.
final class SpaceRuntime {
  let index: Int
  var scene: Space
  /// Of the space of the file: itself and its overflow instances. Of those: nothing.
  var instances: [Int] = []
  var replicator: SpaceReplicator
  /// Slots of the people here, ascending: the order in which everything happens to them.
  var members: [Int] = []
  var roster = Roster()
  var news = PersonNews()
  var chat: ChatRoom
  var notes: SpaceNotes
  /// Chat and heads by area index.
  var areaChat: [Int: ChatRoom] = [:]
  var areaPeople: [Int]
  /// How its rooms are booked, as told to who comes; nil where no room has a calendar.
  var rooms: [UInt8]?
  /// Who sits where, by area index.
  var seats: [Int: SessionID] = [:]
  var locked: AreaSet
  /// Locked or full: what a guest outside may not enter.
  var barred: AreaSet
  let noneBarred: AreaSet
  /// Nobody may come in but those who pass locks.
  var isLocked = false
  var lead = SpaceLead()
  /// Who speaks with whom.
  var voice = VoiceLinks()
  /// Who is connected to the media server.
  var bridge = VoiceBridge()
  /// Rooms without voice, since none of their bookings runs: by area index, nil the whole space.
  var voiceOff: Set<Int?> = []
  /// Running bookings by area index, and of the whole space.
  var bookings: [Int: RunningBooking] = [:]
  var booking: RunningBooking?
  /// Who waits for a place, the first to come first.
  var waiters: [Waiter] = []
  var placesChanged = true
  var areasChanged: [Bool]
  /// Entity ids of the scene's dynamic nodes, by their index, and the state told last.
  var dynamicEntities: [EntityID] = []
  var dynamicStates: [NodeState?] = []
  var bodies: [Pose] = []
  /// On a stage, in the order they came.
  var presenters: [EntityID] = []
  /// This tick's leavers by reason, told at the end of the tick.
  var gone: [GoneReason: [EntityID]] = [:]

  init(index: Int, scene: Space, replicator: consuming SpaceReplicator, chatCapacity: Int) {
    self.index = index
    self.scene = scene
    self.replicator = replicator
    chat = ChatRoom(capacity: chatCapacity)
    notes = SpaceNotes(boards: scene.definition.nodes.filter { $0.components.board != nil }.map(\.id))
    let areas = scene.areas.count
    areaPeople = Array(repeating: 0, count: areas)
    areasChanged = Array(repeating: true, count: areas)
    noneBarred = AreaSet(count: areas)
    locked = AreaSet(count: areas)
    for area in 0..<areas where scene.areas[area].locked { locked.insert(area) }
    barred = locked
  }

  var id: String { scene.id }
  var capacity: Int { min(scene.definition.capacity, booking?.peopleMax ?? .max) }
  /// Who left in this tick still has a place in replication, so a hall at its capacity may be full until the next one.
  /// A booking for so many people is not stretched: its overflow instances stay shut.
  var isFull: Bool {
    members.count >= capacity || !replicator.hasRoom || (isOverflow && booking?.peopleMax != nil)
  }
  var isOverflow: Bool { scene.instance > 1 }

  func insert(_ slot: Int) {
    members.insert(slot, at: members.firstIndex { $0 > slot } ?? members.count)
    placesChanged = true
  }

  func remove(_ slot: Int) {
    guard let position = members.firstIndex(of: slot) else { preconditionFailure("not a member") }
    members.remove(at: position)
    placesChanged = true
  }

  /// One person more or fewer in an area; a full area bars those outside.
  func count(area: Int, by change: Int) {
    areaPeople[area] += change
    areasChanged[area] = true
    updateBarred(area)
  }

  func setLocked(_ area: Int, _ isLocked: Bool) {
    if isLocked { locked.insert(area) } else { locked.remove(area) }
    areasChanged[area] = true
    updateBarred(area)
  }

  func isAreaFull(_ area: Int) -> Bool {
    let capacity = min(scene.areas[area].capacity ?? .max, bookings[area]?.peopleMax ?? .max)
    return areaPeople[area] >= capacity
  }

  func updateBarred(_ area: Int) {
    if locked.contains(area) || isAreaFull(area) { barred.insert(area) } else { barred.remove(area) }
  }

  /// The area one speaks in: the smallest around a point that is neither portal nor seat. And the portal, if any.
  func places(at point: Vector3) -> (area: Int?, portal: Int?) {
    let hits = scene.areas.containing(point)
    var area: Int?
    var portal: Int?
    for i in 0..<hits.count {
      let hit = hits[i]
      switch scene.areas[hit].purpose {
      case .portal: portal = portal ?? hit
      case .seat: break
      default:
        if let known = area, volume(known) <= volume(hit) { break }
        area = hit
      }
    }
    return (area, portal)
  }

  private func volume(_ area: Int) -> Double {
    let box = scene.areas[area].box
    return box.halfWidth * box.halfDepth * box.height
  }
}

/// Why somebody is no longer in a space.
enum GoneReason: String, CaseIterable { case left, moved, lost }

/// What a moving node is doing, as told to people.
enum NodeState: String { case open, closed, moving, stopped }
