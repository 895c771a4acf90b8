import CAllocationCounter
import Foundation
import HubKernel
import HubReplication

/// CPU time of the calling thread in nanoseconds.
func threadNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// What one mode cost.
struct ReplicationResult {
  var frames = 0
  var stats = FrameStats()
  var largestFrame = 0
  var viewerSeconds = 0.0
  /// Allocations in all measured ticks: step and frames.
  var allocations: UInt64 = 0
  var stepNanoseconds: UInt64 = 0
  var avatarTicks = 0
  var focusNanoseconds: UInt64 = 0
  var focusChoices = 0
  /// CPU of one choice of focus; 0 where a mode makes none.
  var focusMicroseconds: Double {
    focusChoices == 0 ? 0 : Double(focusNanoseconds) / Double(focusChoices) / 1000
  }

  var bytesPerSecond: Double { Double(stats.bytes) / viewerSeconds }
  var updates: Int { stats.updates.s0 + stats.updates.s1 + stats.updates.s2 }
  /// All bytes, framing and keyframes included, over the updates they carried.
  var bytesPerUpdate: Double { Double(stats.bytes) / Double(max(updates, 1)) }
}

/// A hall, replicated in one mode.
struct ReplicationRun: ~Copyable {
  static let viewers = 40
  var space: SpaceReplicator
  var views: ClientViews
  var walkers: Walkers
  let ticks: Int
  let buffer: UnsafeMutableRawBufferPointer

  init(walkers count: Int, mode: ReplicationMode, ticks: Int) throws {
    var parameters = ReplicationParameters()
    parameters.mode = mode
    // The baselines are measured for what they want to send, not for what a budget would leave of it.
    if mode != .tiers { parameters.bytesPerSecond = 4_000_000 }
    let grid = try SpaceGrid(
      minimum: (0, 0, 0), maximum: (Walkers.extent, 3200, Walkers.extent), cellSteps: 3200)
    space = SpaceReplicator(grid: grid, entityCapacity: count, parameters: parameters)
    views = ClientViews(capacity: Self.viewers, parameters: parameters)
    walkers = Walkers(count: count, seed: 2026)
    self.ticks = ticks
    buffer = .allocate(byteCount: parameters.frameBytesMax, alignment: 16)
    for (index, pose) in walkers.poses.enumerated() {
      precondition(space.insert(EntityID(rawValue: UInt16(index)), pose: pose))
    }
  }

  deinit { buffer.deallocate() }

  mutating func move(_ tick: Tick) {
    walkers.step()
    for index in walkers.poses.indices {
      space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
    }
  }

  /// Chooses the focus of the viewers whose turn it is; how many.
  mutating func chooseFocus() -> Int {
    var choices = 0
    let none: [EntityID] = []
    for view in 0..<Self.viewers where space.focusIsDue(view, views) {
      let request = FocusRequest(
        view: view, own: EntityID(rawValue: UInt16(view)), viewer: walkers.poses[view])
      space.chooseFocus(request, contacts: none.span, &views)
      choices += 1
    }
    return choices
  }

  mutating func build(_ view: Int, _ tick: Tick, into out: UnsafeMutableRawBufferPointer) -> FrameStats? {
    let request = FrameRequest(
      view: view, viewer: walkers.poses[view], serverMs: UInt16(truncatingIfNeeded: tick &* 50), ackedInput: 0
    )
    guard case .written(let stats) = space.buildFrame(request, &views, into: out) else { return nil }
    views.ack(view, tick16: UInt16(truncatingIfNeeded: tick))
    return stats
  }

  mutating func measure() -> ReplicationResult {
    var result = ReplicationResult()
    for tick in Tick(1)...Tick(200 + ticks) {
      move(tick)
      let measured = tick > 200
      let allocations = hub_allocation_count()
      let start = threadNanoseconds()
      space.step(tick: tick)
      let stop = threadNanoseconds()
      let choices = chooseFocus()
      let chosen = threadNanoseconds()
      for view in 0..<Self.viewers {
        guard let stats = build(view, tick, into: buffer), measured else { continue }
        result.frames += 1
        result.largestFrame = max(result.largestFrame, stats.bytes)
        result.stats.add(stats)
      }
      guard measured else { continue }
      result.allocations += hub_allocation_count() - allocations
      result.stepNanoseconds += stop - start
      result.focusNanoseconds += chosen - stop
      result.focusChoices += choices
      result.avatarTicks += walkers.poses.count
      result.viewerSeconds += Double(Self.viewers) / Double(Units.ticksPerSecond)
    }
    return result
  }
}

extension FrameStats {
  mutating func add(_ other: FrameStats) {
    bytes += other.bytes
    updates = PerTier(
      updates.s0 + other.updates.s0, updates.s1 + other.updates.s1, updates.s2 + other.updates.s2)
    updateBytes = PerTier(
      updateBytes.s0 + other.updateBytes.s0, updateBytes.s1 + other.updateBytes.s1,
      updateBytes.s2 + other.updateBytes.s2)
    enterLeaveBytes += other.enterLeaveBytes
    keyframeBytes += other.keyframeBytes
    keyframes += other.keyframes
    framingBytes += other.framingBytes
    digestBytes += other.digestBytes
  }
}
