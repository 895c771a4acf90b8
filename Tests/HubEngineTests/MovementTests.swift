import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

@Suite struct MovementTests {
  private func driver(_ change: (inout EngineConfig) -> Void = { _ in }) throws -> EngineDriver {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    change(&config)
    return EngineDriver(Engine(world: try TestWorld.make(), config: config))
  }
  private func meters(_ steps: Int32) -> Double { Units.meters(steps: steps) }

  @Test func aWalkIsAccepted() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step()
    hub.walk(a, toX: -5, z: 5)
    #expect(hub.messages(a, "correct").isEmpty)
    #expect(abs(meters(hub.pose(a).x) + 5) < 0.1 && abs(meters(hub.pose(a).z) - 5) < 0.1)
  }

  @Test func aTeleportIsRefusedAndCorrectedOnce() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(25)
    let before = hub.pose(a)
    var far = before
    far.x += 4000
    hub.move(a, to: far)
    hub.step()
    let correct = try #require(hub.messages(a, "correct").first)
    #expect(correct["reason"]?.text == "speed")
    #expect(hub.pose(a).x < before.x + 4000)
    // The same claim with the old epoch is ignored.
    hub.move(a, to: far, epoch: UInt8(truncatingIfNeeded: hub.lastEpoch(a) - 1))
    hub.step()
    #expect(hub.messages(a, "correct").count == 1)
    #expect(hub.engine.counters.movesStale == 1)
  }

  @Test func nobodyWalksThroughAWall() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step()
    hub.walk(a, toX: 6, z: 0)
    for _ in 0..<60 {
      hub.walk(a, toX: 12, z: 0)
      hub.step()
    }
    #expect(meters(hub.pose(a).x) < 8)
    #expect(hub.messages(a, "correct").contains { $0["reason"]?.text == "wall" })
  }

  @Test func nobodyLeavesTheSpace() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step()
    for _ in 0..<30 { hub.walk(a, toX: 0, z: 40) }
    #expect(meters(hub.pose(a).z) <= 20)
    #expect(hub.messages(a, "correct").contains { $0["reason"]?.text == "bounds" })
  }

  @Test func aLockedAreaKeepsGuestsOutAndLetsModeratorsIn() throws {
    let hub = try driver()
    let a = hub.join("A")
    let m = hub.join("M", role: .moderator)
    hub.step()
    for connection in [a, m] {
      hub.walk(connection, toX: 5, z: -10)
      for _ in 0..<10 { hub.walk(connection, toX: 15, z: -15) }
    }
    #expect(hub.messages(a, "correct").contains { $0["reason"]?.text == "locked" })
    #expect(meters(hub.pose(a).x) < 13)
    #expect(abs(meters(hub.pose(m).x) - 15) < 0.2)
  }

  @Test func aFullAreaKeepsTheThirdOut() throws {
    let hub = try driver()
    let people = ["A", "B", "C"].map { hub.join($0) }
    hub.step()
    for connection in people {
      for _ in 0..<5 { hub.walk(connection, toX: -14, z: 12) }
      hub.step(25)
    }
    #expect(hub.messages(people[2], "correct").contains { $0["reason"]?.text == "full" })
    #expect(meters(hub.pose(people[2]).x) > -11.2)
  }

  @Test func silenceCarriesTheWalkerOnForASecondOnly() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(25)
    var pose = hub.pose(a)
    pose.z -= 20
    pose.velocityZ = -32
    hub.move(a, to: pose)
    hub.step(11)
    #expect(abs(Int(hub.pose(a).z) - Int(pose.z) + 200) <= 4)
    hub.step(60)
    #expect(abs(Int(hub.pose(a).z) - Int(pose.z) + 400) <= 4)
    #expect(hub.pose(a).velocityZ == 0)
  }

  @Test func aPortalLeadsIntoTheOtherSpaceAndBack() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step(6)
    hub.walk(a, toX: -17, z: 0)
    hub.walk(a, toX: -19, z: 0)
    hub.step()
    let space = try #require(hub.messages(a, "space").last)
    #expect(space["space"]?.text == "yard" && space["reason"]?.text == "portal")
    #expect(hub.messages(b, "gone").last?["reason"]?.text == "moved")
    #expect(!hub.messages(a, "nodes").isEmpty)
    hub.walk(a, toX: 0, z: 20)
    hub.step()
    #expect(hub.messages(a, "space").last?["space"]?.text == "hall")
  }

  @Test func aFullSpaceTurnsPeopleBackAtThePortal() throws {
    var config = EngineConfig()
    config.limits.sessionsMax = 16
    let world = try World(TestWorld.definition(hallCapacity: 10, yardCapacity: 1))
    let hub = EngineDriver(Engine(world: world, config: config))
    let a = hub.join("A") { $0.space = "yard" }
    let b = hub.join("B")
    hub.step()
    hub.walk(b, toX: -19, z: 0)
    hub.step()
    #expect(hub.messages(b, "space").last?["space"]?.text == "hall")
    #expect(hub.messages(b, "correct").last?["reason"]?.text == "full")
    #expect(hub.closed[a] == nil)
  }

  @Test func gotoFindsASpotBesideAPersonAndFacesThem() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B") { $0.space = "yard" }
    hub.step(3)
    var target = Goto()
    target.person = hub.messages(b, "welcome").first?["person"]?.text
    hub.send(a, .goto(target))
    hub.step()
    #expect(hub.messages(a, "space").last?["space"]?.text == "yard")
    let dx = meters(hub.pose(a).x - hub.pose(b).x)
    let dz = meters(hub.pose(a).z - hub.pose(b).z)
    #expect((0.6...2.1).contains((dx * dx + dz * dz).squareRoot()))
  }

  @Test func aSeatTakesOneAndAStepStandsUp() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step(3)
    var target = Goto()
    target.area = "seat-1"
    target.ref = 9
    hub.send(a, .goto(target))
    hub.send(b, .goto(target))
    #expect(hub.pose(a).flags.contains(.seated))
    let error = try #require(hub.messages(b, "error").last)
    #expect(error["code"]?.text == "occupied" && error["ref"]?.number == 9)
    hub.step(25)
    var step = hub.pose(a)
    step.x -= 200
    hub.move(a, to: step)
    hub.step()
    #expect(!hub.pose(a).flags.contains(.seated))
    hub.send(b, .goto(target))
    #expect(hub.pose(b).flags.contains(.seated))
  }

  @Test(arguments: [
    ("area", "nowhere", "unknown-area"), ("person", "p1", "unknown-person"), ("node", "x", "unknown-node"),
  ])
  func gotoNamesWhatItCannotFind(kind: String, id: String, code: String) throws {
    let hub = try driver()
    let a = hub.join("A")
    var target = Goto()
    switch kind {
    case "area": target.area = id
    case "person": target.person = id
    default: target.node = id
    }
    target.ref = 3
    hub.send(a, .goto(target))
    let error = try #require(hub.messages(a, "error").last)
    #expect(error["code"]?.text == code && error["ref"]?.number == 3)
  }

  @Test func gotoIntoALockedAreaIsRefused() throws {
    let hub = try driver()
    let a = hub.join("A")
    var target = Goto()
    target.area = "store"
    hub.send(a, .goto(target))
    #expect(hub.messages(a, "error").last?["code"]?.text == "locked")
  }

  @Test func aFollowerWalksBehindAndThroughThePortal() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step(3)
    let person = try #require(hub.messages(a, "welcome").first?["person"]?.text)
    hub.send(b, .follow(person: person, ref: nil))
    #expect(hub.messages(b, "following").last?["person"]?.text == person)
    hub.walk(a, toX: 0, z: -5)
    hub.step(60)
    let dx = meters(hub.pose(a).x - hub.pose(b).x)
    let dz = meters(hub.pose(a).z - hub.pose(b).z)
    #expect((dx * dx + dz * dz).squareRoot() < 2.6)
    hub.walk(a, toX: -19, z: 0)
    hub.step(2)
    #expect(hub.messages(b, "space").last?["space"]?.text == "yard")
    #expect(hub.messages(b, "space").last?["reason"]?.text == "follow")
    hub.send(a, .bye)
    hub.step(2)
    #expect(hub.messages(b, "following").last?["person"] == .null)
  }

  @Test func aMoveInFlightDoesNotEndTheFollowingThatHasJustBegunButAStepDoes() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.step(3)
    let person = try #require(hub.messages(a, "welcome").first?["person"]?.text)
    let epoch = hub.lastEpoch(b)
    var stride = hub.pose(b)
    stride.x += 200
    stride.velocityX = 40
    hub.move(b, to: stride)
    hub.send(b, .follow(person: person, ref: nil))
    let began = try #require(hub.messages(b, "correct").last)
    #expect(began["reason"]?.text == "follow" && began["epoch"]?.number == epoch + 1)
    // Sent before the client heard of it: the old epoch.
    hub.move(b, to: stride, epoch: UInt8(truncatingIfNeeded: epoch))
    hub.step(2)
    #expect(hub.engine.counters.movesStale == 1)
    #expect(hub.messages(b, "following").last?["person"]?.text == person)
    // The answer to `correct` comes when the hub has already walked the follower on.
    var answer = hub.pose(b)
    hub.walk(a, toX: 0, z: -5)
    hub.step(20)
    hub.move(b, to: answer)
    hub.step(1)
    #expect(hub.messages(b, "following").last?["person"]?.text == person)
    answer.x += 300
    hub.move(b, to: answer)
    hub.step(1)
    #expect(hub.messages(b, "following").last?["person"] == .null)
    #expect(hub.messages(b, "following").last?["reason"]?.text == "moved")
  }

  @Test func aDoorOpensForAWalkerAndOnRequest() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(3)
    hub.send(a, .interact(node: "door", action: "open", ref: 1))
    #expect(hub.messages(a, "error").last?["code"]?.text == "too-far")
    hub.walk(a, toX: 15, z: 12)
    hub.step(40)
    let states = hub.messages(a, "nodes").compactMap { $0["list"]?[0]?["state"]?.text }
    #expect(states.contains("open"))
    #expect(hub.messages(a, "event").contains { $0["kind"]?.text == "opened" && $0["node"]?.text == "door" })
    hub.walk(a, toX: 15, z: 8)
    #expect(meters(hub.pose(a).z) < 9)
  }

  @Test func posesAboveTheirRateAreDropped() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(3)
    for _ in 0..<100 { hub.move(a, to: hub.pose(a)) }
    #expect(hub.engine.counters.movesRateLimited >= 79)
  }

  @Test func extremeClaimsNeitherTrapNorMove() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(3)
    for value in [Int32.min, Int32.max, 0x7FFF_0000, -0x7FFF_0000] {
      var pose = hub.pose(a)
      pose.x = value
      pose.y = value
      pose.z = value
      pose.velocityX = .min
      pose.velocityZ = .max
      pose.animation = 255
      pose.flags = PoseFlags(rawValue: 255)
      hub.move(a, to: pose)
      hub.step(3)
    }
    #expect(abs(meters(hub.pose(a).x)) <= 20 && abs(meters(hub.pose(a).z)) <= 20)
  }

  /// Where a walker is two ticks after a MOVE that holds `lateMs` before the tick that takes it, in steps from its pose.
  private func travelled(lateMs: Int) throws -> [Int32] {
    let hub = try driver()
    let a = hub.join("A")
    hub.step(25)
    var stride = hub.pose(a)
    stride.velocityX = -45
    stride.animation = Animation.walk
    hub.move(a, to: stride, lateMs: lateMs)
    return (0..<3).map { _ in
      hub.step()
      return hub.pose(a).x - stride.x
    }
  }

  @Test func aMoveIsCarriedOnFromTheInstantItHoldsAt() throws {
    // 45/32 m/s are 562.5 steps a second, 28.125 a tick; rounded down.
    #expect(try travelled(lateMs: 0) == [0, -29, -57])
    #expect(try travelled(lateMs: 40) == [-23, -51, -79])
    #expect(try travelled(lateMs: 50) == [-29, -57, -85])
    #expect(try travelled(lateMs: 250) == [-141, -169, -197])
  }

  @Test(arguments: [-50, -1, 251, 5000, 0x8000, -30_000])
  func anInstantAheadOrTooFarBackChangesNothing(lateMs: Int) throws {
    #expect(try travelled(lateMs: lateMs) == [0, -29, -57])
  }

  @Test func aWallEndsWhatALateMoveIsCarriedOnBy() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.step()
    hub.walk(a, toX: 7.3, z: 0)
    hub.step(25)
    hub.forget()
    var stride = hub.pose(a)
    stride.velocityX = 128
    hub.move(a, to: stride, lateMs: 200)
    hub.step()
    let truth = hub.pose(a)
    #expect(truth.x > stride.x && meters(truth.x) < 7.7 && truth.velocityX == 0)
    #expect(hub.messages(a, "correct").isEmpty)
  }
}
