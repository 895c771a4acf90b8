import HubEngine
import HubKernel
import HubScene
import Testing

/// The rules of hearing alone, without an engine.
@Suite struct HearingTests {
  private func person(
    _ slot: Int, _ place: VoicePlace, x: Double = 0, z: Double = 0, maySpeak: Bool = true
  ) -> VoiceListener {
    VoiceListener(
      slot: slot, place: place, point: Vector3(x, 0, z), order: UInt64(slot), maySpeak: maySpeak)
  }

  private struct Space {
    var voice = VoiceLinks()
    var parameters = VoiceParameters()
    var epoch = 1
    var now: Tick = 0
    var beginnings = Int.max
    mutating func update(_ people: [VoiceListener], isBlocked: (Vector3, Vector3) -> Bool = { _, _ in false })
      -> [VoiceChange]
    {
      now += 1
      var left = beginnings
      return voice.update(
        people, parameters, now: now, nextEpoch: &epoch, beginningsLeft: &left, isBlocked: isBlocked)
    }
  }

  @Test func aRoomHearsItselfAndNobodyElse() {
    var space = Space()
    _ = space.update([
      person(1, .room(area: 3)), person(2, .room(area: 3)), person(3, .room(area: 4)), person(4, .floor),
      person(5, .silent),
    ])
    #expect(Set(space.voice.links.keys) == [VoicePair(1, 2)])
  }

  @Test func theFirstFourOfARoomSpeakAndTheOthersAreNamed() {
    var space = Space()
    _ = space.update((1...6).map { person($0, .room(area: 0)) })
    #expect(space.voice.links.count == 6)
    #expect(space.voice.peers(of: 5).isEmpty && space.voice.beyond[5]?.count == 5)
    #expect(space.voice.beyond[1] == [5, 6])
    // Somebody goes: the next one takes the place, and those who stay keep their links.
    let before = space.voice.link(3, 4)
    _ = space.update((2...6).map { person($0, .room(area: 0)) })
    #expect(space.voice.peers(of: 5) == [2, 3, 4] && space.voice.link(3, 4) == before)
  }

  @Test func aStageIsHeardByTheFloorAndHearsOnlyItself() throws {
    var space = Space()
    _ = space.update([person(1, .stage), person(2, .stage), person(3, .floor, x: 30)])
    let heard = try #require(space.voice.link(1, 3))
    #expect(heard.lowSpeaks && !heard.highSpeaks)
    let both = try #require(space.voice.link(1, 2))
    #expect(both.lowSpeaks && both.highSpeaks)
    // Who comes up on the stage gets a new link that lets them speak.
    let changes = space.update([person(1, .stage), person(2, .stage), person(3, .stage)])
    #expect(changes.contains(.ended(VoicePair(1, 3), heard)))
    #expect(try #require(space.voice.link(1, 3)).epoch > heard.epoch)
  }

  @Test func aBubbleBeginsAtFourMetresAndEndsAtFive() {
    var space = Space()
    func at(_ x: Double) -> [VoiceListener] { [person(1, .floor), person(2, .floor, x: x)] }
    #expect(space.update(at(4.5)).isEmpty)
    #expect(space.update(at(4)).count == 1)
    #expect(space.update(at(4.9)).isEmpty)
    #expect(space.update(at(5.1)).count == 1)
    #expect(space.update(at(4.5)).isEmpty)
  }

