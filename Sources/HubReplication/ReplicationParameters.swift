public import HubKernel
public import HubWire

/// Which of the switches that make replication cheap are on. The first two are baselines to measure against.
public enum ReplicationMode: String, Sendable, CaseIterable {
  /// Every page at S0; every avatar whose coded pose changed, each tick, without prediction.
  case broadcast
  /// As broadcast, but only pages within ``ReplicationParameters/gridRadiusMeters``.
  case grid
  /// Distance tiers, shared prediction, error bounds.
  case tiers
}

/// What a reader of a pressure level is shown: boxes nearer than these distances, and how many individuals and pages.
public struct InterestLevel: Equatable, Sendable {
  /// Radius of S0, S1, S2 in steps.
  public var radiusSteps: PerTier<Int32>
  public var individualsMax: Int
  public var toldPagesMax: Int

  public init(metersS0: Double, s1: Double, s2: Double, individualsMax: Int, toldPagesMax: Int) {
    radiusSteps = PerTier(Units.steps(meters: metersS0), Units.steps(meters: s1), Units.steps(meters: s2))
    self.individualsMax = individualsMax
    self.toldPagesMax = toldPagesMax
  }
}

/// The constants of replication. Sizes come from ``Limits``; tests make them small.
public struct ReplicationParameters: Sendable, Equatable {
  public var mode = ReplicationMode.tiers
  public var pageSlots: Int
  public var pagesPerCellMax: Int
  public var toldPagesMax: Int
  public var focusMax: Int
  public var framesUnackedMax: Int
  public var frameBytesMax: Int
  /// Refill of a client's byte bucket, and how much it holds: one second.
  public var bytesPerSecond: Int
  /// Keyframes of one frame stop here, so that a join spreads over a few frames, nearest first.
  public var keyframeBytesPerFrameMax = 8192
  /// Error bound in steps by tier: 2.5, 10, 30 cm.
  public var errorSteps = PerTier<Int32>(10, 40, 120)
  /// Yaw bound in 1/65536 turn by tier: 7, 15, 30 degrees.
  public var yawError = PerTier<Int32>(1274, 2731, 5461)
  /// Evaluation period in ticks by tier.
  public var periodTicks = PerTier<UInt32>(1, 2, 4)
  /// Period in ticks by tier of the comparison of yaw, a multiple of ``periodTicks``. Somebody who looks around turns
  /// 9 degrees a tick: a word for each step of that would be most of a standing crowd's bytes, and readers turn bodies
  /// smoothly anyway.
  public var yawPeriodTicks = PerTier<UInt32>(4, 8, 8)
  /// Pressure levels 0...7.
  public var levels: [InterestLevel]
  /// A page is shown coarser, or no longer, only this far beyond its tier's radius …
  public var tierHysteresisMeters = 2.0
  /// … and after this many ticks at its tier; under pressure the longer one.
  public var tierDwellTicks: UInt32 = 10
  public var tierDwellTicksUnderPressure: UInt32 = 40
  /// Ticks between two looks at the surroundings of one viewer.
  public var interestPeriodTicks: UInt32 = 4
  /// A frame at least this often, even if empty.
  public var keepAliveTicks: UInt32 = 5
  /// Ticks between two choices of a reader's focus, and how far around it people are looked at.
  public var focusPeriodTicks: UInt32 = 16
  public var focusMeters = 8.0
  /// Records of one page and tier in one tick: more than these wait for the next tick, those with the smallest error.
  public var emissionsPerPageMax = 96
  /// A coarse cell's digest is compared with its people this often.
  public var digestPeriodTicks: UInt32 = 40
  /// Frames this far apart when only S1 and S2 have news.
  public var farCadenceTicks: UInt32 = 2
  /// With more individuals than this at S0 there is news in every tick, and frames are this far apart: half the sends for at most
  /// one tick of delay.
  public var crowdIndividuals = 48
  public var crowdCadenceTicks: UInt32 = 2
  /// A pressure level lasts at least this long.
  public var pressureDwellTicks: UInt32 = 40
  /// After this long without a frame, far pages are dropped and return nearest first.
  public var stalledTicks: UInt32 = 100
  /// Oldest unacknowledged frame, or no frame written, for longer: the connection is to be closed.
  public var overdueTicks: UInt32 = 200
  /// Radius of ``ReplicationMode/grid``. 64 m would cover the whole demo hall and equal broadcast; 16 m is what
  /// servers with an interest grid commonly show.
  public var gridRadiusMeters = 16.0
  /// Where more are in the space than a reader is shown, an untold page is told only if this share of the individuals
  /// stays free, so that a crowd at the limit does not make far pages flicker: 1/16.
  public var individualsReserveShift = 4
  package var mutation = ReplicationMutation.none

