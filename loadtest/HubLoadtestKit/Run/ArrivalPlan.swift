import HubKernel

/// When each bot comes, in milliseconds from the begin: planned before the run, so that a slow server does not thin out
/// the crowd that waits for it.
public struct ArrivalPlan: Sendable {
  private let scenario: Scenario
  private let bots: Int
  private var random: SeededRandom
  private var number = 0
  private var group = 0
  /// Even place in the order of arrival, 0 to 1.
  private var place = 0.0
  /// The latest instant given out.
  public private(set) var lastMs = 0.0

  public init(_ scenario: Scenario, bots: Int, seed: UInt64) {
    self.scenario = scenario
    self.bots = bots
    random = SeededRandom(seed: seed)
  }

  public mutating func next() -> Double {
    let lengthMs = Double(bots) / scenario.arrivalsPerSecond * 1000
    let at: Double
    switch scenario.arrivalCurve {
    case .scattered: at = random.unit() * lengthMs
    case .steady, .ramp:
      if group == 0 {
        group = 1 + random.below(scenario.arrivalGroupMax)
        place = Double(number) / Double(bots)
      }
      group -= 1
      // A rate that grows from 0 to twice the mean: the share that has come grows with the square of time.
      at = lengthMs * (scenario.arrivalCurve == .ramp ? place.squareRoot() : place)
    }
    number += 1
    lastMs = max(lastMs, at)
    return at
  }
}
