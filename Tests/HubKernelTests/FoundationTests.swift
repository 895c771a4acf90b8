import HubKernel
import Testing

@Suite struct EntityIDPoolTests {
  @Test func aFreedIDRestsSixtySecondsAndTheOldestComesFirst() {
    var pool = EntityIDPool(capacity: 3)
    let first = (0..<3).map { _ in pool.take(now: 1)?.rawValue }
    #expect(first == [0, 1, 2])
    #expect(pool.take(now: 1) == nil)
    pool.give(back: EntityID(rawValue: 2), now: 10)
    pool.give(back: EntityID(rawValue: 0), now: 11)
    #expect(pool.take(now: 10 + EntityIDPool.quarantineTicks - 1) == nil)
    #expect(pool.take(now: 10 + EntityIDPool.quarantineTicks)?.rawValue == 2)
    #expect(pool.take(now: 10 + EntityIDPool.quarantineTicks) == nil)
    #expect(pool.take(now: 11 + EntityIDPool.quarantineTicks)?.rawValue == 0)
  }

  @Test func noIDIsInUseTwiceHoweverOftenTheyChange() {
    var pool = EntityIDPool(capacity: 5000)
    var random = SeededRandom(seed: 8)
    var used: [UInt16] = []
    for step in 0..<60_000 {
      let now = Tick(step)
      if used.isEmpty || random.below(2) == 0 {
        guard let id = pool.take(now: now) else { continue }
        #expect(!used.contains(id.rawValue))
        used.append(id.rawValue)
      } else {
        pool.give(back: EntityID(rawValue: used.remove(at: random.below(used.count))), now: now)
      }
      if used.count > 40 { pool.give(back: EntityID(rawValue: used.removeFirst()), now: now) }
    }
  }
}

@Suite struct BytesTests {
  @Test func whatIsStoredIsReadBackLittleEndian() throws {
    var bytes = [UInt8](repeating: 0xEE, count: 22)
    bytes.withUnsafeMutableBytes { buffer in
      var offset = 0
      buffer.store(UInt8(1), at: &offset)
      buffer.store(UInt16(0x0203), at: &offset)
      buffer.store(UInt32(0x0405_0607), at: &offset)
      buffer.store(UInt64(0x0809_0a0b_0c0d_0e0f), at: &offset)
      buffer.store(Int16(-2), at: &offset)
      buffer.store(Int32(-3), at: &offset)
      #expect(offset == 21)
    }
    #expect(Array(bytes[0..<7]) == [1, 3, 2, 7, 6, 5, 4] && bytes[21] == 0xEE)
    var reader = ByteReader(bytes.span.bytes)
    #expect(try reader.u8() == 1)
    #expect(try reader.u16() == 0x0203)
    #expect(try reader.u32() == 0x0405_0607)
    #expect(try reader.u64() == 0x0809_0a0b_0c0d_0e0f)
    #expect(try reader.i16() == -2)
    #expect(try reader.i32() == -3)
    #expect(reader.remaining == 1)
  }

  @Test func readingPastTheEndThrowsAndConsumesNothing() throws {
    let bytes: [UInt8] = [1, 2, 3]
    var reader = ByteReader(bytes.span.bytes)
    #expect(try reader.u16() == 0x0201)
    var isRefused = false
    do { _ = try reader.u16() } catch { isRefused = true }
    #expect(isRefused && reader.offset == 2)
    #expect(try reader.u8() == 3)
  }
}

@Suite struct NumberTests {
  /// First values of seed 0 as published with the reference implementation.
  @Test func seededRandomIsSplitMix64() {
    var random = SeededRandom(seed: 0)
    #expect(random.next() == 0xE220_A839_7B1D_CDAF)
    #expect(random.next() == 0x6E78_9E6A_A1B9_65F4)
    #expect(random.next() == 0x06C4_5D18_8009_454F)
  }

  @Test func randomNumbersStayInTheirRange() {
    var random = SeededRandom(seed: 3)
    var seen = Set<Int>()
    for _ in 0..<5000 {
      seen.insert(random.below(7))
      #expect((0..<1).contains(random.unit()))
      #expect((-2.5...4).contains(random.double(in: -2.5...4)))
    }
    #expect(seen == Set(0..<7))
  }

  @Test func metresBecomeTheNearestStep() {
    #expect(Units.steps(meters: 1) == 400 && Units.steps(meters: -0.5) == -200)
    #expect(Units.steps(meters: 0.001_24) == 0 && Units.steps(meters: 0.001_26) == 1)
    #expect(Units.steps(meters: -0.001_26) == -1 && Units.meters(steps: 100) == 0.25)
  }

  @Test func theLimitsAgreeWithEachOther() { Limits().validate() }

  @Test func aLongerColumnBeginsWithTheOldValues() {
    var short = Column<UInt16>(repeating: 7, count: 3)
    short[1] = 9
    let long = Column(short, extendedTo: 5, with: 1)
    #expect((0..<5).map { long[$0] } == [7, 9, 7, 1, 1])
  }
}
