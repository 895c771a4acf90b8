import ArgumentParser
import Foundation
import HubReplication

@main
struct HubBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub-bench", abstract: "Measures the hub and its parts.",
    subcommands: [CountsCommand.self, FloorCommand.self], defaultSubcommand: CountsCommand.self)
}

/// Counted figures of replication, and the price of a client frame beside the price of its send().
struct CountsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counts",
    abstract: "Counts bytes, allocations and CPU of replication; compares ratios and counts with thresholds.",
    discussion: """
      Walkers move in a hall of 40 x 40 m from a seed; 40 of them are viewers. The same walk is replicated in three modes:
      broadcast (every changed avatar to everybody, each tick), grid (the same within 16 m), tiers (what the hub does).
      Times vary with the machine, so thresholds hold counts and ratios only.
      """)

  @Option(help: "Write all figures to this file as JSON.") var json: String?
  @Option(help: "Compare with the maxima in this JSON file; exit 1 when one is exceeded.") var thresholds:
    String?
  @Option(help: "Ticks measured, after 200 to warm up.") var ticks: Int = 400

  func validate() throws {
    guard ticks >= 20, ticks <= 20_000 else { throw ValidationError("--ticks must be 20 to 20000") }
  }

  func run() throws {
    var figures = Figures()
    print("replication, \(ticks) ticks of 50 ms, 40 viewers among walkers in 40 x 40 m")
    for walkers in [500, 2000] {
      for mode in ReplicationMode.allCases {
        var run = try ReplicationRun(walkers: walkers, mode: mode, ticks: ticks)
        figures.add(run.measure(), walkers: walkers, mode: mode)
      }
      figures.addRatios(walkers: walkers)
    }
    figures.printTable()
    print("\nCPU of a client frame, tiers, loopback TCP, 40 connections, a thread draining them")
    for walkers in [500, 2000] {
      var run = try SendRun(walkers: walkers, ticks: min(ticks, 200))
      figures.add(try run.measure(), walkers: walkers)
    }
    if let json { try figures.json().write(toFile: json, atomically: true, encoding: .utf8) }
    if let thresholds {
      let file = try Data(contentsOf: URL(fileURLWithPath: thresholds))
      let exceeded = try figures.exceeded(JSONDecoder().decode([String: Double].self, from: file))
      for line in exceeded { print("EXCEEDED \(line)") }
      guard exceeded.isEmpty else { throw ExitCode(1) }
      print("\nall thresholds hold")
    }
  }
}
