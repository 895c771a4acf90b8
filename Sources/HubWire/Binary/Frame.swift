public import HubKernel

/// The 7 bytes before a frame's blocks, type byte included.
public struct FrameHeader: WireMessage, Equatable {
  public static let typeByte: UInt8 = 1
  public static let wireName = "FRAME"

  /// Low 16 bits of the tick to which this frame brings everything told.
  public var tick: UInt16 = 0
  /// The hub's monotonic milliseconds, modulo 65,536, at which the frame was written.
  public var serverMs: UInt16 = 0
  /// Sequence of the newest MOVE applied.
  public var ackedInput: UInt8 = 0
  public var flags = FrameFlags()

  public init() {}
  public init(tick: UInt16, serverMs: UInt16, ackedInput: UInt8, flags: FrameFlags = []) {
    self.tick = tick
    self.serverMs = serverMs
    self.ackedInput = ackedInput
    self.flags = flags
  }

  public static let fields: [WireField<FrameHeader>] = [
    WireField("tick", .u16, { Int64($0.tick) }, { $0.tick = UInt16(truncatingIfNeeded: $1) }),
    WireField("serverMs", .u16, { Int64($0.serverMs) }, { $0.serverMs = UInt16(truncatingIfNeeded: $1) }),
    WireField("ackedInput", .u8, { Int64($0.ackedInput) }, { $0.ackedInput = UInt8(truncatingIfNeeded: $1) }),
    WireField(
      "flags", .u8, { Int64($0.flags.rawValue) },
      { $0.flags = FrameFlags(rawValue: UInt8(truncatingIfNeeded: $1)) }),
  ]
}

extension FrameHeader {
  // The table again, written out, because this one message is written and read for every reader in every tick, and the
  // table's closures cost an allocation each without optimisation. A test compares both.

  /// Appends the header at `offset`, and moves it on. Traps past the end: the caller sized the buffer.
  public func store(into buffer: UnsafeMutableRawBufferPointer, at offset: inout Int) {
    unsafe buffer.store(Self.typeByte, at: &offset)
    unsafe buffer.store(tick, at: &offset)
    unsafe buffer.store(serverMs, at: &offset)
    unsafe buffer.store(ackedInput, at: &offset)
    unsafe buffer.store(flags.rawValue, at: &offset)
  }

  /// Reads the header; stops behind it.
  @_lifetime(reader: copy reader)
  public static func read(from reader: inout ByteReader) throws(WireError) -> FrameHeader {
    var type: UInt8 = 0
    var header = FrameHeader()
    do throws(BytesExhausted) {
      type = try reader.u8()
      guard type == typeByte else { throw BytesExhausted() }
      header.tick = try reader.u16()
      header.serverMs = try reader.u16()
      header.ackedInput = try reader.u8()
      header.flags = FrameFlags(rawValue: try reader.u8())
    } catch {
      throw type != typeByte && reader.offset > 0 ? .unknownType(type) : .truncated
    }
    return header
  }
}

/// Bits of a frame's header. Unknown bits are sent as 0 and ignored on reading.
public struct FrameFlags: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The hub shows this reader less than the usual surroundings, because its link can't take more.
  public static let interestReduced = FrameFlags(rawValue: 1)
}

/// The third byte of a block.
public struct BlockHead: Equatable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let tierMask: UInt8 = 0b11
  /// In place of a tier: the page is no longer told, and nothing follows.
  public static let drop: UInt8 = 0b11
  /// The page is emptied before the records apply.
  public static let replace: UInt8 = 1 << 2
  /// A count of leaves follows.
  public static let hasLeaves: UInt8 = 1 << 3
  /// A count of enters follows.
  public static let hasEnters: UInt8 = 1 << 4
  /// Their meaning would change the layout, so a reader refuses them.
  public static let reserved: UInt8 = 0b1110_0000

  @inlinable public init(tier: Tier, replaces: Bool, hasLeaves: Bool, hasEnters: Bool) {
    rawValue =
      tier.rawValue | (replaces ? Self.replace : 0) | (hasLeaves ? Self.hasLeaves : 0)
      | (hasEnters ? Self.hasEnters : 0)
  }
}

/// Fixed numbers of frames and blocks.
public enum FrameLimits {
  /// The page number that stands for the reader's focus.
  public static let focusPage: UInt16 = 0xFFFF
  /// The page number that stands for the digests of coarse cells.
  public static let digestPage: UInt16 = 0xFFFE
  /// Slots 0...253 of a page; 254 and 255 are never used.
  public static let pageSlots = 254
  public static let focusSlots = 16
  public static let pagesPerCell = 8
  public static let cells = 8191
  public static let toldPages = 512
  public static let individuals = 2048
  public static let coarseCells = 512
  public static let digestsPerBlock = 255
  /// Bytes of a dropped page's block.
  public static let dropBytes = 3
  /// Bytes of a block before leaves, enters and updates, without the two optional counts.
  public static let blockHeaderBytes = 4
}
