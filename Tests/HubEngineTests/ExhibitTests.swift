import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

/// Exhibits: put up, changed, moved and taken down by hosts; stored and told as notes are.
@Suite struct ExhibitTests {
  private func driver(change: (inout Limits) -> Void = { _ in }) throws -> EngineDriver {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    change(&config.limits)
    return EngineDriver(Engine(world: try TestWorld.make(), config: config))
  }

  private func create(_ fill: (inout ExhibitRequest) -> Void = { _ in }) -> ClientMessage {
    var wish = ExhibitRequest(op: "create")
    wish.title = Wording(de: "Wärmenetz", en: "Heat grid")
    wish.text = Wording(de: "So heizt die Stadt.")
    wish.alt = Wording(de: "Ein Modell mit roten Rohren")
    wish.link = "https://example.org/a?b=c"
    (wish.x, wish.z) = (150, -300)
    fill(&wish)
    return .exhibit(wish)
  }

  private func wish(_ op: String, _ id: String, rev: Int, _ fill: (inout ExhibitRequest) -> Void = { _ in })
    -> ClientMessage
  {
    var wish = ExhibitRequest(op: op)
    (wish.exhibit, wish.rev) = (id, rev)
    fill(&wish)
    return .exhibit(wish)
  }

  private func stored(_ hub: EngineDriver, _ host: ConnectionKey, _ message: ClientMessage) {
    hub.send(host, message)
    hub.step()
    hub.answerCommit()
  }

  private func code(_ hub: EngineDriver, _ c: ConnectionKey) -> String? {
    hub.messages(c, "error").last?["code"]?.text
  }

  @Test func everybodyHearsOfAnExhibitOnceItIsStoredAndWhoComesLaterFindsIt() throws {
    let hub = try driver()
    let host = hub.join("Hanna", role: .host)
    let guest = hub.join("Gerd")
    hub.send(host, create { $0.ref = 3 })
    hub.step()
    #expect(hub.messages(guest, "exhibit").isEmpty)
    #expect(hub.messages(hub.join("Early"), "exhibits").isEmpty)
    hub.answerCommit()
    let told = try #require(hub.messages(guest, "exhibit").last)
    #expect(told["exhibit"]?["title"]?["en"]?.text == "Heat grid" && told["name"]?.text == "Hanna")
    #expect(told["exhibit"]?["text"]?["en"] == nil && told["exhibit"]?["x"]?.number == 150)
    #expect(hub.messages(host, "exhibit").last?["ref"]?.number == 3)
    let late = hub.join("Late")
    #expect(hub.messages(late, "exhibits").last?["list"]?.items?.first == told["exhibit"])
  }

  @Test func moveChangeAndDeleteNameTheRevisionAndAnOldOneIsToldTheNew() throws {
    let hub = try driver()
    let host = hub.join("Hanna", role: .host)
    let other = hub.join("Hugo", role: .host)
    stored(hub, host, create())
    stored(hub, other, wish("move", "x1", rev: 1) { ($0.x, $0.z) = (1, 2) })
    hub.send(host, wish("change", "x1", rev: 1) { $0.text = Wording(en: "late") })
    #expect(code(hub, host) == "conflict")
    #expect(hub.messages(host, "exhibits").last?["list"]?.items?.first?["rev"]?.number == 2)
    stored(
      hub, host,
      wish("change", "x1", rev: 2) {
        $0.text = Wording(en: "new")
        $0.link = ""
      })
    let changed = try #require(hub.messages(other, "exhibit").last?["exhibit"])
    #expect(changed["text"]?["en"]?.text == "new" && changed["text"]?["de"] == nil && changed["link"] == nil)
    #expect(changed["title"]?["de"]?.text == "Wärmenetz" && changed["rev"]?.number == 3)
    stored(hub, other, wish("delete", "x1", rev: 3))
    #expect(hub.messages(host, "exhibit").last?["op"]?.text == "delete")
    #expect(hub.messages(hub.join("Late"), "exhibits").isEmpty)
    hub.send(host, wish("delete", "x1", rev: 4))
    #expect(code(hub, host) == "unknown-exhibit")
  }

