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
    emission.begin(pageCapacity: pages.capacity, pages: pages.count)
    switch tier {
    case .s0:
      check.run(
        entities.high, entities.state, entities.truth, entities.page, entities.slot, &entities.predictor0,
        &pages, &emission)
    case .s1:
      check.run(
        entities.high, entities.state, entities.truth, entities.page, entities.slot, &entities.predictor1,
        &pages, &emission)
    case .s2:
      check.run(
        entities.high, entities.state, entities.truth, entities.page, entities.slot, &entities.predictor2,
        &pages, &emission)
    }
    postponedEmissions += UInt64(emission.postponed)
  }
}
