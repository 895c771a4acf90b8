public import HubKernel

/// A word as 80 bits: the low 64 and the high 16. Shorter tiers leave the top bits 0.
public struct PackedWord: Equatable, Sendable, BitwiseCopyable {
  public var low: UInt64
  public var high: UInt16

  @inlinable public init(low: UInt64, high: UInt16) {
    self.low = low
    self.high = high
  }
}

/// Puts fields into a word from the lowest bit up.
@usableFromInline struct BitPacker {
  @usableFromInline var low: UInt64 = 0
  @usableFromInline var high: UInt64 = 0
  @usableFromInline var at = 0
  @inlinable init() {}

  @inlinable @inline(__always) mutating func put(_ value: UInt64, _ bits: Int) {
    let field = value & ((1 << UInt64(bits)) - 1)
    if at < 64 {
      low |= field << UInt64(at)
      if at + bits > 64 { high |= field >> UInt64(64 - at) }
    } else {
      high |= field << UInt64(at - 64)
    }
    at += bits
  }
}

/// Takes fields out of a word from the lowest bit up.
@usableFromInline struct BitUnpacker {
  @usableFromInline var low: UInt64
  @usableFromInline var high: UInt64
  @usableFromInline var at = 0
  @inlinable init(_ word: PackedWord) {
    low = word.low
    high = UInt64(word.high)
  }

  @inlinable @inline(__always) mutating func take(_ bits: Int) -> UInt64 {
    var value: UInt64
    if at < 64 {
      value = low >> UInt64(at)
      if at + bits > 64 { value |= high << UInt64(64 - at) }
    } else {
      value = high >> UInt64(at - 64)
    }
    at += bits
    value &= (1 << UInt64(bits)) - 1
    return value
  }

  @inlinable @inline(__always) mutating func takeSigned(_ bits: Int) -> Int16 {
    let raw = Int64(bitPattern: take(bits) << UInt64(64 - bits))
    return Int16(truncatingIfNeeded: raw >> Int64(64 - bits))
  }
}

extension WordLayout {
  /// Packs the fields; each is cut to its width.
  @inlinable @inline(__always) public func pack(_ word: Word) -> PackedWord {
    var bits = BitPacker()
    bits.put(UInt64(word.slot), Self.slotBits)
    bits.put(UInt64(word.x), xzBits)
    bits.put(UInt64(word.z), xzBits)
    bits.put(UInt64(word.y), yBits)
    bits.put(UInt64(UInt16(bitPattern: word.velocityX)), velocityBits)
    bits.put(UInt64(UInt16(bitPattern: word.velocityZ)), velocityBits)
    bits.put(UInt64(word.yaw), yawBits)
    bits.put(UInt64(word.animation), animationBits)
    bits.put(UInt64(word.flags), flagBits)
    return PackedWord(low: bits.low, high: UInt16(truncatingIfNeeded: bits.high))
  }

  @inlinable @inline(__always) public func unpack(_ packed: PackedWord) -> Word {
    var bits = BitUnpacker(packed)
    let slot = UInt8(truncatingIfNeeded: bits.take(Self.slotBits))
    let x = UInt16(truncatingIfNeeded: bits.take(xzBits))
    let z = UInt16(truncatingIfNeeded: bits.take(xzBits))
    let y = UInt16(truncatingIfNeeded: bits.take(yBits))
    let velocityX = bits.takeSigned(velocityBits)
    let velocityZ = bits.takeSigned(velocityBits)
    return Word(
      slot: slot, x: x, z: z, y: y, velocityX: velocityX, velocityZ: velocityZ,
      yaw: UInt8(truncatingIfNeeded: bits.take(yawBits)),
      animation: UInt8(truncatingIfNeeded: bits.take(animationBits)),
      flags: UInt8(truncatingIfNeeded: bits.take(flagBits)))
  }

  /// Writes 10, 8 or 7 bytes at `offset` and moves it on. Traps past the end of the buffer.
  @inlinable @inline(__always) public func store(
    _ word: Word, into buffer: UnsafeMutableRawBufferPointer, at offset: inout Int
  ) {
    let packed = pack(word)
    switch byteCount {
    case 10:
      unsafe buffer.store(packed.low, at: &offset)
      unsafe buffer.store(packed.high, at: &offset)
    case 8:
      unsafe buffer.store(packed.low, at: &offset)
    default:
      unsafe buffer.store(UInt32(truncatingIfNeeded: packed.low), at: &offset)
      unsafe buffer.store(UInt16(truncatingIfNeeded: packed.low >> 32), at: &offset)
      unsafe buffer.store(UInt8(truncatingIfNeeded: packed.low >> 48), at: &offset)
    }
  }
}
