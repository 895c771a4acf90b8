import HubKernel
import HubWire

/// The crowds of a space: one digest per coarse cell as told last, and when it changed. Fixed in size.
struct DigestTable: ~Copyable {
  /// Positions of the coarse cells are told in 1/256 of this edge, in steps.
  let edgeSteps: Int64
  let cells: Int
  private(set) var told: Column<Digest>
  /// Tick at which the cell's digest changed; 0: never.
  private(set) var changed: Column<Tick>
  /// Newest of all.
  private(set) var last: Tick = 0
  private var sums: Column<CrowdSums>
  private var animations: Column<UInt16>
  private var dueNow: Column<Bool>

  static let animations = 64
  /// Fields of 256 steps count as moved beyond a tenth of that, shares beyond a fifteenth, velocities beyond 1/4 m/s.
  private static let placeSlack = 25
  private static let shareSlack = 1
  private static let velocitySlack = 4

  init(grid: borrowing SpaceGrid) {
    cells = grid.coarseCells
    edgeSteps = Int64(grid.coarseEdge) * Int64(grid.cellSteps)
    told = Column(repeating: Digest(coarse: 0, count: 0), count: cells)
    for coarse in 0..<cells { told[coarse].coarse = UInt16(coarse) }
    changed = Column(repeating: 0, count: cells)
    sums = Column(repeating: CrowdSums(), count: cells)
    animations = Column(repeating: 0, count: cells * Self.animations)
    dueNow = Column(repeating: false, count: cells)
  }

  /// Marks the coarse cells whose turn it is, and clears their sums. False: none.
  mutating func begin(now: Tick, previous: Tick, period: Tick) -> Bool {
    var isAnyDue = false
    for coarse in 0..<cells {
      let due = (now &+ Tick(coarse)) / period != (previous &+ Tick(coarse)) / period
      dueNow[coarse] = due
      guard due else { continue }
      isAnyDue = true
      sums[coarse] = CrowdSums()
      for at in coarse * Self.animations..<(coarse + 1) * Self.animations { animations[at] = 0 }
    }
    return isAnyDue
  }

  func isDue(_ coarse: Int) -> Bool { dueNow[coarse] }

  mutating func add(_ pose: Pose, to coarse: Int, corner: CodedOrigin) {
    sums[coarse].add(pose, corner)
    animations[coarse * Self.animations + Int(pose.animation < 64 ? pose.animation : 0)] += 1
  }

  /// Compares the sums with what is told, and tells anew where they differ by more than the slack.
  mutating func end(now: Tick) {
    for coarse in 0..<cells where dueNow[coarse] {
      let fresh = digest(coarse)
      guard Self.differs(fresh, told[coarse]) else { continue }
      told[coarse] = fresh
      changed[coarse] = now
      last = now
    }
  }

  private func digest(_ coarse: Int) -> Digest {
    let sums = sums[coarse]
    var digest = Digest(coarse: UInt16(coarse), count: UInt16(clamping: sums.count))
    guard sums.count > 0 else { return digest }
    let count = Int64(sums.count)
    func byte(_ steps: Int64, _ unit: Int64) -> UInt8 { UInt8(clamping: steps / unit) }
    func share(_ part: Int32) -> UInt8 { UInt8((Int64(part) * 15 + count / 2) / count) }
    func velocity(_ sum: Int64) -> Int8 { Int8(clamping: sum / (2 * count)) }
    digest.x = byte(sums.x * 256, edgeSteps * count)
    digest.z = byte(sums.z * 256, edgeSteps * count)
    digest.y = byte(sums.y, 16 * count)
    // Mean of squares less square of means, for both axes; never below 0 but for rounding.
    let meanX = Double(sums.x) / Double(count)
    let meanZ = Double(sums.z) / Double(count)
    let variance = Double(sums.squares) / Double(count) - meanX * meanX - meanZ * meanZ
    digest.spread = UInt8(min(max(variance, 0).squareRoot() * 256 / Double(edgeSteps), 255))
    digest.velocityX = velocity(sums.velocityX)
    digest.velocityZ = velocity(sums.velocityZ)
    digest.moving = share(sums.moving)
    digest.seated = share(sums.seated)
    digest.talking = share(sums.talking)
    digest.handRaised = share(sums.handRaised)
    var commonest = 0
    for animation in 1..<Self.animations
    where animations[coarse * Self.animations + animation] > animations[coarse * Self.animations + commonest]
    {
      commonest = animation
    }
    digest.animation = UInt8(commonest)
    digest.seed = UInt8(truncatingIfNeeded: (UInt32(coarse) &* 0x9E37_79B1) >> 24)
    return digest
  }

