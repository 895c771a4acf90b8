/// What a crowd does during a run: where it goes, how it comes, moves, talks and leaves.
public struct Scenario: Sendable {
  public var name: String
  /// The space everybody joins; nil: where the world says newcomers arrive.
  public var space: String?
  public var style: MotionStyle
  /// Bots walk to places of their own before anything is measured, gathered around so many points.
  public var clusters: Int
  /// Mean arrivals in a second; they come in groups.
  public var arrivalsPerSecond: Double
  /// Time between the last arrival and the first measurement, s.
  public var settleSeconds: Double
  /// Chat messages of one bot in a minute.
  public var chatsPerMinute: Double
  /// Shares of bots that say `bye`, vanish for good, and lose their connection and resume, during the measurement.
  public var leaveShare: Double
  public var vanishShare: Double
  public var resumeShare: Double

  /// A day in the demo world: people stroll, go through portals, talk, come and go.
  public static var hub: Scenario {
    var style = MotionStyle(moverShare: 0.8, pauseMeanMs: 4000)
    style.portalChance = 0.1
    return Scenario(
      name: "hub", space: nil, style: style, clusters: 0, arrivalsPerSecond: 40, settleSeconds: 5,
      chatsPerMinute: 1, leaveShare: 0.05, vanishShare: 0.03, resumeShare: 0.03)
  }

  /// Everybody in the event hall; about a fifth walk.
  public static var hall: Scenario {
    Scenario(
      name: "hall", space: "event-hall", style: MotionStyle(moverShare: 0.22, pauseMeanMs: 300), clusters: 12,
      arrivalsPerSecond: 80, settleSeconds: 20, chatsPerMinute: 0.2, leaveShare: 0.02, vanishShare: 0.01,
      resumeShare: 0.01)
  }

  public static let builtIn: [Scenario] = [.hub, .hall]
  public static func named(_ name: String) -> Scenario? { builtIn.first { $0.name == name } }
}
