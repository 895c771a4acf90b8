/// What bounds the reading of a calendar from a stranger.
public struct CalendarLimits: Sendable {
  /// A larger file isn't read at all.
  public var fileBytesMax = 16 << 20
  /// A longer line counts as unreadable; attachments and the like aren't looked at.
  public var lineBytesMax = 64 << 10
  /// What one event may bring in dates, rules and texts.
  public var eventBytesMax = 256 << 10
  public var eventsMax = 20_000
  /// Deeper components are passed over.
  public var nestingMax = 8
  /// Periods opened and times passed over for one event, counted after the jump into the window.
  public var stepsPerEventMax = 100_000
  /// The same for the whole file.
  public var stepsPerFileMax = 3_000_000
  /// Instances of one event in the window.
  public var instancesPerEventMax = 10_000
  public var instancesPerFileMax = 50_000

  public init() {}
}

/// Why bytes are no calendar at all. A single broken event is no such reason.
public enum CalendarError: Error, Hashable, Sendable, CustomStringConvertible {
  case tooLarge(bytes: Int, most: Int)
  /// No VCALENDAR in it: an error page, perhaps.
  case notACalendar

  public var description: String {
    switch self {
    case .tooLarge(let bytes, let most): "the calendar has \(bytes) bytes, more than \(most)"
    case .notACalendar: "this is no iCalendar file"
    }
  }
}

/// Why an event, or a part of it, was left out.
public enum SkipReason: Error, Hashable, Sendable, CustomStringConvertible {
  case noStart
  case unreadable(property: String)
  case badRule(RecurrenceRuleError)
  case endBeforeStart
  case lineTooLong
  case eventTooLarge
  case tooManyEvents
  /// The file ends within the event or the calendar.
  case truncated
  case tooManySteps
  case tooManyInstances

  public var description: String {
    switch self {
    case .noStart: "no DTSTART"
    case .unreadable(let property): "unreadable \(property)"
    case .badRule(let error): "\(error)"
    case .endBeforeStart: "ends before it starts"
    case .lineTooLong: "a line is too long"
    case .eventTooLarge: "too large"
    case .tooManyEvents: "too many events in the file"
    case .truncated: "the file is cut off"
    case .tooManySteps: "the rule takes too many steps"
    case .tooManyInstances: "too many instances"
    }
  }

  /// A short fixed word for metrics.
  public var code: String {
    switch self {
    case .noStart: "no_start"
    case .unreadable: "unreadable"
    case .badRule: "bad_rule"
    case .endBeforeStart: "end_before_start"
    case .lineTooLong: "line_too_long"
    case .eventTooLarge: "event_too_large"
    case .tooManyEvents: "too_many_events"
    case .truncated: "truncated"
    case .tooManySteps: "too_many_steps"
    case .tooManyInstances: "too_many_instances"
    }
  }
}

/// An event that was left out, or of which a part could not be read.
public struct SkippedEvent: Hashable, Sendable {
  /// "" where the file gives none.
  public var uid: String
  public var reason: SkipReason
  /// Whether the room may be taken by what is missing.
  public var mayBlock: Bool
}

/// A parsed iCalendar file: its events, its busy periods, and what could not be read.
///
/// ```swift
/// let file = try CalendarFile(parsing: bytes)
/// let expansion = file.expand(from: now, to: now + 400 * 86_400, roomZone: Zone.iana("Europe/Berlin")!)
/// if expansion.isIncomplete { /* never say "free" */ }
/// ```
public struct CalendarFile: Sendable {
  /// NAME (RFC 7986) or X-WR-CALNAME.
  public internal(set) var name = ""
  /// X-WR-TIMEZONE.
  public internal(set) var zoneName = ""
  /// METHOD in upper case.
  public internal(set) var method = ""
  /// REFRESH-INTERVAL (RFC 7986) or X-PUBLISHED-TTL, in seconds.
  public internal(set) var refreshSeconds: Int?
  public internal(set) var events: [CalendarEvent] = []
  public internal(set) var skipped: [SkippedEvent] = []
  /// TZIDs that neither a table nor the file explains; their times are read in X-WR-TIMEZONE or the room's zone.
  public internal(set) var unknownZones: [String] = []
  /// FREEBUSY periods of VFREEBUSY components that block.
  var busyPeriods: [CalendarEvent.Addition] = []
  /// By the index that `EventTime.Form.zoned` holds; nil where unknown.
  var zones: [Zone?] = []
  let limits: CalendarLimits

  /// Reads a file. Cost: about 10 ns a byte; memory: the events, not the bytes.
  /// - Throws: only if the bytes as a whole are no calendar; a broken event lands in `skipped`.
  public init(parsing bytes: [UInt8], limits: CalendarLimits = CalendarLimits()) throws(CalendarError) {
    guard bytes.count <= limits.fileBytesMax else {
      throw .tooLarge(bytes: bytes.count, most: limits.fileBytesMax)
    }
    var reader = CalendarReader(file: CalendarFile(limits: limits))
    try reader.read(bytes)
    self = reader.file
  }

  private init(limits: CalendarLimits) { self.limits = limits }
}