  private static func differs(_ a: Digest, _ b: Digest) -> Bool {
    guard a.count == b.count else { return true }
    func apart(_ a: some BinaryInteger, _ b: some BinaryInteger) -> Int { abs(Int(a) - Int(b)) }
    return apart(a.x, b.x) > placeSlack || apart(a.z, b.z) > placeSlack || apart(a.y, b.y) > placeSlack
      || apart(a.spread, b.spread) > placeSlack || apart(a.velocityX, b.velocityX) > velocitySlack
      || apart(a.velocityZ, b.velocityZ) > velocitySlack || apart(a.moving, b.moving) > shareSlack
      || apart(a.seated, b.seated) > shareSlack || apart(a.talking, b.talking) > shareSlack
      || apart(a.handRaised, b.handRaised) > shareSlack || a.animation != b.animation
  }
}

/// What a digest is made of; positions from the coarse cell's corner.
struct CrowdSums: BitwiseCopyable {
  var count: Int32 = 0
  var moving: Int32 = 0
  var seated: Int32 = 0
  var talking: Int32 = 0
  var handRaised: Int32 = 0
  var x: Int64 = 0
  var y: Int64 = 0
  var z: Int64 = 0
  var squares: Int64 = 0
  var velocityX: Int64 = 0
  var velocityZ: Int64 = 0

  mutating func add(_ pose: Pose, _ corner: CodedOrigin) {
    // Somebody may stand 1 m outside the cell that holds them.
    let dx = max(Int64(pose.x) - Int64(corner.x), 0)
    let dz = max(Int64(pose.z) - Int64(corner.z), 0)
    count += 1
    x += dx
    z += dz
    y += max(Int64(pose.y) - Int64(corner.y), 0)
    squares += dx * dx + dz * dz
    velocityX += Int64(pose.velocityX)
    velocityZ += Int64(pose.velocityZ)
    if pose.velocityX != 0 || pose.velocityZ != 0 { moving += 1 }
    if pose.flags.contains(.seated) { seated += 1 }
    if pose.flags.contains(.talking) { talking += 1 }
    if pose.flags.contains(.handRaised) { handRaised += 1 }
  }
}

extension SpaceReplicator {
  /// Counts the people of the coarse cells whose turn it is, those without a slot included.
  mutating func updateDigests() {
    guard parameters.mode == .tiers,
      digests.begin(now: tick, previous: previousTick, period: parameters.digestPeriodTicks)
    else { return }
    for index in 0..<entities.high where entities.state[index] == .live && entities.isPerson[index] {
      let page = entities.page[index]
      let truth = entities.truth[index]
      let cell = page == EntityTable.none ? grid.cell(containing: truth) : Int(pages.cell[Int(page)])
      let coarse = Int(coarseOfCell[cell])
      guard digests.isDue(coarse) else { continue }
      digests.add(truth, to: coarse, corner: grid.corner(ofCoarse: coarse))
    }
    digests.end(now: tick)
  }

  /// Writes the digests that changed after `since`; all that count anybody, when it is 0.
  func writeDigests(
    since: Tick, into out: UnsafeMutableRawBufferPointer, at offset: inout Int, _ stats: inout FrameStats
  ) {
    var since = since
    if parameters.mutation == .digestsToLiveReadersOnly, since > 0 { since = max(since, previousTick) }
    guard digests.last > since else { return }
    let start = offset
    var countAt = 0
    var count = 0
    for coarse in 0..<digests.cells where digests.changed[coarse] > since {
      let digest = digests.told[coarse]
      if digest.count == 0, since == 0 || parameters.mutation == .noDigestTombstones { continue }
      if count == 0 {
        unsafe out.store(FrameLimits.digestPage, at: &offset)
        unsafe out.store(UInt8(0), at: &offset)
        countAt = offset
        unsafe out.store(UInt8(0), at: &offset)
      }
      unsafe digest.store(into: out, at: &offset)
      count += 1
      var at = countAt
      unsafe out.store(UInt8(count), at: &at)
      if count == FrameLimits.digestsPerBlock { count = 0 }
    }
    stats.digestBytes += offset - start
  }
}
