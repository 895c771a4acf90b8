public import HubKernel
public import HubReplication
import HubWire

/// Where an avatar truly is at the instant of a sample.
public struct TrueAvatar: Sendable {
  public var id: EntityID
  public var x: Double
  public var y: Double
  public var z: Double
  /// In turns.
  public var yaw: Double
  public var isMoving: Bool
  /// Whether every viewer near enough must have it by now. False for those who have just come, are between spaces or
  /// have left: their error counts if they are shown, their absence does not.
  public var mustShow: Bool

  public init(
    id: EntityID, x: Double, y: Double, z: Double, yaw: Double, isMoving: Bool, mustShow: Bool = true
  ) {
    self.id = id
    self.x = x
    self.y = y
    self.z = z
    self.yaw = yaw
    self.isMoving = isMoving
    self.mustShow = mustShow
  }
}

/// Compares what viewers show with the truth at the same instant.
public struct PoseChecker: Sendable {
  /// Upper bounds of the near and middle bands, metres.
  public static let nearMeters = 5.0
  public static let midMeters = 12.0
  public static let farMeters = 30.0

  /// Error now, by true distance between viewer and avatar: 0-5, 5-12, over 12 m.
  public private(set) var near = Distribution.meters()
  public private(set) var mid = Distribution.meters()
  public private(set) var far = Distribution.meters()
  /// The same for avatars that are moving.
  public private(set) var nearMoving = Distribution.meters()
  public private(set) var midMoving = Distribution.meters()
  public private(set) var farMoving = Distribution.meters()
  /// The far band in two: 12-30 m and over 30 m.
  public private(set) var from12to30 = Distribution.meters()
  public private(set) var over30 = Distribution.meters()
  public private(set) var from12to30Moving = Distribution.meters()
  public private(set) var over30Moving = Distribution.meters()
  /// As drawn by a client that fades corrections, over the avatars that each viewer watches from frame to frame.
  public private(set) var nearDrawn = Distribution.meters()
  public private(set) var midDrawn = Distribution.meters()
  public private(set) var farDrawn = Distribution.meters()
  public private(set) var nearDrawnMoving = Distribution.meters()
  public private(set) var midDrawnMoving = Distribution.meters()
  public private(set) var farDrawnMoving = Distribution.meters()
  /// How long ago the hub last checked what is shown, moving or silent: the age of the newest frame, which confirms
  /// everything it does not correct, and the tier's evaluation period.
  public private(set) var verifiedAgeMs = Distribution.milliseconds()
  /// Heading, degrees, all bands.
  public private(set) var yawDegrees = Distribution(resolution: 0.01, largest: 180)
  /// Pairs of viewer and avatar in sight, and how many of them were shown.
  public private(set) var expected = 0
  public private(set) var present = 0
  /// Of those not shown: at viewers whom the hub had told that their link gets them less than usual.
  public private(set) var missedByReduction = 0
  public private(set) var samples = 0

  /// How far the mode of replication promises to show avatars, metres.
  public let sightMeters: Double

  public init(sightMeters: Double) { self.sightMeters = sightMeters }

  /// Adds one viewer's picture.
  /// - Parameters:
  ///   - replica: decoded from the bytes the viewer received.
  ///   - tick: the hub's tick, with fraction, at the instant of the truth, by the viewer's own clock.
  ///   - viewer: where the viewer truly is.
  ///   - viewerIsSettled: false while it has just come: its gaps don't count.
  ///   - frameAgeMs: how old the viewer's newest frame is.
  ///   - viewerIsShort: the newest frame said that the viewer is shown less than usual.
  public mutating func sample(
    _ replica: borrowing Replica, tick: Double, viewer: TrueAvatar, viewerIsSettled: Bool,
    viewerIsShort: Bool = false, frameAgeMs: Double = 0, truth: Span<TrueAvatar>
  ) {
    samples += 1
    for index in truth.indices {
      let avatar = truth[index]
      guard avatar.id != viewer.id else { continue }
      let (vx, vy, vz) = (avatar.x - viewer.x, avatar.y - viewer.y, avatar.z - viewer.z)
      let distance = (vx * vx + vy * vy + vz * vz).squareRoot()
      let shown = replica.entity(avatar.id)
      if viewerIsSettled, avatar.mustShow, distance <= sightMeters {
        expected += 1
        if shown != nil { present += 1 } else if viewerIsShort { missedByReduction += 1 }
      }
      guard let shown else { continue }
      let drawn = shown.predictor.meters(atTick: tick)
      let (dx, dy, dz) = (drawn.x - avatar.x, drawn.y - avatar.y, drawn.z - avatar.z)
      record((dx * dx + dy * dy + dz * dz).squareRoot(), distance: distance, isMoving: avatar.isMoving)
      let turn = (Double(shown.predictor.yaw) / 65536 - avatar.yaw).remainder(dividingBy: 1)
      yawDegrees.record(turn.magnitude * 360)
      verifiedAgeMs.record(frameAgeMs + Self.unverifiedMs[shown.tier])
    }
  }

  private mutating func record(_ error: Double, distance: Double, isMoving: Bool) {
    if distance <= Self.nearMeters {
      near.record(error)
      if isMoving { nearMoving.record(error) }
    } else if distance <= Self.midMeters {
      mid.record(error)
      if isMoving { midMoving.record(error) }
    } else {
      far.record(error)
      if isMoving { farMoving.record(error) }
      if distance <= Self.farMeters {
        from12to30.record(error)
        if isMoving { from12to30Moving.record(error) }
      } else {
        over30.record(error)
        if isMoving { over30Moving.record(error) }
      }
    }
  }

  /// Ticks between two evaluations of a tier, less the one of the frame, ms: how much older than its frame the last
  /// look at an avatar may be.
  private static let unverifiedMs: PerTier<Double> = {
    let period = ReplicationParameters().periodTicks
    return PerTier(Double(period.s0 - 1) * 50, Double(period.s1 - 1) * 50, Double(period.s2 - 1) * 50)
  }()

  /// The error of what a viewer draws, of one avatar.
  mutating func noteDrawn(_ error: Double, distance: Double, isMoving: Bool) {
    if distance <= Self.nearMeters {
      nearDrawn.record(error)
      if isMoving { nearDrawnMoving.record(error) }
    } else if distance <= Self.midMeters {
      midDrawn.record(error)
      if isMoving { midDrawnMoving.record(error) }
    } else {
      farDrawn.record(error)
      if isMoving { farDrawnMoving.record(error) }
    }
  }

  /// Share of avatars in sight that were shown; nil if none ever was in sight.
  public var recall: Double? { expected == 0 ? nil : Double(present) / Double(expected) }
}
