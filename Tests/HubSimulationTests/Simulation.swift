import HubKernel
import HubReplication
import HubWire

/// Counts of a run; `violation` names the first broken promise.
struct SimulationCounts {
  var frames = 0
  var healedGaps = 0
  var longestGap: Tick = 0
  var boundChecks = 0
  var stateChecks = 0
  var unplaced = 0
  var digestChecks = 0
  var choices = 0
  var postponed: UInt64 = 0
  var violation: String?

  mutating func add(_ other: SimulationCounts) {
    frames += other.frames
    healedGaps += other.healedGaps
    longestGap = max(longestGap, other.longestGap)
    boundChecks += other.boundChecks
    stateChecks += other.stateChecks
    unplaced += other.unplaced
    digestChecks += other.digestChecks
    choices += other.choices
    postponed += other.postponed
    if violation == nil { violation = other.violation }
  }
}

/// The randomised model: real encoder, real decoder and replica, and an oracle that knows only the poses it has set.
struct Simulation: ~Copyable {
  static let extent: Int32 = 3 * 3200
  static let height: Int32 = 2 * 3200
  static let avatarsMax = 20

  /// What a frame promises when it is written, kept until the reader applies it.
  struct Expected {
    var id: EntityID
    var page: UInt16
    var slot: UInt8
    var tier: Tier
    var isFocus: Bool
    var truth: Pose
    /// Where the server's predictor is at the frame's tick.
    var predicted: Pose
    /// The predictor was compared with the truth at this very tick.
    var wasEvaluated: Bool
    var yawWasEvaluated: Bool
  }

  struct InFlight {
    var bytes: [UInt8]
    var tick: Tick
    var deliverAt: Tick
    var told: [(page: UInt16, tier: Tier)]
    var expected: [Expected]
    var shown: Int
    /// The space's digests by coarse cell, and how many people it held.
    var digests: [Digest]
    var people: Int
    var errorScale16: UInt16
  }

  struct Reader {
    var viewer: Pose
    var queue: [InFlight] = []
    var stalledUntil: Tick = 0
    var delay: Tick = 0
    var period: Tick = 1
    var lastBuilt: Tick = 0
  }

  var random: SeededRandom
  var space: SpaceReplicator
  var views: ClientViews
  var parameters: ReplicationParameters
  var tick: Tick
  var previous: Tick = 0
  /// Live avatars by id, the oracle's own truth; ids are taken last in, first out.
  var walkers: [(id: EntityID, walker: Walker)] = []
  /// The oracle's own idea of each one's cell.
  var cells: [EntityID: (x: Int32, band: Int32, z: Int32)] = [:]
  var freeIDs: [EntityID]
  var readers: [Reader]
  var counts = SimulationCounts()
  var crowd: (Int32, Int32)?

  static func parameters(_ mutation: ReplicationMutation, _ random: inout SeededRandom)
    -> ReplicationParameters
  {
    var parameters = ReplicationParameters()
    parameters.pageSlots = 4
    parameters.pagesPerCellMax = 1 + random.below(3)
    parameters.toldPagesMax = 14
    parameters.bytesPerSecond = [2_000, 6_000, 40_000][random.below(3)]
    parameters.keyframeBytesPerFrameMax = [40, 120, 4096][random.below(3)]
    parameters.tierDwellTicks = 4
    parameters.digestPeriodTicks = [1, 7, 40][random.below(3)]
    parameters.emissionsPerPageMax = [1, 2, 96][random.below(3)]
    parameters.focusPeriodTicks = 1
    parameters.levels = (0..<8).map { level in
      InterestLevel(
        metersS0: level < 4 ? 2 : 1, s1: 7 - Double(level) / 2, s2: 13 - Double(level),
        individualsMax: 18 - level,
        toldPagesMax: 14 - level)
    }
    parameters.mutation = mutation
    return parameters
  }

