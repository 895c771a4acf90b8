package import HubKernel
import HubScene
import HubWire

/// Somebody's connection to the media server. Like a link of a mesh it ends for good: a new one has a new epoch, which is also the
/// server's name for it.
package struct SFULink: Equatable, Sendable {
  package var epoch: Int
  package var zone: VoiceZone
  /// The server's room.
  package var room: Int
  /// Whether a microphone belongs to it at all: not for the floor before a stage.
  package var sends: Bool
  /// Whether what it sends may be heard: the server keeps to it.
  package var speaks: Bool
  package var isReady = false
  /// In a positional room: the epoch of the connection that brings the others' voices.
  package var down: Int?
  package var isDownReady = false
  /// Those it brings, by their own epochs, and when that changed last.
  package var heard: Set<Int> = []
  var heardTick: Tick = 0

  /// What it is made of, by the names the client knows.
  var connections: [(epoch: Int, name: String)] {
    [(epoch, VoiceRequest.sfuUp)] + (down.map { [($0, VoiceRequest.sfuDown)] } ?? [])
  }
}

package enum SFUChange: Equatable, Sendable {
  case opened(room: Int, SFURoomKind)
  case closed(room: Int)
  case began(slot: Int, SFULink)
  case ended(slot: Int, SFULink)
  /// ``SFULink/speaks`` is another.
  case silenced(slot: Int, SFULink)
  /// ``SFULink/heard`` is another: by the speakers' epochs, nearest first.
  case hears(slot: Int, SFULink, [Int])
}

