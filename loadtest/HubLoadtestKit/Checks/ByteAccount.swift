import HubClient
import HubKernel
import HubReplication
public import HubWire

/// Where the bytes that clients receive go, counted from the bytes themselves.
public struct ByteAccount: Sendable, Equatable {
  /// UPDATE words by tier; focus counts as S0.
  public var updates = PerTierBytes()
  /// LEAVE and ENTER records of blocks that go on.
  public var enterLeave = 0
  /// Blocks that empty their page first, with their heads.
  public var keyframe = 0
  /// Digests of far crowds, with their heads.
  public var digest = 0
  /// Frame and block heads, dropped pages.
  public var framing = 0
  /// Frames that were counted and not looked into.
  public var unread = 0
  /// Text messages.
  public var control = 0
  /// Heads of WebSocket messages (RFC 6455, section 5.2), not part of the sum.
  public var webSocketHeads = 0
  public var frames = 0
  public var texts = 0
  public var updateRecords = PerTierBytes()
  public var reducedFrames = 0

  public struct PerTierBytes: Sendable, Equatable {
    public var s0 = 0
    public var s1 = 0
    public var s2 = 0
    mutating func add(_ tier: Tier, _ bytes: Int) {
      switch tier {
      case .s0: s0 += bytes
      case .s1: s1 += bytes
      case .s2: s2 += bytes
      }
    }
    var sum: Int { s0 + s1 + s2 }
  }

  public init() {}

  /// Bytes of all messages, without WebSocket heads.
  public var total: Int { updates.sum + enterLeave + keyframe + digest + framing + unread + control }

  public mutating func add(text bytes: Int) {
    control += bytes
    texts += 1
    webSocketHeads += Self.head(bytes)
  }

  mutating func add(_ drained: DrainedBytes) {
    unread += drained.bytes
    webSocketHeads += drained.heads
    frames += drained.frames
  }

  /// Walks over the blocks of a frame; records stay unread.
  public mutating func add(frame: RawSpan) throws(WireError) {
    frames += 1
    webSocketHeads += Self.head(frame.byteCount)
    var reader = try FrameReader(frame)
    if reader.header.flags.contains(.interestReduced) { reducedFrames += 1 }
    var rest = frame.byteCount
    while let block = try reader.next() {
      if block.isDigest {
        let bytes = FrameLimits.blockHeaderBytes + block.digests * Digest.byteCount
        digest += bytes
        rest -= bytes
      }
      guard let tier = block.tier else { continue }
      let word = WordLayout.of(tier).byteCount
      let enters = block.enters * (word + (block.isFocus ? 4 : 2))
      let updated = block.updates * word
      if block.replaces {
        let heads =
          FrameLimits.blockHeaderBytes + (block.leaves > 0 ? 1 : 0) + (block.enters > 0 ? 1 : 0)
        let bytes = heads + block.leaves + enters + updated
        keyframe += bytes
        rest -= bytes
        continue
      }
      updates.add(tier, updated)
      updateRecords.add(tier, block.updates)
      enterLeave += block.leaves + enters
      rest -= updated + block.leaves + enters
    }
    framing += rest
  }

  static func head(_ bytes: Int) -> Int { bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10 }

  public static func + (a: ByteAccount, b: ByteAccount) -> ByteAccount {
    var sum = a
    sum.updates.s0 += b.updates.s0
    sum.updates.s1 += b.updates.s1
    sum.updates.s2 += b.updates.s2
    sum.enterLeave += b.enterLeave
    sum.keyframe += b.keyframe
    sum.digest += b.digest
    sum.framing += b.framing
    sum.unread += b.unread
    sum.control += b.control
    sum.webSocketHeads += b.webSocketHeads
    sum.frames += b.frames
    sum.texts += b.texts
    sum.updateRecords.s0 += b.updateRecords.s0
    sum.updateRecords.s1 += b.updateRecords.s1
    sum.updateRecords.s2 += b.updateRecords.s2
    sum.reducedFrames += b.reducedFrames
    return sum
  }
}
