import Foundation
import HubKernel
import Testing

@Suite struct TrigonometryTests {
  @Test func agreesWithThePlatformToTheLastPlaces() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<20_000 {
      let degrees = random.double(in: -720...720)
      let (s, c) = Trigonometry.sinCos(degrees: degrees)
      let reduced = degrees.remainder(dividingBy: 360) * .pi / 180
      #expect((s - sin(reduced)).magnitude < 1e-15 && (c - cos(reduced)).magnitude < 1e-15)
      let (x, y) = (random.double(in: -5...5), random.double(in: -5...5))
      #expect((Trigonometry.atan2(y, x) - atan2(y, x)).magnitude < 2e-15)
    }
    for yaw in stride(from: 0, through: 65535, by: 7) {
      let (s, c) = Trigonometry.sinCos(yaw: UInt16(yaw))
      let angle = Double(yaw) * .pi / 32768
      #expect((s - sin(angle)).magnitude < 2e-15 && (c - cos(angle)).magnitude < 2e-15)
      #expect(Trigonometry.yaw(facingX: -s, z: -c) == UInt16(yaw))
    }
  }

  @Test func quarterTurnsAreExact() {
    for (degrees, s, c) in [
      (0.0, 0.0, 1.0), (90, 1, 0), (180, 0, -1), (270, -1, 0), (-90, -1, 0), (720, 0, 1),
    ] {
      let found = Trigonometry.sinCos(degrees: degrees)
      #expect(found.sin == s && found.cos == c)
    }
    #expect(Trigonometry.yaw(degrees: 90) == 16384 && Trigonometry.yaw(degrees: -90) == 49152)
  }

  @Test func bitsAreTheSameOnEveryMachine() {
    // Folded over many angles, so that one bit anywhere shows. Golden value of the first machine.
    var fold: UInt64 = 0
    for step in 0..<10_000 {
      let (s, c) = Trigonometry.sinCos(degrees: Double(step) * 0.0377)
      fold = (fold &* 31) ^ s.bitPattern ^ (c.bitPattern &* 7) ^ Trigonometry.atan2(s, c).bitPattern
    }
    #expect(fold == 11_656_114_341_663_294_416)
  }
}
