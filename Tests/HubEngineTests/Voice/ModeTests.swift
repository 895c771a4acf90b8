import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// When a zone's sound goes through the media server.
@Suite struct ModeTests {
  private var parameters: VoiceParameters {
    var parameters = VoiceParameters()
    parameters.hasSFU = true
    return parameters
  }

  /// Steps a zone every five ticks, as the hub does, for so many ticks.
  private func run(_ mode: inout VoiceMode, _ seen: VoiceMode.Seen, from now: inout Tick, ticks: Int) {
    for _ in 0..<ticks / 5 {
      now &+= 5
      mode.step(seen, parameters, now: now)
    }
  }

  @Test(arguments: [
    (VoiceMode.Seen(members: 4), false), (VoiceMode.Seen(members: 5), true),
    (VoiceMode.Seen(members: 1, isStage: true), false), (VoiceMode.Seen(members: 2, isStage: true), true),
    (VoiceMode.Seen(members: 2, hasMuted: true), true), (VoiceMode.Seen(members: 1, hasMuted: true), false),
    (VoiceMode.Seen(members: 40, isStage: true, hasMuted: true, isUp: false), false),
  ])
  func aZoneTakesTheServerWhenAMeshWillNotDo(_ seen: VoiceMode.Seen, _ takes: Bool) {
    var mode = VoiceMode()
    mode.step(seen, parameters, now: 5)
    #expect(mode.phase == (takes ? .opening : .mesh))
  }

  @Test func theMeshStaysUntilAllAreReadyOrTenSecondsHavePassed() {
    var mode = VoiceMode()
    var now: Tick = 0
    run(&mode, .init(members: 5, ready: 4), from: &now, ticks: 195)
    #expect(mode.phase == .opening && mode.phase.usesMesh && !mode.phase.playsSFU)
    var other = mode
    run(&mode, .init(members: 5, ready: 5), from: &now, ticks: 5)
    #expect(mode.phase == .sfu && !mode.phase.usesMesh)
    run(&other, .init(members: 5, ready: 4), from: &now, ticks: 10)
    #expect(other.phase == .sfu)
  }

  @Test func aServerThatMostCannotReachIsNotSwitchedTo() {
    var mode = VoiceMode()
    var now: Tick = 0
    run(&mode, .init(members: 5, ready: 2), from: &now, ticks: 2000)
    #expect(mode.phase == .opening)
  }

  @Test func backToTheMeshOnlyAfterTwentyCalmSeconds() {
    var mode = VoiceMode()
    var now: Tick = Tick.max - 300
    run(&mode, .init(members: 5, ready: 5), from: &now, ticks: 10)
    run(&mode, .init(members: 4, ready: 4), from: &now, ticks: 390)
    #expect(mode.phase == .sfu)
    // One who comes and goes begins the time anew.
    run(&mode, .init(members: 5, ready: 5), from: &now, ticks: 5)
    run(&mode, .init(members: 4, ready: 4), from: &now, ticks: 400)
    #expect(mode.phase == .sfu)
    run(&mode, .init(members: 4, ready: 4), from: &now, ticks: 5)
    #expect(mode.phase == .closing && mode.phase.usesMesh && mode.phase.playsSFU)
    run(&mode, .init(members: 4, ready: 4), from: &now, ticks: 100)
    #expect(mode.phase == .mesh)
  }

  @Test func aLostServerIsLeftAtOnceFromEveryPhase() {
    var mode = VoiceMode()
    var now: Tick = 0
    var met: Set<String> = []
    for seen in [VoiceMode.Seen(members: 5), .init(members: 5, ready: 5), .init(members: 3, ready: 3)] {
      run(&mode, seen, from: &now, ticks: 405)
      met.insert(mode.phase.rawValue)
      var lost = mode
      lost.step(.init(members: 5, ready: 5, isUp: false), parameters, now: now &+ 1)
      #expect(lost.phase == .mesh)
    }
    #expect(met == ["opening", "sfu", "closing"])
  }

  // MARK: In the engine

  private func hub(_ change: (inout EngineConfig) -> Void = { _ in }) throws -> EngineDriver {
    var config = EngineConfig()
    config.voice.hasSFU = true
    change(&config)
    var definition = TestWorld.definition()
    for space in definition.spaces.indices {
      for node in definition.spaces[space].nodes.indices {
        definition.spaces[space].nodes[node].components.area?.capacity = nil
      }
    }
    return EngineDriver(Engine(world: try World(definition), config: config))
  }

