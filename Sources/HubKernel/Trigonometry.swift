/// Sine, cosine and arctangent from basic IEEE operations alone, so that every CPU computes the same bits.
/// The platform's `libm` may differ in the last place; these may not. Accurate to about 1e-16.
public enum Trigonometry {
  /// Sine and cosine of an angle in degrees. Multiples of 90 give exactly 0 and ±1.
  /// - Precondition: `degrees` is finite.
  public static func sinCos(degrees: Double) -> (sin: Double, cos: Double) {
    precondition(degrees.isFinite)
    let reduced = degrees.remainder(dividingBy: 360)  // exact by IEEE 754
    let quarter = (reduced / 90).rounded(.toNearestOrAwayFromZero)
    let (s, c) = kernel((reduced - quarter * 90) * (Double.pi / 180))
    return turned(s, c, quarters: Int(quarter))
  }

  /// Sine and cosine of a heading in 1/65536 turn.
  public static func sinCos(yaw: UInt16) -> (sin: Double, cos: Double) {
    let quarter = (Int(yaw) + 0x2000) >> 14
    let rest = Int(yaw) - quarter << 14
    let (s, c) = kernel(Double(rest) * (Double.pi / 32768))
    return turned(s, c, quarters: quarter)
  }

  /// Degrees to the nearest heading in 1/65536 turn; wraps.
  public static func yaw(degrees: Double) -> UInt16 {
    precondition(degrees.isFinite)
    let turns = degrees.remainder(dividingBy: 360) / 360
    return UInt16(truncatingIfNeeded: Int((turns * 65536).rounded(.toNearestOrAwayFromZero)))
  }

  /// The heading whose forward vector (-sin yaw, -cos yaw) points along (x, z); 0 for the zero vector.
  public static func yaw(facingX x: Double, z: Double) -> UInt16 {
    guard x != 0 || z != 0 else { return 0 }
    let turns = atan2(-x, -z) / (2 * Double.pi)
    return UInt16(truncatingIfNeeded: Int((turns * 65536).rounded(.toNearestOrAwayFromZero)))
  }

  /// The angle of the point (x, y) in radians, -π...π.
  public static func atan2(_ y: Double, _ x: Double) -> Double {
    let ax = x.magnitude
    let ay = y.magnitude
    guard ax > 0 || ay > 0 else { return 0 }
    var angle = ay <= ax ? arctangent(ay / ax) : Double.pi / 2 - arctangent(ax / ay)
    if x < 0 { angle = Double.pi - angle }
    return y < 0 ? -angle : angle
  }

  private static func turned(_ s: Double, _ c: Double, quarters: Int) -> (sin: Double, cos: Double) {
    switch quarters & 3 {
    case 0: (s, c)
    case 1: (c, -s)
    case 2: (-s, -c)
    default: (-c, s)
    }
  }

  /// Taylor series on ±π/4: the first dropped terms are below 5e-17.
  private static func kernel(_ x: Double) -> (sin: Double, cos: Double) {
    let q = x * x
    var s = -1.0 / 1_307_674_368_000
    s = s * q + 1.0 / 6_227_020_800
    s = s * q - 1.0 / 39_916_800
    s = s * q + 1.0 / 362_880
    s = s * q - 1.0 / 5040
    s = s * q + 1.0 / 120
    s = s * q - 1.0 / 6
    var c = 1.0 / 20_922_789_888_000
    c = c * q - 1.0 / 87_178_291_200
    c = c * q + 1.0 / 479_001_600
    c = c * q - 1.0 / 3_628_800
    c = c * q + 1.0 / 40320
    c = c * q - 1.0 / 720
    c = c * q + 1.0 / 24
    c = c * q - 0.5
    return (x + x * q * s, 1 + q * c)
  }

  /// For 0...1: halves the angle twice, then a Taylor series whose first dropped term is below 1e-17.
  private static func arctangent(_ t: Double) -> Double {
    var t = t
    t = t / (1 + (1 + t * t).squareRoot())
    t = t / (1 + (1 + t * t).squareRoot())
    let q = t * t
    var sum = 0.0
    var odd = 21.0
    while odd >= 1 {
      sum = 1 / odd - q * sum
      odd -= 2
    }
    return 4 * t * sum
  }
}
