import HubKernel
import HubWire

extension SpaceReplicator {
  /// The word that says where an entity's predictor of a tier is now.
  func word(_ tier: Tier, entity: Int, slot: UInt8, origin: CodedOrigin) -> Word {
    let predictor = entities.predictor(tier, entity)
    var at = tick
    if parameters.mutation == .oldWord { at = predictor.base }
    if parameters.mutation == .ageByte { at = predictor.base &+ ((tick &- predictor.base) & 255) }
    return WordLayout.of(tier).word(slot: slot, predictor: predictor, at: at, origin: origin)
  }

  /// Bytes of a page's keyframe.
  func keyframeBytes(page: Int, tier: Tier) -> Int {
    let n = Int(pages.occupants[page])
    return FrameLimits.blockHeaderBytes + (n > 0 ? 1 : 0) + n * (WordLayout.of(tier).byteCount + 2)
  }

  /// Writes what a reader who knows the page as of tick `since` lacks; nothing, if it lacks nothing. `since` 0 writes the
  /// keyframe, which empties the page first, and so does a difference that would not be smaller.
  mutating func writeDiff(
    page: Int, tier: Tier, since: Tick, into out: UnsafeMutableRawBufferPointer, at offset: inout Int
  ) -> BlockStats {
    let start = offset
    let mutation = parameters.mutation
    var since = since
    if mutation == .staleClientTakenAsLive, since > 0, since < previousTick, previousTick - since <= 2 {
      since = previousTick
    }
    let gap = since > 0 ? tick &- since : 0
    if since > 0, pages.last[page * Tier.count + Int(tier.rawValue)] <= since { return BlockStats() }
    if let stats = unsafe live.copy(page: page, tier: tier, gap: gap, now: tick, into: out, at: &offset) {
      return stats
    }
    var counts = collect(page: page, tier: tier, since: since)
    if mutation == .noTombstones, since > 0 { counts.leaves = 0 }
    if mutation == .recordsDeferredPerClient, since > 0, (tick &+ Tick(page)) % 8 == 0 { counts.updates = 0 }
    let layout = WordLayout.of(tier)
    let size =
      FrameLimits.blockHeaderBytes + (counts.leaves > 0 ? 1 + counts.leaves : 0)
      + (counts.enters > 0 ? 1 + counts.enters * (layout.byteCount + 2) : 0) + counts.updates
      * layout.byteCount
    var replaces = since == 0
    if since > 0, size >= keyframeBytes(page: page, tier: tier) {
      counts = collect(page: page, tier: tier, since: 0)
      replaces = true
    }
    var stats = BlockStats()
    if replaces || counts.leaves + counts.enters + counts.updates > 0 {
      unsafe out.store(pages.pageID[page], at: &offset)
      let head = BlockHead(
        tier: tier, replaces: replaces, hasLeaves: counts.leaves > 0, hasEnters: counts.enters > 0)
      unsafe out.store(head.rawValue, at: &offset)
      if counts.leaves > 0 { unsafe out.store(UInt8(counts.leaves), at: &offset) }
      if counts.enters > 0 { unsafe out.store(UInt8(counts.enters), at: &offset) }
      unsafe out.store(UInt8(counts.updates), at: &offset)
      let origin = pages.origin[page]
      for index in 0..<counts.leaves { unsafe out.store(live.leaves[index], at: &offset) }
      for index in 0..<counts.enters {
        let slot = live.enters[index]
        let entity = Int(pages.entity[page * pages.slots + Int(slot)])
        unsafe out.store(entities.id[entity], at: &offset)
        unsafe layout.store(word(tier, entity: entity, slot: slot, origin: origin), into: out, at: &offset)
      }
      for index in 0..<counts.updates {
        let slot = live.updates[index]
        let entity = Int(pages.entity[page * pages.slots + Int(slot)])
        unsafe layout.store(word(tier, entity: entity, slot: slot, origin: origin), into: out, at: &offset)
      }
      stats.bytes = Int32(offset - start)
      stats.updates = Int32(counts.updates)
      stats.enterLeaveBytes = Int32(counts.leaves + counts.enters * (layout.byteCount + 2))
      stats.isKeyframe = replaces
    }
    unsafe live.keep(page: page, tier: tier, gap: gap, now: tick, stats: stats, from: out, at: start)
    return stats
  }

  /// Sorts the page's slots that changed after `since` into the lists of ``live``.
  private mutating func collect(page: Int, tier: Tier, since: Tick) -> SlotCounts {
    let slots = page * pages.slots..<page * pages.slots + Int(pages.slotsUsed[page])
    let asUpdates = parameters.mutation == .healWithoutIDs && since > 0 && since < previousTick
    return switch tier {
    case .s0: Self.collect(slots, pages.changed0, pages.occupied, pages.entity, since, asUpdates, &live)
    case .s1: Self.collect(slots, pages.changed1, pages.occupied, pages.entity, since, asUpdates, &live)
    case .s2: Self.collect(slots, pages.changed2, pages.occupied, pages.entity, since, asUpdates, &live)
    }
  }

  private static func collect(
    _ slots: Range<Int>, _ changed: borrowing Column<Tick>, _ occupied: borrowing Column<Tick>,
    _ entity: borrowing Column<UInt16>, _ since: Tick, _ entersAsUpdates: Bool, _ live: inout LiveBlocks
  ) -> SlotCounts {
    var counts = SlotCounts()
    for at in slots where changed[at] > since {
      let slot = UInt8(truncatingIfNeeded: at - slots.lowerBound)
      let empty = entity[at] == EntityTable.none
      let moved = occupied[at] > since
      if moved, empty {
        // Whoever knows nothing of the page needn't hear that somebody is gone.
        guard since > 0 else { continue }
        live.leaves[counts.leaves] = slot
        counts.leaves += 1
      } else if moved, !entersAsUpdates {
        live.enters[counts.enters] = slot
        counts.enters += 1
      } else if !empty {
        live.updates[counts.updates] = slot
        counts.updates += 1
      }
    }
    return counts
  }
}

/// Lengths of the lists of slots in ``LiveBlocks``.
struct SlotCounts {
  var leaves = 0
  var enters = 0
  var updates = 0
}
