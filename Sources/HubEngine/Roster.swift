/// The people of a space in the order they came or changed. A client holds one number, the sequence it has been told
/// up to; whoever changes moves to the end. No per-pair state, whatever the number of people.
struct Roster {
  struct Entry: Sequenced {
    let sequence: UInt64
    let slot: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var latest: UInt64 = 0
  private var live = 0

  /// A newcomer, or somebody who changed: the new sequence, which the caller keeps as the slot's current one.
  mutating func touch(slot: Int, isNew: Bool) -> UInt64 {
    latest += 1
    entries.append(Entry(sequence: latest, slot: slot))
    if isNew { live += 1 }
    return latest
  }

  mutating func left() { live -= 1 }

  /// Drops superseded entries when they outnumber the live ones. `current(slot)` is the slot's sequence, 0 if gone.
  mutating func compactIfWorthwhile(current: (Int) -> UInt64) {
    guard entries.count > 2 * live + 64 else { return }
    entries.removeAll { current($0.slot) != $0.sequence }
  }
}

/// What is told in the order it came.
protocol Sequenced { var sequence: UInt64 { get } }

extension Array where Element: Sequenced {
  /// The first entry after `sequence`, in entries that ascend. O(log entries).
  func index(after sequence: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
