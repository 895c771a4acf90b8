import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct HostileFrameTests {
  /// Frames the hub wrote, then broken at random: each is either applied whole or refused without a trace.
  @Test func brokenFramesNeverCorruptAReplica() throws {
    var scene = try Scene(entities: 60, views: 1)
    var walkers = LineWalkers(seed: 12, count: 40, meters: 40)
    for index in walkers.poses.indices { #expect(holds(scene.add(index, walkers.poses[index]))) }
    scene.focus([1, 2])
    var random = SeededRandom(seed: 77)
    var replica = Replica(grid: scene.space.grid)
    var refused = 0
    var applied = 0
    for _ in 0..<150 {
      walkers.step()
      for index in walkers.poses.indices {
        scene.space.setPose(EntityID(rawValue: UInt16(index)), walkers.poses[index])
      }
      scene.step()
      let frame = scene.frame(from: Scene.at(20, 20))
      guard !frame.bytes.isEmpty else { continue }
      for _ in 0..<20 {
        var broken = frame.bytes
        // The header stays, so that what is tried is the blocks.
        for _ in 0...random.below(4) {
          switch random.below(4) {
          case 0 where broken.count > 8: broken.removeLast(1 + random.below(broken.count - 7))
          case 1: broken.append(UInt8(truncatingIfNeeded: random.next()))
          case 2 where broken.count > 8: broken.insert(UInt8(truncatingIfNeeded: random.next()), at: 7)
          default:
            if broken.count > 7 { broken[7 + random.below(broken.count - 7)] ^= 1 << UInt8(random.below(8)) }
          }
        }
        let before = dump(replica)
        do throws(ReplicaError) {
          try replica.apply(broken.span.bytes)
          applied += 1
          replica.verify()
          // Hostile but well-formed: begin anew, so that the next honest frames fit.
          replica.reset(grid: scene.space.grid, ownID: nil, tickHint: scene.tick)
          scene.views.reset(0, now: scene.tick)
          break
        } catch {
          refused += 1
          #expect(dump(replica) == before)
        }
      }
      if replica.tick != nil || scene.views.lastFrameTick(0) == scene.tick {
        try replica.apply(frame.bytes.span.bytes)
      }
    }
    #expect(refused > 300 && applied > 10)
  }

  @Test func noiseIsRefused() {
    var random = SeededRandom(seed: 1)
    var replica = Replica(grid: ReplicaVectors.grid)
    let empty = dump(replica)
    for _ in 0..<3000 {
      var noise: [UInt8] = []
      for _ in 0..<random.below(60) { noise.append(UInt8(truncatingIfNeeded: random.next())) }
      if noise.count > 9, random.below(2) == 0 {
        noise[0] = 1
        noise[8] &= 1
        noise[9] &= 0x1F
      }
      do { try replica.apply(noise.span.bytes) } catch {
        #expect(dump(replica) == empty)
        continue
      }
      replica.verify()
      replica.reset(grid: ReplicaVectors.grid, ownID: nil, tickHint: 0)
    }
  }

  @Test func theCapsHoldForTheFrameAsAWhole() throws {
    let grid = try SpaceGrid(minimum: (0, 0, 0), maximum: (3200 * 100, 10, 3200 * 10), cellSteps: 3200)
    var replica = Replica(grid: grid)
    var frame = FrameBuilder(tick: 1)
    for page in 0..<512 { frame.block(UInt16(page), tier: 2, replace: true) }
    try replica.apply(frame.bytes.span.bytes)
    frame = FrameBuilder(tick: 2)
    frame.block(600, tier: 2, replace: true)
    #expect(throws: ReplicaError.tooManyPages) { try replica.apply(frame.bytes.span.bytes) }
    // A new page and a drop, in whatever order, are one swap.
    frame.drop(3)
    try replica.apply(frame.bytes.span.bytes)
    #expect(replica.toldPageCount == 512 && replica.tier(ofPage: 600) == .s2)
    frame = FrameBuilder(tick: 3)
    for page in 10..<19 {
      let enters = (0..<(page == 18 ? 17 : 254)).map { enter(UInt16(page * 254 + $0), word(UInt8($0))) }
      frame.block(UInt16(page), tier: 2, replace: true, enters: enters)
    }
    #expect(throws: ReplicaError.tooManyEntities) { try replica.apply(frame.bytes.span.bytes) }
  }

  @Test func anAvatarThatEnteredElsewhereSurvivesItsLeave() throws {
    var replica = Replica(grid: ReplicaVectors.grid)
    var frame = FrameBuilder(tick: 1)
    frame.block(0, tier: 0, replace: true, enters: [enter(7, word(0))])
    frame.block(1, tier: 0, replace: true)
    try replica.apply(frame.bytes.span.bytes)
    frame = FrameBuilder(tick: 2)
    frame.block(1, tier: 0, enters: [enter(7, word(4))])
    frame.drop(0)
    try replica.apply(frame.bytes.span.bytes)
    #expect(replica.entity(EntityID(rawValue: 7))?.page == 1 && replica.shownCount == 1)
  }
}
