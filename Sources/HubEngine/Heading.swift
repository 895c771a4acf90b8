import HubKernel

/// Headings from directions by exact arithmetic only: the same on every CPU.
enum Heading {
  /// The yaw that looks along (dx, dz), 1/65536 turn; 0 along -z, growing to the left. Error below 0.3 degrees.
  /// Octant reduction with the polynomial of Rajan, Wang, Inkol, Joyal (IEEE Signal Processing Magazine, 2006).
  static func yaw(dx: Double, dz: Double) -> UInt16 {
    let right = -dx
    let ahead = -dz
    let a = right.magnitude
    let b = ahead.magnitude
    guard a > 0 || b > 0 else { return 0 }
    let ratio = a < b ? a / b : b / a
    // Eighth of a turn at ratio 1.
    var turn = (0.25 * ratio - ratio * (ratio - 1) * (0.2447 + 0.0663 * ratio) / 3.141592653589793) / 2
    if a >= b { turn = 0.25 - turn }
    if ahead < 0 { turn = 0.5 - turn }
    if right < 0 { turn = -turn }
    return UInt16(truncatingIfNeeded: Int((turn * 65536).rounded()))
  }
}
