import HubKernel
import HubReplication
import HubWire
import Testing

/// Frames in sequence with what a replica must hold after each.
enum ReplicaVectors {
  static let grid = try! SpaceGrid(
    minimum: (-8000, -400, -8000), maximum: (8000, 3600, 8000), cellSteps: 3200)

  static func json(_ grid: SpaceGrid) -> VectorJSON {
    .object([
      ("origin", .array([.int(Int(grid.originX)), .int(Int(grid.originY)), .int(Int(grid.originZ))])),
      ("cell", .int(Int(grid.cellSteps))), ("band", .int(Int(CodedVolume.bandSteps))),
      ("cells", .array([.int(Int(grid.countX)), .int(Int(grid.countBands)), .int(Int(grid.countZ))])),
      ("digest", .int(Int(grid.coarseEdge))),
    ])
  }

  static func json(_ predictor: Predictor) -> VectorJSON {
    .array([
      .int(Int(predictor.x)), .int(Int(predictor.y)), .int(Int(predictor.z)), .int(Int(predictor.velocityX)),
      .int(Int(predictor.velocityZ)), .int(Int(predictor.yaw)), .int(Int(predictor.animation)),
      .int(Int(predictor.flags.rawValue)), .int(Int(predictor.base)),
    ])
  }

  /// The whole state of a replica: pages with slots, focus, and who is shown where now and 7 ticks later.
  static func state(_ replica: borrowing Replica) -> VectorJSON {
    var told: [(page: UInt16, tier: Tier)] = []
    replica.forEachToldPage { page, tier, _ in told.append((page, tier)) }
    var pages: [VectorJSON] = []
    for (page, tier) in told {
      var slots: [VectorJSON] = []
      for slot in UInt8(0)..<254 {
        guard let held = replica.occupant(page: page, slot: slot) else { continue }
        slots.append(.array([.int(Int(slot)), .int(Int(held.id.rawValue)), json(held.predictor)]))
      }
      pages.append(
        .object([("page", .int(Int(page))), ("tier", .int(Int(tier.rawValue))), ("slots", .array(slots))]))
    }
    var focus: [VectorJSON] = []
    for slot in UInt8(0)..<16 {
      guard let held = replica.focusOccupant(slot: slot) else { continue }
      focus.append(
        .array([.int(Int(slot)), .int(Int(held.id.rawValue)), .int(Int(held.page)), json(held.predictor)]))
    }
    let impostors = replica.impostorCounts()
    var digests: [VectorJSON] = []
    replica.forEachDigest { digest in
      let fields =
        [
          Int(digest.coarse), Int(digest.count), Int(digest.x), Int(digest.z), Int(digest.y),
          Int(digest.spread),
          Int(digest.velocityX), Int(digest.velocityZ), Int(digest.moving), Int(digest.seated),
          Int(digest.talking), Int(digest.handRaised), Int(digest.animation), Int(digest.seed),
        ] + [impostors[Int(digest.coarse)]]
      digests.append(.array(fields.map { .int($0) }))
    }
    let tick = replica.tick ?? 0
    var shown: [(id: UInt16, json: VectorJSON)] = []
    replica.forEachShown { entity in
      func place(_ at: Tick) -> VectorJSON {
        let pose = entity.predictor.pose(at: at)
        return .array([.int(Int(pose.x)), .int(Int(pose.y)), .int(Int(pose.z))])
      }
      shown.append(
        (
          entity.id.rawValue,
          .object([
            ("id", .int(Int(entity.id.rawValue))), ("tier", .int(Int(entity.tier.rawValue))),
            ("focus", .bool(entity.isFocus)), ("now", place(tick)), ("in7Ticks", place(tick + 7)),
          ])
        ))
    }
    shown.sort { $0.id < $1.id }
    return .object([
      ("tick", replica.tick == nil ? .null : .int(Int(tick))), ("pages", .array(pages)),
      ("focus", .array(focus)), ("digests", .array(digests)),
      ("shown", .array(shown.map(\.json))),
    ])
  }

