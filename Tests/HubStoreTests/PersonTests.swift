import HubEngine
import HubJSON
import HubServer
import HubStore
import HubTestKit
import HubWire
import Testing

/// Accounts and their authors, and what the largest state of a space asks of the reader.
@Suite struct PersonTests {
  private func create(_ text: String) -> ClientMessage {
    var wish = NoteRequest(op: "create")
    wish.board = "pinboard"
    wish.text = text
    return .note(wish)
  }

  /// Joins with an account, puts a note up, and gives the author it is told to be.
  private func write(_ hub: EngineDriver, account: String?) throws -> String {
    var credentials = Credentials(Grant(.participant))
    credentials.account = account
    let person = hub.join("Aylin", credentials: credentials)
    hub.send(person, create("text"))
    hub.step()
    hub.answerCommit()
    return try #require(hub.messages(person, "note").last?["note"]?["author"]?.text)
  }

  @Test func anAccountWritesAsTheSameAuthorAtEveryVisitAndAGuestDoesNot() throws {
    let log = MemoryLog()
    let first = EngineDriver(Engine(world: try TestWorld.make()))
    let author = try write(first, account: "account-7")
    #expect(first.authors == ["account-7": author])
    #expect(try write(first, account: "account-7") == author)
    let guest = try write(first, account: nil)
    #expect(try guest != author && write(first, account: nil) != guest)
    #expect(first.authors.count == 1, "a guest leads nowhere")
    try log.remember(author: author, account: "account-7", day: 5)
    let engine = Engine(world: try TestWorld.make())
    engine.restoreAuthors(try log.authors())
    #expect(try write(EngineDriver(engine, firstTick: true), account: "account-7") == author)
  }

  @Test func aFullSpaceWithTheLongestTextsAndMostVotesIsReadBack() throws {
    let voters = (0..<300).map { "\"a\(String($0 + 100_000_000_000).prefix(12))\"" }.joined(separator: ",")
    let text = String(repeating: "🗺", count: 280)
    let notes = (1...200).map { id in
      """
      {"id":\(id),"board":"pinboard","rev":1,"text":"\(text)","color":"yellow","x":1,"y":1,"author":"aaaaaaaaaaaaa","voters":[\(voters)]}
      """
    }
    let state = Array("{\"next\":201,\"notes\":[\(notes.joined(separator: ","))]}".utf8)
    let log = MemoryLog()
    let epoch = try log.claim("hall").epoch
    try log.append([LogBatch(space: "hall", expectedSequence: 0, epoch: epoch, payloads: [[1]])])
    try log.save(LogSnapshot(space: "hall", sequence: 1, state: state))
    let person = try PersonData("aaaaaaaaaaaaa", in: log, administrationPath: "/nowhere", folder: "/nowhere")
    let shown = try JSON.parse(Array(try person.export()[0].utf8), limits: .file)
    #expect(shown["notes"]?.items?.count == 200)
  }

  @Test(arguments: Implementation.allCases) func whoWasNotHereForLongIsForgotten(_ kind: Implementation)
    throws
  {
    let scratch = Scratch()
    let log = try kind.open(scratch)
    try log.remember(author: "a1", account: "one", day: 10)
    try log.remember(author: "a2", account: "two", day: 20)
    // Known already: the author stays, the day doesn't.
    try log.remember(author: "a3", account: "one", day: 15)
    #expect(try log.forget(unseenSince: 15) == 0)
    #expect(try log.authors() == ["one": "a1", "two": "a2"])
    #expect(try log.forget(unseenSince: 16) == 1)
    #expect(try log.authors() == ["two": "a2"])
    try log.forget(account: "two")
    #expect(try log.authors().isEmpty)
  }
}
