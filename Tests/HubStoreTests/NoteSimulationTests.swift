import Foundation
import Testing

/// The engine with its log under seeds: a failing seed prints itself, and replays.
@Suite struct NoteSimulationTests {
  /// HUB_SIMULATION_SEEDS asks for more.
  private static let seeds =
    ProcessInfo.processInfo.environment["HUB_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 1000
  private static let steps = 120

  @Test func noSeedFindsAHubThatToldWhatItsLogDoesNotHave() throws {
    var (crashes, failures, unknowns, answers, checks, ticks) = (0, 0, 0, 0, 0, 0)
    for seed in 1...Self.seeds {
      let simulation = try NoteSimulation(seed: seed)
      do { try simulation.run(steps: Self.steps) } catch let violation as NoteSimulation.Violation {
        Issue.record("seed \(seed): \(violation.what)")
        return
      }
      crashes += simulation.crashes
      failures += simulation.failures
      unknowns += simulation.unknowns
      answers += simulation.answers
      checks += simulation.checks
      ticks += simulation.ticks
    }
    // Something must have happened for this to say anything.
    #expect(crashes > 100 && failures > 500 && unknowns > 100 && answers > 10_000)
    let hours = Double(ticks / 720) / 100
    print(
      "ops simulated: \(Self.seeds) seeds, \(hours) h, \(answers) wishes answered, \(crashes) crashes,",
      "\(failures) failed commits, \(unknowns) of unknown outcome, \(checks) comparisons, 0 violations")
  }

  @Test(arguments: NoteSimulation.Plant.allCases) func aPlantedFaultIsFound(_ plant: NoteSimulation.Plant)
    throws
  {
    for seed in 1...UInt64(100) {
      do {
        try NoteSimulation(seed: seed, plant: plant).run(steps: Self.steps)
      } catch let violation as NoteSimulation.Violation {
        print("\(plant): found by seed \(seed): \(violation.what)")
        return
      }
    }
    Issue.record("\(plant) was found by none of 100 seeds")
  }
}
