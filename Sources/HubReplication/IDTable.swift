/// A small map from 16-bit ids to 16-bit values: open addressing, linear probing, deletion by shifting back
/// (Knuth, TAOCP 3, 6.4, algorithm R). Grows by doubling; deterministic, and no allocation at a steady size.
struct IDTable {
  private static let empty: UInt32 = .max
  /// `key << 16 | value`; the pair 0xFFFF, 0xFFFF is not storable and marks an empty place.
  private var places: [UInt32]
  private(set) var count = 0

  init(minimumCapacity: Int = 64) {
    var size = 64
    while size < minimumCapacity * 2 { size *= 2 }
    places = Array(repeating: Self.empty, count: size)
  }

  private func start(_ key: UInt16) -> Int {
    Int((UInt32(key) &* 0x9E37_79B1) >> 12) & (places.count - 1)
  }

  func find(_ key: UInt16) -> UInt16? {
    var at = start(key)
    while places[at] != Self.empty {
      if places[at] >> 16 == UInt32(key) { return UInt16(truncatingIfNeeded: places[at]) }
      at = (at + 1) & (places.count - 1)
    }
    return nil
  }

  mutating func set(_ key: UInt16, _ value: UInt16) {
    precondition(value != .max)
    if (count + 1) * 2 > places.count { grow() }
    var at = start(key)
    while places[at] != Self.empty {
      if places[at] >> 16 == UInt32(key) { break }
      at = (at + 1) & (places.count - 1)
    }
    if places[at] == Self.empty { count += 1 }
    places[at] = UInt32(key) << 16 | UInt32(value)
  }

  mutating func remove(_ key: UInt16) {
    let mask = places.count - 1
    var at = start(key)
    while places[at] != Self.empty, places[at] >> 16 != UInt32(key) { at = (at + 1) & mask }
    guard places[at] != Self.empty else { return }
    count -= 1
    var next = (at + 1) & mask
    while places[next] != Self.empty {
      let home = start(UInt16(truncatingIfNeeded: places[next] >> 16))
      // The entry may move back to the gap unless its home lies cyclically in (at, next].
      if (next &- home) & mask >= (next &- at) & mask {
        places[at] = places[next]
        at = next
      }
      next = (next + 1) & mask
    }
    places[at] = Self.empty
  }

  mutating func removeAll() {
    for at in places.indices { places[at] = Self.empty }
    count = 0
  }

  private mutating func grow() {
    let old = places
    places = Array(repeating: Self.empty, count: old.count * 2)
    count = 0
    for entry in old where entry != Self.empty {
      set(UInt16(truncatingIfNeeded: entry >> 16), UInt16(truncatingIfNeeded: entry))
    }
  }
}
