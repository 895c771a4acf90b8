import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// Voice in the engine: who is told what, and who may send what to whom.
@Suite struct VoiceTests {
  private func hub(_ change: (inout EngineConfig) -> Void = { _ in }) throws -> EngineDriver {
    var config = EngineConfig()
    change(&config)
    return EngineDriver(Engine(world: try TestWorld.make(), config: config))
  }

  /// People who speak, in list view (so that they can be sent anywhere), in a place.
  private func speaker(_ hub: EngineDriver, _ name: String, in area: String?, role: Role = .guest)
    -> ConnectionKey
  {
    let c = hub.join(name, role: role) { $0.view = "list" }
    hub.send(c, .voice(VoiceRequest(.join)))
    if let area { go(hub, c, area) }
    return c
  }

  private func go(_ hub: EngineDriver, _ c: ConnectionKey, _ area: String) {
    var target = Goto()
    target.area = area
    hub.send(c, .goto(target))
    hub.step()
  }

  private func ops(_ hub: EngineDriver, _ c: ConnectionKey, _ op: String) -> [JSONValue] {
    hub.messages(c, "voice").filter { $0["op"]?.text == op }
  }

  private func id(_ hub: EngineDriver, _ c: ConnectionKey) -> Int {
    hub.messages(c, "welcome").first?["id"]?.number ?? 0
  }

  private func offer(to: Int, epoch: Int, _ sdp: String = DescriptionTests.offer) -> ClientMessage {
    var request = VoiceRequest(.desc)
    (request.to, request.epoch, request.type, request.sdp) = (.person(to), epoch, "offer", sdp)
    return .voice(request)
  }

