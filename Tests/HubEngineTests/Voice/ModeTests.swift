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

  private func server(_ hub: EngineDriver, _ c: ConnectionKey) -> Int? {
    ops(hub, c, "peer+").last { $0["id"]?.text == "sfu-up" }?["epoch"]?.number
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
    #expect(people.allSatisfy { mode(hub, $0) == "sfu" && direct(hub, $0).isEmpty })
    return (hub, people)
  }

  @Test func theFifthTakesARoomToTheServerAndTheMeshEndsWhenAllAreThere() throws {
    let (hub, people) = try served()
    let links = people.compactMap { server(hub, $0) }
    #expect(Set(links).count == 5)
    let joins = hub.sfuOrders.filter { if case .join = $0 { true } else { false } }
    #expect(joins == links.map { .join(link: $0, room: 1, speaks: true) })
    #expect(hub.sfuOrders.first == .open(room: 1))
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
    #expect(hub.sfuOrders.count == orders)
    #expect(hub.messages(people[1], "error").last?["code"]?.text == "not-linked")

    hub.tell(.description(link: epoch, type: "answer", sdp: DescriptionTests.offer))
    hub.tell(.candidate(link: epoch, "candidate:1 1 udp 2015363327 192.0.2.2 24056 typ host", mid: "0"))
    #expect(ops(hub, people[1], "desc").last?["from"]?.text == "sfu-up")
    #expect(ops(hub, people[1], "cand").last?["epoch"]?.number == epoch)
    // Of a connection that is none, or that is no description: dropped.
    hub.tell(.description(link: 9999, type: "answer", sdp: DescriptionTests.offer))
    hub.tell(.description(link: epoch, type: "answer", sdp: "\u{0}"))
    hub.tell(.candidate(link: epoch, "nonsense", mid: nil))
    #expect(ops(hub, people[1], "desc").count == 1 && ops(hub, people[1], "cand").count == 1)
  }

  @Test func aMutedPersonIsSilencedByTheServerInTheSameTickAndKeepsTheirConnection() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[1]))
    var request = ModerationRequest(.mute)
    request.person = hub.messages(people[1], "welcome").first?["person"]?.text
    hub.send(people[0], .moderate(request))
    hub.step()
    #expect(hub.sfuOrders.last == .speaks(link: epoch, false))
    #expect(server(hub, people[1]) == epoch && mode(hub, people[1]) == "sfu")
  }

  @Test func whoLeavesIsCutAndALostServerIsSaidAndReplacedByTheMeshAtOnce() throws {
    let (hub, people) = try served()
    let epoch = try #require(server(hub, people[4]))
    hub.send(people[4], .voice(VoiceRequest(.leave)))
    #expect(hub.sfuOrders.last == .leave(link: epoch))
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
    #expect(ops(hub, back, "links").last?["epochs"]?.items?.map(\.number) == [epoch])
    #expect(server(hub, back) == epoch)
  }
}
