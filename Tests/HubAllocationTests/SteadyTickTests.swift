import CAllocationCounter
import HubKernel
import HubReplication
import HubWire
import Testing

// In the same serialized suite as the engine's, because the counter counts the whole process.
extension EngineAllocationTests {
  /// 500 walkers, 50 readers with focus; replicas for the first two.
  @Test func steadyTicksFramesAndReplicasAllocateNothing() throws {
    let grid = try SpaceGrid(minimum: (0, 0, 0), maximum: (16_000, 3200, 16_000), cellSteps: 3200)
    let parameters = ReplicationParameters()
    var space = SpaceReplicator(grid: grid, entityCapacity: 512, parameters: parameters)
    var views = ClientViews(capacity: 50, parameters: parameters)
    var replica = Replica(grid: grid)
    var random = SeededRandom(seed: 1)
    var poses: [Pose] = []
    for id in 0..<500 {
      poses.append(Pose(x: Int32(random.below(16_000)), y: 0, z: Int32(random.below(16_000))))
      guard space.insert(EntityID(rawValue: UInt16(id)), pose: poses[id]) else { preconditionFailure("full") }
    }
    let contacts = [EntityID(rawValue: 7), EntityID(rawValue: 499)]
    space.setPresenters(contacts.span)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: parameters.frameBytesMax, alignment: 16)
    defer { buffer.deallocate() }
    var frames = 0
    var choices = 0
    var allocations: UInt64 = 0
    for tick in Tick(1)...400 {
      let before = hub_allocation_count()
      for id in 0..<500 {
        if random.below(30) == 0 {
          poses[id].velocityX = Int16(random.below(91) - 45)
          poses[id].velocityZ = Int16(random.below(91) - 45)
        }
        poses[id].x = min(max(poses[id].x + Int32(poses[id].velocityX) * 5 / 8, 0), 15_999)
        poses[id].z = min(max(poses[id].z + Int32(poses[id].velocityZ) * 5 / 8, 0), 15_999)
        space.setPose(EntityID(rawValue: UInt16(id)), poses[id])
      }
      space.step(tick: tick)
      for view in 0..<50 {
        if space.focusIsDue(view, views) {
          let own = EntityID(rawValue: UInt16(view))
          space.chooseFocus(
            FocusRequest(view: view, own: own, viewer: poses[view]), contacts: contacts.span, &views)
          choices += 1
        }
        let request = FrameRequest(view: view, viewer: poses[view], serverMs: 0, ackedInput: 0)
        guard case .written(let stats) = space.buildFrame(request, &views, into: buffer) else { continue }
        frames += 1
        views.ack(view, tick16: UInt16(truncatingIfNeeded: tick))
        if view == 0 { try replica.apply(UnsafeRawBufferPointer(rebasing: buffer[..<stats.bytes]).bytes) }
      }
      // The replica grows to its greatest size in the first half.
      if tick > 200 { allocations += hub_allocation_count() - before }
    }
    #expect(choices > 50 * 20 && frames > 8_000 && replica.shownCount == 500)
    #expect(allocations == 0)
  }

  @Test func aStalledReaderAndItsHealingAllocateNothing() throws {
    let grid = try SpaceGrid(minimum: (0, 0, 0), maximum: (36_800, 3200, 36_800), cellSteps: 1600)
    let parameters = ReplicationParameters()
    var space = SpaceReplicator(grid: grid, entityCapacity: 2048, parameters: parameters)
    var views = ClientViews(capacity: 1, parameters: parameters)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: parameters.frameBytesMax, alignment: 16)
    defer { buffer.deallocate() }
    for id in 0..<1058 {
      let cell = Int32(id % 529)
      let pose = Pose(x: cell % 23 * 1600 + 800, y: 0, z: cell / 23 * 1600 + 800)
      guard space.insert(EntityID(rawValue: UInt16(id)), pose: pose) else { preconditionFailure("full") }
    }
    let viewer = Pose(x: 18_400, y: 0, z: 18_400)
    let request = FrameRequest(view: 0, viewer: viewer, serverMs: 0, ackedInput: 0)
    var tick: Tick = 0
    for _ in 0..<60 {
      tick += 1
      space.step(tick: tick)
      if case .written = space.buildFrame(request, &views, into: buffer) {
        views.ack(0, tick16: UInt16(tick))
      }
    }
    #expect(views.toldPages(0) == 512)
    let before = hub_allocation_count()
    for round in 0..<90 {
      for id in 0..<1058 {
        guard var pose = space.pose(of: EntityID(rawValue: UInt16(id))) else { preconditionFailure("gone") }
        pose.yaw = UInt16(truncatingIfNeeded: round * 9000)
        space.setPose(EntityID(rawValue: UInt16(id)), pose)
      }
      tick += 1
      space.step(tick: tick)
    }
    let result = space.buildFrame(request, &views, into: buffer)
    let allocations = hub_allocation_count() - before
    guard case .written(let stats) = result else {
      Issue.record("nothing was written")
      return
    }
    #expect(stats.bytes > 8000 && stats.bytes <= 40_960)
    #expect(allocations == 0)
  }
}
