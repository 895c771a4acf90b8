public import HubKernel
public import HubWire

// Crowds: what a reader knows of people who are not told to it one by one.
extension Replica {
  /// Calls `body` for each coarse cell with somebody in it, ascending.
  public func forEachDigest(_ body: (Digest) throws -> Void) rethrows {
    for digest in digests where digest.count > 0 { try body(digest) }
  }

  /// The digest of a coarse cell; nil where nobody is known of, or there is no such cell.
  public func digest(coarse: Int) -> Digest? {
    guard digests.indices.contains(coarse), digests[coarse].count > 0 else { return nil }
    return digests[coarse]
  }

  /// People in the space by digests: the sum of all counts.
  public var digestTotal: Int { digests.reduce(0) { $0 + Int($1.count) } }

  /// Which ids are moving nodes (from `nodes`): they never stand for people. Forgotten with `reset`.
  public mutating func setNodes(_ ids: Span<EntityID>) {
    for index in 0..<ids.count where !nodes.contains(ids[index].rawValue) {
      nodes.append(ids[index].rawValue)
    }
  }

  /// People known one by one whose home, or else the page that focus named, lies in each coarse cell, the reader itself
  /// among them. Allocates the result; about 10 ns a person.
  public func individualCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: digests.count)
    for index in records.indices {
      let record = records[index]
      guard record.isUsed, homes.find(record.id) == UInt16(index), !nodes.contains(record.id) else {
        continue
      }
      counts[grid.coarse(ofCell: Int(record.page) % grid.cells)] += 1
    }
    for slot in focus.indices where focus[slot].isTold {
      let id = focus[slot].id
      guard homes.find(id) == nil, !nodes.contains(id) else { continue }
      // Two slots may name one entity; the lowest speaks.
      guard focus.firstIndex(where: { $0.isTold && $0.id == id }) == slot else { continue }
      counts[grid.coarse(ofCell: Int(focus[slot].page) % grid.cells)] += 1
    }
    return counts
  }

  /// How many to draw by seed in each coarse cell: those the digest counts, less the individuals known there. Allocates.
  public func impostorCounts() -> [Int] {
    var counts = individualCounts()
    for coarse in counts.indices { counts[coarse] = max(0, Int(digests[coarse].count) - counts[coarse]) }
    return counts
  }

  /// ``impostorCounts()`` of one coarse cell; 0 where there is no such cell.
  public func impostors(coarse: Int) -> Int {
    digests.indices.contains(coarse) ? impostorCounts()[coarse] : 0
  }
}
