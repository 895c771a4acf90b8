public import HubKernel
public import HubWire

/// Why a frame is refused. The replica is as it was; the connection is of no use any more.
public enum ReplicaError: Error, Equatable, Sendable {
  case wire(WireError)
  /// The frame is not newer than the one before.
  case tickNotAdvancing
  case pageOutsideGrid(UInt16)
  /// Two blocks of one page in one frame.
  case pageTwice(UInt16)
  /// A block without REPLACE, or a DROP, for a page that isn't told.
  case pageNotTold(UInt16)
  case tierChangedWithoutReplace(UInt16)
  case slotOutOfRange(UInt8)
  case updateOfEmptySlot(page: UInt16, slot: UInt8)
  case tooManyPages
  case tooManyEntities
  /// A digest of a coarse cell that the grid doesn't have.
  case coarseOutsideGrid(UInt16)
}

/// Somebody to draw.
public struct ShownEntity: Sendable, Equatable {
  public let id: EntityID
  /// The page of the entity's words; for one in focus without a told page, the page that focus named.
  public let page: UInt16
  /// The tier of ``predictor``: S0 while in focus.
  public let tier: Tier
  public let isFocus: Bool
  public let predictor: Predictor
}

/// The reader's side of replication: what one client has been told, brought to one tick by each frame.
///
/// A frame applies as a whole or not at all. Steady frames allocate nothing; memory follows what is told: 0.5 kB a page,
/// 32 bytes an entity.
public struct Replica: ~Copyable {
  public private(set) var grid: SpaceGrid
  /// The reader's own avatar: tracked, not shown.
  public var ownID: EntityID?
  /// Tick of the last applied frame, unwrapped; nil before the first.
  public private(set) var tick: Tick?
  /// Header of the last applied frame.
  public private(set) var header = FrameHeader()

  var told: [ReplicaPage] = []
  var records: [ReplicaRecord] = []
  private var freeRecords: [UInt16] = []
  /// By `block * pageSlots + slot`: the record there.
  var slotRecords: [UInt16] = []
  private var freeBlocks: [UInt16] = []
  private var blockCount = 0
  /// Avatar -> the record that is its home.
  var homes = IDTable()
  var focus = [ReplicaFocus](repeating: ReplicaFocus(), count: FrameLimits.focusSlots)
  private(set) var focusCount = 0
  /// By coarse cell; count 0 where nobody is known of.
  var digests: [Digest] = []
  /// Ids of moving nodes, ascending: they are shown but don't count in digests.
  var nodes: [UInt16] = []
  private var tickHint: Tick
  private var newPages: [UInt16] = []
  private var frameStamp: UInt32 = 0
  package var mutation = ReplicationMutation.none

  /// - Parameter tickHint: a tick near the first frame's (from `welcome`), from which its high bits are taken.
  public init(grid: SpaceGrid, ownID: EntityID? = nil, tickHint: Tick = 0) {
    self.grid = grid
    self.ownID = ownID
    self.tickHint = tickHint
    forgetDigests()
    newPages.reserveCapacity(64)
  }

  /// Forgets everything: a new connection, or another space.
  public mutating func reset(grid: SpaceGrid, ownID: EntityID?, tickHint: Tick) {
    self.grid = grid
    self.ownID = ownID
    self.tickHint = tickHint
    tick = nil
    header = FrameHeader()
    told.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    freeRecords.removeAll(keepingCapacity: true)
    slotRecords.removeAll(keepingCapacity: true)
    freeBlocks.removeAll(keepingCapacity: true)
    blockCount = 0
    homes.removeAll()
    for index in focus.indices { focus[index] = ReplicaFocus() }
    focusCount = 0
    nodes.removeAll()
    forgetDigests()
  }

  private mutating func forgetDigests() {
    digests.removeAll(keepingCapacity: true)
    for coarse in 0..<grid.coarseCells { digests.append(Digest(coarse: UInt16(coarse), count: 0)) }
  }

  /// Applies one frame. Throws without any change where the bytes are malformed or contradict what was told.
  public mutating func apply(_ bytes: RawSpan) throws(ReplicaError) {
    let newTick = try check(bytes)
    do throws(WireError) {
      var reader = try FrameReader(bytes)
      while let block = try reader.next() {
        if block.isFocus {
          applyFocus(block, reader, newTick)
        } else if block.isDigest {
          for number in 0..<block.digests {
            let digest = reader.digest(block, number)
            digests[Int(digest.coarse)] = digest
          }
        } else {
          applyPage(block, reader, newTick)
        }
      }
      header = reader.header
    } catch {
      preconditionFailure("the bytes were checked")
    }
    tick = newTick
  }

