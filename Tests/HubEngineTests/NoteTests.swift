import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

/// The hall of the test world has one board, `pinboard`; the yard has none.
@Suite struct NoteTests {
  private func driver(change: (inout Limits) -> Void = { _ in }) throws -> EngineDriver {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    change(&config.limits)
    return EngineDriver(Engine(world: try TestWorld.make(), config: config))
  }

  private func wish(_ op: String, _ fill: (inout NoteRequest) -> Void = { _ in }) -> ClientMessage {
    var wish = NoteRequest(op: op)
    fill(&wish)
    return .note(wish)
  }

  private func create(_ text: String, ref: Int? = nil) -> ClientMessage {
    wish("create") {
      $0.board = "pinboard"
      $0.text = text
      $0.ref = ref
    }
  }

  private func code(_ hub: EngineDriver, _ c: ConnectionKey) -> String? {
    hub.messages(c, "error").last?["code"]?.text
  }

  @Test func nobodyHearsOfANoteBeforeTheLogHasIt() throws {
    let hub = try driver()
    let a = hub.join("Aylin")
    let b = hub.join("Ben")
    hub.send(a, create("Hallo", ref: 7))
    hub.step(5)
    #expect(hub.commits.count == 1)
    #expect(hub.messages(a, "note").isEmpty && hub.messages(b, "note").isEmpty)
    // One who comes now sees what is durable: nothing.
    let c = hub.join("Cem")
    #expect(hub.messages(c, "notes").last?["list"]?.items?.isEmpty == true)
    hub.answerCommit()
    let own = try #require(hub.messages(a, "note").first)
    #expect(own["ref"]?.number == 7 && own["sequence"]?.number == 1)
    #expect(own["note"]?["text"]?.text == "Hallo" && own["note"]?["rev"]?.number == 1)
    let other = try #require(hub.messages(b, "note").first)
    #expect(other["ref"] == nil && other["name"]?.text == "Aylin")
    #expect(hub.messages(c, "note").count == 1)
  }

