import HubKernel
import HubWire

/// Room to think about one viewer's surroundings; nothing of it outlives the frame.
struct InterestScratch: ~Copyable {
  static let nothing: UInt8 = 255
  /// Candidates in the order found, and their order near first.
  var page: Column<UInt16>
  var tier: Column<UInt8>
  var bucket: Column<UInt8>
  var order: Column<UInt16>
  /// Page index -> told index + 1; all 0 between frames.
  var toldAt: Column<UInt16>
  /// By told index: whether the page stays told, and the tier planned for it (``nothing``: as it is).
  var keeps: Column<Bool>
  var newTier: Column<UInt8>
  /// Pages that need a keyframe, near first; `planned[i]` is a page index.
  var planned: Column<UInt16>
  var plannedTier: Column<UInt8>
  var plannedCount = 0
  var dropCount = 0
  var histogram = Column<UInt16>(repeating: 0, count: 257)

  init(pageCapacity: Int, toldMax: Int) {
    page = Column(repeating: 0, count: pageCapacity)
    tier = Column(repeating: 0, count: pageCapacity)
    bucket = Column(repeating: 0, count: pageCapacity)
    order = Column(repeating: 0, count: pageCapacity)
    toldAt = Column(repeating: 0, count: pageCapacity)
    keeps = Column(repeating: false, count: toldMax)
    newTier = Column(repeating: 0, count: toldMax)
    planned = Column(repeating: 0, count: toldMax)
    plannedTier = Column(repeating: 0, count: toldMax)
  }

  mutating func reserve(pageCapacity: Int) {
    guard pageCapacity > page.count else { return }
    self = InterestScratch(pageCapacity: pageCapacity, toldMax: keeps.count)
  }
}

extension SpaceReplicator {
  /// Decides, from where the viewer stands now, which pages it should be told and how. The result lies in ``interest``;
  /// the told list itself changes only while the frame that says so is written.
  mutating func planInterest(_ view: Int, viewer: Pose, _ views: borrowing ClientViews) {
    let told = view * views.toldMax
    let toldCount = Int(views.toldCount[view])
    interest.plannedCount = 0
    interest.dropCount = 0
    for index in 0..<toldCount {
      interest.toldAt[Int(views.told[told + index].page)] = UInt16(index + 1)
      interest.keeps[index] = false
      interest.newTier[index] = InterestScratch.nothing
    }
    let candidates = views.flags[view].contains(.wantsNoPoses) ? 0 : gather(view, viewer, views)
    sort(candidates)
    choose(candidates, view, views)
    for index in 0..<toldCount {
      interest.toldAt[Int(views.told[told + index].page)] = 0
      if !interest.keeps[index] { interest.dropCount += 1 }
    }
  }

  /// Radii in steps by tier in effect for a view.
  private func radii(_ level: Int) -> PerTier<Int32> {
    switch parameters.mode {
    case .tiers: parameters.levels[level].radiusSteps
    case .grid:
      PerTier(
        Units.steps(meters: parameters.gridRadiusMeters), Units.steps(meters: parameters.gridRadiusMeters),
        Units.steps(meters: parameters.gridRadiusMeters))
    case .broadcast: PerTier(1 << 28, 1 << 28, 1 << 28)
    }
  }

  private mutating func gather(_ view: Int, _ viewer: Pose, _ views: borrowing ClientViews) -> Int {
    let level = Int(views.level[view])
    let look = InterestLook(
      viewer: viewer, now: tick, cellSteps: grid.cellSteps, radii: radii(level),
      hysteresis: Units.steps(meters: parameters.tierHysteresisMeters),
      stalled: views.lastFrame[view] != 0 && tick &- views.lastFrame[view] > parameters.stalledTicks,
      dwell: level > 0 ? parameters.tierDwellTicksUnderPressure : parameters.tierDwellTicks,
      told: view * views.toldMax)
    let low = boxCoordinates(viewer, -look.reach)
    let high = boxCoordinates(viewer, look.reach)
    let boxCells = Int(high.x - low.x + 1) * Int(high.band - low.band + 1) * Int(high.z - low.z + 1)
    var count = 0
    if boxCells * 2 > pages.count {
      for page in 0..<pages.count { look.consider(page, pages, views, &interest, &count) }
      return count
    }
    for band in low.band...high.band {
      for z in low.z...high.z {
        for x in low.x...high.x {
          let cell = grid.cell(x: x, band: band, z: z)
          for number in 0..<parameters.pagesPerCellMax {
            guard let page = pages.find(cell: cell, number: number) else { break }
            look.consider(page, pages, views, &interest, &count)
          }
        }
      }
    }
    return count
  }