  @Test func aWallKeepsABubbleFromBeginningAndEndsItAfterASecond() {
    var space = Space()
    let people = [person(1, .floor), person(2, .floor, x: 2)]
    #expect(space.update(people, isBlocked: { _, _ in true }).isEmpty)
    #expect(space.update(people).count == 1)
    for _ in 0..<20 { #expect(space.update(people, isBlocked: { _, _ in true }).isEmpty) }
    #expect(space.update(people, isBlocked: { _, _ in true }).count == 1)
  }

  @Test func theNearestHearEachOtherWhereABubbleIsFull() {
    var space = Space()
    space.parameters.meshMax = 8
    let row = (0..<12).map { person($0, .floor, x: Double($0) * 0.3) }
    _ = space.update(row)
    for slot in 0..<12 { #expect(space.voice.peers(of: slot).count <= 7) }
    #expect(space.voice.link(0, 1) != nil && space.voice.beyond[0]?.isEmpty == false)
  }

  @Test func aHallFullOfPeopleIsDecidedWithoutAskingForEveryWall() {
    var random = SeededRandom(seed: 5)
    let crowd = (0..<2000).map {
      person($0, .floor, x: random.double(in: 0...40), z: random.double(in: 0...40))
    }
    var space = Space()
    var asked = 0
    _ = space.update(crowd) { _, _ in
      asked += 1
      return false
    }
    #expect(asked > 2000 && asked < 60_000, "\(asked) of two million pairs")
    let reached = space.voice.links.keys.allSatisfy { pair in
      (crowd[pair.low].point - crowd[pair.high].point).length <= space.parameters.joinMeters
    }
    #expect(reached && space.voice.beyond.values.allSatisfy { $0.count <= 50 })
    for slot in 0..<2000 { #expect(space.voice.peers(of: slot).count <= 3) }
  }

  @Test func whoRunsThroughACrowdIsNotLinkedWithAllOfIt() {
    var space = Space()
    // Too far apart to hear each other.
    let crowd = (1...48).map { person($0, .floor, x: Double($0) * 4.2) }
    var begun = 0
    // 200 m in 20 s, looked at four times a second.
    for step in 0..<80 {
      let changes = space.update([person(0, .floor, x: Double(step) * 2.5)] + crowd)
      space.now += 4
      begun += changes.count { if case .began(let pair, _) = $0 { pair.low == 0 } else { false } }
    }
    #expect((15...25).contains(begun), "four at once, then one a second: \(begun)")
  }

  @Test func whereMoreWantToBeginThanMayAllHaveTheirTurn() {
    var space = Space()
    space.parameters.beginTicks = 0
    let pairs = (0..<20).flatMap { [person($0 * 2, .room(area: $0)), person($0 * 2 + 1, .room(area: $0))] }
    space.beginnings = 3
    for round in 1...3 {
      #expect(space.update(pairs).count == 3 && space.voice.links.count == round * 3)
      // Those who wait are in each other's earshot, and are told so.
      #expect(space.voice.beyond.count == 40 - round * 6)
    }
    // The first three pairs come and go, and keep nobody behind them waiting.
    for _ in 0..<4 {
      space.beginnings = 0
      #expect(
        space.update(Array(pairs.dropFirst(6))).allSatisfy { if case .ended = $0 { true } else { false } })
      space.beginnings = 3
      _ = space.update(pairs)
    }
    #expect((3..<20).allSatisfy { space.voice.link($0 * 2, $0 * 2 + 1) != nil })
  }

  @Test func whoIsSilencedHearsAndIsNotHeard() throws {
    var space = Space()
    _ = space.update([person(1, .room(area: 0), maySpeak: false), person(2, .room(area: 0))])
    let link = try #require(space.voice.link(1, 2))
    #expect(!link.lowSpeaks && link.highSpeaks)
  }

  @Test(arguments: 1...20) func cuttingThoseWhoMovedEndsAllThatMustEndAndNothingThatMayGoOn(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var space = Space()
    let places: [VoicePlace] = [.room(area: 0), .room(area: 1), .stage, .floor, .floor, .silent, .closed]
    var people = (0..<14).map { person($0, .floor, x: Double($0)) }
    for round in 0..<100 {
      _ = space.update(people)
      var moved: [VoiceListener] = []
      for _ in 0..<1 + random.below(3) {
        let slot = random.below(people.count)
        people[slot].place = places[random.below(places.count)]
        people[slot].point = Vector3(random.unit() * 12, 0, random.unit() * 6)
        people[slot].maySpeak = random.below(6) > 0
        people[slot].order = UInt64(100 + round)
      }
      for one in people where random.below(3) == 0 { moved.append(one) }
      let before = space.voice.links
      var decided = space
      _ = decided.update(people)
      let ended = space.voice.cut(moved, space.parameters) { people[$0] }
      #expect(ended.count == before.count - space.voice.links.count)
      for (pair, link) in space.voice.links
      where moved.contains(where: { [pair.low, pair.high].contains($0.slot) }) {
        let (a, b) = (people[pair.low], people[pair.high])
        #expect(a.maySpeak || !link.lowSpeaks)
        #expect(b.maySpeak || !link.highSpeaks)
        switch (a.place, b.place) {
        case (.room(let one), .room(let other)): #expect(one == other)
        case (.stage, .floor): #expect(!link.highSpeaks)
        case (.floor, .stage): #expect(!link.lowSpeaks)
        case (.floor, .floor): #expect((a.point - b.point).length <= 5)
        default: #expect(a.place == .stage && b.place == .stage)
        }
      }
      // What the whole decision lets go on was not cut.
      for (pair, link) in before where decided.voice.links[pair]?.epoch == link.epoch {
        #expect(space.voice.links[pair]?.epoch == link.epoch)
      }
    }
  }

  @Test func twelvePeopleAndTwoHundredMovesLeakNothing() {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var space = Space()
      space.parameters.blockedTicksMax = 0
      space.parameters.meshMax = seed % 2 == 0 ? 4 : 8
      func isWall(_ a: Vector3, _ b: Vector3) -> Bool { (a.x < 5) != (b.x < 5) }
      var people = (0..<12).map { person($0, .floor, x: 5) }
      var lastEpoch: [VoicePair: Int] = [:]
      for _ in 0..<200 {
        let mover = random.below(12)
        let places: [VoicePlace] = [.floor, .floor, .floor, .room(area: 0), .room(area: 1), .stage, .silent]
        people[mover].place = places[random.below(places.count)]
        people[mover].point = Vector3(random.unit() * 12, 0, random.unit() * 6)
        people[mover].maySpeak = random.below(8) > 0
        people[mover].order = 100 + UInt64(space.now)
        let before = space.voice.links
        _ = space.update(people, isBlocked: isWall)
        for (pair, link) in space.voice.links {
          let (a, b) = (people[pair.low], people[pair.high])
          #expect(mayHear(b, a, isWall) || !link.lowSpeaks)
          #expect(mayHear(a, b, isWall) || !link.highSpeaks)
          #expect(link.lowSpeaks || link.highSpeaks)
          if let old = before[pair] {
            #expect(
              old.epoch == link.epoch || old.lowSpeaks != link.lowSpeaks || old.highSpeaks != link.highSpeaks)
          } else {
            #expect(link.epoch > lastEpoch[pair, default: 0])
          }
          lastEpoch[pair] = link.epoch
        }
        for slot in 0..<12 {
          #expect(space.voice.peers(of: slot).count < space.parameters.meshMax)
          // Nobody is left out without a word.
          for other in 0..<12 where other != slot && space.voice.link(slot, other) == nil {
            let (a, b) = (people[slot], people[other])
            let shouldHear = mayHear(a, b, isWall, within: 4) || mayHear(b, a, isWall, within: 4)
            #expect(!shouldHear || space.voice.beyond[slot]?.contains(other) == true)
          }
        }
      }
    }
  }

  /// The rule once more, as plainly as it can be put.
  private func mayHear(
    _ listener: VoiceListener, _ speaker: VoiceListener, _ isWall: (Vector3, Vector3) -> Bool,
    within meters: Double = 5
  ) -> Bool {
    guard speaker.maySpeak else { return false }
    switch (speaker.place, listener.place) {
    case (.room(let a), .room(let b)): return a == b
    case (.stage, .stage), (.stage, .floor): return true
    case (.floor, .floor):
      return (listener.point - speaker.point).length <= meters && !isWall(listener.point, speaker.point)
    default: return false
    }
  }
}
