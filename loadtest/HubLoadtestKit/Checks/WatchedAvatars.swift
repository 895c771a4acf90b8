import HubKernel
public import HubReplication
import HubWire

/// Some avatars that one viewer follows from frame to frame, for what can't be seen at samples alone: what a client that
/// fades corrections draws, and how long the hub's bounds are broken.
public struct WatchedAvatars: Sendable {
  /// As the web client: a correction fades with a half-life of 60 ms near and 150 ms farther, and jumps beyond 1.5 m.
  static let halfLifeTicksNear = 1.2
  static let halfLifeTicksFar = 3.0
  static let jumpMeters = 1.5

  struct Entry: Sendable {
    var id: EntityID
    var predictor: Predictor?
    var tier = Tier.s0
    /// What was left to fade when the newest correction came, and when.
    var offset = (x: 0.0, y: 0.0, z: 0.0)
    var sinceTick = 0.0
    /// Tick of the first frame that broke the bound; nil while it holds.
    var brokenSince: Tick?

    func drawn(_ tick: Double) -> (x: Double, y: Double, z: Double)? {
      guard let predictor else { return nil }
      let at = predictor.meters(atTick: tick)
      let halfLife = tier == .s0 ? WatchedAvatars.halfLifeTicksNear : WatchedAvatars.halfLifeTicksFar
      let left = power(max(tick - sinceTick, 0) / halfLife)
      return (at.x + offset.x * left, at.y + offset.y * left, at.z + offset.z * left)
    }
  }
  private(set) var entries: [Entry] = []
  private(set) var chosenMs = -Double.infinity

  public init() {}

  /// Watches others from now on; ends what was measured of the former ones.
  mutating func choose(_ ids: [EntityID], nowMs: Double, _ check: inout AlignedCheck) {
    for entry in entries { check.end(entry, at: nil) }
    entries = ids.map { Entry(id: $0) }
    chosenMs = nowMs
  }

  /// A frame has been applied.
  /// - Parameters:
  ///   - tick: the hub's tick now, with fraction, by the viewer's clock.
  ///   - frameTick: of the frame.
  ///   - truth: where somebody truly was at the frame's tick; nil where that is not known.
  mutating func note(
    _ replica: borrowing Replica, tick: Double, frameTick: Tick, truth: (EntityID) -> MotionPose?,
    _ check: inout AlignedCheck
  ) {
    for index in entries.indices {
      let shown = replica.entity(entries[index].id)
      if shown?.predictor != entries[index].predictor || shown == nil {
        let before = entries[index].drawn(tick)
        entries[index].predictor = shown?.predictor
        entries[index].tier = shown?.tier ?? .s0
        entries[index].offset = (0, 0, 0)
        entries[index].sinceTick = tick
        if let before, let shown, !shown.predictor.flags.contains(.snap) {
          let now = shown.predictor.meters(atTick: tick)
          let offset = (x: before.x - now.x, y: before.y - now.y, z: before.z - now.z)
          let far = offset.x * offset.x + offset.y * offset.y + offset.z * offset.z
          if far <= Self.jumpMeters * Self.jumpMeters { entries[index].offset = offset }
        }
      }
      guard let shown, let actual = truth(entries[index].id) else {
        check.end(entries[index], at: nil)
        entries[index].brokenSince = nil
        continue
      }
      let at = shown.predictor.meters(atTick: Double(frameTick))
      let (dx, dy, dz) = (at.x - actual.x, at.y - actual.y, at.z - actual.z)
      let isBroken = check.note((dx * dx + dy * dy + dz * dz).squareRoot(), shown.tier)
      if isBroken, entries[index].brokenSince == nil {
        entries[index].brokenSince = frameTick
      } else if !isBroken, entries[index].brokenSince != nil {
        check.end(entries[index], at: frameTick)
        entries[index].brokenSince = nil
      }
    }
  }
}

/// The error at the tick of the newest frame, when nothing has been extrapolated by the client: what is left is the
/// hub's own bound, and the uplink's.
public struct AlignedCheck: Sendable {
  public private(set) var s0 = Distribution.meters()
  public private(set) var s1 = Distribution.meters()
  public private(set) var s2 = Distribution.meters()
  public private(set) var broken = 0
  /// From the first frame in which a bound was broken to the first in which it held again.
  public private(set) var brokenMs = Distribution.milliseconds()

  /// By tier: the hub's bound, half a coded step, 1 cm that the uplink may be off, and half a centimetre for what a body
  /// does in the tick between its MOVE and the hub's step.
  public static let boundMeters: PerTier<Double> = {
    let parameters = ReplicationParameters()
    func bound(_ tier: Tier) -> Double {
      let layout = WordLayout.of(tier)
      let (xz, y) = (Double(1 << layout.xzShift) / 2, Double(1 << layout.yShift) / 2)
      return (Double(parameters.errorSteps[tier]) + (2 * xz * xz + y * y).squareRoot()) * 0.0025 + 0.015
    }
    return PerTier(bound(.s0), bound(.s1), bound(.s2))
  }()

  public init() {}

  public var checked: Int { s0.count + s1.count + s2.count }

  /// Whether the bound is broken.
  mutating func note(_ error: Double, _ tier: Tier) -> Bool {
    switch tier {
    case .s0: s0.record(error)
    case .s1: s1.record(error)
    case .s2: s2.record(error)
    }
    let isBroken = error > Self.boundMeters[tier]
    if isBroken { broken += 1 }
    return isBroken
  }

  mutating func end(_ entry: WatchedAvatars.Entry, at tick: Tick?) {
    guard let since = entry.brokenSince, let tick else { return }
    brokenMs.record(Double(tick &- since) * 50)
  }
}
