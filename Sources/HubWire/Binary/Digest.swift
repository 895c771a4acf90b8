import HubKernel

/// The people of one coarse cell as a crowd: how many, where about, how they move. 14 bytes on the wire.
///
/// Everybody in the cell counts, whoever the reader is and whatever else it is told; moving nodes don't. The sum over
/// all coarse cells is the number of people in the space.
public struct Digest: Equatable, Sendable, BitwiseCopyable {
  /// Bytes of a record.
  public static let byteCount = 14
  /// A share of 1 as it is coded: fifteenths.
  public static let shareMax = 15

  /// Index of the coarse cell (``SpaceGrid`` says which cells it covers).
  public var coarse: UInt16
  /// People in it; 0 forgets the cell.
  public var count: UInt16
  /// Centroid from the coarse cell's corner, in 1/256 of its edge.
  public var x: UInt8 = 0
  public var z: UInt8 = 0
  /// Mean height above the floor of the band, in 4 cm (16 position steps).
  public var y: UInt8 = 0
  /// Root mean square of the distances from the centroid on x and z, in 1/256 of the edge.
  public var spread: UInt8 = 0
  /// Mean velocity in 1/16 m/s.
  public var velocityX: Int8 = 0
  public var velocityZ: Int8 = 0
  /// Shares of the people in fifteenths.
  public var moving: UInt8 = 0
  public var seated: UInt8 = 0
  public var talking: UInt8 = 0
  public var handRaised: UInt8 = 0
  /// The commonest animation.
  public var animation: UInt8 = 0
  /// Fixed for the cell, so that all readers draw the same crowd.
  public var seed: UInt8 = 0

  public init(coarse: UInt16, count: UInt16) {
    self.coarse = coarse
    self.count = count
  }

  /// Appends the record at `offset`, and moves it on. Traps past the end: the caller sized the buffer.
  public func store(into buffer: UnsafeMutableRawBufferPointer, at offset: inout Int) {
    unsafe buffer.store(coarse, at: &offset)
    unsafe buffer.store(count, at: &offset)
    unsafe buffer.store(x, at: &offset)
    unsafe buffer.store(z, at: &offset)
    unsafe buffer.store(y, at: &offset)
    unsafe buffer.store(spread, at: &offset)
    unsafe buffer.store(UInt8(bitPattern: velocityX), at: &offset)
    unsafe buffer.store(UInt8(bitPattern: velocityZ), at: &offset)
    unsafe buffer.store(moving | seated << 4, at: &offset)
    unsafe buffer.store(talking | handRaised << 4, at: &offset)
    unsafe buffer.store(animation, at: &offset)
    unsafe buffer.store(seed, at: &offset)
  }
}

extension FrameReader {
  /// The block's digest record `index`.
  public func digest(_ block: Block, _ index: Int) -> Digest {
    precondition(index >= 0 && index < block.digests)
    let at = block.updatesOffset + index * Digest.byteCount
    var digest = Digest(coarse: u16(at), count: u16(at + 2))
    digest.x = u8(at + 4)
    digest.z = u8(at + 5)
    digest.y = u8(at + 6)
    digest.spread = u8(at + 7)
    digest.velocityX = Int8(bitPattern: u8(at + 8))
    digest.velocityZ = Int8(bitPattern: u8(at + 9))
    (digest.moving, digest.seated) = (u8(at + 10) & 15, u8(at + 10) >> 4)
    (digest.talking, digest.handRaised) = (u8(at + 11) & 15, u8(at + 11) >> 4)
    digest.animation = u8(at + 12)
    digest.seed = u8(at + 13)
    return digest
  }
}
