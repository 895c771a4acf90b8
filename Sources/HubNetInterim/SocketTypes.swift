/// A connection: a slot and its generation, so that an old name never reaches a new owner.
public struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
  public let slot: Int
  public let generation: UInt32
  /// Both in 64 bits, for those who only carry it.
  public var key: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
  public init(slot: Int, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }
  public init(key: UInt64) {
    self.init(slot: Int(key & 0xFFFF_FFFF), generation: UInt32(key >> 32))
  }
}
