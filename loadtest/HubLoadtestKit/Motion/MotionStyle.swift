/// How the bots of a scenario move.
public struct MotionStyle: Sendable, Equatable {
  /// Share of bots that walk at all, once they are at their place.
  public var moverShare: Double
  /// Share of movers that run.
  public var runnerShare = 0.15
  public var walkMetersPerSecond = 1.4
  public var runMetersPerSecond = 3.5
  /// Mean of the exponential pause between two walks.
  public var pauseMeanMs: Double
  /// Looks around this often while standing, by a normal angle of this standard deviation.
  public var looksPerSecond = 0.3
  public var lookTurnsSigma = 50.0 / 360
  /// Longest straight leg.
  public var legMetersMax = 15.0
  /// Chance that a walk leads into a portal.
  public var portalChance = 0.0
  /// Spaces whose portals are taken; nil: all.
  public var portalsTo: [String]?
  /// Sways all the time, walking or not, as somebody with a headset or a hand on a stick does; see ``Sway``.
  public var sways = false

  public init(moverShare: Double, pauseMeanMs: Double) {
    self.moverShare = moverShare
    self.pauseMeanMs = pauseMeanMs
  }
}
