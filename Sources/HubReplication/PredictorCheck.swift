import HubKernel
import HubWire

/// The comparison of one tier's predictors with the truth, in one tick.
struct PredictorCheck {
  let tier: Tier
  let layout: WordLayout
  let now: Tick
  let previous: Tick
  let period: Tick
  let yawPeriod: Tick
  /// Square of the position bound, in squares of 1/16 step.
  let errorSquared256: Int64
  let yawBound: Int32
  let still: Bool
  let emissionsMax: Int
  let mutation: ReplicationMutation

  init(tier: Tier, now: Tick, previous: Tick, parameters: ReplicationParameters, errorScale16: UInt16) {
    self.tier = tier
    layout = WordLayout.of(tier)
    self.now = now
    self.previous = previous
    still = parameters.mode != .tiers
    period = still ? 1 : parameters.periodTicks[tier]
    yawPeriod = parameters.yawPeriodTicks[tier]
    let bound = Int64(parameters.errorSteps[tier]) * Int64(errorScale16)
    errorSquared256 = bound * bound
    yawBound = parameters.yawError[tier]
    emissionsMax = parameters.emissionsPerPageMax
    mutation = parameters.mutation
  }

  /// Phase by page, so that the pages of a tier don't all come due in the same tick; measured from the tick executed
  /// before, so that an overrun loses no evaluation.
  func isDue(page: UInt16) -> Bool {
    if mutation == .evaluationByTickNumber { return (now &+ Tick(page)) % period == 0 }
    return passes(period, page)
  }

  /// Whether yaw counts in this tick; only then does a turn alone make a word.
  func yawIsDue(page: UInt16) -> Bool { passes(yawPeriod, page) }

  private func passes(_ period: Tick, _ page: UInt16) -> Bool {
    (now &+ Tick(page)) / period != (previous &+ Tick(page)) / period
  }

  /// 0 where the prediction holds; else how far it misses: 16 times the square of the error over its bound, 17...254.
  /// A wrong animation or flag counts as twice the bound.
  func urgency(_ predictor: Predictor, x: Int64, z: Int64, _ truth: Pose, seesYaw: Bool) -> UInt8 {
    let dx = x - Int64(truth.x)
    let dy = Int64(predictor.y) - Int64(truth.y)
    let dz = z - Int64(truth.z)
    let squared256 = (dx * dx + dy * dy + dz * dz) * 256
    let yaw = seesYaw ? abs(Int32(Int16(bitPattern: truth.yaw &- predictor.yaw))) : 0
    let shows =
      predictor.animation == layout.shown(animation: truth.animation)
      && predictor.flags.rawValue == layout.shown(flags: truth.flags)
    if squared256 <= errorSquared256, yaw <= yawBound, shows { return 0 }
    let position = min(squared256 / max(errorSquared256 / 16, 1), 254)
    let turn = min(Int64(yaw) * Int64(yaw) * 16 / (Int64(yawBound) * Int64(yawBound)), 254)
    return UInt8(max(position, turn, shows ? 17 : 64))
  }

  func run(
    _ high: Int, _ state: borrowing Column<EntityTable.State>, _ truth: borrowing Column<Pose>,
    _ page: borrowing Column<UInt16>, _ slot: borrowing Column<UInt8>, _ predictors: inout Column<Predictor>,
    _ pages: inout PageTable, _ emission: inout EmissionScratch
  ) {
    for index in 0..<high where state[index] == .live && page[index] != EntityTable.none {
      let at = Int(page[index])
      let predictor = predictors[index]
      let pose = truth[index]
      let origin = pages.origin[at]
      if still {
        let coded = SpaceReplicator.emission(layout, pose, origin, now: predictor.base, still: true)
        guard coded != predictor else { continue }
      } else {
        // A page that put something off looks again in the next tick.
        let owed = pages.owes[at * Tier.count + Int(tier.rawValue)]
        let isOwed = owed != 0 && owed == previous
        let due = isDue(page: pages.pageID[at]) || isOwed
        let seesYaw = isOwed || yawIsDue(page: pages.pageID[at])
        let x = predictor.x(at: now)
        let z = predictor.z(at: now)
        let checksRange = mutation == .rangeEmissionAtEvaluation ? due : mutation != .noRangeEmission
        let leavesRange =
          checksRange && !layout.holds(x: x, y: Int64(predictor.y), z: z, origin: origin)
        let urgency = due ? self.urgency(predictor, x: x, z: z, pose, seesYaw: seesYaw) : 0
        guard urgency > 0 || leavesRange else { continue }
        // What would leave the coded range is never put off.
        if !leavesRange || mutation == .postponesRangeEmission {
          emission.wish(index, page: at, urgency: max(urgency, 1))
          continue
        }
      }
      emit(index, at, Int(slot[index]), pose, origin, &predictors, &pages)
    }
    for number in 0..<emission.count {
      let index = Int(emission.entity[number])
      let at = Int(page[index])
      if emission.allows(number, page: at, max: emissionsMax, page) {
        emit(index, at, Int(slot[index]), truth[index], pages.origin[at], &predictors, &pages)
      } else {
        pages.owes[at * Tier.count + Int(tier.rawValue)] = now
      }
    }
  }

