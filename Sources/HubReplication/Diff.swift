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
    let gap = tick &- since
    if since > 0 {
      if pages.last[page * Tier.count + Int(tier.rawValue)] <= since { return BlockStats() }
      if let stats = unsafe live.copy(page: page, tier: tier, gap: gap, now: tick, into: out, at: &offset) {
        return stats
      }
    }
    var (leaves, enters, updates) = collect(page: page, tier: tier, since: since)
    if mutation == .noTombstones, since > 0 { leaves = 0 }
    if mutation == .recordsDeferredPerClient, since > 0, (tick &+ Tick(page)) % 8 == 0 { updates = 0 }
    let layout = WordLayout.of(tier)
    let size =
      FrameLimits.blockHeaderBytes + (leaves > 0 ? 1 + leaves : 0)
      + (enters > 0 ? 1 + enters * (layout.byteCount + 2) : 0) + updates * layout.byteCount
    var replaces = since == 0
    if since > 0, size >= keyframeBytes(page: page, tier: tier) {
      (leaves, enters, updates) = collect(page: page, tier: tier, since: 0)
      replaces = true
    }
    var stats = BlockStats()
    if replaces || leaves + enters + updates > 0 {
      unsafe out.store(pages.pageID[page], at: &offset)
      let head = BlockHead(tier: tier, replaces: replaces, hasLeaves: leaves > 0, hasEnters: enters > 0)
      unsafe out.store(head.rawValue, at: &offset)
      if leaves > 0 { unsafe out.store(UInt8(leaves), at: &offset) }
      if enters > 0 { unsafe out.store(UInt8(enters), at: &offset) }
      unsafe out.store(UInt8(updates), at: &offset)
      let origin = pages.origin[page]
      for index in 0..<leaves { unsafe out.store(live.leaves[index], at: &offset) }
      for index in 0..<enters {
        let slot = live.enters[index]
        let entity = Int(pages.entity[page * pages.slots + Int(slot)])
        unsafe out.store(entities.id[entity], at: &offset)
        unsafe layout.store(word(tier, entity: entity, slot: slot, origin: origin), into: out, at: &offset)
      }
      for index in 0..<updates {
        let slot = live.updates[index]
        let entity = Int(pages.entity[page * pages.slots + Int(slot)])
        unsafe layout.store(word(tier, entity: entity, slot: slot, origin: origin), into: out, at: &offset)
      }
      stats.bytes = Int32(offset - start)
      stats.updates = Int32(updates)
      stats.enterLeaveBytes = Int32(leaves + enters * (layout.byteCount + 2))
      stats.isKeyframe = replaces
    }
    if since > 0 {
      unsafe live.keep(page: page, tier: tier, gap: gap, now: tick, stats: stats, from: out, at: start)
    }
    return stats
  }

  /// Sorts the page's slots that changed after `since` into the lists of ``live``.
  private mutating func collect(page: Int, tier: Tier, since: Tick) -> (
    leaves: Int, enters: Int, updates: Int
  ) {
    let base = page * pages.slots
    let heals = since < previousTick
    var (leaves, enters, updates) = (0, 0, 0)
    for slot in 0..<pages.slots where pages.changed(tier, base + slot) > since {
      let empty = pages.entity[base + slot] == EntityTable.none
      if pages.occupied[base + slot] > since {
        if empty {
          guard since > 0 else { continue }
          live.leaves[leaves] = UInt8(slot)
          leaves += 1
        } else if parameters.mutation == .healWithoutIDs, heals, since > 0 {
          live.updates[updates] = UInt8(slot)
          updates += 1
        } else {
          live.enters[enters] = UInt8(slot)
          enters += 1
        }
      } else if !empty {
        live.updates[updates] = UInt8(slot)
        updates += 1
      }
    }
    return (leaves, enters, updates)
  }
}