  static func name(_ error: ReplicaError) -> String {
    switch error {
    case .wire(.truncated): "truncated"
    case .wire(.trailingBytes): "trailingBytes"
    case .wire(.unknownType): "unknownType"
    case .wire(.reservedHeadBits): "reservedHeadBits"
    case .tickNotAdvancing: "tickNotAdvancing"
    case .pageOutsideGrid: "pageOutsideGrid"
    case .pageTwice: "pageTwice"
    case .pageNotTold: "pageNotTold"
    case .tierChangedWithoutReplace: "tierChangedWithoutReplace"
    case .slotOutOfRange: "slotOutOfRange"
    case .updateOfEmptySlot: "updateOfEmptySlot"
    case .tooManyPages: "tooManyPages"
    case .tooManyEntities: "tooManyEntities"
    case .wire(.emptyDigests): "emptyDigests"
    case .coarseOutsideGrid: "coarseOutsideGrid"
    }
  }

  /// Plays frames into a replica and writes down what it holds after each, refused ones included.
  static func scenario(
    _ name: String, grid: SpaceGrid = grid, ownID: UInt16? = nil, tickHint: Tick = 0, nodes: [UInt16] = [],
    _ frames: [(why: String, bytes: [UInt8])]
  ) -> VectorJSON {
    var replica = Replica(grid: grid, ownID: ownID.map { EntityID(rawValue: $0) }, tickHint: tickHint)
    replica.setNodes(nodes.map { EntityID(rawValue: $0) }.span)
    var steps: [VectorJSON] = []
    for frame in frames {
      var error = VectorJSON.null
      do { try replica.apply(frame.bytes.span.bytes) } catch let refused {
        error = .string(Self.name(refused))
      }
      steps.append(
        .object([
          ("why", .string(frame.why)), ("hex", .string(hex(frame.bytes))), ("error", error),
          ("state", state(replica)),
        ]))
    }
    return .object([
      ("name", .string(name)), ("grid", json(grid)), ("ownID", ownID.map { .int(Int($0)) } ?? .null),
      ("tickHint", .int(Int(tickHint))), ("nodes", .array(nodes.map { .int(Int($0)) })),
      ("steps", .array(steps)),
    ])
  }

  static func text() -> String {
    VectorJSON.object([("scenarios", .array([byHand(), refusals(), recorded()]))]).text(depth: 5) + "\n"
  }