  @Test func aFailedCommitLeavesTheExhibitsAsTheyWere() throws {
    let hub = try driver()
    let host = hub.join("Hanna", role: .host)
    stored(hub, host, create())
    hub.send(host, wish("delete", "x1", rev: 1))
    hub.send(host, create())
    hub.step()
    hub.answerCommit(.refused)
    #expect(hub.messages(host, "error").map { $0["code"]?.text } == ["not-stored", "not-stored"])
    #expect(hub.messages(hub.join("Late"), "exhibits").last?["list"]?.items?.count == 1)
    stored(hub, host, wish("move", "x1", rev: 1) { ($0.x, $0.z) = (5, 5) })
    #expect(hub.messages(host, "exhibit").last?["exhibit"]?["rev"]?.number == 2)
  }

  @Test func oneLanguageIsEnoughAndNoneIsNot() throws {
    let hub = try driver()
    let host = hub.join("Hanna", role: .host)
    for missing in ["title", "text", "alt"] {
      for nothing in [nil, Wording(), Wording(de: " \u{202E}", en: nil), Wording(de: "", en: "")] {
        hub.send(
          host,
          create {
            if missing == "title" { $0.title = nothing }
            if missing == "text" { $0.text = nothing }
            if missing == "alt" { $0.alt = nothing }
          })
        #expect(code(hub, host) == "bad-value")
        hub.forget()
      }
    }
    hub.send(host, create { $0.alt = Wording(de: nil, en: "Pipes") })
    hub.step()
    #expect(hub.commits.count == 1 && hub.messages(host, "error").isEmpty)
  }

  @Test(arguments: [
    "http://example.org", "https://", "https:///x", "javascript:alert(1)", "https://a b", "https://a\"b",
    "https://user@host/", "https://a/<script>", "https://ä.de",
    "https://" + String(repeating: "a", count: 500),
  ]) func aLinkThatIsNoneIsRefused(_ link: String) throws {
    let hub = try driver()
    let host = hub.join("Hanna", role: .host)
    hub.send(host, create { $0.link = link })
    #expect(code(hub, host) == "bad-value")
    hub.step()
    #expect(hub.commits.isEmpty)
  }

  @Test func exhibitsStandInTheirSpaceAndAreCounted() throws {
    let hub = try driver {
      $0.exhibitsPerSpaceMax = 3
      $0.exhibitsPerPersonMax = 2
    }
    let host = hub.join("Hanna", role: .host)
    let other = hub.join("Hugo", role: .host)
    for (x, z) in [(2001, 0), (0, -2001), (Int.max, 0), (0, Int.min)] {
      hub.send(host, create { ($0.x, $0.z) = (x, z) })
      #expect(code(hub, host) == "bad-value")
      hub.forget()
    }
    stored(hub, host, create())
    stored(hub, host, create())
    hub.send(host, create())
    #expect(code(hub, host) == "quota")
    stored(hub, other, create())
    hub.send(other, create())
    #expect(code(hub, other) == "quota")
  }

  @Test func whatTheLogHoldsIsThereAfterARestartAndNoIdComesBack() throws {
    let hub = try driver()
    let host = hub.join("Hanna", role: .host)
    var payloads: [[UInt8]] = []
    for message in [
      create(), create(), wish("delete", "x2", rev: 1), wish("move", "x1", rev: 1) { ($0.x, $0.z) = (9, 9) },
    ] {
      hub.send(host, message)
      hub.step()
      payloads += hub.commits[0].batches[0].payloads
      hub.answerCommit()
    }
    let ops = try payloads.map { try JSON.decode(StoredNoteOp.self, from: $0) }
    let engine = Engine(world: try TestWorld.make(), config: EngineConfig())
    #expect(engine.restoreNotes(space: "hall", epoch: 2, sequence: 4, snapshot: nil, ops: ops))
    let again = EngineDriver(engine)
    let late = again.join("Hugo", role: .host)
    let list = try #require(again.messages(late, "exhibits").last?["list"]?.items)
    #expect(list.map { $0["id"]?.text } == ["x1"] && list[0]["x"]?.number == 9)
    stored(again, late, create())
    #expect(again.messages(late, "exhibit").last?["exhibit"]?["id"]?.text == "x3")
  }
}
