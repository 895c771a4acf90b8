import HubEngine
import HubJSON
import HubKernel
import HubStore
import HubTestKit
import HubWire

/// A hub, its log and a few people in one process, driven by one seed: wishes about notes and exhibits that come late, twice and in another order than
/// they were sent, a disk that is slow or refuses, crashes at any moment. After every step what people were told is held
/// against what the log has.
final class NoteSimulation {
  /// A fault that is planted to see whether the checks find it.
  enum Plant: CaseIterable {
    case toldBeforeStored, keptAfterFailure, staleRevisionTaken, unknownToldAsRefused
    /// The disk says yes and writes nothing.
    case lyingDisk
    /// The disk says yes and writes the first half.
    case tornBatch
    /// A restart forgets the newest record.
    case lossOnRestart
  }

  struct Violation: Error { let what: String }

  private struct Person {
    let connection: ConnectionKey
    var heard = 0
    var sequence = 0
    /// What they see of notes and exhibits, by id.
    var shown: [String: String] = [:]
    /// Not yet delivered.
    var outbox: [SimulatedWish] = []
    /// Delivered and not yet answered.
    var waiting: [Int: SimulatedWish] = [:]
  }

  private static let space = "hall"
  private let plant: Plant?
  private var random: SeededRandom
  private let log = MemoryLog()
  private var hub: EngineDriver!
  private var people: [Person] = []
  /// What stands there after each sequence, by id: folded from the log alone.
  private var states: [[UInt64: SimulatedThing]] = [[:]]
  /// The same as people should see it.
  private var shownStates: [[String: String]] = [[:]]
  private var nextRef = 1
  /// Texts whose authors were told that they are not stored.
  private var refused: Set<String> = []
  /// The disk failed so that nobody knows: nothing is written until the next start.
  private var isBroken = false
  private(set) var crashes = 0
  private(set) var failures = 0
  private(set) var unknowns = 0
  /// In the file, and nobody knows.
  private var leftOver: NoteCommit?
  private(set) var answers = 0
  private(set) var checks = 0
  private(set) var ticks = 0

  init(seed: UInt64, plant: Plant? = nil) throws {
    random = SeededRandom(seed: seed)
    self.plant = plant
    try start()
  }

  /// - Throws: ``Violation``
  func run(steps: Int) throws {
    for _ in 0..<steps {
      try act()
      try check()
    }
    try settle()
  }

  // MARK: - What happens

  private func act() throws {
    switch random.below(40) {
    case 0..<16: wish(of: random.below(people.count))
    case 16..<26: deliver(of: random.below(people.count))
    case 26..<31: step(1 + random.below(3))
    case 31..<37: try answer()
    case 37:
      // The same again, as a client does that doubts its line.
      let index = random.below(people.count)
      if let last = people[index].outbox.last {
        people[index].outbox.append(renumbered(last))
      }
    case 38:
      if random.below(4) == 0 { try crash() } else { exchange() }
    default:
      // The clock jumps: also past the time after which the log is cut short.
      if random.below(4) == 0 { step(610) }
    }
    try save()
  }

  private func step(_ count: Int) {
    hub.step(count)
    ticks += count
  }

  private func renumbered(_ wish: SimulatedWish) -> SimulatedWish {
    nextRef += 1
    // No two wishes want the same text, so that one that was refused is known wherever it turns up.
    return wish.renumbered(nextRef - 1, text: "text \(nextRef)")
  }

  private func wish(of index: Int) {
    let known = states[states.count - 1].values.sorted { $0.id < $1.id }
    let thing = known.isEmpty || random.below(6) == 0 ? nil : known[random.below(known.count)]
    let wish = SimulatedWish.any(about: thing, &random)
    people[index].outbox.append(renumbered(wish))
  }

  private func deliver(of index: Int) {
    guard !people[index].outbox.isEmpty else { return }
    let wish = people[index].outbox.removeFirst()
    people[index].waiting[wish.ref] = wish
    hub.send(people[index].connection, wish.message)
  }