  /// The rules of the replica, one frame each.
  static func byHand() -> VectorJSON {
    var frames: [(why: String, bytes: [UInt8])] = []
    func frame(_ tick: UInt16, _ why: String, _ build: (inout FrameBuilder) -> Void) {
      var builder = FrameBuilder(tick: tick, serverMs: tick &* 50, ackedInput: UInt8(tick & 255))
      build(&builder)
      frames.append((why, builder.bytes))
    }
    frame(65533, "keyframe of page 6 at S0, of page 7 at S2; 11 is the reader itself") {
      $0.block(
        6, tier: 0, replace: true,
        enters: [
          enter(10, word(0, x: 2000, z: 1000, y: 512, vx: 45, vz: -45, yaw: 64, animation: 1)),
          enter(11, word(1, x: 500, z: 600, y: 128)),
        ])
      $0.block(
        7, tier: 2, replace: true, enters: [enter(12, word(5, x: 500, z: 3, y: 4, vx: -60, vz: 63, yaw: 31))])
    }
    frame(65535, "an update; two ticks have passed") {
      $0.block(6, tier: 0, updates: [word(0, x: 2010, z: 990, y: 512, vx: 256 - 257, vz: 255, animation: 2)])
    }
    frame(0, "the tick wraps; 10 walks from page 6 to page 7, the enter comes before the leave") {
      $0.block(7, tier: 2, enters: [enter(10, word(0, x: 30, z: 100))])
      $0.block(6, tier: 0, leaves: [0])
    }
    frame(1, "an empty frame confirms every prediction") { _ in }
    frame(2, "back again, the leave first; a leave of a slot that is empty already is normal") {
      $0.block(7, tier: 2, leaves: [0, 9])
      $0.block(6, tier: 0, enters: [enter(10, word(3, x: 3600, z: 100))])
    }
    frame(3, "somebody else takes slot 5 of page 7, nobody said that 12 had left it") {
      $0.block(7, tier: 2, enters: [enter(13, word(5, x: 1, z: 511, vx: -64))])
    }
    frame(4, "focus on 10, who is on page 6, and on 77, whose page isn't told") {
      $0.block(
        0xFFFF, tier: 0,
        enters: [
          enter(10, word(0, x: 3601, z: 101, vx: 10), page: 6),
          enter(77, word(15, x: 1, z: 2, y: 3, vz: -20), page: 12),
        ])
    }
    frame(5, "page and focus are updated apart") {
      $0.block(6, tier: 0, updates: [word(3, x: 3610, z: 110)])
      $0.block(0xFFFF, tier: 0, updates: [word(15, x: 5, z: 6, y: 7, vz: -21)])
    }
    frame(6, "77 changes its page: it enters focus again") {
      $0.block(0xFFFF, tier: 0, enters: [enter(77, word(15, x: 4000, z: 6, y: 7), page: 11)])
    }
    frame(7, "page 7 comes at another tier") {
      $0.block(7, tier: 1, replace: true, enters: [enter(13, word(5, x: 8, z: 1000, vx: -128, vz: 127))])
    }
    frame(8, "page 6 is dropped: 10 is shown by focus alone, the reader's own avatar is known no more") {
      $0.drop(6)
    }
    frame(9, "10 leaves focus and is gone; page 7 is emptied") {
      $0.block(0xFFFF, tier: 0, leaves: [0])
      $0.block(7, tier: 1, replace: true)
    }
    frame(10, "digests: 5 people in coarse cell 0, whose page 7 is empty; 300 in cell 17") {
      $0.digests([
        digest(
          0, 5, [128, 64, 3, 20], velocity: [-16, 127], shares: [15, 0, 3, 1], animation: 1, seed: 77),
        digest(
          17, 300, [255, 0, 255, 255], velocity: [-128, 0], shares: [1, 14, 0, 15], animation: 6, seed: 255),
      ])
    }
    frame(11, "two of the five are told one by one, with a moving node, which is none of them") {
      $0.block(
        7, tier: 1, replace: true,
        enters: [enter(13, word(5)), enter(14, word(6)), enter(15, word(7))])
    }
    frame(
      12,
      "one more by focus, on page 12 of coarse cell 1; the reader itself in cell 0; in two blocks of digests"
    ) {
      $0.digests([digest(1, 1, [1, 2, 3, 4])])
      $0.block(0xFFFF, tier: 0, enters: [enter(78, word(3), page: 12)])
      $0.block(6, tier: 0, replace: true, enters: [enter(11, word(0))])
      $0.digests([digest(0, 4, [130, 64, 3, 20])])
    }
    frame(13, "cell 17 is forgotten; a count below what is known leaves no impostors") {
      $0.digests([digest(17, 0, [9, 9, 9, 9]), digest(0, 1, [130, 64, 3, 20])])
    }
    return scenario("by-hand", ownID: 11, tickHint: 65_530, nodes: [15], frames)
  }

  /// What must be refused, and leave the replica as it was.
  static func refusals() -> VectorJSON {
    var frames: [(why: String, bytes: [UInt8])] = []
    func frame(_ tick: UInt16, _ why: String, type: UInt8 = 1, _ build: (inout FrameBuilder) -> Void) {
      var builder = FrameBuilder(tick: tick, type: type)
      build(&builder)
      frames.append((why, builder.bytes))
    }
    frame(100, "a good frame to begin with") {
      $0.block(0, tier: 0, replace: true, enters: [enter(1, word(0))])
      $0.block(1, tier: 1, replace: true, enters: [enter(2, word(0))])
    }
    frames.append(("no bytes", []))
    frames.append(("a header cut short", [1, 101, 0, 0]))
    frame(101, "another type", type: 4) { _ in }
    frame(100, "the same tick again") { _ in }
    frame(99, "an older tick") { _ in }
    frame(101, "the grid has 400 pages") { $0.block(400, tier: 0, replace: true) }
    frame(101, "an update for an empty slot") { $0.block(0, tier: 0, updates: [word(1)]) }
    frame(101, "an update for a slot left in the same block") {
      $0.block(0, tier: 0, leaves: [0], updates: [word(0)])
    }
    frame(101, "an update for a slot that REPLACE emptied") {
      $0.block(0, tier: 0, replace: true, updates: [word(0)])
    }
    frame(101, "slot 254") { $0.block(0, tier: 0, leaves: [254]) }
    frame(101, "focus slot 16") { $0.block(0xFFFF, tier: 0, enters: [enter(1, word(16), page: 0)]) }
    frame(101, "focus at S1") { $0.block(0xFFFF, tier: 1, enters: [enter(1, word(1), page: 0)]) }
    frame(101, "focus on a page outside the grid") {
      $0.block(0xFFFF, tier: 0, enters: [enter(1, word(1), page: 400)])
    }
    frame(101, "a good block, then one of a page not told: nothing applies") {
      $0.block(0, tier: 0, leaves: [0])
      $0.block(5, tier: 0, leaves: [0])
    }
    frame(101, "dropping a page not told") { $0.drop(5) }
    frame(101, "a page twice") {
      $0.block(0, tier: 0, leaves: [0])
      $0.block(0, tier: 0, leaves: [0])
    }
    frame(101, "another tier without REPLACE") { $0.block(1, tier: 0, leaves: [0]) }
    frame(101, "a block head with a bit of the future") { $0.bytes += [0, 0, 0x20, 0] }
    frame(101, "a DROP with a flag") { $0.bytes += [0, 0, 0x07] }
    frame(101, "a block cut short") {
      $0.block(0, tier: 0, updates: [word(0)])
      $0.bytes.removeLast()
    }
    frame(101, "a count without records") { $0.bytes += [0, 0, 0x10, 255, 0] }
    frame(101, "digests with a head") { $0.bytes += [0xFE, 0xFF, 3] }
    frame(101, "no digest in a block of them") { $0.bytes += [0xFE, 0xFF, 0, 0] }
    frame(101, "digests cut short") {
      $0.digests([digest(0, 1, [0, 0, 0, 0])])
      $0.bytes.removeLast()
    }
    frame(101, "the grid has 18 coarse cells; nothing of the frame applies") {
      $0.digests([digest(0, 1, [0, 0, 0, 0]), digest(18, 1, [0, 0, 0, 0])])
    }
    frame(101, "a good frame at the end; unknown header flags are ignored") {
      $0.bytes[6] = 0xFE
      $0.block(0, tier: 0, updates: [word(0, x: 7)])
    }
    return scenario("refusals", frames)
  }