  init(seed: UInt64, mutation: ReplicationMutation) throws {
    random = SeededRandom(seed: seed &* 0x9E37_79B9 &+ 1)
    parameters = Self.parameters(mutation, &random)
    let grid = try SpaceGrid(
      minimum: (0, 0, 0), maximum: (Self.extent, Self.height, Self.extent), cellSteps: 3200)
    space = SpaceReplicator(grid: grid, entityCapacity: 32, parameters: parameters)
    views = ClientViews(capacity: 4, parameters: parameters)
    tick = [0, 65_300, 196_500, 400][random.below(4)] + Tick(random.below(200))
    freeIDs = (0..<24).map { EntityID(rawValue: UInt16($0 * 2731)) }
    readers = []
    for index in 0..<4 {
      var reader = Reader(viewer: Walker(&random, extent: Self.extent, height: Self.height).pose)
      reader.period = index == 3 ? 2 : 1
      readers.append(reader)
      views.reset(index, now: tick)
    }
  }

  /// Runs `ticks` executed ticks. The replicas live here, because an array can't hold them.
  mutating func run(ticks: Int) {
    let grid = space.grid
    var r0 = Replica(grid: grid, tickHint: tick)
    var r1 = Replica(grid: grid, tickHint: tick)
    var r2 = Replica(grid: grid, tickHint: tick)
    var r3 = Replica(grid: grid, tickHint: tick)
    r0.mutation = parameters.mutation
    r1.mutation = parameters.mutation
    r2.mutation = parameters.mutation
    r3.mutation = parameters.mutation
    for _ in 0..<ticks where counts.violation == nil {
      moveWorld()
      serve(0, &r0)
      serve(1, &r1)
      serve(2, &r2)
      serve(3, &r3)
    }
    counts.postponed = space.postponedEmissions
  }

  private mutating func moveWorld() {
    previous = tick
    var skipped: Tick = 1
    if random.below(12) == 0 { skipped += Tick(random.below(6)) }
    if random.below(400) == 0 { skipped += Tick(random.below(60)) }
    tick += skipped
    if random.below(100) == 0 {
      crowd =
        random.below(3) == 0
        ? (Int32(random.below(3)) * 3200 + 1600, Int32(random.below(3)) * 3200 + 1600) : nil
    }
    if random.below(150) == 0 { space.errorScale16 = [16, 16, 24, 36, 64][random.below(5)] }
    if walkers.count < Self.avatarsMax, random.below(walkers.count < 8 ? 4 : 20) == 0,
      let id = freeIDs.popLast()
    {
      let walker = Walker(&random, extent: Self.extent, height: Self.height)
      walkers.append((id, walker))
      if !space.insert(id, pose: walker.pose, isPerson: !isNode(id)) {
        counts.violation = "an insert was refused"
      }
    }
    if walkers.count > 2, random.below(25) == 0 {
      let gone = walkers.remove(at: random.below(walkers.count)).id
      cells[gone] = nil
      space.remove(gone)
      freeIDs.append(gone)
      // Sometimes somebody else gets the id in the same tick.
      if random.below(3) == 0, let id = freeIDs.popLast() {
        let walker = Walker(&random, extent: Self.extent, height: Self.height)
        walkers.append((id, walker))
        if !space.insert(id, pose: walker.pose, isPerson: !isNode(id)) {
          counts.violation = "an insert was refused"
        }
      }
    }
    for index in walkers.indices {
      walkers[index].walker.step(
        &random, ticks: skipped, extent: Self.extent, height: Self.height, crowd: crowd)
      walkers[index].walker.clamp(extent: Self.extent, height: Self.height)
      space.setPose(walkers[index].id, walkers[index].walker.pose)
    }
    space.step(tick: tick)
    for entry in walkers { followCell(entry.id, entry.walker.pose) }
    counts.unplaced += space.unplacedCount
    countCrowds()
  }

  /// The rule of cells, written a second time: 1 m of slack on x and z, upwards only on y.
  private mutating func followCell(_ id: EntityID, _ pose: Pose) {
    // Somebody for whom all pages are full stands nowhere, and has no slack when a slot comes free.
    guard space.placement(of: id) != nil else {
      cells[id] = nil
      return
    }
    if let cell = cells[id] {
      let low = (x: cell.x * 3200, y: cell.band * 3200, z: cell.z * 3200)
      let stays =
        pose.x >= low.x - 400 && pose.x <= low.x + 3600 && pose.z >= low.z - 400 && pose.z <= low.z + 3600
        && pose.y >= low.y && pose.y <= low.y + 3600
      if stays { return }
    }
    cells[id] = (pose.x / 3200, pose.y / 3200, pose.z / 3200)
  }