  func boxCoordinates(_ viewer: Pose, _ reach: Int64) -> (x: Int32, band: Int32, z: Int32) {
    func index(_ at: Int32, _ origin: Int32, _ edge: Int32, _ count: Int32) -> Int32 {
      let steps = Int64(at) + reach - Int64(origin)
      return Int32(min(max(steps / Int64(edge), 0), Int64(count) - 1))
    }
    return (
      index(viewer.x, grid.originX, grid.cellSteps, grid.countX),
      index(viewer.y, grid.originY, CodedVolume.bandSteps, grid.countBands),
      index(viewer.z, grid.originZ, grid.cellSteps, grid.countZ)
    )
  }

  /// Counting sort by metres of distance, stable.
  private mutating func sort(_ count: Int) {
    for index in 0..<257 { interest.histogram[index] = 0 }
    for index in 0..<count { interest.histogram[Int(interest.bucket[index]) + 1] += 1 }
    for index in 1..<257 { interest.histogram[index] += interest.histogram[index - 1] }
    for index in 0..<count {
      let bucket = Int(interest.bucket[index])
      interest.order[Int(interest.histogram[bucket])] = UInt16(index)
      interest.histogram[bucket] += 1
    }
  }

  /// Near first until the caps of pages and individuals are reached. What is told already may fill the caps; what is
  /// new leaves a reserve, so that a crowd at the limit doesn't flicker.
  private mutating func choose(_ count: Int, _ view: Int, _ views: borrowing ClientViews) {
    let level = parameters.levels[Int(views.level[view])]
    let individualsMax = level.individualsMax
    let reserve =
      entities.liveCount > individualsMax ? individualsMax >> parameters.individualsReserveShift : 0
    let reserved = individualsMax - reserve
    let told = view * views.toldMax
    var shown = 0
    var individuals = 0
    for rank in 0..<count {
      let candidate = Int(interest.order[rank])
      let page = Int(interest.page[candidate])
      let occupants = Int(pages.occupants[page])
      let index = Int(interest.toldAt[page]) - 1
      let fits = individuals + occupants <= (index >= 0 ? individualsMax : reserved)
      guard shown < level.toldPagesMax, fits else {
        if index >= 0 || shown >= level.toldPagesMax { break }
        continue
      }
      shown += 1
      individuals += occupants
      let tier = interest.tier[candidate]
      if index >= 0 {
        interest.keeps[index] = true
        if views.told[told + index].tier == tier { continue }
        interest.newTier[index] = tier
      }
      interest.planned[interest.plannedCount] = UInt16(page)
      interest.plannedTier[interest.plannedCount] = tier
      interest.plannedCount += 1
    }
  }
}

/// One look around: what a viewer wants to know of a page.
private struct InterestLook {
  let viewer: Pose
  let now: Tick
  let cellSteps: Int32
  let radii: PerTier<Int32>
  let hysteresis: Int32
  /// Far pages are dropped after a long gap and return with later frames.
  let stalled: Bool
  let dwell: Tick
  /// First told entry of the view.
  let told: Int

  var reach: Int64 { Int64(radii.s2) + Int64(hysteresis) }

  /// Squared distance in steps to the box of a page's cell.
  func distanceSquared(_ origin: CodedOrigin) -> Int64 {
    func gap(_ at: Int32, _ low: Int32, _ extent: Int32) -> Int64 {
      Int64(max(low - at, 0, at - (low + extent)))
    }
    let dx = gap(viewer.x, origin.x + CodedVolume.marginSteps, cellSteps)
    let dy = gap(viewer.y, origin.y, CodedVolume.bandSteps)
    let dz = gap(viewer.z, origin.z + CodedVolume.marginSteps, cellSteps)
    return dx * dx + dy * dy + dz * dz
  }

  /// Adds the page to the candidates if the viewer wants it, with the tier it wants: finer at once, coarser only
  /// beyond the hysteresis and after the dwell.
  func consider(
    _ page: Int, _ pages: borrowing PageTable, _ views: borrowing ClientViews,
    _ scratch: inout InterestScratch,
    _ count: inout Int
  ) {
    let squared = distanceSquared(pages.origin[page])
    guard squared <= reach * reach else { return }
    func within(_ radius: Int32, _ slack: Int32 = 0) -> Bool {
      let r = Int64(radius) + Int64(slack)
      return squared <= r * r
    }
    var tier: UInt8 = within(radii.s0) ? 0 : within(radii.s1) ? 1 : within(radii.s2) ? 2 : 3
    let index = Int(scratch.toldAt[page]) - 1
    if index >= 0 {
      let entry = views.told[told + index]
      if stalled, entry.tier == 2 { return }
      if tier > entry.tier, let shown = Tier(rawValue: entry.tier) {
        let age = Tick(UInt8(truncatingIfNeeded: now >> 2) &- entry.since) << 2
        if within(radii[shown], hysteresis) || (tier < 3 && age < dwell) { tier = entry.tier }
      }
    }
    guard tier < 3 else { return }
    scratch.page[count] = UInt16(page)
    scratch.tier[count] = tier
    scratch.bucket[count] = UInt8(min(Double(squared).squareRoot() / Double(Units.stepsPerMeter), 255))
    count += 1
  }
}
