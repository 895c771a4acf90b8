import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

@Suite struct ModerationTests {
  private func hub() throws -> EngineDriver { EngineDriver(Engine(world: try TestWorld.make())) }

  private func person(_ hub: EngineDriver, _ c: ConnectionKey) throws -> String {
    try #require(hub.messages(c, "welcome").first?["person"]?.text)
  }

  private func moderate(
    _ hub: EngineDriver, _ c: ConnectionKey, _ action: ModerationRequest.Action,
    _ target: ConnectionKey? = nil,
    change: (inout ModerationRequest) -> Void = { _ in }
  ) throws {
    var request = ModerationRequest(action)
    request.person = try target.map { try person(hub, $0) }
    change(&request)
    hub.send(c, .moderate(request))
  }

  private func ended(_ hub: EngineDriver, _ connection: ConnectionKey) -> Bool {
    hub.closed[connection] == .removed
  }

  private func guest(at address: UInt32) -> Credentials {
    var credentials = Credentials()
    credentials.address = NetworkAddress(v4: address)
    return credentials
  }

  private func invited(_ id: String, uses: Int? = nil, account: String? = nil) -> Credentials {
    var credentials = Credentials(Grant(.participant))
    credentials.invitation = Invitation(id: id, usesMax: uses)
    credentials.account = account
    return credentials
  }