  /// The people of the coarse cells that were due, counted a second time. 3 x 3 cells of 2 bands are 2 x 2 x 2 coarse ones.
  private mutating func countCrowds() {
    var people = [Int](repeating: 0, count: 8)
    for entry in walkers where !isNode(entry.id) {
      let pose = entry.walker.pose
      let cell = cells[entry.id] ?? (x: pose.x / 3200, band: pose.y / 3200, z: pose.z / 3200)
      let row: Int32 = cell.band * 2 + cell.z / 2
      people[Int(row * 2 + cell.x / 2)] += 1
    }
    let period = parameters.digestPeriodTicks
    var wrong: String?
    var checks = 0
    space.forEachDigest { digest in
      let coarse = Tick(digest.coarse)
      guard (tick + coarse) / period != (previous + coarse) / period else { return }
      checks += 1
      if Int(digest.count) != people[Int(coarse)] {
        wrong = "\(digest.count) people in coarse cell \(coarse), not \(people[Int(coarse)])"
      }
    }
    counts.digestChecks += checks
    if let wrong { counts.violation = wrong }
  }

  private func isNode(_ id: EntityID) -> Bool { id.rawValue == 2731 }

  private mutating func serve(_ index: Int, _ replica: inout Replica) {
    moveReader(index, &replica)
    build(index)
    while let first = readers[index].queue.first, first.deliverAt <= tick, readers[index].stalledUntil <= tick
    {
      readers[index].queue.removeFirst()
      apply(index, first, &replica)
      if counts.violation != nil { return }
      if random.below(3) > 0 { views.ack(index, tick16: UInt16(truncatingIfNeeded: first.tick)) }
    }
  }

  private mutating func moveReader(_ index: Int, _ replica: inout Replica) {
    if random.below(40) == 0 {
      readers[index].viewer = Walker(&random, extent: Self.extent, height: Self.height).pose
    } else {
      readers[index].viewer.x += Int32(random.below(161)) - 80
      readers[index].viewer.z += Int32(random.below(161)) - 80
    }
    if random.below(200) == 0 { readers[index].delay = Tick(random.below(12)) }
    if readers[index].stalledUntil <= tick, random.below(120) == 0 {
      readers[index].stalledUntil = tick + Tick(random.below(random.below(5) == 0 ? 420 : 60))
    }
    if random.below(300) == 0 { views.setWantsPoses(index, random.below(3) > 0) }
    if random.below(500) == 0 {
      readers[index].queue.removeAll()
      views.reset(index, now: tick, connected: random.below(2) == 0)
      replica.reset(grid: space.grid, ownID: nil, tickHint: tick)
    }
    if index != 1, random.below(30) == 0 {
      var chosen: [EntityID] = []
      for entry in walkers where random.below(5) == 0 { chosen.append(entry.id) }
      if random.below(6) == 0 { chosen.append(EntityID(rawValue: 60_000)) }
      views.setFocus(index, chosen.span)
    }
  }

