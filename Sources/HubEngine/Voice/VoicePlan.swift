/// The links that should be, as they are being decided.
struct VoicePlan {
  /// How many of those without sound are named to one: clients are told no more.
  static let beyondMax = 50

  let parameters: VoiceParameters
  private(set) var wishes: [VoicePair: (low: Bool, high: Bool)] = [:]
  private(set) var beyond: [Int: [Int]] = [:]
  private var peers: [Int: Int] = [:]

  init(_ parameters: VoiceParameters) { self.parameters = parameters }

  /// Rooms: the earliest speak with each other, the others are beyond the mesh for everybody.
  mutating func seatRooms(_ people: [VoiceListener], except handedOver: Set<VoiceZone>) {
    var rooms: [Int: [VoiceListener]] = [:]
    for person in people {
      guard case .room(let area) = person.place, !handedOver.contains(.room(area: area)) else { continue }
      rooms[area, default: []].append(person)
    }
    for area in rooms.keys.sorted() {
      let members = rooms[area]!.sorted { $0.order < $1.order }
      let (seated, others) = (members.prefix(parameters.meshMax), members.dropFirst(parameters.meshMax))
      for (index, a) in seated.enumerated() {
        for b in seated.dropFirst(index + 1) {
          offer(a, b, a.maySpeak, b.maySpeak, peersMax: parameters.meshMax - 1)
        }
        miss(a, others)
      }
      for a in others { miss(a, members[...]) }
    }
  }

  /// A stage: the speakers hear each other, and the open floor hears them, the earliest first.
  mutating func seatStage(_ people: [VoiceListener]) {
    let speakers = people.filter { $0.place == .stage }.sorted { $0.order < $1.order }
    guard !speakers.isEmpty else { return }
    let listeners = people.filter { $0.place == .floor }.sorted { $0.order < $1.order }
    let all = speakers + listeners
    let (seated, others) = (all.prefix(parameters.meshMax), all.dropFirst(parameters.meshMax))
    for (index, a) in seated.enumerated() where index < speakers.count {
      for (other, b) in seated.enumerated().dropFirst(index + 1) {
        offer(
          a, b, a.maySpeak, b.maySpeak && other < speakers.count, peersMax: parameters.meshMax - 1)
      }
      miss(a, others)
    }
    for a in others { miss(a, a.place == .stage ? all[...] : speakers[...]) }
  }

  /// Whether an offer could make a link of two, or name one of them to the other.
  func hasUse(for a: VoiceListener, _ b: VoiceListener, peersMax: Int) -> Bool {
    guard a.maySpeak || b.maySpeak else { return false }
    return hasPeer(a, peersMax) && hasPeer(b, peersMax) || hasName(a) || hasName(b)
  }

  mutating func offer(
    _ a: VoiceListener, _ b: VoiceListener, _ aSpeaks: Bool, _ bSpeaks: Bool, peersMax: Int
  ) {
    let pair = VoicePair(a.slot, b.slot)
    guard aSpeaks || bSpeaks, wishes[pair] == nil else { return }
    guard hasPeer(a, peersMax), hasPeer(b, peersMax) else {
      miss(a, [b])
      miss(b, [a])
      return
    }
    peers[a.slot, default: 0] += 1
    peers[b.slot, default: 0] += 1
    wishes[pair] = a.slot < b.slot ? (aSpeaks, bSpeaks) : (bSpeaks, aSpeaks)
  }

  /// The two shall be linked, and are not yet.
  mutating func name(_ pair: VoicePair) {
    for (slot, other) in [(pair.low, pair.high), (pair.high, pair.low)]
    where beyond[slot]?.count ?? 0 < Self.beyondMax {
      beyond[slot, default: []].append(other)
    }
  }

  private func hasPeer(_ a: VoiceListener, _ peersMax: Int) -> Bool { peers[a.slot, default: 0] < peersMax }
  private func hasName(_ a: VoiceListener) -> Bool { beyond[a.slot]?.count ?? 0 < Self.beyondMax }

  /// Those one should hear or be heard by, and can't.
  private mutating func miss(_ a: VoiceListener, _ others: ArraySlice<VoiceListener>) {
    for other in others where other.slot != a.slot {
      guard hasName(a) else { return }
      beyond[a.slot, default: []].append(other.slot)
    }
  }
}