  @Test func aBanClosesEverySessionItMatchesAtOnceAndKeepsThemOut() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A", credentials: guest(at: 0x0A00_0001))
    let b = hub.join("B", credentials: guest(at: 0x0A00_0001))
    let c = hub.join("C", credentials: guest(at: 0x0A00_0002))
    try moderate(hub, m, .ban, a) {
      $0.reason = "shouting"
      $0.hours = 2
    }
    // No tick has passed.
    #expect(hub.closed[a] == .removed && hub.closed[b] == .removed && hub.closed[c] == nil)
    #expect(hub.messages(a, "error").last?["reason"]?.text == "shouting")
    let again = hub.join("A again", credentials: guest(at: 0x0A00_0001))
    #expect(hub.closed[again] == .removed)
    let error = try #require(hub.messages(again, "error").last)
    #expect(
      error["code"]?.text == "banned" && error["retry"]?.text == "never" && error["until"]?.number != nil)
    // Another who comes from there by invitation is no guest: a town hall has one address.
    let d = hub.join(
      "D",
      credentials: {
        var credentials = invited("i1")
        credentials.address = NetworkAddress(v4: 0x0A00_0001)
        return credentials
      }())
    #expect(hub.closed[d] == nil)
  }

  @Test func aBanEndsWhenItsTimeIsOver() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A", credentials: guest(at: 1))
    try moderate(hub, m, .ban, a)
    #expect(ended(hub, hub.join("A", credentials: guest(at: 1))))
    hub.engine.step(tick: hub.tick + 1, unixMs: 1_795_000_000_000 + 3_601_000)
    let back = hub.join("A", credentials: guest(at: 1))
    #expect(hub.closed[back] == nil)
    #expect(hub.records.contains(.unbanned(1)))
  }

  @Test func aRangeOfAddressesIsBannedWithinLimits() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    for (prefix, isGood) in [(24, true), (15, false), (33, false), (-1, false)] {
      let a = hub.join("A", credentials: guest(at: 0xC633_6401))
      hub.forget()
      let b = hub.join("A", credentials: guest(at: 0xC633_6401))
      _ = a
      try moderate(hub, m, .ban, b) {
        $0.by = ["address"]
        $0.prefix = prefix
      }
      let near = hub.join("N", credentials: guest(at: 0xC633_64FE))
      let far = hub.join("F", credentials: guest(at: 0xC633_65FE))
      #expect((hub.closed[near] == .removed) == isGood, "/\(prefix)")
      #expect(hub.closed[far] == nil)
      if isGood { try moderate(hub, m, .unban) { $0.id = "b1" } }
    }
  }

  @Test func anIPv6HomeIsBannedByItsSixtyFourBits() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    func from(_ high: UInt64, _ low: UInt64) -> Credentials {
      var credentials = Credentials()
      credentials.address = NetworkAddress(high: high, low: low)
      return credentials
    }
    let a = hub.join("A", credentials: from(0x2001_0DB8_0000_0001, 5))
    try moderate(hub, m, .ban, a)
    #expect(ended(hub, hub.join("B", credentials: from(0x2001_0DB8_0000_0001, 99))))
    #expect(!ended(hub, hub.join("C", credentials: from(0x2001_0DB8_0000_0002, 5))))
  }

  @Test func anAccountStaysBannedWhereverItComesFrom() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A", credentials: invited("i1", account: "s-1"))
    try moderate(hub, m, .ban, a)
    #expect(ended(hub, hub.join("A", credentials: invited("i2", account: "s-1"))))
    #expect(!ended(hub, hub.join("B", credentials: invited("i2", account: "s-2"))))
    try moderate(hub, m, .bans)
    #expect(
      hub.messages(m, "bans").last?["list"]?.items?.compactMap { $0["kind"]?.text } == [
        "account", "invitation",
      ])
  }

  @Test func bansOutliveTheProcess() throws {
    let first = try hub()
    let m = first.join("M", role: .moderator)
    try moderate(first, m, .ban, first.join("A", credentials: guest(at: 9))) { $0.hours = 5 }
    var state = AdministrativeState()
    for case .banned(let ban) in first.records { state.bans.append(ban) }
    #expect(state.bans.count == 1)
    let second = try hub()
    second.engine.handle(.restored(state))
    #expect(ended(second, second.join("A", credentials: guest(at: 9))))
  }

  @Test func nobodyIsModeratedByTheirEqualsOrThemselves() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let n = hub.join("N", role: .moderator)
    let o = hub.join("O", role: .operator)
    for action in [ModerationRequest.Action.kick, .mute, .ban] {
      for other in [n, o] {
        try moderate(hub, m, action, other)
        #expect(hub.messages(m, "error").last?["code"]?.text == "not-allowed")
      }
      try moderate(hub, m, action, m)
      #expect(hub.messages(m, "error").last?["code"]?.text == "unknown-person")
    }
    #expect(hub.closed.isEmpty)
    try moderate(hub, o, .kick, n)
    #expect(hub.closed[n] == .removed)
  }

  @Test func theKickedMayComeBackButNotResume() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A")
    let ticket = hub.ticket(a)
    try moderate(hub, m, .kick, a)
    #expect(hub.closed[a] == .removed)
    // The shell voids the tickets of sessions that ended.
    #expect(hub.engine.takeEndedSecrets() == [ticket.secret])
    let back = hub.join("A")
    #expect(hub.messages(back, "welcome").first?["resumed"]?.flag == false)
  }

  @Test func theMutedReadButDoNotWrite() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A")
    try moderate(hub, m, .mute, a)
    hub.send(a, .chat(SendChat(to: "space", text: "hello")))
    #expect(hub.messages(a, "error").last?["code"]?.text == "muted")
    #expect(hub.messages(m, "chat").isEmpty)
    hub.send(m, .chat(SendChat(to: "space", text: "quiet please")))
    #expect(hub.messages(a, "chat").count == 1)
    try moderate(hub, m, .unmute, a)
    hub.send(a, .chat(SendChat(to: "space", text: "hello")))
    #expect(hub.messages(m, "chat").count == 2)
  }

  @Test func aRevokedInvitationClosesItsSessionsAndLetsNobodyIn() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A", credentials: invited("i1"))
    let b = hub.join("B", credentials: invited("i2"))
    try moderate(hub, m, .revoke, a)
    #expect(hub.closed[a] == .removed && hub.closed[b] == nil)
    #expect(hub.messages(a, "error").last?["code"]?.text == "bad-token")
    let again = hub.join("A", credentials: invited("i1"))
    #expect(hub.closed[again] == .refused)
  }

  @Test func anInvitationLetsInAsManyAsItSays() throws {
    let hub = try hub()
    let all = (0..<5).map { hub.join("P\($0)", credentials: invited("i", uses: 3)) }
    #expect(all.filter { hub.closed[$0] == nil }.count == 3)
    #expect(hub.messages(all[4], "error").last?["code"]?.text == "bad-token")
    #expect(hub.records.filter { $0 == .used(invitation: "i") }.count == 3)
    // Coming back over a new connection is no further use.
    let again = hub.comeBack(hub.ticket(all[0]))
    #expect(hub.messages(again, "welcome").first?["resumed"]?.flag == true)
  }

  @Test func aLockedSpaceKeepsPeopleOutByEveryWay() throws {
    let hub = try hub()
    let m = hub.join("M", role: .moderator)
    let a = hub.join("A")
    let b = hub.join("B") { $0.space = "yard" }
    try moderate(hub, m, .lockSpace) { $0.space = "yard" }
    hub.step(21)
    #expect(
      hub.messages(a, "places").last?["list"]?.items?.first { $0["space"]?.text == "yard" }?["locked"]?.flag
        == true)
    var target = Goto()
    target.space = "yard"
    hub.send(a, .goto(target))
    #expect(hub.messages(a, "error").last?["code"]?.text == "locked")
    target = Goto()
    target.person = try person(hub, b)
    hub.send(a, .goto(target))
    #expect(hub.messages(a, "error").count == 2)
    let c = hub.join("C") { $0.space = "yard" }
    #expect(hub.messages(c, "error").last?["code"]?.text == "locked")
    hub.walk(a, toX: -19, z: 0)
    #expect(hub.engine.spaceID(of: try #require(hub.sessions[a])) == "hall")
    target = Goto()
    target.space = "yard"
    hub.send(m, .goto(target))
    #expect(hub.messages(m, "space").last?["space"]?.text == "yard")
    #expect(hub.closed[b] == nil)
  }

  @Test func theAuditLogHoldsWhoDidWhatAndNoName() throws {
    let hub = try hub()
    let o = hub.join("Olga Operator", role: .operator)
    let a = hub.join("Anton Annoying", credentials: invited("i1", account: "s-77"))
    try moderate(hub, o, .mute, a)
    try moderate(hub, o, .ban, a) { $0.hours = 3 }
    try moderate(hub, o, .audit)
    let list = try #require(hub.messages(o, "audit").last?["list"]?.items)
    #expect(list.compactMap { $0["verb"]?.text } == ["mute", "ban", "ban"])
    #expect(list.allSatisfy { $0["target"]?.text == "s-77" })
    for record in hub.records {
      let text = "\(record)"
      #expect(!text.contains("Anton") && !text.contains("Olga"))
    }
  }

  @Test(arguments: ["", "dance", "KICK", "lock_space"]) func anUnknownActionIsABadValue(action: String) throws
  {
    let hub = try hub()
    let o = hub.join("O", role: .operator)
    var request = ModerationRequest(.audit)
    request.action = action
    hub.send(o, .moderate(request))
    var lead = HostRequest(.gather)
    lead.action = action
    hub.send(o, .host(lead))
    #expect(hub.messages(o, "error").compactMap { $0["code"]?.text } == ["bad-value", "bad-value"])
  }
}