  private mutating func build(_ index: Int) {
    let reader = readers[index]
    guard tick - reader.lastBuilt >= reader.period else { return }
    if random.below(10) == 0 {
      views.noteNotWritable(index, now: tick)
      return
    }
    if index == 1 { chooseFocus(index) }
    let last = views.lastFrameTick(index)
    let request = FrameRequest(view: index, viewer: reader.viewer, serverMs: 7, ackedInput: 9)
    var bytes: [UInt8] = []
    let size = parameters.frameBytesMax
    let result = withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer in
      let result = space.buildFrame(request, &views, into: buffer)
      if case .written(let stats) = result { bytes = Array(buffer[..<stats.bytes]) }
      return result
    }
    guard case .written(let stats) = result else { return }
    readers[index].lastBuilt = tick
    counts.frames += 1
    if last != 0, last < previous {
      counts.healedGaps += 1
      counts.longestGap = max(counts.longestGap, tick - last)
    }
    let parts =
      stats.updateBytes.s0 + stats.updateBytes.s1 + stats.updateBytes.s2 + stats.enterLeaveBytes
      + stats.keyframeBytes + stats.framingBytes + stats.digestBytes
    if parts != stats.bytes { counts.violation = "the parts of a frame's bytes are not the whole" }
    readers[index].queue.append(promise(index, bytes))
  }

  /// The hub's own choice, with presenters and contacts who may have left.
  private mutating func chooseFocus(_ index: Int) {
    guard space.focusIsDue(index, views) else { return }
    func anybody(_ most: Int) -> [EntityID] {
      (0..<random.below(most)).map { _ in EntityID(rawValue: UInt16(random.below(24) * 2731)) }
    }
    if random.below(50) == 0 { space.setPresenters(anybody(12).span) }
    if let walker = walkers.first { space.setGroup(walker.id, UInt16(random.below(2))) }
    let request = FocusRequest(
      view: index, own: walkers.last?.id, viewer: readers[index].viewer, followed: anybody(2).first)
    space.chooseFocus(request, contacts: anybody(4).span, &views)
    counts.choices += 1
  }

  /// What the reader must hold once it has applied the frame just built.
  private mutating func promise(_ index: Int, _ bytes: [UInt8]) -> InFlight {
    var told: [(page: UInt16, tier: Tier)] = []
    space.forEachTold(index, views) { told.append(($0, $1)) }
    told.sort { $0.page < $1.page }
    var expected: [Expected] = []
    var shown = Set<UInt16>()
    for entry in walkers {
      guard let place = space.placement(of: entry.id) else { continue }
      let cell = cells[entry.id] ?? (0, 0, 0)
      if Int(place.page) % space.grid.cells != Int((cell.band * 3 + cell.z) * 3 + cell.x) {
        counts.violation = "\(entry.id) stands in page \(place.page), not in the oracle's cell \(cell)"
      }
      guard let page = told.first(where: { $0.page == place.page }) else { continue }
      expected.append(
        expectation(entry.id, place, page.tier, isFocus: false, entry.walker.pose))
      shown.insert(entry.id.rawValue)
    }
    let individuals = told.reduce(0) { $0 + space.occupants(page: $1.page) }
    let level = parameters.levels[views.pressureLevel(index)]
    if individuals > level.individualsMax + (parameters.mutation == .none ? 0 : 99) {
      counts.violation = "\(individuals) individuals told"
    }
    if told.count > parameters.toldPagesMax { counts.violation = "too many pages told" }
    var focus: [(Int, EntityID)] = []
    views.forEachFocus(index) { focus.append(($0, $1)) }
    for (slot, id) in focus {
      guard let place = space.placement(of: id), let entry = walkers.first(where: { $0.id == id }) else {
        counts.violation = "focus on somebody who isn't here"
        continue
      }
      expected.append(
        expectation(id, (place.page, UInt8(slot)), .s0, isFocus: true, entry.walker.pose))
      shown.insert(id.rawValue)
    }
    var digests: [Digest] = []
    space.forEachDigest { digests.append($0) }
    return InFlight(
      bytes: random.below(2) == 0 ? FrameShuffle.shuffled(bytes, &random) : bytes, tick: tick,
      deliverAt: tick + readers[index].delay, told: told, expected: expected, shown: shown.count,
      digests: digests, people: walkers.count { !isNode($0.id) },
      errorScale16: space.errorScale16)
  }

  private func expectation(
    _ id: EntityID, _ place: (page: UInt16, slot: UInt8), _ tier: Tier, isFocus: Bool, _ truth: Pose
  ) -> Expected {
    let period: Tick = [1, 2, 4][Int(tier.rawValue)]
    let yawPeriod: Tick = [4, 8, 8][Int(tier.rawValue)]
    let page = Tick(place.page)
    func passed(_ period: Tick) -> Bool {
      (tick + page) / period != (previous + page) / period
        && !space.hasPostponed(page: place.page, tier: tier)
    }
    return Expected(
      id: id, page: place.page, slot: place.slot, tier: tier, isFocus: isFocus, truth: truth,
      predicted: space.predictor(of: id, tier: tier)!.pose(at: tick), wasEvaluated: passed(period),
      yawWasEvaluated: passed(yawPeriod))
  }
}
