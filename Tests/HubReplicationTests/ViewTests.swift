import HubKernel
import HubReplication
import HubWire
import Testing

@Suite struct ViewTests {
  private func populated(
    entities: Int = 20, views: Int = 2, parameters: ReplicationParameters = ReplicationParameters()
  ) throws -> Scene {
    var scene = try Scene(entities: entities + 4, views: views, parameters: parameters)
    var random = SeededRandom(seed: 3)
    for id in 0..<entities {
      let x = random.double(in: 0...39)
      let z = random.double(in: 0...39)
      #expect(holds(scene.add(id, Scene.at(x, z))))
    }
    return scene
  }

  @Test func aQuietReaderGetsAnEmptyFrameEvery250Milliseconds() throws {
    var scene = try populated()
    var ticks: [Tick] = []
    // By tick 40 each coarse cell has been counted once.
    for _ in 0..<100 {
      scene.step()
      let due = scene.space.isDue(0, scene.views)
      let frame = scene.frame(from: Scene.at(20, 20))
      if case .written(let stats) = frame.result {
        if scene.tick > 45 { #expect(stats.bytes == 7 && due) }
        ticks.append(scene.tick)
      }
    }
    let late = ticks.filter { $0 > 45 }
    #expect(late.count == 11 && zip(late, late.dropFirst()).allSatisfy { $1 - $0 == 5 })
  }

  @Test func newsNearbyIsDueAtOnceAndFarNewsEverySecondTick() throws {
    var scene = try populated(entities: 2)
    scene.space.setPose(EntityID(rawValue: 0), Scene.at(20, 20))
    scene.space.setPose(EntityID(rawValue: 1), Scene.at(38, 38))
    func frames(_ moving: UInt16, _ scene: inout Scene) -> Int {
      var count = 0
      for index in 0..<40 {
        var pose = scene.space.pose(of: EntityID(rawValue: moving)) ?? Scene.at(0, 0)
        pose.x += index % 2 == 0 ? 200 : -200
        scene.space.setPose(EntityID(rawValue: moving), pose)
        scene.step()
        if scene.frame(from: Scene.at(20, 20)).isWritten { count += 1 }
      }
      return count
    }
    for _ in 0..<20 {
      scene.step()
      _ = scene.frame(from: Scene.at(20, 20))
    }
    #expect(frames(0, &scene) == 40)
    let far = frames(1, &scene)
    #expect(far <= 20 && far >= 8)
  }

  @Test func whoeverTurnsOnTheSpotMakesAWordEveryFourthTickNotEvery() throws {
    var scene = try populated(entities: 1)
    scene.space.setPose(EntityID(rawValue: 0), Scene.at(20, 20))
    for _ in 0..<20 {
      scene.step()
      _ = scene.frame(from: Scene.at(20, 20))
    }
    var updates = 0
    for index in 0..<40 {
      var pose = Scene.at(20, 20)
      // 9 degrees a tick.
      pose.yaw = UInt16(truncatingIfNeeded: (index + 1) * 1638)
      scene.space.setPose(EntityID(rawValue: 0), pose)
      scene.step()
      if case .written(let stats) = scene.frame(from: Scene.at(20, 20)).result { updates += stats.updates.s0 }
    }
    #expect(updates == 10)
  }

  @Test func aReaderWhoDoesNotAcknowledgeIsSkippedAt16FramesAndOverdueAfter10Seconds() throws {
    var scene = try populated()
    scene.views.reset(0, now: 0)
    var written = 0
    var reason: FrameSkip?
    for index in 0..<230 {
      scene.space.setPose(EntityID(rawValue: 0), Scene.at(20 + Double(index % 2), 20))
      scene.step()
      let frame = scene.frame(from: Scene.at(20, 20), acks: false)
      if frame.isWritten { written += 1 }
      if case .skipped(let why) = frame.result { reason = why }
      if scene.tick < 200 { #expect(holds(!scene.views.isOverdue(0, now: scene.tick))) }
    }
    #expect(written == 16 && reason == .windowFull && scene.views.unackedFrames(0) == 16)
    #expect(holds(scene.views.isOverdue(0, now: scene.tick)))
    // One acknowledgement opens the window up to and including its frame.
    #expect(holds(!scene.views.ack(0, tick16: 999)))
    #expect(holds(scene.views.ack(0, tick16: UInt16(scene.views.lastFrameTick(0)))))
    #expect(scene.views.unackedFrames(0) == 0)
    scene.step()
    #expect(holds(scene.frame(from: Scene.at(20, 20)).isWritten))
  }

  @Test func aReaderWithoutAnyFrameIsOverdueFromItsReset() throws {
    var views = ClientViews(capacity: 1)
    views.reset(0, now: 500)
    #expect(!views.isOverdue(0, now: 700) && views.isOverdue(0, now: 701))
  }

  @Test func anEmptyBucketSkipsAndDebtIsOneFrame() throws {
    var parameters = ReplicationParameters()
    parameters.bytesPerSecond = 400
    var scene = try populated(entities: 200, parameters: parameters)
    var skipped = 0
    var lowest = Int.max
    var bytes = 0
    for index in 0..<400 {
      for id in 0..<200 {
        var pose = scene.space.pose(of: EntityID(rawValue: UInt16(id))) ?? Scene.at(0, 0)
        pose.yaw = UInt16(truncatingIfNeeded: index * 9999)
        scene.space.setPose(EntityID(rawValue: UInt16(id)), pose)
      }
      scene.step()
      let frame = scene.frame(from: Scene.at(20, 20))
      if frame.result == .skipped(.bucketEmpty) { skipped += 1 }
      bytes += frame.bytes.count
      lowest = min(lowest, scene.views.bucketBytes(0))
    }
    #expect(skipped > 200 && lowest > -4000)
    #expect(bytes < 400 * 20 + 4800)
    #expect(scene.views.pressureLevel(0) > 0)
  }

  @Test func pressureRisesByOneLevelEveryTwoSecondsAndFallsAgain() throws {
    var scene = try populated()
    for _ in 0..<400 {
      scene.step()
      scene.views.noteNotWritable(0, now: scene.tick)
    }
    #expect(scene.views.pressureLevel(0) == 7)
    var levels: [Int] = []
    var reduced: [Bool] = []
    for _ in 0..<400 {
      scene.step()
      let frame = scene.frame(from: Scene.at(20, 20))
      if frame.bytes.count >= 7 { reduced.append(frame.bytes[6] == 1) }
      levels.append(scene.views.pressureLevel(0))
    }
    #expect(levels.last == 0 && zip(levels, levels.dropFirst()).allSatisfy { $0 - $1 <= 1 && $0 >= $1 })
    #expect(reduced.first == true && reduced.last == false)
  }

  @Test func aReaderWithoutAViewGetsEmptyFramesAndItsPagesDropped() throws {
    var scene = try populated()
    var replica = Replica(grid: scene.space.grid)
    func play(_ ticks: Int, _ scene: inout Scene, _ replica: inout Replica) throws {
      for _ in 0..<ticks {
        scene.step()
        let frame = scene.frame(from: Scene.at(20, 20))
        if !frame.bytes.isEmpty { try replica.apply(frame.bytes.span.bytes) }
      }
    }
    scene.focus([3])
    try play(10, &scene, &replica)
    #expect(replica.shownCount == 20 && replica.focusOccupant(slot: 0)?.id.rawValue == 3)
    scene.views.setWantsPoses(0, false)
    try play(10, &scene, &replica)
    #expect(replica.shownCount == 0 && replica.toldPageCount == 0 && scene.views.toldPages(0) == 0)
    #expect(replica.focusOccupant(slot: 0) == nil)
    scene.views.setWantsPoses(0, true)
    try play(10, &scene, &replica)
    #expect(replica.shownCount == 20)
  }

  @Test func aJoinIsToldNearestFirstOverSeveralFrames() throws {
    var parameters = ReplicationParameters()
    parameters.keyframeBytesPerFrameMax = 100
    var scene = try populated(entities: 150, parameters: parameters)
    var replica = Replica(grid: scene.space.grid)
    scene.step()
    let first = scene.frame(from: Scene.at(1, 1))
    try replica.apply(first.bytes.span.bytes)
    #expect(replica.tier(ofPage: 0) == .s0 && replica.tier(ofPage: 24) == nil)
    #expect(first.bytes.count < 250)
    for _ in 0..<40 {
      scene.step()
      let frame = scene.frame(from: Scene.at(1, 1))
      if !frame.bytes.isEmpty { try replica.apply(frame.bytes.span.bytes) }
    }
    #expect(replica.shownCount == 150 && replica.tier(ofPage: 24) == .s2)
  }

  @Test func focusSlotsStayWithWhomTheyHold() throws {
    var scene = try populated()
    scene.step()
    func focus(_ ids: [Int], _ scene: inout Scene) -> [Int: Int] {
      scene.focus(ids)
      scene.step()
      _ = scene.frame(from: Scene.at(20, 20))
      var told: [Int: Int] = [:]
      scene.views.forEachFocus(0) { told[$0] = Int($1.rawValue) }
      return told
    }
    #expect(focus([1, 2, 3], &scene) == [0: 1, 1: 2, 2: 3])
    let moved = focus([4, 3, 1], &scene)
    #expect(moved[0] == 1 && moved[2] == 3 && moved.values.sorted() == [1, 3, 4])
    #expect(focus(Array(0..<19), &scene).count == 16)
    #expect(focus([5, 5, 5], &scene).count == 1)
    #expect(focus([], &scene).isEmpty)
  }
}
