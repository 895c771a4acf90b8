package import HubKernel
package import HubScene

/// Two people, the lower slot first.
package struct VoicePair: Hashable, Sendable {
  package let low: Int
  package let high: Int
  package init(_ a: Int, _ b: Int) {
    precondition(a != b)
    (low, high) = (min(a, b), max(a, b))
  }
}

/// The permission of two people to speak with each other. It ends when they may not hear each other any more, and never
/// comes back: a new one has a new epoch, so what was on its way for the old one reaches nobody.
package struct VoiceLink: Equatable, Sendable {
  package var epoch: Int
  package var lowSpeaks: Bool
  package var highSpeaks: Bool
  var blockedSince: Tick?
}

package enum VoiceChange: Equatable, Sendable {
  case began(VoicePair, VoiceLink)
  case ended(VoicePair, VoiceLink)
}

/// Who speaks with whom in one space: the only authority. Pairs, not groups: on an open floor A may hear B and B hear C
/// while a wall stands between A and C.
package struct VoiceLinks: Sendable {
  package private(set) var links: [VoicePair: VoiceLink] = [:]
  /// By slot: people one should hear, or be heard by, but doesn't, since the mesh is full.
  package private(set) var beyond: [Int: [Int]] = [:]
  /// By slot: until when the links that began so far would have begun one after another (GCRA, ITU-T I.371).
  private var begunUntil: [Int: Tick] = [:]
  /// The newest of those that began: where more want to begin than may, the pairs after it come next.
  private var lastBegun: VoicePair?
  /// Decide in this tick.
  package var isStale = false
  /// Slots of those who came, went, or changed places since the last decision.
  package var moved: Set<Int> = []
  /// How many were decided about last.
  package private(set) var listeners = 0

  package init() {}

  package func link(_ a: Int, _ b: Int) -> VoiceLink? { a == b ? nil : links[VoicePair(a, b)] }

  /// Slots linked to one, ascending.
  package func peers(of slot: Int) -> [Int] {
    links.keys.compactMap { $0.low == slot ? $0.high : $0.high == slot ? $0.low : nil }.sorted()
  }

  /// Ends every link of one at once.
  package mutating func cut(_ slot: Int) -> [VoiceChange] {
    beyond[slot] = nil
    return peers(of: slot).map { other in
      let pair = VoicePair(slot, other)
      return .ended(pair, links.removeValue(forKey: pair)!)
    }
  }

  package mutating func forgetMoved() {
    isStale = false
    moved.removeAll(keepingCapacity: true)
  }

  /// Ends the links of those who moved that may not go on where they are now; begins none and asks for no walls, so it
  /// costs next to nothing however many others there are. It never ends what ``update(_:_:now:nextEpoch:beginningsLeft:isBlocked:)``
  /// would let go on for lack of hearing.
  /// - Parameter person: by slot; nil: gone, and cut already.
  package mutating func cut(
    _ movers: [VoiceListener], _ parameters: VoiceParameters, _ person: (Int) -> VoiceListener?
  ) -> [VoiceChange] {
    moved.removeAll(keepingCapacity: true)
    var changes: [VoiceChange] = []
    for one in movers {
      beyond[one.slot] = nil
      for slot in peers(of: one.slot) {
        let pair = VoicePair(one.slot, slot)
        guard let link = links[pair] else { continue }
        if let other = person(slot), mayGoOn(link, one.slot < slot ? (one, other) : (other, one), parameters)
        {
          continue
        }
        links[pair] = nil
        changes.append(.ended(pair, link))
      }
    }
    return changes
  }

  private func mayGoOn(
    _ link: VoiceLink, _ pair: (low: VoiceListener, high: VoiceListener), _ parameters: VoiceParameters
  ) -> Bool {
    let (low, high) = pair
    guard low.maySpeak || !link.lowSpeaks, high.maySpeak || !link.highSpeaks else { return false }
    return switch (low.place, high.place) {
    case (.room(let a), .room(let b)): a == b
    case (.stage, .stage): true
    case (.stage, .floor): !link.highSpeaks
    case (.floor, .stage): !link.lowSpeaks
    case (.floor, .floor):
      (low.point - high.point).length <= parameters.leaveMeters
        && (low.point.y - high.point.y).magnitude <= parameters.heightMeters
    default: false
    }
  }

  /// Decides anew. Same people, same answer; a link that still holds keeps its epoch.
  /// - Parameters:
  ///   - beginningsLeft: how many links may begin, everywhere; counted down. The others wait for the next time.
  ///   - handedOver: zones that a media server serves: no pair of them is linked for their sake.
  ///   - isBlocked: whether a wall or a closed door stands between two points.
  /// - Returns: ends before beginnings, ends in the order of the pairs.
  package mutating func update(
    _ people: [VoiceListener], _ parameters: VoiceParameters, now: Tick, nextEpoch: inout Int,
    beginningsLeft: inout Int, except handedOver: Set<VoiceZone> = [], isBlocked: (Vector3, Vector3) -> Bool
  ) -> [VoiceChange] {
    forgetMoved()
    listeners = people.count
    var plan = VoicePlan(parameters)
    plan.seatRooms(people, except: handedOver)
    if !handedOver.contains(.stage) { plan.seatStage(people) }
    openFloor(people, parameters, now, &plan, isBlocked)
    var changes: [VoiceChange] = []
    func order(_ a: VoicePair, _ b: VoicePair) -> Bool { (a.low, a.high) < (b.low, b.high) }
    for pair in links.keys.sorted(by: order) {
      let link = links[pair]!
      if let wish = plan.wishes[pair], wish.low == link.lowSpeaks, wish.high == link.highSpeaks { continue }
      links[pair] = nil
      changes.append(.ended(pair, link))
    }
    if begunUntil.count > 2 * people.count + 16 {
      begunUntil = begunUntil.filter { Int32(bitPattern: $0.value &- now) > 0 }
    }
    let wanted = plan.wishes.keys.filter { links[$0] == nil }.sorted(by: order)
    let first = lastBegun.flatMap { last in wanted.firstIndex { order(last, $0) } } ?? 0
    for pair in wanted[first...] + wanted[..<first] {
      guard beginningsLeft > 0, mayBegin(pair.low, parameters, now), mayBegin(pair.high, parameters, now)
      else {
        plan.name(pair)
        continue
      }
      noteBegin(pair.low, parameters, now)
      noteBegin(pair.high, parameters, now)
      let wish = plan.wishes[pair]!
      let link = VoiceLink(epoch: nextEpoch, lowSpeaks: wish.low, highSpeaks: wish.high, blockedSince: nil)
      nextEpoch += 1
      beginningsLeft -= 1
      lastBegun = pair
      links[pair] = link
      changes.append(.began(pair, link))
    }
    beyond = plan.beyond
    return changes
  }

  /// A link takes its two some ten messages, and messages have a rate: whoever walks through a crowd is not linked with all of
  /// it. What does not begin now is decided anew the next time.
  private func mayBegin(_ slot: Int, _ parameters: VoiceParameters, _ now: Tick) -> Bool {
    guard let until = begunUntil[slot] else { return true }
    return Int(Int32(bitPattern: until &- now)) <= parameters.beginTicks * (parameters.beginBurst - 1)
  }

  private mutating func noteBegin(_ slot: Int, _ parameters: VoiceParameters, _ now: Tick) {
    var from = begunUntil[slot] ?? now
    if Int32(bitPattern: from &- now) < 0 { from = now }
    begunUntil[slot] = from &+ Tick(parameters.beginTicks)
  }

  /// Bubbles: those who hear each other already come first, then the nearest. Whether a wall stands between two is only asked
  /// where something hangs on it.
  private mutating func openFloor(
    _ people: [VoiceListener], _ parameters: VoiceParameters, _ now: Tick, _ plan: inout VoicePlan,
    _ isBlocked: (Vector3, Vector3) -> Bool
  ) {
    let floor = people.filter { $0.place == .floor }
    for key in nearPairs(floor, parameters) {
      let (a, b) = (floor[Int(key >> 16 & 0xFFFF)], floor[Int(key & 0xFFFF)])
      guard plan.hasUse(for: a, b, peersMax: parameters.bubblePeersMax) else { continue }
      let pair = VoicePair(a.slot, b.slot)
      if isBlocked(a.point, b.point) {
        guard let link = links[pair] else { continue }
        let since = link.blockedSince ?? now
        links[pair]!.blockedSince = since
        guard now &- since < Tick(parameters.blockedTicksMax) else { continue }
      } else {
        links[pair]?.blockedSince = nil
      }
      plan.offer(a, b, a.maySpeak, b.maySpeak, peersMax: parameters.bubblePeersMax)
    }
  }

  /// Pairs in reach of each other, in the order in which they are served: 1 bit whether they are new to each other, 15 bits
  /// of distance in millimetres, 16 bits of each one's index. Cells as wide as the reach, so a hall full of people takes time in
  /// proportion to its pairs in reach and not to all pairs.
  private func nearPairs(_ floor: [VoiceListener], _ parameters: VoiceParameters) -> [UInt64] {
    struct Cell: Hashable {
      var x: Int
      var z: Int
    }
    let reach = parameters.leaveMeters
    precondition(floor.count <= 0x1_0000 && reach < 32, "indices and distances fit into a key")
    var cells: [Cell: [Int]] = [:]
    var keys: [UInt64] = []
    for (index, b) in floor.enumerated() {
      let cell = Cell(x: Int((b.point.x / reach).rounded(.down)), z: Int((b.point.z / reach).rounded(.down)))
      for x in cell.x - 1...cell.x + 1 {
        for z in cell.z - 1...cell.z + 1 {
          for other in cells[Cell(x: x, z: z)] ?? [] {
            let a = floor[other]
            let distance = (a.point - b.point).length
            guard distance <= reach, (a.point.y - b.point.y).magnitude <= parameters.heightMeters else {
              continue
            }
            let isNew = links[VoicePair(a.slot, b.slot)] == nil
            guard !isNew || distance <= parameters.joinMeters else { continue }
            keys.append(
              (isNew ? 1 << 47 : 0) | UInt64(distance * 1000) << 32 | UInt64(other) << 16 | UInt64(index))
          }
        }
      }
      cells[cell, default: []].append(index)
    }
    keys.sort()
    return keys
  }
}
