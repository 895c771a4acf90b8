public import HubKernel
import HubReplication

/// What the hub does when a tick's work nears the tick's length: three steps, each cheaper than the one before for
/// those who are here already. Pure: fed with each tick's work, it says which step holds.
///
/// It rises fast (a second of load, four skipped ticks) but one step at a time, and falls slowly (five calm seconds a step),
/// so that it does not swing. Integer arithmetic: a replay steps the same.
public struct OverloadControl: Sendable, Equatable {
  /// 0: none. 1: all error bounds are half as wide again. 2: frames at half the rate, too. 3: nobody new may enter, too.
  public private(set) var step = 0
  /// Work over the tick's length in thousandths, averaged over about 16 ticks.
  public var loadPermille: Int { sum16 / 16 }

  public static let stepMax = 3
  static let highPermille = 850
  /// Above what two thousand in one hall take: a hub that does well must not stay on a step.
  static let lowPermille = 700
  static let skipsToRise = 4
  static let riseTicks: Tick = 40
  static let fallTicks: Tick = 100

  private var sum16 = 0
  private var noted: Tick = 0
  private var changed: Tick = 0
  private var calmSince: Tick = 0
  private var skips = 0
  private var skipped: Tick = 0

  public init() {}

  /// Takes in one tick. True: the step has changed.
  /// - Parameters:
  ///   - workMicroseconds: CPU of the hub's thread since the tick before.
  ///   - skippedTicks: ticks left out because of the hub's own work.
  @discardableResult
  public mutating func note(workMicroseconds: Int, skippedTicks: Int, now: Tick) -> Bool {
    let work = min(max(workMicroseconds, 0), 10_000_000)
    let ticks = min(max(Int(now &- noted), 1), 100)
    noted = now
    sum16 += work / (Units.tickMilliseconds * ticks) - sum16 / 16
    if now &- skipped > Self.riseTicks { skips = 0 }
    if skippedTicks > 0 {
      skips += min(skippedTicks, 100)
      skipped = now
    }
    let isHigh = loadPermille > Self.highPermille || skips >= Self.skipsToRise
    if isHigh || skippedTicks > 0 || loadPermille >= Self.lowPermille { calmSince = now }
    if isHigh, step < Self.stepMax, changed == 0 || now &- changed >= Self.riseTicks {
      step += 1
      changed = now
      skips = 0
      return true
    }
    if step > 0, now &- calmSince >= Self.fallTicks, now &- changed >= Self.fallTicks {
      step -= 1
      changed = now
      return true
    }
    return false
  }
}

extension Engine {
  /// 0...3: see ``OverloadControl``.
  public var overloadStep: Int { overload.step }
  /// Averaged work of a tick over its length, in thousandths.
  public var loadPermille: Int { overload.loadPermille }
  /// Emissions that pages have put off so far, in all spaces.
  public var postponedEmissions: UInt64 { spaces.reduce(0) { $0 + $1.replicator.postponedEmissions } }

  func noteLoad(workMicroseconds: Int, skippedTicks: Int) {
    guard overload.note(workMicroseconds: workMicroseconds, skippedTicks: skippedTicks, now: now) else {
      return
    }
    counters.overloadChanges += 1
    for space in spaces {
      space.replicator.errorScale16 = overload.step >= 1 ? 24 : 16
      space.replicator.hasThinCadence = overload.step >= 2
    }
  }

  var refusesJoins: Bool { overload.step >= OverloadControl.stepMax }
}
