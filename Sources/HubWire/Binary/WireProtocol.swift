/// What both sides of the binary lane must agree on, as text and as a hash.
public enum WireProtocol {
  /// One line per message and per tier, made from the tables that write and read them.
  public static let canonicalText: String = {
    var lines = [FrameHeader.canonicalLine, MoveMessage.canonicalLine, AckMessage.canonicalLine]
    for tier in Tier.allCases {
      let layout = WordLayout.of(tier)
      lines.append(
        "WORD tier=\(tier.rawValue) slot:\(WordLayout.slotBits) x:\(layout.xzBits) z:\(layout.xzBits) y:\(layout.yBits)"
          + " vx:\(layout.velocityBits) vz:\(layout.velocityBits) yaw:\(layout.yawBits)"
          + " animation:\(layout.animationBits) flags:\(layout.flagBits)"
          + " shifts \(layout.xzShift) \(layout.yShift) \(layout.velocityShift)")
    }
    lines.append(
      "BLOCK page:u16 head:u8 [leaves:u8] [enters:u8] updates:u8 tier:2 replace:\(BlockHead.replace)"
        + " leaves:\(BlockHead.hasLeaves) enters:\(BlockHead.hasEnters) drop:\(BlockHead.drop)"
        + " focus:\(FrameLimits.focusPage)")
    lines.append(
      "VOLUME range:\(CodedVolume.rangeSteps) margin:\(CodedVolume.marginSteps) band:\(CodedVolume.bandSteps)"
        + " pages:\(FrameLimits.pagesPerCell) slots:\(FrameLimits.pageSlots) focusSlots:\(FrameLimits.focusSlots)"
    )
    lines.append(
      "DIGEST page:\(FrameLimits.digestPage) head:0 count:u8 records coarse:u16 count:u16 x:u8 z:u8 y:u8 spread:u8"
        + " vx:i8 vz:i8 moving:4 seated:4 talking:4 handRaised:4 animation:u8 seed:u8"
        + " bytes:\(Digest.byteCount) cells:\(FrameLimits.coarseCells)")
    return lines.joined(separator: "\n") + "\n"
  }()

  /// FNV-1a, 64 bits, over the UTF-8 bytes of ``canonicalText`` (Fowler, Noll, Vo).
  public static let hash: UInt64 = canonicalText.utf8.reduce(0xCBF2_9CE4_8422_2325) {
    ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
  }

  /// ``hash`` as 16 lower-case hexadecimal digits, as `welcome` carries it.
  public static let hashHex: String = {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }()
}
