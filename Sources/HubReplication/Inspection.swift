package import HubKernel
package import HubWire

// What tests, and nobody else, look at: the server's side of what a replica must show.
extension SpaceReplicator {
  /// Page id and slot of an entity as of the last executed tick; nil while it stands nowhere.
  package func placement(of id: EntityID) -> (page: UInt16, slot: UInt8)? {
    guard let index = entities.index(of: id), entities.page[index] != EntityTable.none else { return nil }
    return (pages.pageID[Int(entities.page[index])], entities.slot[index])
  }

  package func predictor(of id: EntityID, tier: Tier) -> Predictor? {
    entities.index(of: id).map { entities.predictor(tier, $0) }
  }

  /// Whether records of the page and tier were put off in the last executed tick.
  package func hasPostponed(page id: UInt16, tier: Tier) -> Bool {
    guard let page = pages.find(cell: Int(id) % grid.cells, number: Int(id) / grid.cells) else {
      return false
    }
    return pages.owes[page * Tier.count + Int(tier.rawValue)] == tick
  }

  /// Entities in the slots of a page.
  package func occupants(page id: UInt16) -> Int {
    let number = Int(id) / grid.cells
    guard let page = pages.find(cell: Int(id) % grid.cells, number: number) else { return 0 }
    return Int(pages.occupants[page])
  }

  /// The digests as readers are told them, by coarse cell.
  package func forEachDigest(_ body: (Digest) -> Void) {
    for coarse in 0..<digests.cells { body(digests.told[coarse]) }
  }

  /// Calls `body` with the id and tier of each page told to a view.
  package func forEachTold(_ view: Int, _ views: borrowing ClientViews, _ body: (UInt16, Tier) -> Void) {
    for index in view * views.toldMax..<view * views.toldMax + Int(views.toldCount[view]) {
      let entry = views.told[index]
      body(pages.pageID[Int(entry.page)], Tier(rawValue: entry.tier) ?? .s2)
    }
  }

  /// FNV-1a 64 over the blocks that bring every page from the previous executed tick to this one, in all tiers.
  package mutating func liveBlockHash(into scratch: UnsafeMutableRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for page in 0..<pages.count {
      for tier in Tier.allCases {
        var offset = 0
        _ = unsafe writeDiff(page: page, tier: tier, since: previousTick, into: scratch, at: &offset)
        for index in 0..<offset { hash = (hash ^ UInt64(unsafe scratch[index])) &* 0x0000_0100_0000_01B3 }
      }
    }
    return hash
  }
}

extension ClientViews {
  /// Calls `body` with the ids the view has been told are in focus.
  package func forEachFocus(_ view: Int, _ body: (Int, EntityID) -> Void) {
    for slot in 0..<focusMax where focus[view * focusMax + slot].hasTold {
      body(slot, EntityID(rawValue: focus[view * focusMax + slot].told))
    }
  }
}

extension Replica {
  /// FNV-1a 64 over all that a reader can see: equal states give equal numbers.
  package func stateHash() -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ value: some BinaryInteger) {
      hash = (hash ^ UInt64(truncatingIfNeeded: value)) &* 0x0000_0100_0000_01B3
    }
    func mix(_ predictor: Predictor) {
      mix(predictor.x)
      mix(predictor.y)
      mix(predictor.z)
      mix(predictor.base)
      mix(predictor.velocityX)
      mix(predictor.velocityZ)
      mix(predictor.yaw)
      mix(predictor.animation)
      mix(predictor.flags.rawValue)
    }
    mix(tick ?? 0)
    for page in told {
      mix(page.page)
      mix(page.tier.rawValue)
      for slot in 0..<FrameLimits.pageSlots where page.occupied.contains(UInt8(slot)) {
        guard let held = occupant(page: page.page, slot: UInt8(slot)) else { continue }
        mix(slot)
        mix(held.id.rawValue)
        mix(homes.find(held.id.rawValue) ?? .max)
        mix(held.predictor)
      }
    }
    for digest in digests where digest.count > 0 {
      mix(digest.coarse)
      mix(digest.count)
      mix(UInt32(digest.x) << 24 | UInt32(digest.z) << 16 | UInt32(digest.y) << 8 | UInt32(digest.spread))
      mix(digest.velocityX)
      mix(digest.velocityZ)
      mix(digest.moving << 4 | digest.seated)
      mix(digest.talking << 4 | digest.handRaised)
      mix(UInt16(digest.animation) << 8 | UInt16(digest.seed))
    }
    for slot in 0..<FrameLimits.focusSlots {
      guard let held = focusOccupant(slot: UInt8(slot)) else { continue }
      mix(slot)
      mix(held.id.rawValue)
      mix(held.page)
      mix(held.predictor)
    }
    return hash
  }

  /// Traps where the tables contradict each other: every taken slot has its own used record, every home is one of them,
  /// nothing used is unreachable.
  package func verify() {
    var reached = [Bool](repeating: false, count: records.count)
    var taken = 0
    for index in told.indices {
      let page = told[index]
      if index > 0 { precondition(told[index - 1].page < page.page, "pages are in order") }
      for slot in 0..<256 where page.occupied.contains(UInt8(slot)) {
        precondition(slot < FrameLimits.pageSlots, "the slot exists")
        let record = Int(slotRecords[Int(page.block) * FrameLimits.pageSlots + slot])
        precondition(!reached[record] && records[record].isUsed, "the record is the slot's own")
        precondition(
          records[record].page == page.page && records[record].tier == page.tier, "the record is the page's")
        reached[record] = true
        taken += 1
      }
    }
    precondition(
      taken == slotCount && taken <= FrameLimits.individuals && told.count <= FrameLimits.toldPages)
    var homesFound = 0
    for index in records.indices {
      precondition(records[index].isUsed == reached[index], "a used record is in a slot")
      if records[index].isUsed, homes.find(records[index].id) == UInt16(index) { homesFound += 1 }
    }
    precondition(homesFound == homes.count, "every home is a taken slot of its avatar")
    var shown = Set<UInt16>()
    forEachShown { precondition(shown.insert($0.id.rawValue).inserted, "nobody is shown twice") }
  }
}
