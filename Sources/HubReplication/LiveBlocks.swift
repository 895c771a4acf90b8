import HubKernel
import HubWire

/// What a written block was made of.
struct BlockStats: BitwiseCopyable {
  var bytes: Int32 = 0
  var updates: Int32 = 0
  var enterLeaveBytes: Int32 = 0
  var isKeyframe = false
}

/// Blocks of the current tick, shared by the readers of one page, tier and gap: the first reader's block is kept, the
/// others copy it. Gaps of 1 to 10 ticks are shared, so readers at 10 Hz share too, and those in quiet places and under overload,
/// whose frames are five and ten ticks apart; and so are keyframes, as gap 0. Longer gaps are written anew.
@safe struct LiveBlocks: ~Copyable {
  static let gapMax: Tick = 10
  private static let arenaBytes = 1024 * 1024

  private struct Entry: BitwiseCopyable {
    var tick: Tick = 0
    var offset: Int32 = 0
    var stats = BlockStats()
  }

  private var entries: Column<Entry>
  private let arena: UnsafeMutableRawPointer
  private var used = 0
  /// Slots of the block being written.
  var leaves = Column<UInt8>(repeating: 0, count: 256)
  var enters = Column<UInt8>(repeating: 0, count: 256)
  var updates = Column<UInt8>(repeating: 0, count: 256)

  init(pageCapacity: Int) {
    entries = Column(repeating: Entry(), count: pageCapacity * Tier.count * Int(Self.gapMax + 1))
    unsafe arena = .allocate(byteCount: Self.arenaBytes, alignment: 16)
  }

  deinit { unsafe arena.deallocate() }

  /// A new tick: nothing is shared any more.
  mutating func begin(pageCapacity: Int) {
    used = 0
    let count = pageCapacity * Tier.count * Int(Self.gapMax + 1)
    if entries.count < count { entries = Column(repeating: Entry(), count: count) }
  }

  private func entryIndex(_ page: Int, _ tier: Tier, _ gap: Tick) -> Int {
    (page * Tier.count + Int(tier.rawValue)) * Int(Self.gapMax + 1) + Int(gap)
  }

  /// Copies the shared block to `offset` and moves it on; nil when nobody has written it this tick.
  func copy(
    page: Int, tier: Tier, gap: Tick, now: Tick, into out: UnsafeMutableRawBufferPointer, at offset: inout Int
  ) -> BlockStats? {
    guard gap <= Self.gapMax else { return nil }
    let entry = entries[entryIndex(page, tier, gap)]
    guard entry.tick == now else { return nil }
    let bytes = Int(entry.stats.bytes)
    precondition(offset >= 0 && offset + bytes <= out.count)
    if bytes > 0 {
      unsafe (out.baseAddress! + offset).copyMemory(from: arena + Int(entry.offset), byteCount: bytes)
    }
    offset += bytes
    return entry.stats
  }

  /// Keeps the block that lies in `out` from `start`, if the arena has room.
  mutating func keep(
    page: Int, tier: Tier, gap: Tick, now: Tick, stats: BlockStats, from out: UnsafeMutableRawBufferPointer,
    at start: Int
  ) {
    let bytes = Int(stats.bytes)
    guard gap <= Self.gapMax, used + bytes <= Self.arenaBytes else { return }
    precondition(start >= 0 && start + bytes <= out.count)
    if bytes > 0 { unsafe (arena + used).copyMemory(from: out.baseAddress! + start, byteCount: bytes) }
    entries[entryIndex(page, tier, gap)] = Entry(tick: now, offset: Int32(used), stats: stats)
    used += bytes
  }
}