  /// The frame's whole tick: the one nearest to the last (or to the hint) with these low 16 bits.
  func unwrap(_ tick16: UInt16) -> Tick {
    let reference = tick ?? tickHint
    let distance = Int64(Int16(bitPattern: tick16 &- UInt16(truncatingIfNeeded: reference)))
    let whole = Int64(reference) + distance
    return Tick(truncatingIfNeeded: whole < 0 ? whole + 65_536 : whole)
  }

  // MARK: Checking

  private mutating func check(_ bytes: RawSpan) throws(ReplicaError) -> Tick {
    frameStamp &+= 1
    newPages.removeAll(keepingCapacity: true)
    var reader: FrameReader
    do throws(WireError) { reader = try FrameReader(bytes) } catch { throw .wire(error) }
    let newTick = unwrap(reader.header.tick)
    if let tick, newTick &- tick == 0 || newTick &- tick >= 32_768 { throw .tickNotAdvancing }
    var pages = told.count
    var entities = records.count - freeRecords.count
    var sawFocus = false
    while true {
      var next: Block?
      do throws(WireError) { next = try reader.next() } catch { throw .wire(error) }
      guard let block = next else { break }
      if block.isFocus {
        if sawFocus { throw .pageTwice(block.page) }
        sawFocus = true
        try checkFocus(block, reader)
        continue
      }
      if block.isDigest {
        for number in 0..<block.digests {
          let coarse = reader.digest(block, number).coarse
          guard Int(coarse) < digests.count else { throw .coarseOutsideGrid(coarse) }
        }
        continue
      }
      guard Int(block.page) < grid.pages else { throw .pageOutsideGrid(block.page) }
      let index = find(block.page)
      if let index {
        if told[index].stamp == frameStamp { throw .pageTwice(block.page) }
        told[index].stamp = frameStamp
      } else {
        guard block.replaces, block.tier != nil else { throw .pageNotTold(block.page) }
        for known in 0..<newPages.count where newPages[known] == block.page { throw .pageTwice(block.page) }
        newPages.append(block.page)
        pages += 1
      }
      entities -= index.map { told[$0].occupied.count } ?? 0
      if block.tier == nil {
        pages -= 1
        continue
      }
      let keeps = index.flatMap { block.replaces ? nil : $0 }
      if let keeps, told[keeps].tier != block.tier, mutation != .freeDowngrade {
        throw .tierChangedWithoutReplace(block.page)
      }
      var occupied = keeps.map { told[$0].occupied } ?? SlotSet()
      if mutation == .replaceMerges, let index { occupied = told[index].occupied }
      try checkRecords(block, reader, &occupied, slots: FrameLimits.pageSlots)
      entities += occupied.count
    }
    // Blocks come in any order, so the caps hold for the frame as a whole.
    guard pages <= FrameLimits.toldPages else { throw .tooManyPages }
    guard entities <= FrameLimits.individuals else { throw .tooManyEntities }
    return newTick
  }

  private func checkFocus(_ block: Block, _ reader: borrowing FrameReader) throws(ReplicaError) {
    var occupied = SlotSet()
    if !block.replaces, block.tier != nil {
      guard block.tier == .s0 else { throw .tierChangedWithoutReplace(block.page) }
      for slot in focus.indices where focus[slot].isTold { occupied.insert(UInt8(slot)) }
    }
    try checkRecords(block, reader, &occupied, slots: FrameLimits.focusSlots)
    for index in 0..<block.enters {
      let page = reader.enter(block, index).page
      guard Int(page) < grid.pages else { throw .pageOutsideGrid(page) }
    }
  }

  private func checkRecords(
    _ block: Block, _ reader: borrowing FrameReader, _ occupied: inout SlotSet, slots: Int
  ) throws(ReplicaError) {
    for index in 0..<block.leaves {
      let slot = reader.leave(block, index)
      guard Int(slot) < slots else { throw .slotOutOfRange(slot) }
      occupied.remove(slot)
    }
    for index in 0..<block.enters {
      let slot = reader.enter(block, index).word.slot
      guard Int(slot) < slots else { throw .slotOutOfRange(slot) }
      occupied.insert(slot)
    }
    for index in 0..<block.updates {
      let slot = reader.update(block, index).slot
      guard Int(slot) < slots else { throw .slotOutOfRange(slot) }
      guard occupied.contains(slot) else { throw .updateOfEmptySlot(page: block.page, slot: slot) }
    }
  }

  // MARK: Applying

