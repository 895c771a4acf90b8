import Foundation
import HubKernel
import HubLoadtestKit
import HubScene
import Testing

/// A scenario file with one thing changed.
private func scenario(_ change: (inout String) -> Void) throws -> Result<Scenario, LoadtestError> {
  var text = """
    {
      "format": 1,
      "name": "test",
      "title": {"de": "Probe", "en": "Test"},
      "arrivals": {"perSecond": 10, "settleSeconds": 1},
      "motion": {"moverShare": 0.5, "pauseMeanSeconds": 2}
    }

    """
  change(&text)
  let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
  try Data(text.utf8).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  do throws(LoadtestError) {
    return .success(try ScenarioFile.load(file.path))
  } catch {
    return .failure(error)
  }
}

@Suite struct ScenarioFileTests {
  @Test func everyScenarioThatComesWithTheProductLoads() throws {
    let names = ScenarioFile.names
    for name in [
      "hub", "hall", "hall-busy", "workshop", "fair", "join-storm", "reconnect-storm", "slow-readers",
      "portal-hopping", "hostile",
    ] {
      #expect(names.contains(name))
    }
    for name in names { #expect(try ScenarioFile.load(name).name == name) }
    let hall = try ScenarioFile.load("hall")
    #expect(hall.avatars == 2000 && hall.space == "event-hall" && hall.style.moverShare == 0.22)
    let busy = try ScenarioFile.load("hall-busy")
    #expect(busy.style.moverShare == 0.9 && busy.style.sways)
  }

  @Test func whatIsLeftOutHasItsDefault() throws {
    let plain = try scenario { _ in }.get()
    #expect(plain.avatars == 50 && plain.seconds == 60 && plain.space == nil && plain.clusters == 0)
    #expect(plain.style.pauseMeanMs == 2000 && plain.storm == nil && plain.hostile == nil)
  }

  @Test(arguments: [
    (
      "\"moverShare\": 0.5", "\"moverShare\": 1.5", ":6:28: motion.moverShare: found 1.5, expected 0.0 to 1.0"
    ),
    ("\"format\": 1", "\"format\": 2", ":2:13: format: found format 2, expected 1"),
    ("\"name\": \"test\"", "\"nome\": \"test\"", ":3:3: nome: unknown key"),
    (
      "{\"perSecond\": 10,", "{\"perSecond\": \"ten\",",
      ":5:29: arrivals.perSecond: found string, expected number"
    ),
    (
      "{\"perSecond\": 10,", "{\"curve\": \"sudden\", \"perSecond\": 10,",
      "expected one of steady, ramp, scattered"
    ),
    ("\"motion\"", "\"hostile\": {\"share\": 0.1, \"kinds\": [\"rude\"]}, \"motion\"", "hostile.kinds[0]"),
    ("\"motion\"", "\"hostile\": {\"share\": 0.1, \"kinds\": []}, \"motion\"", "expected at least one"),
    (
      "\"motion\"", "\"departures\": {\"leaveShare\": 0.7, \"vanishShare\": 0.7}, \"motion\"",
      "the shares add up to more than 1"
    ),
    ("},\n  \"motion\"", "},,\n  \"motion\"", ":5:53: "),
    ("\"arrivals\"", "\"arrivals\": 3, \"format\"", ":5:"),
  ])
  func whatIsWrongIsToldWithItsLineAndColumn(_ change: (String, String, String)) throws {
    let outcome = try scenario { $0 = $0.replacingOccurrences(of: change.0, with: change.1) }
    guard case .failure(let error) = outcome else {
      Issue.record("\(change.1) was taken")
      return
    }
    #expect(error.description.contains(change.2), "\(error)")
  }

  @Test func anUnknownNameIsToldWithTheNamesThereAre() {
    #expect { try ScenarioFile.load("moon") } throws: {
      "\($0)".contains("hall-busy") && "\($0)".contains("moon")
    }
    #expect { try ScenarioFile.load("nowhere/moon.json") } throws: {
      "\($0)".contains("nowhere/moon.json:0:0")
    }
  }

  @Test(arguments: Scenario.ArrivalCurve.allCases)
  func arrivalsFollowTheirCurve(_ curve: Scenario.ArrivalCurve) throws {
    var scenario = try scenario { _ in }.get()
    scenario.arrivalCurve = curve
    scenario.arrivalsPerSecond = 100
    var plan = ArrivalPlan(scenario, bots: 2000, seed: 3)
    let times = (0..<2000).map { _ in plan.next() }
    #expect(times.allSatisfy { $0 >= 0 && $0 <= 20_000 } && plan.lastMs == times.max())
    let half = times.count { $0 < 10_000 }
    // A ramp has brought a quarter when half of the time is over.
    #expect((half - (curve == .ramp ? 500 : 1000)).magnitude < 60)
    if curve != .scattered { #expect(times == times.sorted()) }
  }

  @Test func faultsAreReadWithTheirUnits() {
    var faults = PlantedFaults()
    #expect(faults.text == nil && !faults.isAny)
    let taken = ["delay=100ms", "drop=5%", "freeze=1%"].map { faults.add($0) }
    #expect(taken == [true, true, true])
    #expect(faults.delayMs == 100 && faults.dropShare == 0.05 && faults.freezeShare == 0.01)
    for text in [
      "delay=100", "delay=-1ms", "drop=5", "drop=101%", "freeze", "freeze=%", "rain=1%", "delay=nanms",
    ] {
      let isTaken = faults.add(text)
      #expect(!isTaken, "\(text)")
    }
  }
}