/// Which zones of one space go through the media server, and who is connected to it.
package struct VoiceBridge: Sendable {
  /// What is the same for all spaces while one step decides.
  package struct Step {
    package var now: Tick
    package var isUp: Bool
    package var nextEpoch: Int
    package var nextRoom: Int
    /// How many connections may begin, everywhere.
    package var beginningsLeft: Int

    package init(now: Tick, isUp: Bool, nextEpoch: Int, nextRoom: Int, beginningsLeft: Int) {
      self.now = now
      self.isUp = isUp
      self.nextEpoch = nextEpoch
      self.nextRoom = nextRoom
      self.beginningsLeft = beginningsLeft
    }
  }

  private struct Zone {
    var mode = VoiceMode()
    var room = 0
    var kind = SFURoomKind.mixed
  }

  private var zones: [VoiceZone: Zone] = [:]
  /// By slot: a person is in one zone at most.
  package private(set) var links: [Int: SFULink] = [:]
  /// Members for whom the server has no place.
  package private(set) var full: Set<Int> = []
  /// Zones that a server would serve better, while there is none.
  package private(set) var missing: Set<VoiceZone> = []
  /// By slot: when the newest connection began, or broke.
  private var begun: [Int: Tick] = [:]

  package init() {}

  package var isEmpty: Bool { zones.isEmpty }
  package func phase(_ zone: VoiceZone) -> VoiceMode.Phase { zones[zone]?.mode.phase ?? .mesh }
  /// Zones without direct connections.
  package var handedOver: Set<VoiceZone> {
    Set(zones.lazy.filter { !$0.value.mode.phase.usesMesh }.map(\.key))
  }

  package static func zone(_ place: VoicePlace, hasStage: Bool) -> VoiceZone? {
    switch place {
    case .room(let area): .room(area: area)
    case .stage: .stage
    case .floor: hasStage ? .stage : nil
    case .silent, .closed: nil
    }
  }

  func name(_ slot: Int, _ epoch: Int) -> String {
    links[slot]?.down == epoch ? VoiceRequest.sfuDown : VoiceRequest.sfuUp
  }

  /// Who has somebody's voice as one of its own.
  package func listeners(of slot: Int) -> [Int] {
    guard let epoch = links[slot]?.epoch else { return [] }
    return links.lazy.filter { $0.value.heard.contains(epoch) }.map(\.key).sorted()
  }

  /// Ends somebody's connection: they leave.
  package mutating func cut(_ slot: Int) -> [SFUChange] {
    full.remove(slot)
    return end(slot)
  }

  /// The server has lost somebody: they get a new connection after a while.
  package mutating func broke(_ slot: Int, epoch: Int, now: Tick) -> [SFUChange] {
    guard let link = links[slot], link.epoch == epoch || link.down == epoch else { return [] }
    begun[slot] = now
    return end(slot)
  }

  package mutating func isReady(_ slot: Int, epoch: Int) {
    if links[slot]?.epoch == epoch { links[slot]!.isReady = true }
    if let link = links[slot], link.down == epoch { links[slot]!.isDownReady = true }
  }

  /// What somebody's connection must lose where they are now: it ends, or is silenced. Never more than ``update(_:_:_:)`` would do.
  package mutating func check(_ one: VoiceListener) -> [SFUChange] {
    guard let link = links[one.slot] else { return [] }
    guard Self.zone(one.place, hasStage: link.zone == .stage) == link.zone,
      link.sends == (one.place != .floor)
    else { return end(one.slot) }
    let speaks = link.sends && one.maySpeak
    guard speaks != link.speaks else { return [] }
    links[one.slot]!.speaks = speaks
    return [.silenced(slot: one.slot, links[one.slot]!)]
  }

  /// Decides anew; at most one phase on.
  package mutating func update(
    _ people: [VoiceListener], _ parameters: VoiceParameters, _ step: inout Step
  ) -> [SFUChange] {
    var changes: [SFUChange] = []
    let hasStage = people.contains { $0.place == .stage }
    var members: [VoiceZone: [VoiceListener]] = [:]
    if parameters.hasSFU {
      for one in people {
        changes += check(one)
        if let zone = Self.zone(one.place, hasStage: hasStage) { members[zone, default: []].append(one) }
      }
    }
    if !links.isEmpty {
      let here = Set(people.lazy.map(\.slot))
      for slot in links.keys.sorted() where !here.contains(slot) { changes += end(slot) }
    }
    full = []
    missing = []
    for zone in Set(members.keys).union(zones.keys).sorted(by: Self.comesBefore) {
      decide(zone, members[zone] ?? [], parameters, &step, &changes)
    }
    if begun.count > 2 * people.count + 16 {
      begun = begun.filter { step.now &- $0.value < Tick(parameters.sfuRetryTicks) }
    }
    return changes
  }

  private mutating func decide(
    _ zone: VoiceZone, _ members: [VoiceListener], _ parameters: VoiceParameters, _ step: inout Step,
    _ changes: inout [SFUChange]
  ) {
    var state = zones[zone] ?? Zone()
    let seen = VoiceMode.Seen(
      members: members.count, isStage: zone == .stage,
      hasMuted: members.contains { $0.place != .floor && !$0.maySpeak },
      ready: standing(members), isUp: step.isUp)
    let usedSFU = state.mode.phase.usesSFU
    if members.isEmpty { state.mode = VoiceMode() } else { state.mode.step(seen, parameters, now: step.now) }
    if !step.isUp, seen.wantsSFU(parameters) { missing.insert(zone) }
    guard state.mode.phase.usesSFU else {
      for slot in links.keys.sorted() where links[slot]!.zone == zone { changes += end(slot) }
      if usedSFU { changes.append(.closed(room: state.room)) }
      zones[zone] = nil
      return
    }
    let isCrowd = zone == .stage || members.count > parameters.positionalMax
    if usedSFU, isCrowd, state.kind == .positional {
      // Too many for one stream each: everybody changes to a mixed room.
      for slot in links.keys.sorted() where links[slot]!.zone == zone { changes += end(slot) }
      changes.append(.closed(room: state.room))
    }
    if !usedSFU || isCrowd && state.kind == .positional {
      state.room = step.nextRoom
      state.kind = isCrowd ? .mixed : .positional
      step.nextRoom += 1
      changes.append(.opened(room: state.room, state.kind))
    }
    zones[zone] = state
    // Who speaks comes before who listens, and who has a place keeps it.
    let order = members.sorted { a, b in
      let (aFloor, bFloor) = (a.place == .floor, b.place == .floor)
      if aFloor != bFloor { return bFloor }
      let (aHas, bHas) = (links[a.slot] != nil, links[b.slot] != nil)
      return aHas != bHas ? aHas : a.order < b.order
    }
    for one in order.dropFirst(parameters.sfuMembersMax) {
      full.insert(one.slot)
      changes += end(one.slot)
    }
    for one in order.prefix(parameters.sfuMembersMax) where links[one.slot] == nil {
      guard step.beginningsLeft > 0 else { break }
      if let last = begun[one.slot], step.now &- last < Tick(parameters.sfuRetryTicks) { continue }
      let sends = one.place != .floor
      var link = SFULink(
        epoch: step.nextEpoch, zone: zone, room: state.room, sends: sends, speaks: sends && one.maySpeak)
      step.nextEpoch += 1
      if state.kind == .positional {
        link.down = step.nextEpoch
        step.nextEpoch += 1
      }
      step.beginningsLeft -= 1
      begun[one.slot] = step.now
      links[one.slot] = link
      changes.append(.began(slot: one.slot, link))
    }
    if state.kind == .positional { seatEars(order, parameters, step.now, &changes) }
  }

  /// How many can do without the mesh: whoever could hear somebody does.
  private func standing(_ members: [VoiceListener]) -> Int {
    let connected = members.compactMap { links[$0.slot] }.filter(\.isReady)
    let speaking = connected.count(where: \.speaks)
    return connected.count { $0.down == nil || $0.isDownReady || speaking == ($0.speaks ? 1 : 0) }
  }

  /// Everybody hears those who may speak and whose sound can pass; where there are too many, the nearest, and whoever is heard already
  /// counts as nearer by a fifth. Who is to fall silent does so now, changes for the sake of distance come once a second.
  private mutating func seatEars(
    _ members: [VoiceListener], _ parameters: VoiceParameters, _ now: Tick, _ changes: inout [SFUChange]
  ) {
    var speakers: [(point: Vector3, slot: Int, epoch: Int)] = []
    for one in members {
      guard let link = links[one.slot], link.isReady, link.speaks else { continue }
      speakers.append((one.point, one.slot, link.epoch))
    }
    let audible = Set(speakers.map(\.epoch))
    for one in members {
      guard let link = links[one.slot], link.down != nil else { continue }
      var others: [(distance: Double, epoch: Int)] = []
      for speaker in speakers where speaker.slot != one.slot {
        let distance = (speaker.point - one.point).length
        others.append((link.heard.contains(speaker.epoch) ? distance * 0.8 : distance, speaker.epoch))
      }
      others.sort { ($0.distance, $0.epoch) < ($1.distance, $1.epoch) }
      let nearest = others.prefix(parameters.audibleMax).map(\.epoch)
      let wanted = Set(nearest)
      guard wanted != link.heard else { continue }
      let isDue =
        wanted.count > link.heard.count || !link.heard.isSubset(of: audible)
        || now &- link.heardTick >= Tick(parameters.sfuRetryTicks)
      guard isDue else { continue }
      links[one.slot]!.heard = wanted
      links[one.slot]!.heardTick = now
      changes.append(.hears(slot: one.slot, links[one.slot]!, nearest))
    }
  }

  private mutating func end(_ slot: Int) -> [SFUChange] {
    guard let link = links.removeValue(forKey: slot) else { return [] }
    return [.ended(slot: slot, link)]
  }

  private static func comesBefore(_ a: VoiceZone, _ b: VoiceZone) -> Bool {
    switch (a, b) {
    case (.room(let x), .room(let y)): x < y
    case (.room, .stage): true
    case (.stage, _): false
    }
  }
}