  /// Frames that the hub itself wrote: a viewer who walks, skips frames, has a focus, and comes back after a stall.
  static func recorded() -> VectorJSON {
    var parameters = ReplicationParameters()
    parameters.pageSlots = 3
    parameters.keyframeBytesPerFrameMax = 120
    var space = SpaceReplicator(grid: grid, entityCapacity: 16, parameters: parameters)
    var views = ClientViews(capacity: 1, parameters: parameters)
    var random = SeededRandom(seed: 2026)
    let start: Tick = 131_066
    views.reset(0, now: start)
    var poses: [Pose] = []
    for index in 0..<10 {
      poses.append(
        Pose(
          x: Int32(random.below(9600)) - 4800, y: 0, z: Int32(random.below(9600)) - 4800,
          velocityX: Int16(random.below(181) - 90), velocityZ: Int16(random.below(181) - 90),
          yaw: UInt16(random.below(65536)), animation: 1))
      _ = space.insert(EntityID(rawValue: UInt16(index)), pose: poses[index])
    }
    var frames: [(why: String, bytes: [UInt8])] = []
    var buffer = [UInt8](repeating: 0, count: parameters.frameBytesMax)
    for tick in start..<start + 60 {
      if tick == start + 30 { space.remove(EntityID(rawValue: 4)) }
      for index in poses.indices {
        if random.below(25) == 0 {
          poses[index].velocityX = Int16(random.below(181) - 90)
          poses[index].velocityZ = Int16(random.below(181) - 90)
        }
        poses[index].x += Int32(poses[index].velocityX) * 5 / 8
        poses[index].z += Int32(poses[index].velocityZ) * 5 / 8
        poses[index] = grid.clamped(poses[index])
        space.setPose(EntityID(rawValue: UInt16(index)), poses[index])
      }
      space.step(tick: tick)
      if tick == start + 8 {
        views.setFocus(0, [EntityID(rawValue: 9), EntityID(rawValue: 4)].span)
      }
      guard tick < start + 20 || tick > start + 45 || tick % 6 == 0 else { continue }
      let request = FrameRequest(
        view: 0, viewer: poses[0], serverMs: UInt16(truncatingIfNeeded: tick * 50), ackedInput: 200)
      let result = buffer.withUnsafeMutableBytes { space.buildFrame(request, &views, into: $0) }
      guard case .written(let stats) = result else { continue }
      views.ack(0, tick16: UInt16(truncatingIfNeeded: tick))
      frames.append(("written by the hub", Array(buffer[..<stats.bytes])))
    }
    return scenario("recorded", ownID: 0, tickHint: start - 5, frames)
  }
}
