/// The links that should be, as they are being decided.
struct VoicePlan {
  let parameters: VoiceParameters
  private(set) var wishes: [VoicePair: (low: Bool, high: Bool)] = [:]
  private(set) var beyond: [Int: [Int]] = [:]
  private var peers: [Int: Int] = [:]

  init(_ parameters: VoiceParameters) { self.parameters = parameters }

  /// Rooms: the earliest speak with each other, the others are beyond the mesh for everybody.
  mutating func seatRooms(_ people: [VoiceListener]) {
    var rooms: [Int: [VoiceListener]] = [:]
    for person in people {
      if case .room(let area) = person.place { rooms[area, default: []].append(person) }
    }
    for area in rooms.keys.sorted() {
      let members = rooms[area]!.sorted { $0.order < $1.order }
      for (index, a) in members.enumerated() {
        for (other, b) in members.enumerated().dropFirst(index + 1) {
          if other < parameters.meshMax {
            offer(a, b, a.maySpeak, b.maySpeak, peersMax: parameters.meshMax - 1)
          } else {
            miss(a, b)
          }
        }
      }
    }
  }

  /// A stage: the speakers hear each other, and the open floor hears them, the earliest first.
  mutating func seatStage(_ people: [VoiceListener]) {
    let speakers = people.filter { $0.place == .stage }.sorted { $0.order < $1.order }
    guard !speakers.isEmpty else { return }
    let listeners = people.filter { $0.place == .floor }.sorted { $0.order < $1.order }
    let all = speakers + listeners
    for (index, a) in speakers.enumerated() {
      for (other, b) in all.enumerated().dropFirst(index + 1) {
        if other < parameters.meshMax {
          offer(
            a, b, a.maySpeak, b.maySpeak && other < speakers.count, peersMax: parameters.meshMax - 1)
        } else {
          miss(a, b)
        }
      }
    }
  }

  mutating func offer(
    _ a: VoiceListener, _ b: VoiceListener, _ aSpeaks: Bool, _ bSpeaks: Bool, peersMax: Int
  ) {
    let pair = VoicePair(a.slot, b.slot)
    guard aSpeaks || bSpeaks, wishes[pair] == nil else { return }
    guard peers[a.slot, default: 0] < peersMax, peers[b.slot, default: 0] < peersMax else {
      return miss(a, b)
    }
    peers[a.slot, default: 0] += 1
    peers[b.slot, default: 0] += 1
    wishes[pair] = a.slot < b.slot ? (aSpeaks, bSpeaks) : (bSpeaks, aSpeaks)
  }

  private mutating func miss(_ a: VoiceListener, _ b: VoiceListener) {
    beyond[a.slot, default: []].append(b.slot)
    beyond[b.slot, default: []].append(a.slot)
  }
}