  /// The disk answers the oldest commit.
  private func answer() throws {
    guard let commit = hub.commits.first else { return }
    if isBroken || random.below(6) == 0 {
      failures += 1
      return hub.answerCommit(.refused)
    }
    if random.below(24) == 0 {
      // It may be there after the next start.
      unknowns += 1
      isBroken = true
      if random.below(2) == 0 { leftOver = commit }
      return hub.answerCommit(.unknown)
    }
    try store(commit, lies: true)
    hub.answerCommit()
  }

  private func store(_ commit: NoteCommit, lies: Bool) throws {
    if plant == .lyingDisk, lies, random.below(4) == 0 { return }
    let batches = commit.batches.map { batch in
      let half = (batch.payloads.count + 1) / 2
      return LogBatch(
        space: batch.space, expectedSequence: batch.expectedSequence, epoch: batch.epoch,
        payloads: plant == .tornBatch ? Array(batch.payloads.prefix(half)) : batch.payloads)
    }
    do { try log.append(batches) } catch { throw Violation(what: "the log refuses: \(error)") }
    var sequence = UInt64(states.count - 1)
    for record in try log.read(Self.space, after: sequence, limit: .max) {
      sequence += 1
      guard record.sequence == sequence, let payload = record.payload else {
        throw Violation(what: "record \(sequence) is missing")
      }
      var state = states[states.count - 1]
      let op = try JSON.decode(StoredNoteOp.self, from: payload.span.bytes)
      var shown = shownStates[shownStates.count - 1]
      if let thing = SimulatedThing(op) {
        state[thing.id] = thing
        shown[thing.name] = thing.shown
      } else if let id = op.deleted ?? op.deletedExhibit, let gone = state.removeValue(forKey: id) {
        shown[gone.name] = nil
      }
      states.append(state)
      shownStates.append(shown)
    }
  }

  private func save() throws {
    while saved < hub.snapshots.count {
      let snapshot = hub.snapshots[saved]
      try log.save(LogSnapshot(space: snapshot.space, sequence: snapshot.sequence, state: snapshot.state))
      saved += 1
    }
  }
  private var saved = 0

  /// The process ends. What was on its way to the disk got there whole or not at all.
  private func crash() throws {
    crashes += 1
    if let commit = leftOver {
      try store(commit, lies: false)
    } else if !isBroken, let commit = hub.commits.first, random.below(2) == 0 {
      try store(commit, lies: false)
    }
    leftOver = nil
    isBroken = false
    try start()
  }

  private func start() throws {
    var config = EngineConfig()
    config.limits.sessionsMax = 16
    config.limits.controlBurstMax = 10_000
    config.limits.notesPerSpaceMax = 12
    config.seed = random.next()
    switch plant {
    case .toldBeforeStored: config.noteMutation = .toldBeforeStored
    case .keptAfterFailure: config.noteMutation = .keptAfterFailure
    case .staleRevisionTaken: config.noteMutation = .staleRevisionTaken
    case .unknownToldAsRefused: config.noteMutation = .unknownToldAsRefused
    default: break
    }
    let engine = Engine(world: try TestWorld.make(), config: config)
    let head = try log.claim(Self.space)
    let snapshot = try log.snapshot(Self.space)
    var ops = try log.read(Self.space, after: snapshot?.sequence ?? 0, limit: .max).compactMap { record in
      try record.payload.map { try JSON.decode(StoredNoteOp.self, from: $0.span.bytes) }
    }
    if plant == .lossOnRestart, !ops.isEmpty { ops.removeLast() }
    let notes = try snapshot.map { try JSON.decode(StoredNotes.self, from: $0.state.span.bytes) }
    guard
      engine.restoreNotes(
        space: Self.space, epoch: head.epoch, sequence: head.sequence, snapshot: notes, ops: ops)
    else { throw Violation(what: "the world lost its space") }
    hub = EngineDriver(engine)
    saved = 0
    // Exhibits take a host; the third one's wishes about them are refused.
    people = (0..<3).map { Person(connection: hub.join("P\($0)", role: $0 < 2 ? .host : .guest)) }
  }

  /// One goes, another comes.
  private func exchange() {
    let index = random.below(people.count)
    hub.send(people[index].connection, .bye)
    people[index] = Person(connection: hub.join("N\(nextRef)", role: random.below(2) == 0 ? .host : .guest))
  }

