import HubKernel
import HubWire

/// Writes frames from the byte tables of docs/protocol-binary.md alone, so that tests don't check the hub's writer
/// against itself.
struct FrameBuilder {
  var bytes: [UInt8]

  init(tick: UInt16, serverMs: UInt16 = 0, ackedInput: UInt8 = 0, flags: UInt8 = 0, type: UInt8 = 1) {
    bytes = [type] + Self.u16(tick) + Self.u16(serverMs) + [ackedInput, flags]
  }

  static func u16(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }

  /// Packs (value, bits) from the lowest bit up.
  static func pack(_ fields: [(Int, Int)]) -> [UInt8] {
    var bits: [Bool] = []
    for (value, width) in fields {
      for bit in 0..<width { bits.append((value >> bit) & 1 == 1) }
    }
    return stride(from: 0, to: bits.count, by: 8).map { at in
      (0..<8).reduce(UInt8(0)) { $0 | (bits[at + $1] ? 1 << UInt8($1) : 0) }
    }
  }

  static func word(_ tier: Int, _ word: Word) -> [UInt8] {
    let widths = [
      [8, 12, 12, 10, 9, 9, 8, 6, 6], [8, 10, 10, 7, 8, 8, 6, 5, 2], [8, 9, 9, 5, 7, 7, 5, 4, 2],
    ][tier]
    let values = [
      Int(word.slot), Int(word.x), Int(word.z), Int(word.y), Int(word.velocityX), Int(word.velocityZ),
      Int(word.yaw),
      Int(word.animation), Int(word.flags),
    ]
    return pack(Array(zip(values, widths)))
  }

  mutating func digests(_ records: [[UInt8]]) {
    bytes += Self.u16(0xFFFE) + [0, UInt8(records.count)] + records.joined()
  }

  mutating func drop(_ page: UInt16) { bytes += Self.u16(page) + [3] }

  mutating func block(
    _ page: UInt16, tier: Int, replace: Bool = false, leaves: [UInt8] = [],
    enters: [(id: UInt16, word: Word, page: UInt16)] = [], updates: [Word] = []
  ) {
    bytes += Self.u16(page)
    bytes.append(UInt8(tier) | (replace ? 4 : 0) | (leaves.isEmpty ? 0 : 8) | (enters.isEmpty ? 0 : 16))
    if !leaves.isEmpty { bytes.append(UInt8(leaves.count)) }
    if !enters.isEmpty { bytes.append(UInt8(enters.count)) }
    bytes.append(UInt8(updates.count))
    bytes += leaves
    for enter in enters {
      bytes += Self.u16(enter.id)
      if page == 0xFFFF { bytes += Self.u16(enter.page) }
      bytes += Self.word(tier, enter.word)
    }
    for update in updates { bytes += Self.word(tier, update) }
  }
}

/// A digest record: `place` is x, z, y, spread; `shares` are moving, seated, talking, hand raised in fifteenths.
func digest(
  _ coarse: UInt16, _ count: UInt16, _ place: [UInt8], velocity: [Int8] = [0, 0],
  shares: [UInt8] = [0, 0, 0, 0],
  animation: UInt8 = 0, seed: UInt8 = 0
) -> [UInt8] {
  FrameBuilder.u16(coarse) + FrameBuilder.u16(count) + place + velocity.map { UInt8(bitPattern: $0) }
    + [shares[0] | shares[1] << 4, shares[2] | shares[3] << 4, animation, seed]
}

func enter(_ id: UInt16, _ word: Word, page: UInt16 = 0) -> (id: UInt16, word: Word, page: UInt16) {
  (id, word, page)
}

/// A word in the middle of a page, told apart by its slot and place.
func word(
  _ slot: UInt8, x: UInt16 = 100, z: UInt16 = 200, y: UInt16 = 3, vx: Int16 = 0, vz: Int16 = 0,
  yaw: UInt8 = 0,
  animation: UInt8 = 0, flags: UInt8 = 0
) -> Word {
  Word(
    slot: slot, x: x, z: z, y: y, velocityX: vx, velocityZ: vz, yaw: yaw, animation: animation, flags: flags)
}