  private mutating func applyPage(_ block: Block, _ reader: borrowing FrameReader, _ now: Tick) {
    guard let tier = block.tier else {
      if let index = find(block.page) { drop(index) }
      return
    }
    let index = find(block.page) ?? open(block.page, tier)
    if block.replaces, mutation != .replaceMerges { clear(index) }
    told[index].tier = tier
    let base = Int(told[index].block) * FrameLimits.pageSlots
    let layout = WordLayout.of(tier)
    let origin = grid.origin(ofPage: Int(block.page))
    for number in 0..<block.leaves { leave(index, reader.leave(block, number)) }
    for number in 0..<block.enters {
      let enter = reader.enter(block, number)
      let slot = enter.word.slot
      leave(index, slot, keepingHomeOf: enter.id)
      let record = takeRecord()
      records[record] = ReplicaRecord(
        predictor: layout.predictor(enter.word, origin: origin, base: now), id: enter.id.rawValue,
        page: block.page, tier: tier)
      slotRecords[base + Int(slot)] = UInt16(record)
      told[index].occupied.insert(slot)
      if mutation == .firstHomeWins, homes.find(enter.id.rawValue) != nil { continue }
      homes.set(enter.id.rawValue, UInt16(record))
    }
    for number in 0..<block.updates {
      let word = reader.update(block, number)
      let record = Int(slotRecords[base + Int(word.slot)])
      records[record].predictor = layout.predictor(word, origin: origin, base: now)
      records[record].tier = tier
    }
  }

  private mutating func applyFocus(_ block: Block, _ reader: borrowing FrameReader, _ now: Tick) {
    if block.replaces || block.tier == nil {
      for slot in focus.indices { focus[slot] = ReplicaFocus() }
    }
    for number in 0..<block.leaves { focus[Int(reader.leave(block, number))] = ReplicaFocus() }
    let layout = WordLayout.of(.s0)
    for number in 0..<block.enters {
      let enter = reader.enter(block, number)
      focus[Int(enter.word.slot)] = ReplicaFocus(
        isTold: true, id: enter.id.rawValue, page: enter.page,
        predictor: layout.predictor(enter.word, origin: grid.origin(ofPage: Int(enter.page)), base: now))
    }
    for number in 0..<block.updates {
      let word = reader.update(block, number)
      let slot = Int(word.slot)
      focus[slot].predictor = layout.predictor(
        word, origin: grid.origin(ofPage: Int(focus[slot].page)), base: now)
    }
    var count = 0
    for slot in 0..<FrameLimits.focusSlots where focus[slot].isTold { count += 1 }
    focusCount = count
  }

  /// Empties a slot. The occupant loses its home only if its home is here: it may have entered elsewhere already.
  private mutating func leave(_ index: Int, _ slot: UInt8, keepingHomeOf entering: EntityID? = nil) {
    guard told[index].occupied.contains(slot) else { return }
    told[index].occupied.remove(slot)
    let record = slotRecords[Int(told[index].block) * FrameLimits.pageSlots + Int(slot)]
    let id = records[Int(record)].id
    if homes.find(id) == record || (mutation == .blindLeave && entering == nil) { homes.remove(id) }
    records[Int(record)].isUsed = false
    freeRecords.append(record)
  }

  private mutating func clear(_ index: Int) {
    for slot in 0..<UInt8(FrameLimits.pageSlots) where told[index].occupied.contains(slot) {
      leave(index, slot)
    }
  }

  private mutating func drop(_ index: Int) {
    clear(index)
    freeBlocks.append(told[index].block)
    told.remove(at: index)
  }

  private mutating func open(_ page: UInt16, _ tier: Tier) -> Int {
    let block: UInt16
    if let free = freeBlocks.popLast() {
      block = free
    } else {
      block = UInt16(blockCount)
      blockCount += 1
      if freeBlocks.capacity < blockCount { freeBlocks.reserveCapacity(blockCount * 2) }
      slotRecords.append(contentsOf: repeatElement(0, count: FrameLimits.pageSlots))
    }
    let index = lowerBound(page)
    told.insert(ReplicaPage(page: page, tier: tier, block: block, stamp: frameStamp), at: index)
    return index
  }

  private mutating func takeRecord() -> Int {
    if let free = freeRecords.popLast() { return Int(free) }
    if records.count == records.capacity {
      records.reserveCapacity(max(64, records.count * 2))
      // All of them may come free in one frame: that frame must not allocate.
      freeRecords.reserveCapacity(records.capacity)
    }
    records.append(ReplicaRecord())
    return records.count - 1
  }

  private func lowerBound(_ page: UInt16) -> Int {
    var low = 0
    var high = told.count
    while low < high {
      let middle = (low + high) / 2
      if told[middle].page < page { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func find(_ page: UInt16) -> Int? {
    let index = lowerBound(page)
    return index < told.count && told[index].page == page ? index : nil
  }
}
