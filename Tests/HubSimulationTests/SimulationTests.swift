import Foundation
import HubKernel
import HubReplication
import Testing

/// Optimised builds run the whole size; debug builds a sample of it.
#if DEBUG
  let simulationSeeds = 12
  let simulationTicks = 400
#else
  let simulationSeeds = 300
  let simulationTicks = 800
#endif
let mutationSeeds = 60
let mutationTicks = 800

func simulate(seed: Int, ticks: Int, _ mutation: ReplicationMutation = .none) throws -> SimulationCounts {
  var simulation = try Simulation(seed: UInt64(seed), mutation: mutation)
  simulation.run(ticks: ticks)
  return simulation.counts
}

@Suite struct SimulationTests {
  @Test func everyAppliedFrameShowsTheServersStateWithinTheBound() throws {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["HUB_SIMULATION_FIRST_SEED"].flatMap(Int.init) ?? 0
    let seeds = environment["HUB_SIMULATION_SEEDS"].flatMap(Int.init) ?? simulationSeeds
    var total = SimulationCounts()
    for seed in first..<first + seeds {
      let counts = try simulate(seed: seed, ticks: simulationTicks)
      #expect(counts.violation == nil, "seed \(seed)")
      total.add(counts)
      if counts.violation != nil { break }
    }
    print(
      "simulation: \(seeds) seeds x \(simulationTicks) ticks, \(total.frames) frames, \(total.healedGaps) healed gaps",
      "(longest \(total.longestGap) ticks), \(total.boundChecks) bound checks, \(total.stateChecks) state checks,",
      "\(total.unplaced) avatar-ticks without a slot")
    // The run must have met what it is there to meet.
    #expect(total.healedGaps > seeds * 10 && total.longestGap > 100)
    #expect(total.boundChecks > total.frames)
    #expect(total.unplaced > 0)
    #expect(total.digestChecks > seeds * 100 && total.choices > seeds * 100 && total.postponed > 0)
  }

  @Test(arguments: ReplicationMutation.allCases.filter { $0 != .none })
  func aBrokenRuleTurnsTheSimulationRed(_ mutation: ReplicationMutation) throws {
    // With HUB_MUTATION_COUNT all seeds run and the red ones are counted; else the first red one is enough.
    let countsAll = ProcessInfo.processInfo.environment["HUB_MUTATION_COUNT"] != nil
    var red = 0
    var first = ""
    for seed in 0..<(countsAll ? mutationSeeds : 4 * mutationSeeds) {
      let counts = try simulate(seed: seed, ticks: mutationTicks, mutation)
      guard let violation = counts.violation else { continue }
      red += 1
      if first.isEmpty { first = "seed \(seed): \(violation)" }
      if !countsAll { break }
    }
    if countsAll { print("mutation \(mutation.rawValue): \(red) of \(mutationSeeds) seeds red; \(first)") }
    #expect(red > 0, "\(mutation.rawValue) goes unnoticed")
  }
}
