/// What running bookings do to their room, as a state machine over the clock: it says what to do, its owner does it. One a room.
public struct RoomRun: Sendable {
  public struct Settings: Sendable, Equatable {
    /// The room is shut unless a booking runs.
    public var opens = false
    /// While a booking runs, only those it invites may come in.
    public var invitedOnly = false
    /// People can speak with each other while a booking runs, and only then.
    public var startsVoice = false
    /// So long after a booking they still can: nobody is cut off in the middle of a word.
    public var voiceGraceSeconds = 120
    public init() {}
  }

  public enum Step: Sendable, Equatable {
    /// This booking runs, or has changed while it does. `locked`: shut or open the room; nil: leave it, since somebody may have turned the lock
    /// by hand meanwhile.
    case runs(MirroredBooking, locked: Bool?)
    /// None runs.
    case idle(locked: Bool?)
    case warn(minutes: Int)
    /// Who is inside shall hear that their booking is over.
    case over
    /// Switch the room's voice on or off.
    case voice(Bool)
  }

  /// Seconds before the end at which people are warned.
  public static let warnings = [600, 120]

  public var settings: Settings
  private var running: MirroredBooking?
  private var hasBegun = false
  private var warnedEnd = 0
  private var warned = 0
  private var isVoiceOn: Bool?
  /// When it goes off, after a booking.
  public private(set) var voiceEndsAt: Int?

  public init(_ settings: Settings = Settings()) { self.settings = settings }

  /// What is to be done now, in this order. An unknown room changes nothing but is warned of by what was known: nobody is shut out,
  /// or brought out, because a server is down.
  /// - Parameter now: seconds since 1970; never before the last one.
  public mutating func steps(_ state: RoomState, at now: Int) -> [Step] {
    guard state.kind != .unknown else { return voice(at: now) + warnings(next: nil, now) }
    let current = [.booked, .tentative].contains(state.kind) ? state.current : nil
    var steps: [Step] = []
    let former = running
    if !hasBegun || current != former {
      let isOther = !hasBegun || former.map { f in current.map { !Self.isSame(f, $0) } ?? true } ?? true
      hasBegun = true
      running = current
      if let current {
        steps.append(.runs(current, locked: isOther ? lockWhileRunning : nil))
      } else {
        steps.append(.idle(locked: lockWhileIdle))
      }
      if let former, isOther, current == nil || former.end <= now,
        !(current.map { Self.continues(former, $0) } ?? false)
      {
        steps.append(.over)
      }
    }
    return steps + voice(at: now) + warnings(next: state.next, now)
  }

  /// Before anything is known no booking is known to run; after one, the voice goes off with grace.
  private mutating func voice(at now: Int) -> [Step] {
    guard settings.startsVoice else { return [] }
    if running != nil {
      voiceEndsAt = nil
    } else if isVoiceOn == true {
      let end = voiceEndsAt ?? now + settings.voiceGraceSeconds
      voiceEndsAt = end
      guard now >= end else { return [] }
      voiceEndsAt = nil
    }
    guard isVoiceOn != (running != nil) else { return [] }
    isVoiceOn = running != nil
    return [.voice(running != nil)]
  }

  private var lockWhileRunning: Bool? {
    settings.invitedOnly ? true : settings.opens ? false : nil
  }
  private var lockWhileIdle: Bool? { settings.opens ? true : settings.invitedOnly ? false : nil }

  /// The same booking, though its end or its title may have changed.
  private static func isSame(_ a: MirroredBooking, _ b: MirroredBooking) -> Bool {
    a.resource == b.resource && a.start == b.start
  }

  /// The same people's next booking, without a gap.
  private static func continues(_ a: MirroredBooking, _ b: MirroredBooking) -> Bool {
    b.start <= a.end && b.end > a.end && (a.resource == b.resource || (a.host != nil && a.host == b.host))
  }

  /// Each warning once for an end; one that moved closer is warned of at once.
  private mutating func warnings(next: MirroredBooking?, _ now: Int) -> [Step] {
    guard let running, running.start <= now, now < running.end else { return [] }
    if let next, Self.continues(running, next) { return [] }
    if warnedEnd != running.end { (warnedEnd, warned) = (running.end, 0) }
    let left = running.end - now
    let due = Self.warnings.count { left <= $0 }
    guard due > warned else { return [] }
    warned = due
    return [.warn(minutes: (left + 59) / 60)]
  }
}