  public init(limits: Limits = Limits()) {
    pageSlots = limits.pageSlots
    pagesPerCellMax = limits.pagesPerCellMax
    toldPagesMax = limits.toldPagesMax
    focusMax = limits.focusMax
    framesUnackedMax = limits.framesUnackedMax
    frameBytesMax = limits.frameBytesMax
    bytesPerSecond = limits.bytesPerSecondPerClient
    let v = limits.individualsMax
    let told = limits.toldPagesMax
    levels = [
      InterestLevel(metersS0: 3, s1: 14, s2: 64, individualsMax: v, toldPagesMax: told),
      InterestLevel(metersS0: 3, s1: 12, s2: 48, individualsMax: v * 3 / 4, toldPagesMax: told),
      InterestLevel(metersS0: 3, s1: 10, s2: 36, individualsMax: v / 2, toldPagesMax: told * 3 / 4),
      InterestLevel(metersS0: 3, s1: 8, s2: 28, individualsMax: v * 3 / 8, toldPagesMax: told / 2),
      InterestLevel(metersS0: 2, s1: 7, s2: 22, individualsMax: v / 4, toldPagesMax: told * 3 / 8),
      InterestLevel(metersS0: 2, s1: 6, s2: 17, individualsMax: v * 3 / 16, toldPagesMax: told / 4),
      InterestLevel(metersS0: 1, s1: 4, s2: 13, individualsMax: v / 8, toldPagesMax: told / 8),
      InterestLevel(metersS0: 0, s1: 2, s2: 10, individualsMax: v / 16, toldPagesMax: told / 16),
    ]
  }

  /// Traps where the numbers contradict each other.
  public func validate() {
    precondition(pageSlots > 0 && pageSlots <= FrameLimits.pageSlots)
    precondition(pagesPerCellMax > 0 && pagesPerCellMax <= FrameLimits.pagesPerCell)
    precondition(toldPagesMax > 0 && toldPagesMax <= FrameLimits.toldPages)
    precondition(focusMax > 0 && focusMax <= FrameLimits.focusSlots)
    precondition(framesUnackedMax > 0 && framesUnackedMax <= 64 && levels.count == 8)
    precondition(levels.allSatisfy { $0.toldPagesMax <= toldPagesMax && $0.individualsMax > 0 })
    let individuals = levels.map(\.individualsMax).max() ?? 0
    precondition(individuals <= FrameLimits.individuals)
    // Header, dropped pages, every told page at its keyframe's size, focus, digests: one frame heals anything.
    precondition(
      frameBytesMax >= FrameHeader.byteCount + toldPagesMax * (FrameLimits.dropBytes + 6) + individuals * 12
        + 6 + focusMax * 15 + FrameLimits.coarseCells * Digest.byteCount + 3 * FrameLimits.blockHeaderBytes
        && frameBytesMax <= 65_535 && digestPeriodTicks > 0)
    precondition(focusPeriodTicks > 0 && emissionsPerPageMax > 0 && emissionsPerPageMax <= Int(UInt16.max))
    // Half a coded step's diagonal stays below the bound, or a standing avatar would emit for ever.
    for tier in Tier.allCases {
      let layout = WordLayout.of(tier)
      let xz = Int64(1 << layout.xzShift) / 2
      let y = Int64(1 << layout.yShift) / 2
      let bound = Int64(errorSteps[tier])
      precondition(2 * xz * xz + y * y < bound * bound)
      precondition(Int32(1 << layout.yawShift) / 2 <= yawError[tier] && periodTicks[tier] > 0)
      precondition(yawPeriodTicks[tier] > 0 && yawPeriodTicks[tier].isMultiple(of: periodTicks[tier]))
    }
  }
}

/// One value per tier.
public struct PerTier<Value: Sendable & Equatable>: Sendable, Equatable {
  public var s0: Value
  public var s1: Value
  public var s2: Value

  public init(_ s0: Value, _ s1: Value, _ s2: Value) {
    self.s0 = s0
    self.s1 = s1
    self.s2 = s2
  }

  @inlinable public subscript(_ tier: Tier) -> Value {
    get {
      switch tier {
      case .s0: s0
      case .s1: s1
      case .s2: s2
      }
    }
    set {
      switch tier {
      case .s0: s0 = newValue
      case .s1: s1 = newValue
      case .s2: s2 = newValue
      }
    }
  }
}

extension PerTier: BitwiseCopyable where Value: BitwiseCopyable {}
