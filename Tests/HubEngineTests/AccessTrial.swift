import HubEngine
import HubJSON
import HubKernel
import HubScene
import HubTestKit
import HubWire
import Testing

/// One attempt at a verb in a hub made for it: the actor and a bystander in the hall, who has said something.
struct AccessTrial {
  enum Outcome: Equatable {
    case done
    case refused(code: String, verb: String? = nil, needs: String? = nil)
    /// Neither refused nor done.
    case nothing
  }

  let hub: EngineDriver
  let actor: ConnectionKey
  let other: ConnectionKey

  /// What the bystander came with: something a ban can hold on to.
  static let others: Credentials = {
    var credentials = Credentials()
    credentials.address = NetworkAddress(v4: 0xC0A8_0102)
    return credentials
  }()

  init(_ grant: Grant) throws {
    var world = TestWorld.definition()
    var components = Components()
    components.collider = ColliderComponent(kind: .solid, size: Vector3(2, 2.2, 0.1))
    components.dynamic = .door(DoorMotion(way: .slide(Vector3(2, 0, 0)), locked: true))
    world.spaces[0].nodes.append(
      NodeDefinition(
        id: "vault", transform: Transform(position: Vector3(-15, 0, -10)), title: TestWorld.text("vault"),
        alt: TestWorld.text("A vault"), components: components))
    hub = EngineDriver(Engine(world: try World(world)))
    other = hub.join("Other", credentials: Self.others)
    actor = hub.join("Actor", credentials: Credentials(grant)) { $0.view = "list" }
    hub.step(6)
    hub.send(other, .chat(SendChat(to: "space", text: "a word")))
  }

  /// Tries the verb and looks for what it should bring about.
  func attempt(_ verb: Verb) throws -> Outcome {
    let isDone = try act(verb)
    if let error = hub.messages(actor, "error").last {
      guard !isDone, let code = error["code"]?.text else { return .nothing }
      return .refused(code: code, verb: error["verb"]?.text, needs: error["needs"]?.text)
    }
    return isDone ? .done : .nothing
  }

