public import HubKernel
public import HubWire

/// Which slots of a page are taken: 256 bits.
struct SlotSet: Equatable {
  private var bits: SIMD4<UInt64> = .zero

  var count: Int {
    bits[0].nonzeroBitCount + bits[1].nonzeroBitCount + bits[2].nonzeroBitCount + bits[3].nonzeroBitCount
  }
  func contains(_ slot: UInt8) -> Bool { bits[Int(slot >> 6)] >> UInt64(slot & 63) & 1 != 0 }
  mutating func insert(_ slot: UInt8) { bits[Int(slot >> 6)] |= 1 << UInt64(slot & 63) }
  mutating func remove(_ slot: UInt8) { bits[Int(slot >> 6)] &= ~(1 << UInt64(slot & 63)) }
}

struct ReplicaPage {
  var page: UInt16
  var tier: Tier
  /// Block of ``Replica/slotRecords``.
  var block: UInt16
  var occupied = SlotSet()
  /// Frame that last had a block of this page.
  var stamp: UInt32

  init(page: UInt16, tier: Tier, block: UInt16, stamp: UInt32) {
    self.page = page
    self.tier = tier
    self.block = block
    self.stamp = stamp
  }
}

/// One taken slot of a told page.
struct ReplicaRecord {
  var predictor = Predictor(
    x: 0, y: 0, z: 0, base: 0, velocityX: 0, velocityZ: 0, yaw: 0, animation: 0, flags: [])
  var id: UInt16 = 0
  var page: UInt16 = 0
  var tier = Tier.s0
  var isUsed = true
}

struct ReplicaFocus {
  var isTold = false
  var id: UInt16 = 0
  var page: UInt16 = 0
  var predictor = Predictor(
    x: 0, y: 0, z: 0, base: 0, velocityX: 0, velocityZ: 0, yaw: 0, animation: 0, flags: [])
}

extension Replica {
  /// Pages told.
  public var toldPageCount: Int { told.count }
  /// Taken slots of all told pages, the reader's own avatar included.
  public var slotCount: Int { told.reduce(0) { $0 + $1.occupied.count } }

  /// Calls `body` for everybody to draw: those with a place in a told page or in focus, without the reader itself.
  /// The order is fixed by the frames applied.
  public func forEachShown(_ body: (ShownEntity) throws -> Void) rethrows {
    for index in records.indices {
      let record = records[index]
      guard record.isUsed, homes.find(record.id) == UInt16(index) else { continue }
      let id = EntityID(rawValue: record.id)
      guard id != ownID else { continue }
      try body(focused(id) ?? Self.shown(record))
    }
    for slot in focus.indices where focus[slot].isTold {
      let id = EntityID(rawValue: focus[slot].id)
      // Two slots may name one entity for a moment of the caller's choice; the lowest speaks.
      guard id != ownID, homes.find(id.rawValue) == nil, focusSlot(id) == slot else { continue }
      try body(shownFocus(slot))
    }
  }

  /// The entity as it would be shown, or nil when the reader has not been told of it. The own avatar is found too.
  public func entity(_ id: EntityID) -> ShownEntity? {
    if let focused = focused(id) { return focused }
    return homes.find(id.rawValue).map { Self.shown(records[Int($0)]) }
  }

  /// Everybody to draw, counted.
  public var shownCount: Int {
    var count = 0
    forEachShown { _ in count += 1 }
    return count
  }

  /// Tier of a page, or nil when it isn't told.
  public func tier(ofPage page: UInt16) -> Tier? { find(page).map { told[$0].tier } }

  /// Calls `body` for each told page, ascending.
  public func forEachToldPage(_ body: (_ page: UInt16, _ tier: Tier, _ occupants: Int) throws -> Void)
    rethrows
  {
    for page in told { try body(page.page, page.tier, page.occupied.count) }
  }

  /// Who stands in a slot of a told page, with the page's own predictor.
  public func occupant(page: UInt16, slot: UInt8) -> (id: EntityID, predictor: Predictor)? {
    guard let index = find(page), told[index].occupied.contains(slot) else { return nil }
    let record = records[Int(slotRecords[Int(told[index].block) * FrameLimits.pageSlots + Int(slot)])]
    return (EntityID(rawValue: record.id), record.predictor)
  }

  /// Who is in one of the 16 focus slots.
  public func focusOccupant(slot: UInt8) -> (id: EntityID, page: UInt16, predictor: Predictor)? {
    guard Int(slot) < focus.count, focus[Int(slot)].isTold else { return nil }
    let entry = focus[Int(slot)]
    return (EntityID(rawValue: entry.id), entry.page, entry.predictor)
  }

  private static func shown(_ record: ReplicaRecord) -> ShownEntity {
    ShownEntity(
      id: EntityID(rawValue: record.id), page: record.page, tier: record.tier, isFocus: false,
      predictor: record.predictor)
  }

  private func shownFocus(_ slot: Int) -> ShownEntity {
    ShownEntity(
      id: EntityID(rawValue: focus[slot].id), page: focus[slot].page, tier: .s0, isFocus: true,
      predictor: focus[slot].predictor)
  }

  private func focusSlot(_ id: EntityID) -> Int? {
    guard focusCount > 0 else { return nil }
    for slot in focus.indices where focus[slot].isTold && focus[slot].id == id.rawValue { return slot }
    return nil
  }

  private func focused(_ id: EntityID) -> ShownEntity? { focusSlot(id).map { shownFocus($0) } }
}