@Suite struct SwayTests {
  @Test func aSwayingBodyStaysWithinADecimetreOfItsPathAndMovesAsItSays() throws {
    let ground = Walker.Ground(plan: FloorPlan(try hall().spaces[0]), portals: [])
    let start = Pose(x: 0, y: 0, z: 2800)
    var style = MotionStyle(moverShare: 0, pauseMeanMs: 200)
    var still = Walker(seed: 4, style: style, at: start, startMs: 0)
    style.sways = true
    var swaying = Walker(seed: 4, style: style, at: start, startMs: 0)
    let origin = swaying.pose(atMs: 0, on: ground)
    // The hub has put the body there, sway and all.
    #expect(origin.x.magnitude < 1e-9 && (origin.z - 7).magnitude < 1e-9)
    var largest = 0.0
    var last = origin
    for ms in stride(from: 10.0, through: 20_000, by: 10) {
      let a = still.pose(atMs: ms, on: ground)
      let b = swaying.pose(atMs: ms, on: ground)
      let away = ((a.x - b.x) * (a.x - b.x) + (a.z - b.z) * (a.z - b.z)).squareRoot()
      largest = max(largest, away)
      // Velocity is the path's derivative.
      #expect((b.x - last.x - (b.velocityX + last.velocityX) / 2 * 0.01).magnitude < 1e-4)
      last = b
    }
    #expect(largest > 0.08 && largest <= 0.21)
    #expect(last.speed == 0)
  }

  @Test func theNearPastIsKnown() throws {
    let ground = Walker.Ground(plan: FloorPlan(try hall().spaces[0]), portals: [])
    var style = MotionStyle(moverShare: 1, pauseMeanMs: 100)
    style.sways = true
    var walker = Walker(seed: 8, style: style, at: Pose(x: 0, y: 0, z: 2800), startMs: 0)
    var trail: [(ms: Double, pose: MotionPose)] = []
    for ms in stride(from: 0.0, through: 30_000, by: 25) {
      trail.append((ms, walker.pose(atMs: ms, on: ground)))
      guard trail.count > 9 else { continue }
      let before = trail[trail.count - 9]
      #expect(walker.poseBack(atMs: before.ms) == before.pose)
    }
    walker.restart(at: Pose(x: 0, y: 0, z: 2800), startMs: 30_010)
    #expect(walker.poseBack(atMs: 30_000) == nil)
  }
}
