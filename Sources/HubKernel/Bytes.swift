/// Bytes that end too early.
public struct BytesExhausted: Error, Equatable, Sendable {
  public init() {}
}

/// Reads little-endian integers from a peer's bytes; throws instead of reading past the end.
public struct ByteReader: ~Escapable {
  @usableFromInline let bytes: RawSpan
  public private(set) var offset: Int

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) {
    self.bytes = bytes
    offset = 0
  }

  public var remaining: Int { bytes.byteCount - offset }

  @_lifetime(self: copy self)
  public mutating func u8() throws(BytesExhausted) -> UInt8 { try load(UInt8.self) }
  @_lifetime(self: copy self)
  public mutating func u16() throws(BytesExhausted) -> UInt16 { UInt16(littleEndian: try load(UInt16.self)) }
  @_lifetime(self: copy self)
  public mutating func u32() throws(BytesExhausted) -> UInt32 { UInt32(littleEndian: try load(UInt32.self)) }
  @_lifetime(self: copy self)
  public mutating func u64() throws(BytesExhausted) -> UInt64 { UInt64(littleEndian: try load(UInt64.self)) }
  @_lifetime(self: copy self)
  public mutating func i16() throws(BytesExhausted) -> Int16 { Int16(bitPattern: try u16()) }
  @_lifetime(self: copy self)
  public mutating func i32() throws(BytesExhausted) -> Int32 { Int32(bitPattern: try u32()) }

  @_lifetime(self: copy self)
  private mutating func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(BytesExhausted) -> T {
    guard remaining >= MemoryLayout<T>.size else { throw BytesExhausted() }
    let value = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self)
    offset += MemoryLayout<T>.size
    return value
  }
}

extension Sequence<UInt8> {
  /// Two lower-case hexadecimal digits a byte.
  public var hexText: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Appends an integer as its bytes, the lowest first: what ``ByteReader`` reads.
  public mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Stores a little-endian integer at `offset` and moves it on. Traps past the end: the caller sized the buffer.
  @inlinable public func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: inout Int) {
    precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count)
    unsafe storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    offset += MemoryLayout<T>.size
  }
}
