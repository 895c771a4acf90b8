import Glibc

/// Three sines of 6, 3 and 1.5 cm at 0.4, 0.9 and 1.7 Hz, each in a direction and with a phase of its own: 10.5 cm off
/// the path at most, with a velocity of up to 0.48 m/s.
public struct Sway: Sendable, Equatable {
  static let amplitudesMeters: [3 of Double] = [0.06, 0.03, 0.015]
  static let hertz: [3 of Double] = [0.4, 0.9, 1.7]
  /// By sine: direction of the motion and phase, in turns.
  public let turns: [3 of Double]
  public let phases: [3 of Double]

  init(unit: () -> Double) {
    turns = [unit(), unit(), unit()]
    phases = [unit(), unit(), unit()]
  }

  public static func == (a: Sway, b: Sway) -> Bool {
    a.turns.indices.allSatisfy { a.turns[$0] == b.turns[$0] && a.phases[$0] == b.phases[$0] }
  }

  /// Offset in metres and its velocity in m/s.
  public func at(ms: Double) -> (x: Double, z: Double, velocityX: Double, velocityZ: Double) {
    var sum = (x: 0.0, z: 0.0, velocityX: 0.0, velocityZ: 0.0)
    for index in turns.indices {
      let rate = 2 * Double.pi * Self.hertz[index]
      let angle = rate * ms / 1000 + 2 * Double.pi * phases[index]
      let (x, z) = (cos(2 * Double.pi * turns[index]), sin(2 * Double.pi * turns[index]))
      let offset = Self.amplitudesMeters[index] * sin(angle)
      let velocity = Self.amplitudesMeters[index] * rate * cos(angle)
      sum.x += offset * x
      sum.z += offset * z
      sum.velocityX += velocity * x
      sum.velocityZ += velocity * z
    }
    return sum
  }
}