  // MARK: - What must hold

  private func check() throws {
    for index in people.indices {
      let messages = hub.sent[people[index].connection] ?? []
      while people[index].heard < messages.count {
        let message = messages[people[index].heard]
        people[index].heard += 1
        switch message["t"]?.text {
        case "notes": try takeList(message, index, exhibits: false)
        case "exhibits": try takeList(message, index, exhibits: true)
        case "note": try takeOp(message, "note", index)
        case "exhibit": try takeOp(message, "exhibit", index)
        case "error":
          if message["code"]?.text == "not-stored", let ref = message["ref"]?.number {
            if let text = people[index].waiting[ref]?.text { refused.insert(text) }
          }
          try takeAnswer(message["ref"]?.number, index)
        default: break
        }
      }
      let person = people[index]
      guard person.sequence < states.count else {
        throw Violation(what: "told of \(person.sequence), the log is at \(states.count - 1)")
      }
      guard person.shown == shownStates[person.sequence] else {
        throw Violation(what: "what is shown at \(person.sequence) is not what the log has")
      }
      checks += 1
    }
    if let thing = states[states.count - 1].values.first(where: { refused.contains($0.text) }) {
      throw Violation(what: "\(thing.name) is in the log, and was refused")
    }
  }

  /// Both lists come with one sequence; a hall without exhibits sends none of them.
  private func takeList(_ message: JSONValue, _ index: Int, exhibits: Bool) throws {
    guard let sequence = message["sequence"]?.number else { throw Violation(what: "a list without sequence") }
    let isWhole = message["first"]?.flag == true
    guard sequence == people[index].sequence || (isWhole && !exhibits) else {
      throw Violation(what: "a list at \(sequence), after \(people[index].sequence)")
    }
    if isWhole, !exhibits { people[index].shown = [:] }
    people[index].sequence = sequence
    for item in message["list"]?.items ?? [] {
      people[index].shown[item["id"]?.text ?? ""] = SimulatedThing.shown(item)
    }
  }

  private func takeOp(_ message: JSONValue, _ type: String, _ index: Int) throws {
    guard let sequence = message["sequence"]?.number, sequence == people[index].sequence + 1 else {
      throw Violation(what: "\(message["sequence"]?.number ?? -1) follows \(people[index].sequence)")
    }
    guard sequence < states.count else { throw Violation(what: "told of \(sequence) before the log had it") }
    people[index].sequence = sequence
    let id = message[type]?["id"]?.text ?? ""
    people[index].shown[id] =
      message["op"]?.text == "delete" ? nil : message[type].map(SimulatedThing.shown)
    guard let ref = message["ref"]?.number else { return }
    let wish = people[index].waiting[ref]
    try takeAnswer(ref, index)
    guard let wish, let number = UInt64(id.dropFirst()), ["move", "change", "delete"].contains(wish.op) else {
      return
    }
    guard wish.rev == states[sequence - 1][number]?.rev else {
      throw Violation(what: "a wish on revision \(wish.rev ?? 0) was taken on another one")
    }
  }

  private func takeAnswer(_ ref: Int?, _ index: Int) throws {
    guard let ref else { return }
    guard people[index].waiting.removeValue(forKey: ref) != nil else {
      throw Violation(what: "\(ref) was answered twice or never asked")
    }
    answers += 1
  }

  /// With a disk that works again everything comes to an end: every wish has its answer, everybody knows everything.
  private func settle() throws {
    if isBroken { try crash() }
    for index in people.indices { while !people[index].outbox.isEmpty { deliver(of: index) } }
    for _ in 0..<20 {
      step(1)
      while let commit = hub.commits.first {
        try store(commit, lies: true)
        hub.answerCommit()
      }
      try check()
    }
    for person in people {
      guard person.waiting.isEmpty else {
        throw Violation(what: "\(person.waiting.count) wishes have no answer")
      }
      guard person.sequence == states.count - 1 else {
        throw Violation(what: "somebody was not told the end")
      }
    }
    do { _ = try log.verify() } catch { throw Violation(what: "\(error)") }
  }
}
