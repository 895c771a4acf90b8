import HubKernel
import HubWire

/// The pages of a space that somebody has stood on. Tables are never freed or zeroed while the space is open: an empty
/// slot with its tick *is* the record that somebody left.
struct PageTable: ~Copyable {
  static let none = UInt16.max
  let slots: Int
  let pagesPerCell: Int
  let cells: Int
  private(set) var count = 0
  private(set) var capacity: Int
  /// Tick of the step that took the newest page into use.
  private(set) var newestPageTick: Tick = 0

  /// Page id -> page index.
  private var index: Column<UInt16>
  /// By page index.
  var pageID: Column<UInt16>
  var cell: Column<UInt16>
  var origin: Column<CodedOrigin>
  /// Occupants.
  var occupants: Column<UInt16>
  /// Slots `0 ..< slotsUsed` have ever been taken; all beyond are as the page began.
  var slotsUsed: Column<UInt16>
  /// Newest change by tier: `last[page * 3 + tier]`.
  var last: Column<Tick>
  /// Tick at which emissions of the page were put off: `owes[page * 3 + tier]`; 0: never.
  var owes: Column<Tick>
  /// By `page * slots + slot`.
  var entity: Column<UInt16>
  /// Tick of the last enter or leave of the slot.
  var occupied: Column<Tick>
  /// Tick of the last enter, leave or emission, by tier.
  var changed0: Column<Tick>
  var changed1: Column<Tick>
  var changed2: Column<Tick>

  init(grid: borrowing SpaceGrid, parameters: borrowing ReplicationParameters, initialPages: Int) {
    slots = parameters.pageSlots
    pagesPerCell = parameters.pagesPerCellMax
    cells = grid.cells
    capacity = initialPages
    index = Column(repeating: Self.none, count: grid.pages)
    pageID = Column(repeating: 0, count: capacity)
    cell = Column(repeating: 0, count: capacity)
    origin = Column(repeating: CodedOrigin(x: 0, y: 0, z: 0), count: capacity)
    occupants = Column(repeating: 0, count: capacity)
    slotsUsed = Column(repeating: 0, count: capacity)
    last = Column(repeating: 0, count: capacity * Tier.count)
    owes = Column(repeating: 0, count: capacity * Tier.count)
    entity = Column(repeating: EntityTable.none, count: capacity * slots)
    occupied = Column(repeating: 0, count: capacity * slots)
    changed0 = Column(repeating: 0, count: capacity * slots)
    changed1 = Column(repeating: 0, count: capacity * slots)
    changed2 = Column(repeating: 0, count: capacity * slots)
  }

  /// Index of page `number` of a cell, or nil if nobody has stood on it yet.
  func find(cell: Int, number: Int) -> Int? {
    let found = index[number * cells + cell]
    return found == Self.none ? nil : Int(found)
  }

  /// The lowest page of the cell with a free slot; takes a new one into use where needed. nil: all are full.
  /// This is the only place of a tick that may allocate, when the space's pages outgrow their tables.
  mutating func pageWithRoom(cell: Int, grid: borrowing SpaceGrid, now: Tick) -> Int? {
    for number in 0..<pagesPerCell {
      guard let page = find(cell: cell, number: number) else {
        return open(cell: cell, number: number, grid: grid, now: now)
      }
      if Int(occupants[page]) < slots { return page }
    }
    return nil
  }

  func freeSlot(_ page: Int) -> Int? {
    let entities = entity.span
    for slot in 0..<slots where entities[page * slots + slot] == EntityTable.none { return slot }
    return nil
  }

  /// Somebody entered (`occupant` is an entity) or left (``EntityTable/none``) the slot.
  mutating func set(_ page: Int, _ slot: Int, occupant: UInt16, now: Tick) {
    let at = page * slots + slot
    let was = entity[at]
    entity[at] = occupant
    if was == EntityTable.none, occupant != EntityTable.none { occupants[page] += 1 }
    if was != EntityTable.none, occupant == EntityTable.none { occupants[page] -= 1 }
    slotsUsed[page] = max(slotsUsed[page], UInt16(slot + 1))
    occupied[at] = now
    changed0[at] = now
    changed1[at] = now
    changed2[at] = now
    for tier in 0..<Tier.count { last[page * Tier.count + tier] = now }
  }

  /// The predictor of a slot was told anew at a tier.
  mutating func noteEmission(_ page: Int, _ slot: Int, _ tier: Tier, now: Tick) {
    let at = page * slots + slot
    switch tier {
    case .s0: changed0[at] = now
    case .s1: changed1[at] = now
    case .s2: changed2[at] = now
    }
    last[page * Tier.count + Int(tier.rawValue)] = now
  }

  /// For ``ReplicationMutation/freedPages`` only.
  mutating func forget(_ page: Int) {
    for at in page * slots..<(page + 1) * slots {
      occupied[at] = 0
      changed0[at] = 0
      changed1[at] = 0
      changed2[at] = 0
    }
    for tier in 0..<Tier.count { last[page * Tier.count + tier] = 0 }
  }

  private mutating func open(cell newCell: Int, number: Int, grid: borrowing SpaceGrid, now: Tick) -> Int {
    if count == capacity { grow(to: min(capacity * 2, cells * pagesPerCell)) }
    let page = count
    count += 1
    let id = number * cells + newCell
    index[id] = UInt16(page)
    pageID[page] = UInt16(id)
    cell[page] = UInt16(newCell)
    origin[page] = grid.origin(ofPage: id)
    newestPageTick = now
    return page
  }

  private mutating func grow(to newCapacity: Int) {
    precondition(newCapacity > capacity)
    pageID = Column(pageID, extendedTo: newCapacity, with: 0)
    cell = Column(cell, extendedTo: newCapacity, with: 0)
    origin = Column(origin, extendedTo: newCapacity, with: CodedOrigin(x: 0, y: 0, z: 0))
    occupants = Column(occupants, extendedTo: newCapacity, with: 0)
    slotsUsed = Column(slotsUsed, extendedTo: newCapacity, with: 0)
    last = Column(last, extendedTo: newCapacity * Tier.count, with: 0)
    owes = Column(owes, extendedTo: newCapacity * Tier.count, with: 0)
    entity = Column(entity, extendedTo: newCapacity * slots, with: EntityTable.none)
    occupied = Column(occupied, extendedTo: newCapacity * slots, with: 0)
    changed0 = Column(changed0, extendedTo: newCapacity * slots, with: 0)
    changed1 = Column(changed1, extendedTo: newCapacity * slots, with: 0)
    changed2 = Column(changed2, extendedTo: newCapacity * slots, with: 0)
    capacity = newCapacity
  }
}