  @Test func theOpsOfATickAreOneCommitAndWhatComesMeanwhileIsTheNext() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.send(a, create("1"))
    hub.send(b, create("2"))
    hub.step()
    hub.send(a, create("3"))
    hub.step(3)
    #expect(hub.commits.count == 1)
    #expect(hub.commits[0].batches.map(\.payloads.count) == [2])
    hub.answerCommit()
    hub.step()
    #expect(hub.commits[0].batches.map(\.expectedSequence) == [2])
    hub.answerCommit()
    #expect(hub.messages(b, "note").compactMap { $0["sequence"]?.number } == [1, 2, 3])
  }

  @Test func aFailedCommitTakesEverythingBackAndSaysSo() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.send(a, create("stays", ref: 1))
    hub.step()
    hub.answerCommit()
    hub.send(a, create("lost", ref: 2))
    hub.send(
      a,
      wish("change") {
        $0.note = "n1"
        $0.rev = 1
        $0.text = "lost too"
        $0.ref = 3
      })
    hub.step()
    hub.send(
      a,
      wish("vote") {
        $0.note = "n2"
        $0.on = true
        $0.ref = 4
      })
    hub.answerCommit(.refused)
    let errors = hub.messages(a, "error")
    #expect(errors.compactMap { $0["ref"]?.number } == [2, 3, 4])
    #expect(errors.allSatisfy { $0["code"]?.text == "not-stored" && $0["retry"]?.text == "later" })
    // Judged by the state before: revision 1 is the newest again, and the lost id is not used again.
    hub.send(
      a,
      wish("change") {
        $0.note = "n1"
        $0.rev = 1
        $0.text = "second"
      })
    hub.send(a, create("third"))
    hub.step()
    #expect(hub.commits[0].batches[0].expectedSequence == 1)
    hub.answerCommit()
    #expect(hub.messages(a, "note").last?["note"]?["id"]?.text == "n3")
    let b = hub.join("B")
    #expect(hub.messages(b, "notes").last?["list"]?.items?.map { $0["text"]?.text } == ["second", "third"])
  }

  @Test func ofTwoChangesOfOneRevisionTheFirstWinsAndTheSecondIsTold() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.send(a, create("x"))
    hub.step()
    hub.answerCommit()
    hub.send(
      a,
      wish("move") {
        $0.note = "n1"
        $0.rev = 1
        $0.x = 10
        $0.y = 20
      })
    hub.send(
      b,
      wish("change") {
        $0.note = "n1"
        $0.rev = 1
        $0.text = "y"
        $0.ref = 9
      })
    #expect(code(hub, b) == "conflict")
    #expect(hub.messages(b, "error").last?["ref"]?.number == 9)
    hub.step()
    hub.answerCommit()
    let note = try #require(hub.messages(b, "note").last?["note"])
    #expect(note["rev"]?.number == 2 && note["x"]?.number == 10 && note["text"]?.text == "x")
  }

  @Test func votesNeverConflictAndCountOnce() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    hub.send(a, create("x"))
    for c in [a, b, a] {
      hub.send(
        c,
        wish("vote") {
          $0.note = "n1"
          $0.on = true
        })
    }
    hub.step()
    hub.answerCommit()
    #expect(hub.messages(a, "note").last?["note"]?["votes"]?.number == 2)
    hub.send(
      b,
      wish("vote") {
        $0.note = "n1"
        $0.on = false
      })
    hub.step()
    hub.answerCommit()
    #expect(hub.messages(a, "note").last?["note"]?["votes"]?.number == 1)
    #expect(hub.messages(a, "note").last?["note"]?["rev"]?.number == 1)
  }

  @Test func everybodyMovesButOnlyAuthorAndModeratorsTakeDown() throws {
    let hub = try driver()
    let a = hub.join("A")
    let b = hub.join("B")
    let m = hub.join("M", role: .moderator)
    for text in ["1", "2"] { hub.send(a, create(text)) }
    hub.send(
      b,
      wish("delete") {
        $0.note = "n1"
        $0.rev = 1
      })
    #expect(code(hub, b) == "not-allowed")
    hub.send(
      b,
      wish("move") {
        $0.note = "n1"
        $0.rev = 1
        $0.x = 0
        $0.y = 1000
      })
    hub.send(
      a,
      wish("delete") {
        $0.note = "n1"
        $0.rev = 2
      })
    hub.send(
      m,
      wish("delete") {
        $0.note = "n2"
        $0.rev = 1
      })
    hub.step()
    hub.answerCommit()
    #expect(hub.messages(b, "note").compactMap { $0["op"]?.text }.suffix(2) == ["delete", "delete"])
    hub.send(
      b,
      wish("vote") {
        $0.note = "n1"
        $0.on = true
      })
    #expect(code(hub, b) == "unknown-note")
  }

  @Test func badWishesAreRefusedWithTheirCodes() throws {
    let hub = try driver {
      $0.notesPerPersonMax = 2
      $0.notesPerSpaceMax = 3
    }
    let a = hub.join("A")
    let yard = hub.join("Y") { $0.space = "yard" }
    let cases: [(String, ClientMessage)] = [
      ("bad-value", wish("burn")), ("bad-value", wish("create") { $0.board = "pinboard" }),
      (
        "unknown-board",
        wish("create") {
          $0.board = "wall"
          $0.text = "x"
        }
      ),
      ("bad-value", create("\u{0}\u{7}  ")), ("bad-value", create(String(repeating: "x", count: 281))),
      (
        "bad-value",
        wish("create") {
          $0.board = "pinboard"
          $0.text = "x"
          $0.color = "#fff"
        }
      ),
      (
        "bad-value",
        wish("create") {
          $0.board = "pinboard"
          $0.text = "x"
          $0.x = 1001
        }
      ),
      (
        "unknown-note",
        wish("move") {
          $0.note = "n99"
          $0.rev = 1
          $0.x = 1
          $0.y = 1
        }
      ),
      (
        "unknown-note",
        wish("vote") {
          $0.note = "99"
          $0.on = true
        }
      ),
    ]
    for (expected, message) in cases {
      hub.send(a, message)
      #expect(code(hub, a) == expected)
    }
    hub.send(yard, create("x"))
    #expect(code(hub, yard) == "unknown-board")
    hub.step()
    #expect(hub.commits.isEmpty)
    for text in ["1", "2", "3"] { hub.send(a, create(text)) }
    #expect(code(hub, a) == "quota")
    let b = hub.join("B")
    for text in ["1", "2"] { hub.send(b, create(text)) }
    #expect(code(hub, b) == "quota")
  }

  @Test func theLogHoldsNoNamesAndReplaysToTheSameNotes() throws {
    let hub = try driver()
    let a = hub.join("Planted Name")
    hub.send(a, create("<b>bold</b>"))
    hub.send(a, create("gone"))
    hub.send(
      a,
      wish("vote") {
        $0.note = "n1"
        $0.on = true
      })
    hub.send(
      a,
      wish("delete") {
        $0.note = "n2"
        $0.rev = 1
      })
    hub.step()
    let payloads = hub.commits[0].batches[0].payloads
    hub.answerCommit()
    let person = try #require(hub.messages(a, "welcome").first?["person"]?.text)
    for payload in payloads {
      let text = String(decoding: payload, as: UTF8.self)
      #expect(!text.contains("Planted") && !text.contains(person))
    }
    let ops = try payloads.map { try JSON.decode(StoredNoteOp.self, from: $0.span.bytes) }
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    let engine = Engine(world: try TestWorld.make(), config: config)
    #expect(engine.restoreNotes(space: "hall", epoch: 2, sequence: 4, snapshot: nil, ops: ops))
    #expect(!engine.restoreNotes(space: "attic", epoch: 2, sequence: 4, snapshot: nil, ops: ops))
    let again = EngineDriver(engine)
    let b = again.join("B")
    let list = try #require(again.messages(b, "notes").last?["list"])
    #expect(list.items?.map { $0["text"]?.text } == ["<b>bold</b>"])
    #expect(list[0]?["votes"]?.number == 1)
    again.send(b, create("new"))
    again.step()
    #expect(again.commits[0].batches[0].expectedSequence == 4 && again.commits[0].batches[0].epoch == 2)
    again.answerCommit()
    #expect(again.messages(b, "note").last?["note"]?["id"]?.text == "n3")
  }

  @Test func textThatIsGoneStaysInTheLogForThirtySecondsAtMost() throws {
    let hub = try driver()
    let a = hub.join("A")
    hub.send(a, create("regretted"))
    hub.step()
    hub.answerCommit()
    hub.step(700)
    #expect(hub.snapshots.isEmpty, "nothing is gone yet")
    let b = hub.join("B")
    hub.send(
      b,
      wish("change") {
        $0.note = "n1"
        $0.rev = 1
        $0.text = "better"
      })
    hub.step()
    hub.answerCommit()
    hub.step(600)
    let snapshot = try #require(hub.snapshots.first)
    #expect(hub.snapshots.count == 1 && snapshot.sequence == 2)
    #expect(!String(decoding: snapshot.state, as: UTF8.self).contains("regretted"))
    hub.step(700)
    #expect(hub.snapshots.count == 1)
  }

  @Test func aSnapshotIsAskedForAfterManyOpsAndHoldsTheDurableState() throws {
    let hub = try driver { $0.controlBurstMax = 1000 }
    let a = hub.join("A")
    hub.send(a, create("x"))
    for round in 0..<256 {
      hub.send(
        a,
        wish("vote") {
          $0.note = "n1"
          $0.on = round % 2 == 0
        })
    }
    hub.step()
    hub.send(a, create("not yet durable"))
    hub.answerCommit()
    let snapshot = try #require(hub.snapshots.first)
    #expect(hub.snapshots.count == 1 && snapshot.space == "hall" && snapshot.sequence == 257)
    let state = try JSON.decode(StoredNotes.self, from: snapshot.state.span.bytes)
    #expect(state.notes.map(\.text) == ["x"])
  }
}