  private func speaker(_ hub: EngineDriver, _ name: String, role: Role = .guest) -> ConnectionKey {
    let c = hub.join(name, role: role) { $0.view = "list" }
    hub.send(c, .voice(VoiceRequest(.join)))
    var target = Goto()
    target.area = "corner"
    hub.send(c, .goto(target))
    hub.step()
    return c
  }

  private func ops(_ hub: EngineDriver, _ c: ConnectionKey, _ op: String) -> [JSONValue] {
    hub.messages(c, "voice").filter { $0["op"]?.text == op }
  }

  private func server(_ hub: EngineDriver, _ c: ConnectionKey, _ name: String = "sfu-up") -> Int? {
    ops(hub, c, "peer+").last { $0["id"]?.text == name }?["epoch"]?.number
  }

  /// Whom the server was last told to bring over a connection.
  private func heard(_ hub: EngineDriver, _ c: ConnectionKey) -> Set<Int> {
    let down = server(hub, c, "sfu-down")
    for order in hub.sfuOrders.reversed() {
      if case .hear(let link, let speakers) = order, link == down { return Set(speakers) }
    }
    return []
  }

  /// The mesh's links somebody still has.
  private func direct(_ hub: EngineDriver, _ c: ConnectionKey) -> Set<Int> {
    let begun = ops(hub, c, "peer+").filter { $0["id"]?.number != nil }.compactMap { $0["epoch"]?.number }
    return Set(begun).subtracting(ops(hub, c, "peer-").compactMap { $0["epoch"]?.number })
  }

  private func mode(_ hub: EngineDriver, _ c: ConnectionKey) -> String? {
    ops(hub, c, "room").last?["mode"]?.text
  }

  /// Five people of whom the server has said that they are connected.
  private func served() throws -> (EngineDriver, [ConnectionKey]) {
    let hub = try hub()
    hub.tell(.isUp(true))
    let people = (0..<5).map { speaker(hub, "P\($0)", role: $0 == 0 ? .moderator : .guest) }
    hub.step(10)
    #expect(people.allSatisfy { mode(hub, $0) == "mesh" && server(hub, $0) != nil })
    #expect(direct(hub, people[0]).count == 3)
    for c in people { hub.tell(.ready(link: try #require(server(hub, c)))) }
    hub.step()
    let links = Set(people.compactMap { server(hub, $0) })
    for c in people {
      #expect(mode(hub, c) == "mesh")
      #expect(heard(hub, c) == links.subtracting([try #require(server(hub, c))]))
      hub.tell(.ready(link: try #require(server(hub, c, "sfu-down"))))
    }
    hub.step()
    #expect(people.allSatisfy { mode(hub, $0) == "sfu" && direct(hub, $0).isEmpty })
    return (hub, people)
  }

  @Test func theFifthTakesARoomToTheServerAndTheMeshEndsWhenAllAreThere() throws {
    let (hub, people) = try served()
    let links = people.compactMap { server(hub, $0) }
    #expect(Set(links).count == 5)
    let joins = hub.sfuOrders.filter { if case .join = $0 { true } else { false } }
    #expect(
      Set(joins.map { "\($0)" }) == Set(links.map { "\(SFUOrder.join(link: $0, room: 1, speaks: true))" }))
    #expect(hub.sfuOrders.first == .open(room: 1, .positional))
    #expect(ops(hub, people[4], "room").last?["beyond"]?.items?.isEmpty == true)
  }

  @Test func offersReachTheServerAndItsAnswersTheOneTheyAreFor() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[1]))
    var request = VoiceRequest(.desc)
    (request.to, request.epoch, request.type) = (.server("sfu-up"), epoch, "offer")
    request.sdp = DescriptionTests.offer
    hub.send(people[1], .voice(request))
    #expect(
      hub.sfuOrders.contains {
        if case .description(epoch, "offer", _) = $0 { true } else { false }
      })
    let orders = hub.sfuOrders.count
    // Another's connection, an old one, an answer, another server: to nobody.
    hub.send(people[2], .voice(request))
    request.epoch = epoch + 100
    hub.send(people[1], .voice(request))
    (request.epoch, request.type) = (epoch, "answer")
    hub.send(people[1], .voice(request))
    (request.type, request.to) = ("offer", .server("sfu-down"))
    hub.send(people[1], .voice(request))
    #expect(hub.messages(people[1], "error").last?["code"]?.text == "not-linked")
    // What only brings voices takes answers, and none that sends.
    let down = try #require(server(hub, people[1], "sfu-down"))
    (request.epoch, request.type) = (down, "answer")
    hub.send(people[1], .voice(request))
    #expect(hub.messages(people[1], "error").last?["message"]?.text == "you may not send here")
    #expect(hub.sfuOrders.count == orders)
    request.sdp = DescriptionTests.offer.replacing("a=sendrecv", with: "a=recvonly")
    hub.send(people[1], .voice(request))
    #expect(hub.sfuOrders.count == orders + 1)
    let speaker = try #require(server(hub, people[3]))
    hub.tell(.offer(link: down, sdp: DescriptionTests.offer, streams: ["0": speaker, "1": 9999]))
    let offer = try #require(ops(hub, people[1], "desc").last)
    #expect(offer["from"]?.text == "sfu-down" && offer["streams"]?.items?.count == 1)
    #expect(
      offer["streams"]?.items?.first?["id"]?.number
        == hub.messages(people[3], "welcome").first?["id"]?.number)

