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

  /// Entities in the slots of a page.
  package func occupants(page id: UInt16) -> Int {
    let number = Int(id) / grid.cells
    guard let page = pages.find(cell: Int(id) % grid.cells, number: number) else { return 0 }
    return Int(pages.occupants[page])
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
