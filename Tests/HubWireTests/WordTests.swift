import HubKernel
import HubWire
import Testing

@Suite struct WordTests {
  private static let origin = CodedOrigin(x: -448, y: -512, z: 9600 - 448)
  /// Half a coded step by tier, x and z, then y.
  private static let half: [(xz: Int32, y: Int32)] = [(0, 2), (2, 16), (4, 64)]

  private func roundTrip(_ pose: Pose, _ tier: Tier) throws -> Pose {
    let layout = WordLayout.of(tier)
    let word = layout.word(slot: 200, pose: pose, origin: Self.origin)
    var bytes = [UInt8](repeating: 0xAA, count: layout.byteCount)
    bytes.withUnsafeMutableBytes { buffer in
      var offset = 0
      layout.store(word, into: buffer, at: &offset)
      #expect(offset == layout.byteCount)
    }
    let frame: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 0, 0, tier.rawValue, 1] + bytes
    var reader = try FrameReader(frame.span.bytes)
    let block = try #require(try reader.next())
    let read = reader.update(block, 0)
    #expect(read == word && read.slot == 200)
    #expect(layout.unpack(layout.pack(word)) == word)
    return layout.predictor(read, origin: Self.origin, base: 9).pose(at: 9)
  }

  @Test(arguments: Tier.allCases)
  func everyPositionOfTheRangeComesBackWithinHalfAStep(_ tier: Tier) throws {
    let half = Self.half[Int(tier.rawValue)]
    let layout = WordLayout.of(tier)
    // Every offset along one axis, the other two at their edges: up to where rounding leaves the range.
    let last = 4096 - Int32(1 << layout.xzShift) / 2 - 1
    for offset in [0, 1, 2, 3, 4, 5, 7, 8, 447, 448, 2047, 2048, last - 1, last] as [Int32] {
      for height in [0, 1, 63, 64, 65, 3600, 4095 - Int32(1 << layout.yShift) / 2] as [Int32] {
        let pose = Pose(
          x: Self.origin.x + offset, y: Self.origin.y + height, z: Self.origin.z + last - offset)
        #expect(
          layout.holds(x: Int64(pose.x), y: Int64(pose.y), z: Int64(pose.z), origin: Self.origin),
          "\(offset) \(height)")
        let back = try roundTrip(pose, tier)
        #expect(
          abs(back.x - pose.x) <= half.xz && abs(back.z - pose.z) <= half.xz && abs(back.y - pose.y) <= half.y
        )
      }
    }
    #expect(!layout.holds(x: Int64(Self.origin.x) + 4096, y: 0, z: Int64(Self.origin.z), origin: Self.origin))
    #expect(!layout.holds(x: Int64(Self.origin.x) - 5, y: 0, z: Int64(Self.origin.z), origin: Self.origin))
  }

  @Test(arguments: Tier.allCases)
  func whatIsOutsideTheRangeSaturates(_ tier: Tier) throws {
    let low = try roundTrip(Pose(x: -9999, y: -9999, z: -9999), tier)
    #expect(low.x == Self.origin.x && low.y == Self.origin.y && low.z == Self.origin.z)
    let high = try roundTrip(Pose(x: .max, y: .max, z: .max), tier)
    let layout = WordLayout.of(tier)
    #expect(high.x == Self.origin.x + 4096 - Int32(1 << layout.xzShift))
    #expect(high.y == Self.origin.y + 4096 - Int32(1 << layout.yShift))
  }

  @Test(arguments: Tier.allCases)
  func velocitiesRoundAndSaturateAtEightMetresPerSecond(_ tier: Tier) throws {
    let step = Int16(1 << tier.rawValue)
    for velocity in [-256, -255, -1, 0, 1, 2, 3, 100, 252] as [Int16] {
      let back = try roundTrip(
        Pose(x: 0, y: 0, z: 9600, velocityX: velocity, velocityZ: 0 - velocity), tier)
      #expect(abs(back.velocityX - velocity) <= step / 2)
    }
    let fast = try roundTrip(Pose(x: 0, y: 0, z: 9600, velocityX: .max, velocityZ: .min), tier)
    #expect(fast.velocityX == 256 - step && fast.velocityZ == -256)
  }

  @Test(arguments: Tier.allCases)
  func yawRoundsAndWraps(_ tier: Tier) throws {
    let step = Int32([256, 1024, 2048][Int(tier.rawValue)])
    for yaw in stride(from: 0, to: 65536, by: 97) {
      let back = try roundTrip(Pose(x: 0, y: 0, z: 9600, yaw: UInt16(yaw)), tier)
      #expect(abs(Int32(Int16(bitPattern: back.yaw &- UInt16(yaw)))) <= step / 2)
    }
    #expect(try roundTrip(Pose(x: 0, y: 0, z: 9600, yaw: 65535), tier).yaw == 0)
  }

  @Test(arguments: Tier.allCases)
  func animationsThatDoNotFitAreIdleAndTheReservedFlagIsNeverSent(_ tier: Tier) throws {
    let limit = [64, 32, 16][Int(tier.rawValue)]
    for animation in 0..<256 {
      let back = try roundTrip(
        Pose(x: 0, y: 0, z: 9600, animation: UInt8(animation), flags: PoseFlags(rawValue: 255)), tier)
      #expect(Int(back.animation) == (animation < limit ? animation : 0))
      #expect(back.flags.rawValue == [0b11_1101, 1, 1][Int(tier.rawValue)])
    }
  }

  @Test func anEmissionIsAlwaysBelowItsTiersBound() throws {
    var random = SeededRandom(seed: 11)
    let bounds = [10.0, 40.0, 120.0]
    for _ in 0..<2000 {
      let pose = Pose(
        x: Self.origin.x + Int32(random.below(4049)), y: Self.origin.y + Int32(random.below(3601)),
        z: Self.origin.z + Int32(random.below(4049)))
      for tier in Tier.allCases {
        let back = try roundTrip(pose, tier)
        let (dx, dy, dz) = (Double(back.x - pose.x), Double(back.y - pose.y), Double(back.z - pose.z))
        #expect((dx * dx + dy * dy + dz * dz).squareRoot() < bounds[Int(tier.rawValue)])
      }
    }
  }

  @Test func predictionIsTheClosedFormRoundedDown() {
    let predictor = Predictor(
      x: 100, y: 7, z: -100, base: 1000, velocityX: 3, velocityZ: -3, yaw: 5, animation: 1, flags: [])
    #expect(predictor.x(at: 1000) == 100 && predictor.x(at: 1001) == 101 && predictor.x(at: 1002) == 103)
    #expect(predictor.z(at: 1001) == -102 && predictor.z(at: 1008) == -115)
    #expect(predictor.x(at: 999) == 98)
    let meters = predictor.meters(atTick: 1000.5)
    #expect(abs(meters.x - (100 + 3 * 0.5 * 0.625) / 400) < 1e-12 && meters.y == 7.0 / 400)
    // Four billion ticks at full speed neither trap nor wrap.
    var fast = predictor
    fast.velocityX = .max
    #expect(fast.pose(at: .max).x == .max)
  }
}
