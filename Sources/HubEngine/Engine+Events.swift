import HubKernel
import HubScene
import HubWire

/// What happened around, as text for everybody who does not see it.
enum EventKind: String {
  case joined, left, entered, exited, near, away, lost, back, hand, handDown, emote, status
  case opened, closed, arrived, departed, locked, unlocked, bookingEnds, bookingOver, voiceOn, voiceOff, many
}

extension Engine {
  private static let nearMeters = 3.0
  private static let awayMeters = 5.0
  private static let nearMax = 16

  /// Tells people in the same space about one of them; entering and leaving an area only those in that area, except
  /// the stage, which concerns everybody. Nobody is told about themselves or about the invisible.
  func tellEvent(_ kind: EventKind, about p: Participant, area: Int? = nil, emote: String? = nil) {
    guard p.visibility != .invisible else { return }
    let space = spaces[p.space]
    var bytes: [UInt8]?
    for slot in space.members where slot != p.slot {
      guard let other = participants[slot], other.wantsEvents, other.connection != nil else { continue }
      if let area, space.scene.areas[area].purpose != .stage, other.area != area { continue }
      if bytes == nil { bytes = event(kind, p, space, area: area, emote: emote) }
      tell(other, bytes!)
    }
  }

  /// Tells people in a space about a place or a thing.
  func tellEvent(_ kind: EventKind, in space: SpaceRuntime, area: Int? = nil, node: Int? = nil) {
    var json = JSONWriter(type: "event")
    json.field("kind", kind.rawValue)
    json.field("space", space.id)
    json.field("area", ifPresent: area.map { space.scene.areas[$0].nodeID })
    json.field("node", ifPresent: node.map { space.scene.dynamics.items[$0].nodeID })
    let bytes = json.end()
    for slot in space.members {
      if let p = participants[slot], p.wantsEvents, p.connection != nil { tell(p, bytes) }
    }
  }

  private func event(_ kind: EventKind, _ p: Participant, _ space: SpaceRuntime, area: Int?, emote: String?)
    -> [UInt8]
  {
    var json = JSONWriter(type: "event")
    json.field("kind", kind.rawValue)
    json.field("person", p.person)
    json.field("name", p.name)
    json.field("space", space.id)
    json.field("area", ifPresent: area.map { space.scene.areas[$0].nodeID })
    json.field("emote", ifPresent: emote)
    if kind == .status { json.field("status", p.status.rawValue) }
    return json.end()
  }

  /// At most ten a second; the rest is counted and told as a number.
  private func tell(_ p: Participant, _ bytes: [UInt8]) {
    if p.eventsUntold == 0, p.eventBucket.take(now: now) {
      counters.eventsTold += 1
      send(p, bytes)
    } else {
      counters.eventsCounted += 1
      p.eventsUntold += 1
    }
  }

  /// Once a second, how much was left untold.
  func tellUntoldEvents() {
    for case let p? in participants where p.eventsUntold > 0 && (Int(now) + p.slot) % 20 == 0 {
      guard p.eventBucket.take(now: now) else { continue }
      var json = JSONWriter(type: "event")
      json.field("kind", EventKind.many.rawValue)
      json.field("count", p.eventsUntold)
      p.eventsUntold = 0
      send(p, json.end())
    }
  }

  /// Who came near and who went, twice a second for those who want to hear it.
  func tellNearness() {
    for space in spaces where space.members.count > 1 {
      for slot in space.members {
        guard let p = participants[slot], p.wantsEvents, p.connection != nil, (Int(now) + slot) % 10 == 0
        else {
          continue
        }
        updateNear(p, space)
      }
    }
  }

  private func updateNear(_ p: Participant, _ space: SpaceRuntime) {
    var stays: [EntityID] = []
    for slot in space.members where slot != p.slot {
      guard let other = participants[slot], other.visibility != .invisible else { continue }
      let wasNear = p.near.contains(other.entity)
      let reach = wasNear ? Self.awayMeters : Self.nearMeters
      guard (other.point - p.point).length <= reach else {
        if wasNear { tell(p, event(.away, other, space, area: nil, emote: nil)) }
        continue
      }
      guard wasNear || p.near.count < Self.nearMax else { continue }
      stays.append(other.entity)
      if !wasNear { tell(p, event(.near, other, space, area: nil, emote: nil)) }
    }
    p.near = stays
  }
}
