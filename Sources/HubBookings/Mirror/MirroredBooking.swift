/// How much of a room's bookings people see. What a level does not show is dropped before anything is kept.
public enum PrivacyLevel: String, Sendable, CaseIterable {
  /// That it is taken, and when.
  case busy
  /// Also the title.
  case title
  /// Also who organises it.
  case full
}

/// One occurrence of a room's reservation, as far as its privacy level lets it through.
public struct MirroredBooking: Sendable, Hashable {
  /// Seconds since 1970, half-open.
  public var interval: TimeInterval64
  public var isTentative: Bool
  public var isAllDay: Bool
  /// Nil: not to be told.
  public var title: String?
  public var organizer: String?
  /// The hub's own id, where the booking was made here.
  public var hubBooking: String?
  /// Pseudonyms of who organises it and who is invited, as far as the operator names their accounts. For the lock, never shown.
  public var host: String?
  public var guests: [String] = []
  /// The resource it comes from.
  public var resource: String

  public init(interval: TimeInterval64, resource: String) {
    self.interval = interval
    self.resource = resource
    isTentative = false
    isAllDay = false
  }

  public var start: Int { interval.start }
  public var end: Int { interval.end }

  func overlaps(_ other: TimeInterval64) -> Bool { start < other.end && other.start < end }
}

/// What one resource says about when its room is taken.
public struct ResourceBookings: Sendable, Equatable {
  public var bookings: [MirroredBooking]
  /// Something in it that may take the room could not be read.
  public var isIncomplete: Bool
  /// Events seen, blocking or not.
  public var events: Int
  /// Codes of what was left out, with how often.
  public var skipped: [String: Int]
  /// How often the feed asks to be read again.
  public var refreshSeconds: Int?

  /// Reads a resource and keeps what the level allows of what takes the room in the window. CLASS other than PUBLIC, any unknown one too,
  /// is busy at every level.
  /// - Parameters:
  ///   - window: seconds since 1970.
  ///   - people: pseudonyms by mail address in lower case; nobody else's address is kept.
  public init(
    resource: String, bytes: [UInt8], window: TimeInterval64, zone: Zone, level: PrivacyLevel,
    people: [String: String] = [:]
  ) {
    guard let file = try? CalendarFile(parsing: bytes) else {
      self = ResourceBookings(unreadable: "not-a-calendar")
      return
    }
    let expansion = file.expand(from: window.start, to: window.end, roomZone: zone)
    var kept: [MirroredBooking] = []
    for occurrence in expansion.occurrences where occurrence.blocks {
      let event = occurrence.event
      var booking = MirroredBooking(interval: occurrence.interval, resource: resource)
      booking.isTentative = event.isTentative
      if case .date = occurrence.start { booking.isAllDay = true }
      if Self.isIdentifier(event.hubBooking) { booking.hubBooking = event.hubBooking }
      if event.classification.isEmpty || event.classification == "PUBLIC" {
        if level != .busy { booking.title = Self.shown(event.summary) }
        if level == .full, let organizer = event.organizer {
          booking.organizer = Self.shown(
            organizer.name.isEmpty ? Self.mailbox(organizer.address) : organizer.name)
        }
      }
      if !people.isEmpty {
        booking.host = event.organizer.flatMap { people[Self.mailbox($0.address).lowercased()] }
        booking.guests = event.attendees.filter { $0.participation != "DECLINED" }
          .compactMap { people[Self.mailbox($0.address).lowercased()] }
      }
      kept.append(booking)
    }
    // FREEBUSY periods take the room without being events.
    for busy in expansion.busy {
      let inside = kept.filter { $0.overlaps(busy) }.map(\.interval)
      let covered = merged(inside).reduce(0) { $0 + $1.end - $1.start }
      if covered < busy.end - busy.start {
        kept.append(MirroredBooking(interval: busy, resource: resource))
      }
    }
    bookings = kept
    isIncomplete = expansion.isIncomplete
    events = file.events.count
    skipped = expansion.skipped.reduce(into: [:]) { $0[$1.reason.code, default: 0] += 1 }
    refreshSeconds = file.refreshSeconds
  }

  /// A resource that tells nothing: it may take the room at any time.
  public init(unreadable code: String) {
    bookings = []
    isIncomplete = true
    events = 0
    skipped = [code: 1]
    refreshSeconds = nil
  }

  /// A line of at most 200 characters without control characters; nil if nothing is left.
  private static func shown(_ text: String) -> String? {
    let scalars = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }.prefix(200)
    var line = String.UnicodeScalarView()
    line.append(contentsOf: scalars)
    let words = String(line).split(separator: " ").joined(separator: " ")
    return words.isEmpty ? nil : words
  }

  /// A UUID as the hub writes them. Anything else is somebody's text, and no level lets that through as an id.
  private static func isIdentifier(_ text: String) -> Bool {
    text.utf8.count == 36
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0) || $0 == 0x2D
      }
  }

  private static func mailbox(_ address: String) -> String {
    address.lowercased().hasPrefix("mailto:") ? String(address.dropFirst(7)) : address
  }
}