    hub.tell(.description(link: epoch, type: "answer", sdp: DescriptionTests.offer))
    hub.tell(.candidate(link: epoch, "candidate:1 1 udp 2015363327 192.0.2.2 24056 typ host", mid: "0"))
    #expect(ops(hub, people[1], "desc").last?["from"]?.text == "sfu-up")
    #expect(ops(hub, people[1], "cand").last?["epoch"]?.number == epoch)
    // Of a connection that is none, or that is no description: dropped.
    hub.tell(.description(link: 9999, type: "answer", sdp: DescriptionTests.offer))
    hub.tell(.description(link: epoch, type: "answer", sdp: "\u{0}"))
    hub.tell(.candidate(link: epoch, "nonsense", mid: nil))
    #expect(ops(hub, people[1], "desc").count == 2 && ops(hub, people[1], "cand").count == 1)
  }

  @Test func aMutedPersonIsSilencedByTheServerInTheSameTickAndKeepsTheirConnection() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[1]))
    var request = ModerationRequest(.mute)
    request.person = hub.messages(people[1], "welcome").first?["person"]?.text
    hub.send(people[0], .moderate(request))
    hub.step()
    #expect(hub.sfuOrders.contains(.speaks(link: epoch, false)))
    #expect(people.allSatisfy { !heard(hub, $0).contains(epoch) })
    #expect(heard(hub, people[1]).count == 4 && heard(hub, people[2]).count == 3)
    #expect(server(hub, people[1]) == epoch && mode(hub, people[1]) == "sfu")
  }

  @Test func whoLeavesIsCutAndALostServerIsSaidAndReplacedByTheMeshAtOnce() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[4]))
    hub.send(people[4], .voice(VoiceRequest(.leave)))
    #expect(hub.sfuOrders.suffix(2) == [.leave(link: epoch), .leave(link: epoch + 1)])
    hub.step()
    #expect(heard(hub, people[0]).count == 3)
    hub.send(people[4], .voice(VoiceRequest(.join)))
    hub.step(25)
    #expect(try #require(server(hub, people[4])) > epoch)

    hub.tell(.isUp(false))
    hub.step(2)
    for c in people {
      #expect(mode(hub, c) == "mesh")
      #expect(ops(hub, c, "room").last?["why"]?.text == "sfu")
      #expect(ops(hub, c, "peer-").last { $0["id"]?.text == "sfu-up" } != nil)
    }
    hub.step(40)
    #expect(direct(hub, people[0]).count == 3)
    #expect(ops(hub, people[4], "room").last?["beyond"]?.items?.count == 4)
  }

  @Test func aBrokenConnectionIsReplacedByANewOneAfterAWhile() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[2]))
    hub.tell(.gone(link: epoch))
    hub.step(10)
    #expect(server(hub, people[2]) == epoch)
    hub.step(20)
    #expect(try #require(server(hub, people[2])) > epoch)
    #expect(server(hub, people[1]).map { $0 < epoch } == true)
  }

  @Test func resumingTellsTheServersConnectionAgain() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[3]))
    let ticket = hub.ticket(people[3])
    hub.disconnect(people[3])
    hub.step(5)
    let back = hub.comeBack(ticket)
    hub.step()
    #expect(ops(hub, back, "links").last?["epochs"]?.items?.map(\.number) == [epoch, epoch + 1])
    #expect(server(hub, back) == epoch)
  }

  // MARK: Who is heard of many

  private func room(_ points: [Vector3]) -> [VoiceListener] {
    points.enumerated().map { slot, point in
      VoiceListener(slot: slot, place: .room(area: 0), point: point, order: UInt64(slot))
    }
  }

  @Test func ofManyTheNearestAreHeardAndNobodyChangesForAStep() {
    var bridge = VoiceBridge()
    var step = VoiceBridge.Step(now: 5, isUp: true, nextEpoch: 1, nextRoom: 1, beginningsLeft: 100)
    var points = (0..<16).map { Vector3(Double($0), 0, 0) }
    _ = bridge.update(room(points), parameters, &step)
    for slot in 0..<16 { bridge.isReady(slot, epoch: bridge.links[slot]!.epoch) }
    step.now += 5
    _ = bridge.update(room(points), parameters, &step)
    func heard(_ slot: Int) -> Set<Int> {
      Set((0..<16).filter { bridge.links[slot]!.heard.contains(bridge.links[$0]!.epoch) })
    }
    #expect(heard(0) == Set(1...10) && heard(15) == Set(5...14))
    // One step nearer is not enough for the eleventh, standing beside one is.
    points[11].x = 9.5
    step.now += 100
    _ = bridge.update(room(points), parameters, &step)
    #expect(heard(0) == Set(1...10))
    points[11].x = 1
    step.now += 5
    let changes = bridge.update(room(points), parameters, &step)
    #expect(heard(0) == Set(1...9).union([11]))
    // Whoever has him as near as before is not troubled.
    for change in changes {
      guard case .hears(let slot, _, _) = change else {
        Issue.record("\(change)")
        continue
      }
      #expect(!(6...8).contains(slot))
    }
  }

  @Test func aRoomThatOutgrowsSingleVoicesBecomesAMixedOne() {
    var bridge = VoiceBridge()
    var step = VoiceBridge.Step(now: 5, isUp: true, nextEpoch: 1, nextRoom: 1, beginningsLeft: 100)
    let points = (0..<25).map { Vector3(Double($0 % 5), 0, Double($0 / 5)) }
    var changes = bridge.update(room(Array(points.dropLast())), parameters, &step)
    #expect(changes.first == .opened(room: 1, .positional) && bridge.links[0]?.down != nil)
    step.now += 5
    changes = bridge.update(room(points), parameters, &step)
    #expect(changes.contains(.closed(room: 1)) && changes.contains(.opened(room: 2, .mixed)))
    step.now += 20
    changes = bridge.update(room(points), parameters, &step)
    #expect(bridge.links.count == 25 && bridge.links.values.allSatisfy { $0.down == nil && $0.room == 2 })
    // And stays one while it is open: nobody is moved to and fro.
    step.now += 20
    #expect(bridge.update(room(Array(points.dropLast(5))), parameters, &step).count == 5)
  }

  @Test func theServersPlacesGoToWhoSpeaksFirst() {
    var parameters = self.parameters
    parameters.sfuMembersMax = 3
    var bridge = VoiceBridge()
    var step = VoiceBridge.Step(now: 5, isUp: true, nextEpoch: 1, nextRoom: 1, beginningsLeft: 100)
    var people = (0..<6).map { slot in
      VoiceListener(
        slot: slot, place: slot == 5 ? .stage : .floor, point: Vector3(0, 0, 0), order: UInt64(slot))
    }
    _ = bridge.update(people, parameters, &step)
    #expect(Set(bridge.links.keys) == [0, 1, 5] && bridge.full == [2, 3, 4])
    #expect(bridge.links[5]?.sends == true && bridge.links[0]?.sends == false)
    // Who walks onto the stage gets a connection that sends, and a place.
    people[4].place = .stage
    step.now += 20
    _ = bridge.update(people, parameters, &step)
    #expect(bridge.links[4]?.sends == true && bridge.links.count == 3 && bridge.links[1] == nil)
  }
}
