public import HubKernel
import HubWire

extension SpaceReplicator {
  /// Executes a tick: bodies change their cells, predictors are compared with the truth. Ticks may be skipped, never
  /// repeated. Cost: about 0.1 us per entity. Allocates only while the pages in use outgrow their tables.
  public mutating func step(tick now: Tick) {
    precondition(now > tick, "ticks go forward")
    previousTick = tick
    tick = now
    vacate()
    place()
    evaluate(.s0)
    if parameters.mode == .tiers {
      evaluate(.s1)
      evaluate(.s2)
    }
    updateDigests()
    live.begin(pageCapacity: pages.capacity)
    interest.reserve(pageCapacity: pages.capacity)
  }

  /// Those who leave the space, or stand over 1 m outside their cell, leave their slot.
  private mutating func vacate() {
    for index in 0..<entities.high where entities.state[index] != .free {
      let page = entities.page[index]
      let leaving = entities.state[index] == .leaving
      if page != EntityTable.none {
        if !leaving, grid.keeps(entities.truth[index], inCell: Int(pages.cell[Int(page)])) { continue }
        pages.set(Int(page), Int(entities.slot[index]), occupant: EntityTable.none, now: tick)
        entities.page[index] = EntityTable.none
        if parameters.mutation == .freedPages, pages.occupants[Int(page)] == 0 { pages.forget(Int(page)) }
      }
      if leaving { entities.release(index) }
    }
  }

  /// Those without a slot take one in their cell, if any of its pages has room, and are told in full.
  private mutating func place() {
    var unplaced = 0
    for index in 0..<entities.high
    where entities.state[index] == .live && entities.page[index] == EntityTable.none {
      let cell = grid.cell(containing: entities.truth[index])
      guard let page = pages.pageWithRoom(cell: cell, grid: grid, now: tick), let slot = pages.freeSlot(page)
      else {
        unplaced += 1
        continue
      }
      pages.set(page, slot, occupant: UInt16(index), now: tick)
      entities.page[index] = UInt16(page)
      entities.slot[index] = UInt8(slot)
      emit(.s0, index, page)
      emit(.s1, index, page)
      emit(.s2, index, page)
    }
    entities.unplaced = unplaced
  }

  private mutating func emit(_ tier: Tier, _ index: Int, _ page: Int) {
    entities.setPredictor(
      tier, index,
      Self.emission(
        WordLayout.of(tier), entities.truth[index], pages.origin[page], now: tick,
        still: parameters.mode != .tiers))
  }

  /// The predictor that a reader of this tick's word has. `still`: without velocity, for the baselines.
  static func emission(
    _ layout: WordLayout, _ truth: Pose, _ origin: CodedOrigin, now: Tick, still: Bool
  ) -> Predictor {
    var truth = truth
    if still {
      truth.velocityX = 0
      truth.velocityZ = 0
    }
    return layout.predictor(layout.word(slot: 0, pose: truth, origin: origin), origin: origin, base: now)
  }

  private mutating func evaluate(_ tier: Tier) {
    let check = PredictorCheck(
      tier: tier, now: tick, previous: previousTick, parameters: parameters, errorScale16: errorScale16)
    switch tier {
    case .s0:
      check.run(
        entities.high, entities.state, entities.truth, entities.page, entities.slot, &entities.predictor0,
        pages.slots, pages.pageID, pages.origin, &pages.changed0, &pages.last)
    case .s1:
      check.run(
        entities.high, entities.state, entities.truth, entities.page, entities.slot, &entities.predictor1,
        pages.slots, pages.pageID, pages.origin, &pages.changed1, &pages.last)
    case .s2:
      check.run(
        entities.high, entities.state, entities.truth, entities.page, entities.slot, &entities.predictor2,
        pages.slots, pages.pageID, pages.origin, &pages.changed2, &pages.last)
    }
  }
}

/// The comparison of one tier's predictors with the truth, in one tick.
struct PredictorCheck {
  let tier: Tier
  let layout: WordLayout
  let now: Tick
  let previous: Tick
  let period: Tick
  /// Square of the position bound, in squares of 1/16 step.
  let errorSquared256: Int64
  let yawBound: Int32
  let still: Bool
  let mutation: ReplicationMutation

  init(tier: Tier, now: Tick, previous: Tick, parameters: ReplicationParameters, errorScale16: UInt16) {
    self.tier = tier
    layout = WordLayout.of(tier)
    self.now = now
    self.previous = previous
    still = parameters.mode != .tiers
    period = still ? 1 : parameters.periodTicks[tier]
    let bound = Int64(parameters.errorSteps[tier]) * Int64(errorScale16)
    errorSquared256 = bound * bound
    yawBound = parameters.yawError[tier]
    mutation = parameters.mutation
  }

  /// Phase by page, so that the pages of a tier don't all come due in the same tick; measured from the tick executed
  /// before, so that an overrun loses no evaluation.
  func isDue(page: UInt16) -> Bool {
    if mutation == .evaluationByTickNumber { return (now &+ Tick(page)) % period == 0 }
    return (now &+ Tick(page)) / period != (previous &+ Tick(page)) / period
  }

  func misses(_ predictor: Predictor, x: Int64, z: Int64, _ truth: Pose) -> Bool {
    let dx = x - Int64(truth.x)
    let dy = Int64(predictor.y) - Int64(truth.y)
    let dz = z - Int64(truth.z)
    if (dx * dx + dy * dy + dz * dz) * 256 > errorSquared256 { return true }
    if abs(Int32(Int16(bitPattern: truth.yaw &- predictor.yaw))) > yawBound { return true }
    return predictor.animation != layout.shown(animation: truth.animation)
      || predictor.flags.rawValue != layout.shown(flags: truth.flags)
  }

  func run(
    _ high: Int, _ state: borrowing Column<EntityTable.State>, _ truth: borrowing Column<Pose>,
    _ page: borrowing Column<UInt16>, _ slot: borrowing Column<UInt8>, _ predictors: inout Column<Predictor>,
    _ slots: Int, _ pageID: borrowing Column<UInt16>, _ origin: borrowing Column<CodedOrigin>,
    _ changed: inout Column<Tick>, _ last: inout Column<Tick>
  ) {
    for index in 0..<high where state[index] == .live && page[index] != EntityTable.none {
      let at = Int(page[index])
      let predictor = predictors[index]
      let pose = truth[index]
      let due = isDue(page: pageID[at])
      let emits: Bool
      if still {
        let coded = SpaceReplicator.emission(layout, pose, origin[at], now: predictor.base, still: true)
        emits = coded != predictor
      } else {
        let x = predictor.x(at: now)
        let z = predictor.z(at: now)
        let checksRange = mutation == .rangeEmissionAtEvaluation ? due : mutation != .noRangeEmission
        emits =
          (due && misses(predictor, x: x, z: z, pose))
          || (checksRange && !layout.holds(x: x, y: Int64(predictor.y), z: z, origin: origin[at]))
      }
      guard emits else { continue }
      predictors[index] = SpaceReplicator.emission(layout, pose, origin[at], now: now, still: still)
      if mutation == .predictorAdvancedUntold, (now &+ Tick(index)) % 32 == 0 { continue }
      changed[at * slots + Int(slot[index])] = now
      last[at * Tier.count + Int(tier.rawValue)] = now
    }
  }
}