  @Test func twoInARoomAreLinkedAndOneOfThemIsPolite() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let seen = try #require(ops(hub, a, "peer+").last)
    let other = try #require(ops(hub, b, "peer+").last)
    #expect(seen["id"]?.number == id(hub, b) && other["id"]?.number == id(hub, a))
    #expect(seen["epoch"]?.number == other["epoch"]?.number)
    #expect(seen["polite"]?.flag != other["polite"]?.flag)
    #expect(ops(hub, a, "room").last?["area"]?.text == "corner")
  }

  @Test func voicesGrowQuieterAsTheAreaSaysAndOnAStageNotAtAll() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let corner = try #require(ops(hub, a, "room").last?["audio"])
    #expect(corner["model"]?.text == "linear" && corner["referenceCm"]?.number == 200)
    #expect(corner["rolloffPercent"]?.number == 100 && corner["maxMeters"]?.number == 12)
    go(hub, a, "stage")
    #expect(ops(hub, a, "room").last?["audio"]?["model"]?.text == "none")
    let floor = speaker(hub, "B", in: nil)
    hub.step()
    let usual = try #require(ops(hub, floor, "room").last?["audio"])
    #expect(usual["model"]?.text == "inverse" && usual["referenceCm"]?.number == 150)
    #expect(usual["rolloffPercent"]?.number == 150 && usual["maxMeters"]?.number == 20)
  }

  @Test func aRoomOfBookingsHasVoiceOnlyWhileOneRuns() throws {
    let hub = try hub()
    let corner = BookedPlace(space: "hall", area: "corner")
    hub.engine.handle(.bookingVoice(corner, false))
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    hub.step(10)
    #expect(ops(hub, a, "peer+").isEmpty)
    #expect(ops(hub, a, "room").last?["why"]?.text == "unbooked")
    hub.engine.handle(.bookingVoice(corner, true))
    hub.step()
    let link = try #require(ops(hub, a, "peer+").last?["epoch"]?.number)
    #expect(ops(hub, a, "room").last?["why"] == nil)
    #expect(hub.messages(b, "event").last { $0["kind"]?.text == "voiceOn" }?["area"]?.text == "corner")
    // Off: cut in the same tick, the old epoch is void.
    hub.engine.handle(.bookingVoice(corner, false))
    hub.step()
    #expect(ops(hub, a, "peer-").last?["epoch"]?.number == link)
    hub.send(a, offer(to: id(hub, b), epoch: link))
    #expect(ops(hub, b, "desc").isEmpty)
    // A space that is itself the room is silent everywhere.
    hub.engine.handle(.bookingVoice(corner, true))
    hub.step()
    hub.engine.handle(.bookingVoice(BookedPlace(space: "hall"), false))
    hub.step()
    #expect(ops(hub, a, "peer+").count == 2 && ops(hub, a, "peer-").count == 2)
    #expect(ops(hub, a, "room").last?["why"]?.text == "unbooked")
  }

  @Test func descriptionsReachTheOneTheyAreForAndCarryTheTrueSender() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let stranger = speaker(hub, "C", in: nil)
    let epoch = try #require(ops(hub, a, "peer+").last?["epoch"]?.number)
    hub.send(a, offer(to: id(hub, b), epoch: epoch))
    #expect(ops(hub, b, "desc").last?["from"]?.number == id(hub, a))
    // From elsewhere, of another epoch, to oneself, to nobody: to no one.
    hub.send(stranger, offer(to: id(hub, b), epoch: epoch))
    hub.send(a, offer(to: id(hub, b), epoch: epoch + 1))
    hub.send(a, offer(to: id(hub, a), epoch: epoch))
    hub.send(a, offer(to: 60_000, epoch: epoch))
    hub.send(a, offer(to: -1, epoch: epoch))
    #expect(ops(hub, b, "desc").count == 1 && ops(hub, a, "desc").isEmpty)
    #expect(hub.messages(stranger, "error").last?["code"]?.text == "not-linked")
  }

  @Test func entityZeroIsAPersonLikeAnyOther() throws {
    var definition = TestWorld.definition()
    // Without moving nodes the first person has it.
    for index in definition.spaces.indices {
      definition.spaces[index].nodes.removeAll { $0.components.dynamic != nil }
    }
    let hub = EngineDriver(Engine(world: try World(definition), config: EngineConfig()))
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    #expect(id(hub, a) == 0)
    let epoch = try #require(ops(hub, b, "peer+").last?["epoch"]?.number)
    hub.send(b, offer(to: 0, epoch: epoch))
    #expect(ops(hub, a, "desc").count == 1)
  }

  @Test func whoLeavesTheRoomIsCutInTheSameTickAndTheOldEpochIsVoid() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let epoch = try #require(ops(hub, a, "peer+").last?["epoch"]?.number)
    var target = Goto()
    target.space = "yard"
    hub.send(b, .goto(target))
    // No tick has passed.
    #expect(ops(hub, a, "peer-").last?["epoch"]?.number == epoch)
    target.space = "hall"
    target.area = "corner"
    hub.send(b, .goto(target))
    hub.step()
    #expect(ops(hub, a, "peer+").count == 2)
    hub.send(a, offer(to: id(hub, b), epoch: epoch))
    #expect(ops(hub, b, "desc").isEmpty)
  }

  @Test(arguments: 0..<5) func inACrowdLinksEndInTheTickOfTheMoveAndBeginWithinAQuarterSecond(tick: Int)
    throws
  {
    let hub = try hub { $0.voice.decidedAtOnceMax = 2 }
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let c = speaker(hub, "C", in: "stage")
    hub.step(5 + tick)
    #expect(ops(hub, a, "peer+").count == 1 && ops(hub, c, "peer+").isEmpty)
    go(hub, b, "stage")
    #expect(ops(hub, a, "peer-").count == 1 && ops(hub, b, "peer-").count == 1)
    #expect(ops(hub, b, "room").last?["area"]?.text == "stage")
    hub.step(5)
    #expect(ops(hub, c, "peer+").count == 1)
  }

  @Test func kickAndDoNotDisturbEndVoiceAtOnce() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner", role: .moderator)
    let b = speaker(hub, "B", in: "corner")
    hub.send(b, .status("dnd"))
    hub.step()
    #expect(ops(hub, a, "peer-").count == 1 && ops(hub, b, "room").last?["why"]?.text == "dnd")
    hub.send(b, .view(mode: "hidden", events: nil))
    hub.step(10)
    #expect(ops(hub, a, "peer+").count == 1)
    hub.send(b, .status("available"))
    hub.step()
    #expect(ops(hub, a, "peer+").count == 2)
    var kick = ModerationRequest(.kick)
    kick.person = hub.messages(b, "welcome").first?["person"]?.text
    hub.send(a, .moderate(kick))
    #expect(ops(hub, a, "peer-").count == 2)
  }

  @Test func theSilencedMayReceiveOnlyAndARequestIsOnlyAsked() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner", role: .moderator)
    let b = speaker(hub, "B", in: "corner")
    var request = ModerationRequest(.askMute)
    request.person = hub.messages(b, "welcome").first?["person"]?.text
    hub.send(a, .moderate(request))
    #expect(ops(hub, b, "mute").count == 1 && ops(hub, b, "peer-").isEmpty)
    request.action = "mute"
    hub.send(a, .moderate(request))
    hub.step()
    let link = try #require(ops(hub, b, "peer+").last)
    #expect(link["send"]?.flag == false && link["receive"]?.flag == true)
    #expect(ops(hub, a, "peer+").last?["receive"]?.flag == false)
    let epoch = try #require(link["epoch"]?.number)
    hub.send(b, offer(to: id(hub, a), epoch: epoch))
    #expect(ops(hub, a, "desc").isEmpty)
    hub.send(
      b, offer(to: id(hub, a), epoch: epoch, DescriptionTests.offer.replacing("sendrecv", with: "recvonly")))
    #expect(ops(hub, a, "desc").count == 1)
    let audited = hub.records.compactMap { if case .audit(let record) = $0 { record.verb } else { nil } }
    #expect(audited == [.mute, .mute])
  }

  @Test func aFloodIsCutAndItsRoomGoesOn() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let epoch = try #require(ops(hub, a, "peer+").last?["epoch"]?.number)
    var request = VoiceRequest(.cand)
    (request.to, request.epoch) = (.person(id(hub, b)), epoch)
    request.cand = "candidate:1 1 udp 1 127.0.0.1 5000 typ host"
    for _ in 0..<10_000 { hub.send(a, .voice(request)) }
    #expect(hub.closed[a] == .flooding && hub.closed[b] == nil)
    #expect(ops(hub, b, "cand").count <= 80)
    hub.send(b, offer(to: id(hub, a), epoch: epoch))
    #expect(hub.messages(b, "error").isEmpty)
  }

  @Test func guestsPassOnNoAddressWhereARelayIsThere() throws {
    let hub = try hub { $0.voice.relay = .guests }
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let link = try #require(ops(hub, a, "peer+").last)
    #expect(link["relay"]?.flag == true)
    var request = VoiceRequest(.cand)
    (request.to, request.epoch) = (.person(id(hub, b)), link["epoch"]?.number)
    request.cand = "candidate:1 1 udp 1 10.1.2.3 5000 typ host"
    hub.send(a, .voice(request))
    #expect(ops(hub, b, "cand").isEmpty)
    request.cand = "candidate:1 1 udp 1 198.51.100.1 5000 typ relay raddr 10.1.2.3 rport 9"
    hub.send(a, .voice(request))
    #expect(ops(hub, b, "cand").last?["cand"]?.text?.contains("10.1.2.3") == false)
  }

  @Test func captionsReachThoseInEarshotWithVoiceOrWithout() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let quiet = hub.join("Reader") { $0.view = "list" }
    go(hub, quiet, "corner")
    let far = speaker(hub, "Far", in: "stage")
    var request = VoiceRequest(.caption)
    request.text = "Good morning"
    hub.send(a, .voice(request))
    #expect(ops(hub, quiet, "caption").last?["text"]?.text == "Good morning")
    #expect(ops(hub, far, "caption").isEmpty)
  }

  @Test func captionsBeyondTheirRateReachNobody() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    var request = VoiceRequest(.caption)
    request.text = "again"
    for _ in 0..<20 { hub.send(a, .voice(request)) }
    #expect(ops(hub, b, "caption").count == Limits().captionBurstMax)
    #expect(hub.messages(a, "error").last?["code"]?.text == "rate-limited")
  }

  @Test func aResumedConnectionIsToldItsLinksWithTheSameEpochs() throws {
    let hub = try hub()
    let a = speaker(hub, "A", in: "corner")
    let b = speaker(hub, "B", in: "corner")
    let epoch = ops(hub, a, "peer+").last?["epoch"]?.number
    let ticket = hub.ticket(a)
    hub.disconnect(a)
    hub.step(40, silent: [a])
    let again = hub.comeBack(ticket)
    #expect(ops(hub, again, "peer+").last?["epoch"]?.number == epoch)
    #expect(ops(hub, again, "links").last?["epochs"]?.items?.compactMap(\.number) == [try #require(epoch)])
    #expect(ops(hub, b, "peer-").isEmpty)
  }

  @Test func wallsAndClosedDoorsStandBetweenVoices() throws {
    let hub = try hub()
    // One on each side of the wall at x = 8, two metres apart.
    let a = hub.join("A")
    let b = hub.join("B")
    for c in [a, b] { hub.send(c, .voice(VoiceRequest(.join))) }
    hub.walk(a, toX: 7, z: 7)
    hub.walk(b, toX: 12, z: 15)
    hub.walk(b, toX: 12, z: 0)
    hub.walk(a, toX: 7, z: 0)
    hub.walk(b, toX: 9, z: 0)
    hub.step(30)
    let begun = ops(hub, a, "peer+").count
    #expect(begun > 0 && ops(hub, a, "peer-").count == begun)
  }
}