  private func emit(
    _ index: Int, _ page: Int, _ slot: Int, _ pose: Pose, _ origin: CodedOrigin,
    _ predictors: inout Column<Predictor>, _ pages: inout PageTable
  ) {
    predictors[index] = SpaceReplicator.emission(layout, pose, origin, now: now, still: still)
    if mutation == .predictorAdvancedUntold, (now &+ Tick(index)) % 32 == 0 { return }
    pages.noteEmission(page, slot, tier, now: now)
  }
}

/// The emissions that one tier wants in one tick, and which of them a page with too many puts off: those that miss least.
/// Putting off leaves the predictor as it is, for all readers alike.
struct EmissionScratch: ~Copyable {
  private(set) var count = 0
  private(set) var postponed = 0
  private(set) var entity: Column<UInt16>
  private var urgency: Column<UInt8>
  /// By page: wishes; and for pages over the cap the urgency from which all pass, and how many more of it pass.
  private var wishes: Column<UInt16>
  private var threshold: Column<UInt8>
  private var left: Column<UInt16>
  private var histogram = Column<UInt16>(repeating: 0, count: 256)

  init(entityCapacity: Int, pageCapacity: Int) {
    entity = Column(repeating: 0, count: entityCapacity)
    urgency = Column(repeating: 0, count: entityCapacity)
    wishes = Column(repeating: 0, count: pageCapacity)
    threshold = Column(repeating: 0, count: pageCapacity)
    left = Column(repeating: 0, count: pageCapacity)
  }

  mutating func begin(pageCapacity: Int, pages: Int) {
    if wishes.count < pageCapacity {
      wishes = Column(repeating: 0, count: pageCapacity)
      threshold = Column(repeating: 0, count: pageCapacity)
      left = Column(repeating: 0, count: pageCapacity)
    }
    for page in 0..<pages {
      wishes[page] = 0
      threshold[page] = 0
    }
    count = 0
    postponed = 0
  }

  mutating func wish(_ index: Int, page: Int, urgency value: UInt8) {
    entity[count] = UInt16(index)
    urgency[count] = value
    count += 1
    wishes[page] += 1
  }

  /// Whether wish `number` is granted in this tick. `pageOf` is the page by entity.
  mutating func allows(_ number: Int, page: Int, max most: Int, _ pageOf: borrowing Column<UInt16>) -> Bool {
    guard Int(wishes[page]) > most else { return true }
    if threshold[page] == 0 { rank(page, most, pageOf) }
    if urgency[number] > threshold[page] { return true }
    if urgency[number] == threshold[page], left[page] > 0 {
      left[page] -= 1
      return true
    }
    postponed += 1
    return false
  }

  private mutating func rank(_ page: Int, _ most: Int, _ pageOf: borrowing Column<UInt16>) {
    for value in 0..<256 { histogram[value] = 0 }
    for number in 0..<count where Int(pageOf[Int(entity[number])]) == page {
      histogram[Int(urgency[number])] += 1
    }
    var above = 0
    var value = 255
    while value > 1, above + Int(histogram[value]) <= most {
      above += Int(histogram[value])
      value -= 1
    }
    threshold[page] = UInt8(value)
    left[page] = UInt16(most - above)
  }
}
