import HubEngine
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// Going on with a session that the hub itself has forgotten.
@Suite struct TicketTests {
  private func hub(_ definition: WorldDefinition = TestWorld.definition()) throws -> EngineDriver {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    return EngineDriver(Engine(world: try World(definition), config: config))
  }

  @Test func afterARestartAParticipantStandsWhereTheyStoodAsTheSamePerson() throws {
    let before = try hub()
    let a = before.join("Aylin", credentials: Credentials(Grant(.host, spaces: ["hall"]))) {
      var profile = ProfileChange()
      profile.visibility = "space"
      $0.profile = profile
    }
    before.walk(a, toX: 3, z: 12)
    before.send(a, .status("busy"))
    before.send(a, .gesture(hand: true, emote: nil))
    before.step(2)
    let ticket = before.ticket(a)
    let pose = before.pose(a)
    let person = try #require(before.messages(a, "welcome").first?["person"]?.text)

    let after = try hub()
    let again = after.comeBack(ticket)
    let welcome = try #require(after.messages(again, "welcome").first)
    #expect(welcome["resumed"]?.flag == true && welcome["person"]?.text == person)
    #expect(welcome["role"]?.text == "host")
    let space = try #require(after.messages(again, "space").first)
    #expect(space["reason"]?.text == "resume" && space["space"]?.text == "hall")
    #expect(
      after.pose(again).x == pose.x && after.pose(again).z == pose.z && after.pose(again).yaw == pose.yaw)
    #expect(
      space["epoch"]?.number == Int(ticket.epoch) + 1, "MOVEs on their way belong to the former connection")
    after.step(6)
    let entries = after.messages(again, "people").flatMap { $0["list"]?.items ?? [] }
    let entry = try #require(entries.first)
    #expect(entry["name"]?.text == "Aylin" && entry["status"]?.text == "busy")
    #expect(after.ticket(again).handRaised && after.ticket(again).visibility == "space")
    #expect(after.ticket(again).number > ticket.number)
  }

  @Test func aSeatIsKeptUnlessSomebodyElseSitsThereByNow() throws {
    let before = try hub()
    let a = before.join("Aylin")
    var target = Goto()
    target.area = "seat-1"
    before.send(a, .goto(target))
    var ticket = before.ticket(a)
    #expect(ticket.seat == "seat-1")
    // The driver's secrets begin anew with each hub; real ones never meet.
    ticket.secret = ResumeSecret(high: 1, low: 1)
    let after = try hub()
    let again = after.comeBack(ticket)
    #expect(after.ticket(again).seat == "seat-1")
    let other = try hub()
    let sitter = other.join("Jonas")
    other.send(sitter, .goto(target))
    let late = other.comeBack(ticket)
    #expect(other.ticket(late).seat == nil && other.ticket(sitter).seat == "seat-1")
  }

  @Test func aSpaceThatIsGoneOrFullLeadsToTheStart() throws {
    var ticket = try {
      let hub = try self.hub()
      return hub.ticket(hub.join("Aylin"))
    }()
    ticket.secret = ResumeSecret(high: 1, low: 1)
    ticket.space = "moon"
    let gone = try hub()
    #expect(gone.messages(gone.comeBack(ticket), "space").first?["space"]?.text == "hall")
    ticket.space = "yard"
    let full = try hub(TestWorld.definition(yardCapacity: 1))
    full.join("First") { $0.space = "yard" }
    #expect(full.messages(full.comeBack(ticket), "space").first?["space"]?.text == "hall")
  }

  /// A walk may end a skin's depth in a wall: this one does, and who leans there comes back to the very spot.
  @Test func whoTouchesAWallComesBackToTheVerySpot() throws {
    let before = try hub()
    let a = before.join("Aylin")
    before.walk(a, toX: 7.6075, z: 0)
    before.step(2)
    let pose = before.pose(a)
    #expect(pose.x == Units.steps(meters: 7.6075) && before.messages(a, "correct").isEmpty)
    let after = try hub()
    let again = after.pose(after.comeBack(before.ticket(a)))
    #expect((again.x, again.y, again.z) == (pose.x, pose.y, pose.z))
  }

  @Test(arguments: [(8.0, 0.0), (4000, 4000), (-3000, 0)])
  func whoWouldStandInAWallOrOutsideIsPutWhereOneCanStand(x: Double, z: Double) throws {
    let hub = try hub()
    var ticket = hub.ticket(hub.join("Aylin"))
    ticket.secret = ResumeSecret(high: 1, low: 2)
    ticket.x = Units.steps(meters: x)
    ticket.z = Units.steps(meters: z)
    let again = hub.comeBack(ticket)
    let pose = hub.pose(again)
    #expect(hub.messages(again, "welcome").first?["resumed"]?.flag == true)
    #expect(abs(Units.meters(steps: pose.x)) < 20 && abs(Units.meters(steps: pose.z)) < 20)
    #expect((pose.x, pose.z) != (ticket.x, ticket.z))
  }

  @Test func onePersonIdIsNeverHeldTwice() throws {
    let hub = try hub()
    let a = hub.join("Aylin")
    var ticket = hub.ticket(a)
    ticket.secret = ResumeSecret(high: 9, low: 9)
    let b = hub.comeBack(ticket)
    #expect(hub.messages(b, "welcome").first?["person"] != hub.messages(a, "welcome").first?["person"])
  }

  @Test func leavingForGoodVoidsTicketsAndSilenceDoesNot() throws {
    let hub = try hub()
    let a = hub.join("Aylin")
    let secret = hub.ticket(a).secret
    let b = hub.join("Silent")
    hub.send(a, .bye)
    #expect(hub.engine.takeEndedSecrets() == [secret])
    #expect(hub.engine.takeEndedSecrets().isEmpty)
    hub.step(700, silent: [b])
    #expect(hub.engine.sessionCount == 0 && hub.engine.takeEndedSecrets().isEmpty)
  }

  @Test func whoeverComesIntoAnotherSpaceGetsATicketOfIt() throws {
    let hub = try hub()
    let a = hub.join("Aylin")
    let session = try #require(hub.sessions[a])
    #expect(hub.ticketsDue[session] == 1)
    hub.step(20)
    #expect(hub.ticketsDue[session] == 1)
    var target = Goto()
    target.space = "yard"
    hub.send(a, .goto(target))
    hub.step(2)
    #expect(hub.ticketsDue[session] == 2 && hub.ticket(a).space == "yard")
  }

  @Test func theSilentGetNoNewTickets() throws {
    let hub = try hub()
    let a = hub.join("Aylin")
    hub.step(70, silent: [a])
    #expect(hub.engine.ticket(of: try #require(hub.sessions[a]), expiresUnixMs: 0) == nil)
  }

  @Test func whatWasSaidToThemAloneWhileTheyWereAwayIsToldOnReturnAndNothingOlder() throws {
    let hub = try hub()
    let a = hub.join("Aylin")
    let b = hub.join("Jonas")
    hub.step(6)
    let person = try #require(hub.messages(a, "welcome").first?["person"]?.text)
    func say(_ text: String) {
      var chat = SendChat(to: "person", text: text)
      chat.person = person
      hub.send(b, .chat(chat))
    }
    say("before")
    hub.step(40)
    let ticket = hub.ticket(a)
    hub.disconnect(a)
    say("one")
    hub.step(25)
    say("two")
    let again = hub.comeBack(ticket)
    #expect(hub.messages(again, "chat").map { $0["text"]?.text } == ["one", "two"])
  }

  @Test func aTicketIsReadAsItWasWrittenAndNothingElseIsOne() throws {
    let hub = try hub()
    var ticket = hub.ticket(hub.join("Aylin Öztürk 😀"))
    ticket.seat = "seat-1"
    ticket.account = "a1"
    ticket.invitation = "i1"
    ticket.x = -70_000
    for grant in [
      Grant(.guest), Grant(.host, spaces: []), Grant(.host, spaces: ["hall", "yard"]), Grant(.operator),
    ] {
      ticket.grant = grant
      let bytes = try #require(ticket.bytes())
      #expect(try SessionTicket(bytes: bytes.span.bytes) == ticket)
      for count in 0..<bytes.count {
        let cut = Array(bytes.prefix(count))
        #expect(throws: TicketMalformed.self) { _ = try SessionTicket(bytes: cut.span.bytes) }
      }
      let longer = bytes + [0]
      #expect(throws: TicketMalformed.self) { _ = try SessionTicket(bytes: longer.span.bytes) }
    }
    ticket.grant = Grant(.host, spaces: (0..<65).map { "space-\($0)" })
    #expect(ticket.bytes() == nil)
  }
}
