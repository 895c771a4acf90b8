public import HubKernel

/// A block of a frame whose extent has been checked; the records stay in the bytes.
public struct Block: Equatable, Sendable, BitwiseCopyable {
  public let page: UInt16
  /// nil: the page is dropped, or the block holds digests.
  public let tier: Tier?
  public let replaces: Bool
  public let leaves: Int
  public let enters: Int
  public let updates: Int
  /// Digest records; all other counts are 0 where there are any.
  public let digests: Int
  @usableFromInline let leavesOffset: Int
  @usableFromInline let entersOffset: Int
  @usableFromInline let updatesOffset: Int

  @inlinable public var isFocus: Bool { page == FrameLimits.focusPage }
  @inlinable public var isDigest: Bool { page == FrameLimits.digestPage }
}

/// An ENTER record. `page` is the one whose origin the word counts from.
public struct EnterRecord: Equatable, Sendable, BitwiseCopyable {
  public let id: EntityID
  public let page: UInt16
  public let word: Word

  @inlinable init(id: EntityID, page: UInt16, word: Word) {
    self.id = id
    self.page = page
    self.word = word
  }
}

/// Walks over the blocks of one frame. Checks extents only; what the records mean for a replica is the replica's.
public struct FrameReader: ~Escapable {
  public let header: FrameHeader
  @usableFromInline let bytes: RawSpan
  private var offset: Int

  /// Reads the header.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(WireError) {
    var reader = ByteReader(bytes)
    header = try FrameHeader.read(from: &reader)
    offset = reader.offset
    self.bytes = bytes
  }

  /// The next block, or nil at the end of the message.
  @_lifetime(self: copy self)
  public mutating func next() throws(WireError) -> Block? {
    guard offset < bytes.byteCount else { return nil }
    guard bytes.byteCount - offset >= FrameLimits.dropBytes else { throw .truncated }
    let page = u16(offset)
    let head = u8(offset + 2)
    offset += FrameLimits.dropBytes
    if page == FrameLimits.digestPage { return try digests(head) }
    guard head & BlockHead.reserved == 0 else { throw .reservedHeadBits(head) }
    guard let tier = Tier(rawValue: head & BlockHead.tierMask) else {
      guard head == BlockHead.drop else { throw .reservedHeadBits(head) }
      return Block(
        page: page, tier: nil, replaces: false, leaves: 0, enters: 0, updates: 0, digests: 0,
        leavesOffset: offset, entersOffset: offset, updatesOffset: offset)
    }
    let leaves = head & BlockHead.hasLeaves != 0 ? try count() : 0
    let enters = head & BlockHead.hasEnters != 0 ? try count() : 0
    let updates = try count()
    let wordBytes = WordLayout.of(tier).byteCount
    let enterBytes = wordBytes + (page == FrameLimits.focusPage ? 4 : 2)
    let block = Block(
      page: page, tier: tier, replaces: head & BlockHead.replace != 0, leaves: leaves, enters: enters,
      updates: updates, digests: 0, leavesOffset: offset, entersOffset: offset + leaves,
      updatesOffset: offset + leaves + enters * enterBytes)
    offset = block.updatesOffset + updates * wordBytes
    guard offset <= bytes.byteCount else { throw .truncated }
    return block
  }

  /// A block of digests: head 0, then one record at least.
  private mutating func digests(_ head: UInt8) throws(WireError) -> Block {
    guard head == 0 else { throw .reservedHeadBits(head) }
    let digests = try count()
    guard digests > 0 else { throw .emptyDigests }
    let start = offset
    offset += digests * Digest.byteCount
    guard offset <= bytes.byteCount else { throw .truncated }
    return Block(
      page: FrameLimits.digestPage, tier: nil, replaces: false, leaves: 0, enters: 0, updates: 0,
      digests: digests, leavesOffset: start, entersOffset: start, updatesOffset: start)
  }

  /// Slot of the block's leave record `index`.
  @inlinable public func leave(_ block: Block, _ index: Int) -> UInt8 {
    precondition(index >= 0 && index < block.leaves)
    return u8(block.leavesOffset + index)
  }

  /// The block's enter record `index`.
  @inlinable public func enter(_ block: Block, _ index: Int) -> EnterRecord {
    precondition(index >= 0 && index < block.enters)
    let tier = block.tier ?? .s0
    let wordBytes = WordLayout.of(tier).byteCount
    let idBytes = block.isFocus ? 4 : 2
    let at = block.entersOffset + index * (wordBytes + idBytes)
    return EnterRecord(
      id: EntityID(rawValue: u16(at)), page: block.isFocus ? u16(at + 2) : block.page,
      word: word(tier, at + idBytes))
  }

  /// The block's update record `index`.
  @inlinable public func update(_ block: Block, _ index: Int) -> Word {
    precondition(index >= 0 && index < block.updates)
    let tier = block.tier ?? .s0
    return word(tier, block.updatesOffset + index * WordLayout.of(tier).byteCount)
  }

  private mutating func count() throws(WireError) -> Int {
    guard offset < bytes.byteCount else { throw .truncated }
    defer { offset += 1 }
    return Int(u8(offset))
  }

  // The loads below are in bounds: the public readers check their index against a block whose extent `next` checked.
  @inlinable func u8(_ at: Int) -> UInt8 {
    precondition(at >= 0 && at < bytes.byteCount)
    return unsafe bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self)
  }

  @inlinable func u16(_ at: Int) -> UInt16 {
    precondition(at >= 0 && at + 2 <= bytes.byteCount)
    return UInt16(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self))
  }

  @inlinable func word(_ tier: Tier, _ at: Int) -> Word {
    let layout = WordLayout.of(tier)
    precondition(at >= 0 && at + layout.byteCount <= bytes.byteCount)
    var low: UInt64
    var high: UInt16 = 0
    if layout.byteCount == 7 {
      low = UInt64(
        UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)))
      low |= UInt64(u16(at + 4)) << 32 | UInt64(u8(at + 6)) << 48
    } else {
      low = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
      if layout.byteCount == 10 { high = u16(at + 8) }
    }
    return layout.unpack(PackedWord(low: low, high: high))
  }
}
