/// What replication calls a thing that moves: an avatar or a dynamic node. Unique in the whole hub while in use;
/// freed ids rest 60 s in ``EntityIDPool`` before they are used again, so no client can hold an old meaning.
public struct EntityID: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  @inlinable public static func < (a: EntityID, b: EntityID) -> Bool { a.rawValue < b.rawValue }
}

/// Hands out entity ids, oldest freed first, none before its rest is over.
public struct EntityIDPool: Sendable {
  /// Rest of a freed id: 60 s.
  public static let quarantineTicks: Tick = 60 * 20

  private var fresh: UInt32 = 0
  private var freed: [(id: UInt16, tick: Tick)] = []
  private var freedHead = 0
  public let capacity: Int

  public init(capacity: Int = 65535) {
    precondition(capacity > 0 && capacity <= 65535)
    self.capacity = capacity
  }

  /// The next id, or nil when all are in use or resting.
  public mutating func take(now: Tick) -> EntityID? {
    if freedHead < freed.count, now >= freed[freedHead].tick &+ Self.quarantineTicks {
      let id = freed[freedHead].id
      freedHead += 1
      if freedHead > 1024, freedHead * 2 > freed.count {
        freed.removeFirst(freedHead)
        freedHead = 0
      }
      return EntityID(rawValue: id)
    }
    guard fresh < UInt32(capacity) else { return nil }
    defer { fresh += 1 }
    return EntityID(rawValue: UInt16(fresh))
  }

  public mutating func give(back id: EntityID, now: Tick) { freed.append((id.rawValue, now)) }
}
