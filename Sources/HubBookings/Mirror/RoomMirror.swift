/// The hub's copy of one room's bookings, and how far it can be believed.
public struct RoomMirror: Sendable {
  /// After so many polls without an answer in a row nothing is claimed any more.
  public static let failuresUntilUnknown = 3

  private var resources: [String: ResourceBookings] = [:]
  /// By start, then end, then resource.
  public private(set) var bookings: [MirroredBooking] = []
  /// Something that may take the room could not be read.
  public private(set) var isIncomplete = false
  /// When the source last answered; nil: never.
  public private(set) var asOf: Int?
  /// Polls without an answer since then.
  public private(set) var failures = 0

  public init() {}

  /// Never heard of, or not for too long.
  public var isUnknown: Bool { asOf == nil || failures >= Self.failuresUntilUnknown }
  public var events: Int { resources.values.reduce(0) { $0 + $1.events } }
  public var resourceCount: Int { resources.count }
  /// Events left out, by reason.
  public var skipped: [String: Int] {
    resources.values.reduce(into: [:]) { $0.merge($1.skipped, uniquingKeysWith: +) }
  }
  public var refreshSeconds: Int? { resources.values.compactMap(\.refreshSeconds).min() }

  /// The source answered. Cost: sorting all bookings, if anything came.
  public mutating func apply(
    replacing all: Bool, changed: [String: ResourceBookings], removed: [String], at now: Int
  ) {
    asOf = now
    failures = 0
    if all { resources.removeAll() }
    for name in removed { resources[name] = nil }
    resources.merge(changed) { $1 }
    guard all || !removed.isEmpty || !changed.isEmpty else { return }
    bookings = resources.values.flatMap(\.bookings).sorted {
      ($0.start, $0.end, $0.resource) < ($1.start, $1.end, $1.resource)
    }
    isIncomplete = resources.values.contains(where: \.isIncomplete)
  }

  public mutating func failed() { failures += 1 }

  /// What takes the room in an interval, own resource excepted. Ascending.
  public func conflicts(with interval: TimeInterval64, except resource: String? = nil) -> [MirroredBooking] {
    bookings.filter { $0.overlaps(interval) && $0.resource != resource }
  }

  /// Free for certain. Unknown and incomplete rooms never are.
  public func isFree(_ interval: TimeInterval64) -> Bool {
    !isUnknown && !isIncomplete && conflicts(with: interval).isEmpty
  }

  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - isOccupied: whether somebody is in the virtual room.
  public func state(at now: Int, isOccupied: Bool = false) -> RoomState {
    let ahead = bookings.filter { $0.end > now }
    // Of several at once the one that ends last: the room is taken until then.
    let running = ahead.filter { $0.start <= now }
    let next = ahead.first { $0.start > now }
    var state = RoomState(kind: .free, asOf: asOf, current: nil, next: next, until: next?.start)
    if isUnknown {
      state = RoomState(kind: .unknown, asOf: asOf, current: nil, next: nil, until: nil)
    } else if let current = running.max(by: { $0.end < $1.end }) {
      state.current = current
      state.kind = running.allSatisfy(\.isTentative) ? .tentative : .booked
      state.until = takenUntil(from: current.end)
    } else if isIncomplete {
      state.kind = .incomplete
    } else if isOccupied,
      let last = bookings.last(where: { $0.end <= now && $0.end > now - RoomState.overrunSeconds })
    {
      state.kind = .runningOver
      state.current = last
    } else if let next, next.start - now <= RoomState.soonSeconds {
      state.kind = .startingSoon
    }
    return state
  }

  /// The end of the unbroken row of bookings that goes on at `instant`.
  private func takenUntil(from instant: Int) -> Int {
    var end = instant
    for booking in bookings where booking.start <= end && booking.end > end { end = booking.end }
    return end
  }
}

/// What a door shows.
public struct RoomState: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case free, booked, tentative
    /// Free, but not for long.
    case startingSoon = "starting-soon"
    /// The booking is over and people are still inside.
    case runningOver = "running-over"
    /// Nothing known takes it, but something could not be read.
    case incomplete
    /// The calendar does not answer.
    case unknown
  }
  public static let soonSeconds = 600
  public static let overrunSeconds = 1800

  public var kind: Kind
  public var asOf: Int?
  public var current: MirroredBooking?
  public var next: MirroredBooking?
  /// When this changes by what is known: the end of what runs, or the start of what comes.
  public var until: Int?

  /// The next instant at which this may look different or something is to be said (ten and two minutes before an end), at
  /// most a minute away.
  public func changesAt(after now: Int) -> Int {
    var instants = [now + 60]
    if let current {
      instants += [current.end, current.end - 600, current.end - 120, current.end + Self.overrunSeconds]
    }
    if let next { instants += [next.start, next.start - Self.soonSeconds] }
    return instants.filter { $0 > now }.min() ?? now + 60
  }
}