  /// Whether it came about. A verb without a trial does not compile.
  private func act(_ verb: Verb) throws -> Bool {
    switch verb {
    case .join: return hub.messages(actor, "welcome").count == 1
    case .leave:
      hub.send(actor, .bye)
      return hub.closed[actor] == .bye
    case .ping: return got("pong", after: .ping(n: 3))
    case .profile:
      var change = ProfileChange()
      change.name = "Renamed"
      hub.send(actor, .profile(change))
      return sees(entry: "name", "Renamed")
    case .status:
      hub.send(actor, .status("busy"))
      return sees(entry: "status", "busy")
    case .view:
      hub.send(actor, .view(mode: "hidden", events: nil))
      return sees(entry: "status", "away")
    case .directory: return got("directory", after: .directory(query: "", limit: nil, ref: nil))
    case .book:
      hub.send(actor, .booking(BookingMessage(room: "lab", action: "cancel")))
      return hub.bookings.count == 1
    case .goto:
      var target = Goto()
      target.space = "yard"
      return got("space", after: .goto(target))
    case .follow: return got("following", after: .follow(person: try person(other), ref: nil))
    case .gesture:
      hub.send(actor, .gesture(hand: true, emote: nil))
      return hub.messages(other, "event").contains { $0["kind"]?.text == "hand" }
    case .interact: return opens("door")
    case .chat: return got("chat", after: .chat(SendChat(to: "space", text: "hello")))
    case .voice:
      hub.send(actor, .voice(VoiceRequest(.join)))
      return hub.voiceServers.count == 1
    case .note:
      var wish = NoteRequest(op: "create")
      (wish.board, wish.text) = ("pinboard", "an idea")
      hub.send(actor, .note(wish))
      hub.step()
      guard !hub.commits.isEmpty else { return false }
      hub.answerCommit()
      return hub.messages(actor, "note").count == 1
    case .exhibit:
      var wish = ExhibitRequest(op: "create")
      (wish.title, wish.text, wish.alt) = (Wording(de: "A"), Wording(de: "B"), Wording(de: "C"))
      (wish.x, wish.z) = (0, 0)
      hub.send(actor, .exhibit(wish))
      hub.step()
      guard !hub.commits.isEmpty else { return false }
      hub.answerCommit()
      return hub.messages(actor, "exhibit").count == 1
    case .deleteOwn:
      hub.send(actor, .chat(SendChat(to: "space", text: "mine")))
      let id = try #require(hub.messages(actor, "chat").last?["id"]?.text)
      return got("deleted", after: .delete(chat: id, ref: nil))
    case .deleteOthers:
      let id = try #require(hub.messages(other, "chat").last?["id"]?.text)
      return got("deleted", after: .delete(chat: id, ref: nil))
    case .lockArea:
      hub.send(actor, .lock(area: "corner", locked: true, ref: nil))
      return hub.messages(other, "event").contains { $0["kind"]?.text == "locked" }
    case .passLocks:
      var target = Goto()
      target.area = "store"
      return got("correct", after: .goto(target))
    case .openLockedDoors: return opens("vault")
    case .gather: return called(HostRequest(.gather))
    case .send:
      var request = HostRequest(.send)
      request.places = [HostRequest.Place(area: "corner")]
      return called(request)
    case .recall: return got("calling", after: .host(HostRequest(.recall)))
    case .cancel: return got("called", after: .host(HostRequest(.cancel)))
    case .spotlight:
      var request = HostRequest(.spotlight)
      request.person = try person(other)
      return got("spotlight", after: .host(request))
    case .announce: return announced(everywhere: false)
    case .announceHub: return announced(everywhere: true)
    case .gatherHub:
      var request = HostRequest(.gather)
      request.everywhere = true
      return called(request)
    case .callHand:
      raiseOther()
      return got("spotlight", after: .host(HostRequest(.callHand)))
    case .lowerHands:
      raiseOther()
      hub.send(actor, .host(HostRequest(.lowerHands)))
      hub.step()
      return hub.messages(other, "hands").last?["list"]?.items?.isEmpty ?? false
    case .kick: return try removed(.kick)
    case .ban: return try removed(.ban)
    case .mute:
      var request = ModerationRequest(.mute)
      request.person = try person(other)
      hub.send(actor, .moderate(request))
      return hub.messages(other, "muted").last?["muted"]?.flag ?? false
    case .lockSpace:
      hub.send(actor, .moderate(ModerationRequest(.lockSpace)))
      return hub.messages(other, "event").contains { $0["kind"]?.text == "locked" }
    case .listBans: return got("bans", after: .moderate(ModerationRequest(.bans)))
    case .unban:
      let ban = Ban(id: 7, subject: .account("x"), reason: nil, at: 0, until: nil, by: "p")
      var state = AdministrativeState()
      state.bans = [ban]
      hub.engine.handle(.restored(state))
      var request = ModerationRequest(.unban)
      request.id = "b7"
      return got("bans", after: .moderate(request))
    case .revoke:
      var request = ModerationRequest(.revoke)
      request.id = "some-invitation"
      hub.send(actor, .moderate(request))
      return hub.records.contains { if case .revoked("some-invitation", _) = $0 { true } else { false } }
    case .readAudit: return got("audit", after: .moderate(ModerationRequest(.audit)))
    }
  }

  private func called(_ request: HostRequest) -> Bool {
    var request = request
    request.seconds = 0
    let before = hub.messages(other, "correct").count
    hub.send(actor, .host(request))
    hub.step()
    return hub.messages(other, "correct").count > before
  }

  private func announced(everywhere: Bool) -> Bool {
    var request = HostRequest(.announce)
    request.text = "Lunch is ready"
    request.everywhere = everywhere
    hub.send(actor, .host(request))
    return hub.messages(other, "announcement").last?["everywhere"]?.flag ?? false == everywhere
      && !hub.messages(other, "announcement").isEmpty
  }

  private func raiseOther() {
    hub.send(other, .gesture(hand: true, emote: nil))
    hub.step()
  }

  private func removed(_ action: ModerationRequest.Action) throws -> Bool {
    var request = ModerationRequest(action)
    request.person = try person(other)
    hub.send(actor, .moderate(request))
    return hub.closed[other] == .removed
  }

  private func got(_ type: String, after message: ClientMessage) -> Bool {
    let before = hub.messages(actor, type).count
    hub.send(actor, message)
    hub.step()
    return hub.messages(actor, type).count > before
  }

  private func sees(entry key: String, _ value: String) -> Bool {
    hub.step(6)
    return hub.people(other).values.contains { $0[key]?.text == value }
  }

  private func opens(_ node: String) -> Bool {
    let before = hub.messages(other, "nodes").count
    hub.send(actor, .interact(node: node, action: "open", ref: nil))
    hub.step(10)
    return hub.messages(other, "nodes").dropFirst(before).flatMap { $0["list"]?.items ?? [] }.contains {
      $0["node"]?.text == node && $0["state"]?.text != "closed"
    }
  }

  func person(_ connection: ConnectionKey) throws -> String {
    try #require(hub.messages(connection, "welcome").first?["person"]?.text)
  }
}
