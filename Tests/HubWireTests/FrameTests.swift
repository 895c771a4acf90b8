import HubKernel
import HubWire
import Testing

@Suite struct FrameTests {
  private func blocks(_ bytes: [UInt8]) throws -> [Block] {
    var reader = try FrameReader(bytes.span.bytes)
    var blocks: [Block] = []
    while let block = try reader.next() { blocks.append(block) }
    return blocks
  }

  private static let header: [UInt8] = [1, 0x34, 0x12, 0x78, 0x56, 9, 0xFF]

  @Test func theHeaderIsSevenBytes() throws {
    let reader = try FrameReader(Self.header.span.bytes)
    #expect(reader.header.tick == 0x1234 && reader.header.serverMs == 0x5678 && reader.header.ackedInput == 9)
    #expect(reader.header.flags.contains(.interestReduced))
    #expect(FrameHeader.byteCount == 7 && reader.header.bytes() == Self.header)
    for count in 0..<7 {
      let cut = Array(Self.header[..<count])
      #expect(throws: WireError.truncated) { try blocks(cut) }
    }
  }

  @Test func theHeadersOwnCodeAgreesWithItsTable() throws {
    func viaTable<M: WireMessage & Equatable>(_ message: M) throws -> M {
      let bytes = message.bytes()
      var reader = ByteReader(bytes.span.bytes)
      return try M.read(from: &reader)
    }
    var random = SeededRandom(seed: 2)
    for _ in 0..<100 {
      let header = FrameHeader(
        tick: UInt16(random.below(65536)), serverMs: UInt16(random.below(65536)),
        ackedInput: UInt8(random.below(256)),
        flags: FrameFlags(rawValue: UInt8(random.below(256))))
      #expect(try viaTable(header) == header)
      var own = [UInt8](repeating: 0, count: 7)
      own.withUnsafeMutableBytes { buffer in
        var offset = 0
        header.store(into: buffer, at: &offset)
      }
      #expect(own == header.bytes())
      var reader = ByteReader(own.span.bytes)
      #expect(try FrameHeader.read(from: &reader) == header)
    }
  }

  @Test func everyPrefixOfABlockIsTruncatedAndEveryReservedBitRefused() throws {
    let records: [UInt8] = [5] + [1, 0] + [UInt8](repeating: 7, count: 8) + [UInt8](repeating: 9, count: 16)
    let block: [UInt8] = [3, 0, 0b1_1001, 1, 1, 2] + records
    let whole = try blocks(Self.header + block)
    #expect(whole.count == 1 && whole[0].leaves == 1 && whole[0].enters == 1 && whole[0].updates == 2)
    #expect(whole[0].tier == .s1 && !whole[0].replaces && whole[0].page == 3)
    for count in 1..<block.count {
      #expect(throws: WireError.truncated) { try blocks(Self.header + block[..<count]) }
    }
    for bit in 5..<8 {
      var bad = block
      bad[2] |= 1 << UInt8(bit)
      #expect(throws: WireError.reservedHeadBits(bad[2])) { try blocks(Self.header + bad) }
    }
  }

  @Test func aDropHasNothingBehindIt() throws {
    let both = try blocks(Self.header + [1, 2, 3, 4, 5, 3])
    #expect(both.map(\.page) == [0x0201, 0x0504] && both.allSatisfy { $0.tier == nil })
    #expect(throws: WireError.reservedHeadBits(0b111)) { try blocks(Self.header + [1, 2, 0b111]) }
  }

  @Test func digestsAreReadAsTheyAreWrittenAndNothingShorter() throws {
    var digest = Digest(coarse: 513, count: 40_000)
    (digest.x, digest.z, digest.y, digest.spread) = (1, 2, 3, 4)
    (digest.velocityX, digest.velocityZ) = (-128, 127)
    (digest.moving, digest.seated, digest.talking, digest.handRaised) = (15, 1, 2, 14)
    (digest.animation, digest.seed) = (6, 250)
    var record = [UInt8](repeating: 0, count: Digest.byteCount)
    record.withUnsafeMutableBytes { buffer in
      var offset = 0
      digest.store(into: buffer, at: &offset)
    }
    #expect(record == [1, 2, 64, 156, 1, 2, 3, 4, 128, 127, 0x1F, 0xE2, 6, 250])
    let block: [UInt8] = [0xFE, 0xFF, 0, 2] + record + record
    let bytes = Self.header + block
    var reader = try FrameReader(bytes.span.bytes)
    let read = try #require(try reader.next())
    #expect(read.isDigest && read.digests == 2 && read.tier == nil && !read.isFocus)
    #expect(reader.digest(read, 1) == digest)
    for count in 1..<block.count {
      #expect(throws: WireError.truncated) { try blocks(Self.header + block[..<count]) }
    }
    #expect(throws: WireError.emptyDigests) { try blocks(Self.header + [0xFE, 0xFF, 0, 0]) }
    for head: UInt8 in [1, 3, 4, 0x20] {
      #expect(throws: WireError.reservedHeadBits(head)) { try blocks(Self.header + [0xFE, 0xFF, head, 0]) }
    }
  }

  @Test func headsHaveTheDocumentedBits() {
    #expect(BlockHead(tier: .s2, replaces: true, hasLeaves: true, hasEnters: true).rawValue == 0b1_1110)
    #expect(BlockHead(tier: .s0, replaces: false, hasLeaves: false, hasEnters: false).rawValue == 0)
    #expect(BlockHead(tier: .s1, replaces: false, hasLeaves: true, hasEnters: false).rawValue == 0b0_1001)
  }

  @Test func theTablesGiveTheDocumentedSizesAndHash() {
    #expect(MoveMessage.byteCount == 27 && AckMessage.byteCount == 3)
    #expect(Tier.allCases.map { WordLayout.of($0).bits } == [80, 64, 56])
    // A new hash is a new protocol: clients built for the old one are refused.
    #expect(WireProtocol.hashHex == "3b4c03e694ed51a7")
    #expect(WireProtocol.hashHex.count == 16 && UInt64(WireProtocol.hashHex, radix: 16) == WireProtocol.hash)
    #expect(WireProtocol.canonicalText.contains("MOVE type=2 seq:u8 ackTick:u16 epoch:u8 animation:u8 x:i32"))
  }

  @Test func noBytesTrapTheClientMessageReader() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<5000 {
      var noise: [UInt8] = []
      for _ in 0..<random.below(40) { noise.append(UInt8(truncatingIfNeeded: random.next())) }
      if !noise.isEmpty { noise[0] = UInt8(random.below(5)) }
      do {
        let message = try ClientPoseMessage.read(noise.span.bytes)
        switch message {
        case .move(let move): #expect(move.bytes() == noise)
        case .ack(let ack): #expect(ack.bytes() == noise)
        }
      } catch {
        #expect(noise.count != 27 || noise[0] != 2)
      }
    }
  }
}
