public import HubKernel

/// Why binary bytes are refused.
public enum WireError: Error, Equatable, Sendable {
  /// The bytes end before the message does.
  case truncated
  /// Bytes remain after the message.
  case trailingBytes(Int)
  /// The first byte names no message of this direction.
  case unknownType(UInt8)
  /// A block head has one of its reserved bits set, so its layout is unknown.
  case reservedHeadBits(UInt8)
  /// A block of digests without any.
  case emptyDigests
}

/// The integers of the wire; all little-endian.
public enum WireInteger: String, Sendable {
  case u8, u16, i16, i32

  public var byteCount: Int {
    switch self {
    case .u8: 1
    case .u16, .i16: 2
    case .i32: 4
    }
  }
}

/// One line of a message's table: the table is the layout, for writer, reader, document and protocol hash alike.
public struct WireField<Message>: Sendable {
  public let name: String
  public let type: WireInteger
  let get: @Sendable (borrowing Message) -> Int64
  let set: @Sendable (inout Message, Int64) -> Void

  init(
    _ name: String, _ type: WireInteger, _ get: @escaping @Sendable (borrowing Message) -> Int64,
    _ set: @escaping @Sendable (inout Message, Int64) -> Void
  ) {
    self.name = name
    self.type = type
    self.get = get
    self.set = set
  }
}

/// A message that is its type byte and then the fields of a table.
public protocol WireMessage: Sendable {
  static var typeByte: UInt8 { get }
  static var wireName: String { get }
  static var fields: [WireField<Self>] { get }
  init()
}

extension WireMessage {
  /// Bytes with the type byte.
  public static var byteCount: Int { fields.reduce(1) { $0 + $1.type.byteCount } }

  /// Appends type byte and fields at `offset`, and moves it on. Traps past the end: the caller sized the buffer.
  public func store(into buffer: UnsafeMutableRawBufferPointer, at offset: inout Int) {
    unsafe buffer.store(Self.typeByte, at: &offset)
    for field in Self.fields {
      let value = field.get(self)
      switch field.type {
      case .u8: unsafe buffer.store(UInt8(truncatingIfNeeded: value), at: &offset)
      case .u16: unsafe buffer.store(UInt16(truncatingIfNeeded: value), at: &offset)
      case .i16: unsafe buffer.store(Int16(truncatingIfNeeded: value), at: &offset)
      case .i32: unsafe buffer.store(Int32(truncatingIfNeeded: value), at: &offset)
      }
    }
  }

  /// The message as an array, for clients and tests.
  public func bytes() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    var offset = 0
    unsafe bytes.withUnsafeMutableBytes { buffer in unsafe store(into: buffer, at: &offset) }
    return bytes
  }

  /// Reads type byte and fields; stops behind them.
  @_lifetime(reader: copy reader)
  public static func read(from reader: inout ByteReader) throws(WireError) -> Self {
    var message = Self()
    var type: UInt8 = 0
    do throws(BytesExhausted) {
      type = try reader.u8()
      for field in type == typeByte ? fields : [] {
        switch field.type {
        case .u8: field.set(&message, Int64(try reader.u8()))
        case .u16: field.set(&message, Int64(try reader.u16()))
        case .i16: field.set(&message, Int64(try reader.i16()))
        case .i32: field.set(&message, Int64(try reader.i32()))
        }
      }
    } catch {
      throw .truncated
    }
    guard type == typeByte else { throw .unknownType(type) }
    return message
  }

  /// One line of the canonical text under the protocol hash: `MOVE type=2 u8 seq, …`.
  static var canonicalLine: String {
    "\(wireName) type=\(typeByte) " + fields.map { "\($0.name):\($0.type.rawValue)" }.joined(separator: " ")
  }
}
