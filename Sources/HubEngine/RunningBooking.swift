/// A room in the world: an area, or without one a whole space.
public struct BookedPlace: Sendable, Hashable {
  public var space: String
  public var area: String?
  public init(space: String, area: String? = nil) {
    self.space = space
    self.area = area
  }
}

/// What a running booking makes of its room.
public struct RunningBooking: Sendable, Equatable {
  /// What the room is called meanwhile; nil: as always.
  public var name: String?
  /// At most so many people, beside what the world allows.
  public var peopleMax: Int?
  /// Who leads it, by pseudonym (account, else person id): hosts of a whole space, in an area those who may lock and unlock it.
  public var hosts: Set<String> = []
  /// Who may come in although the room is locked, likewise.
  public var guests: Set<String> = []

  public init() {}

  func admits(_ pseudonym: String) -> Bool { hosts.contains(pseudonym) || guests.contains(pseudonym) }
}
