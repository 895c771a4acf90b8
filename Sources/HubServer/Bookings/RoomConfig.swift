import HubBookings
import HubCalDAV
import HubEngine
package import HubScene

/// One room of `bookings.json`.
package struct RoomConfig: Sendable {
  package var id: String
  package var title: LocalizedText
  package var space: String
  /// Node id of the area; nil: the whole space is the room.
  package var area: String?
  package var capacity: Int
  var source: SourceConfig
  var zone: Zone
  var privacy: PrivacyLevel
  var policy: BookingPolicy
  /// The least role that may book; nil: nobody.
  var bookRole: Role?
  var pollSeconds: Int
  var running: RunningRoom
  /// Account names by mail address in lower case.
  var people: [String: String]
}

/// What a running booking does to its room.
struct RunningRoom: Sendable {
  var lock = RoomRun.Settings()
  /// The booking's title, where the privacy level shows it, becomes the room's name.
  var renames = false
  /// No more people than the physical room has seats.
  var limitsPeople = false
  /// After a booking, those who may not stay are brought out so much later; nil: never.
  var graceMinutes: Int?
  /// Where people go on; nil: the world's start.
  var goTo: BookedPlace?
}

/// Where a room's bookings come from.
struct SourceConfig: Sendable {
  enum Place: Sendable {
    case caldav(SourceAddress)
    case feed(SourceAddress)
    case file(String)
  }
  enum CredentialsPlace: Sendable {
    case file(String)
    case environment(String)
  }
  var place: Place
  var credentials: CredentialsPlace?
}

/// `bookings.json`, checked.
package struct BookingsConfig: Sendable {
  package var rooms: [RoomConfig]
  package var path: String
  /// Where people reach the hub, without a slash at its end; nil: not told to calendars.
  var hubURL: String?

  /// - Throws: ``FileInvalid`` with every finding, by line and column.
  package static func load(path: String) throws(FileInvalid) -> BookingsConfig {
    try load(SourceDocument(path: path))
  }

  static func load(_ document: SourceDocument) throws(FileInvalid) -> BookingsConfig {
    var reader = BookingsReader(file: document.file)
    let rooms = reader.read(document.value)
    guard reader.findings.items.isEmpty else {
      throw FileInvalid(findings: document.located(reader.findings.items))
    }
    return BookingsConfig(rooms: rooms, path: document.file, hubURL: reader.hubURL)
  }

  private func hasPlace(_ place: BookedPlace, _ world: WorldDefinition) -> Bool {
    guard let space = world.spaces.first(where: { $0.id == place.space }) else { return false }
    guard let area = place.area else { return true }
    return space.nodes.contains {
      $0.id == area && ![nil, .seat, .portal].contains($0.components.area?.purpose)
    }
  }

  /// Rooms whose place a world does not have, as text for the operator.
  func problems(in world: WorldDefinition) -> [String] {
    rooms.compactMap { room in
      guard let space = world.spaces.first(where: { $0.id == room.space }) else {
        return "\(path): room \(room.id): the world has no space \"\(room.space)\""
      }
      if let goTo = room.running.goTo, !hasPlace(goTo, world) {
        return "\(path): room \(room.id): running.goTo is no place of the world"
      }
      guard let area = room.area else { return nil }
      guard let node = space.nodes.first(where: { $0.id == area }), node.components.area?.purpose == .bookable
      else { return "\(path): room \(room.id): \(room.space) has no bookable area \"\(area)\"" }
      return nil
    }
  }
}
