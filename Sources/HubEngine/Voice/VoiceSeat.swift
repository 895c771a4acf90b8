import HubKernel
package import HubScene

/// Where somebody stands, as far as voice is concerned.
package enum VoicePlace: Hashable, Sendable {
  /// A voice or bookable area: those in it hear each other, nobody else hears them.
  case room(area: Int)
  /// On a stage: heard by the stage and by the open floor of the space.
  case stage
  /// The open floor: heard nearby.
  case floor
  /// A quiet area, or *do not disturb*: hears nobody, is heard by nobody.
  case silent
  /// A room whose voice is on only while a booking runs, and none does: likewise.
  case closed
}

/// What a participant has told of their microphone, and what they were told.
struct VoiceSeat {
  /// Grows with every arrival in a room: who came first has a seat first.
  var order: UInt64
  var place: VoicePlace?
  var isMuted = true
  /// The `room` message told last.
  var told: VoiceRoom?
  var toldTick: Tick = 0
}

/// What a `room` message says: it is written only when this changes.
struct VoiceRoom: Equatable {
  var area: Int?
  var place: VoicePlace
  var isMuted: Bool
  var isDisturbable: Bool
  var beyond: [Int]
  var playsSFU = false
  /// The media server is missing here, or has no place left.
  var isSFUMissing = false
  var isFull = false

  /// Whether only the names of those beyond differ: in a crowd they do all the time.
  func isSame(butForNames other: VoiceRoom) -> Bool {
    var other = other
    other.beyond = beyond
    return self == other
  }

  /// What the media server has to do with it. A connection that is not there yet plays nothing, and nothing else is there: that is
  /// told as soon as its zone has been handed over.
  mutating func note(_ bridge: VoiceBridge, _ slot: Int) {
    let zone = VoiceBridge.zone(place, hasStage: true)
    playsSFU = zone.map { bridge.phase($0).playsSFU } ?? false
    isSFUMissing = zone.map(bridge.missing.contains) ?? false
    isFull = bridge.full.contains(slot)
  }

  /// Why there is no voice, or less of it; nil: there is.
  var why: String? {
    if place == .closed { return "unbooked" }
    if place == .silent { return isDisturbable ? "quiet" : "dnd" }
    if isMuted { return "muted" }
    if isFull { return "full" }
    return isSFUMissing ? "sfu" : nil
  }

  /// What to listen to: direct connections, the media server, or both at once (the floor before a stage).
  var mode: Mode {
    switch place {
    case .closed, .silent: .none
    case .floor: playsSFU ? .both : .mesh
    case .room, .stage: playsSFU ? .sfu : .mesh
    }
  }

  enum Mode: String { case none, mesh, sfu, both }
}

/// One person as the rules of hearing see them.
package struct VoiceListener: Sendable {
  package var slot: Int
  package var place: VoicePlace
  package var point: Vector3
  package var order: UInt64
  /// False: silenced by a moderator. They still hear.
  package var maySpeak: Bool

  package init(slot: Int, place: VoicePlace, point: Vector3, order: UInt64, maySpeak: Bool = true) {
    self.slot = slot
    self.place = place
    self.point = point
    self.order = order
    self.maySpeak = maySpeak
  }
}
