/// A date or time as an event writes it, before a zone is known.
struct EventTime: Hashable, Sendable {
  enum Form: Hashable, Sendable {
    case date, floating, utc
    /// Index into the file's zone names.
    case zoned(Int)
  }

  var form: Form
  /// Wall-clock seconds since 1970-01-01T00:00:00; a date's midnight.
  var local: Int

  var isDate: Bool { form == .date }
}

/// DURATION (RFC 5545, 3.3.6): days and weeks are nominal, what is below them is exact.
struct EventDuration: Hashable, Sendable {
  var days: Int
  var seconds: Int
}

/// One VEVENT: a single event, the master of a series, or a changed instance of one.
///
/// Texts are unescaped and as the file has them; an absent property is an empty string. Titles, names and addresses
/// are here in full: what may be kept or shown is the caller's decision.
public final class CalendarEvent: Sendable {
  public let uid: String
  public let summary: String
  public let location: String
  public let details: String
  /// Upper case: CONFIRMED, TENTATIVE, CANCELLED or "".
  public let status: String
  /// CLASS in upper case: PUBLIC, PRIVATE, CONFIDENTIAL, another word or "".
  public let classification: String
  /// TRANSP in upper case: OPAQUE, TRANSPARENT or "".
  public let transparency: String
  /// X-MICROSOFT-CDO-BUSYSTATUS in upper case: FREE, TENTATIVE, BUSY, OOF, WORKINGELSEWHERE or "".
  public let busyStatus: String
  public let organizer: Participant?
  public let attendees: [Participant]
  /// RFC 7986.
  public let conferences: [String]
  public let color: String
  /// X-HUB-BOOKING, by which the hub knows its own entries.
  public let hubBooking: String
  /// SEQUENCE; 0 if absent.
  public let sequence: Int
  /// DTSTAMP as seconds since 1970-01-01T00:00:00Z; the smallest integer if absent.
  public let stamp: Int

  let start: EventTime
  let end: EventTime?
  let duration: EventDuration?
  let rules: [RecurrenceRule]
  let exclusionRules: [RecurrenceRule]
  let additions: [Addition]
  let exclusions: [EventTime]
  let recurrenceID: EventTime?
  let thisAndFuture: Bool
  /// Exchange's sign for a whole day written as midnight to midnight.
  let saysAllDay: Bool

  /// RDATE: a start and, where the value is a PERIOD, how long.
  struct Addition: Hashable, Sendable {
    var start: EventTime
    var end: EventTime?
    var duration: EventDuration?
  }

  /// ORGANIZER or ATTENDEE.
  public struct Participant: Hashable, Sendable {
    /// The calendar address, as a rule `mailto:…`.
    public var address: String
    /// CN.
    public var name: String
    /// PARTSTAT in upper case, "" if absent.
    public var participation: String
    /// CUTYPE in upper case: INDIVIDUAL, ROOM, RESOURCE… "" if absent.
    public var kind: String
    /// ROLE in upper case, "" if absent.
    public var role: String
  }

  /// STATUS:CANCELLED.
  public var isCancelled: Bool { status == "CANCELLED" }

  /// STATUS:TENTATIVE, or Exchange's sign for it.
  public var isTentative: Bool { status == "TENTATIVE" || (status.isEmpty && busyStatus == "TENTATIVE") }

  /// Whether the event takes the room: opaque and not cancelled. Exchange's FREE counts where TRANSP is absent.
  public var blocks: Bool {
    if isCancelled { return false }
    if transparency.isEmpty { return busyStatus != "FREE" }
    return transparency != "TRANSPARENT"
  }

  /// Whether the event has more than one instance by itself.
  public var isSeries: Bool { !rules.isEmpty || !additions.isEmpty }

  init(_ draft: EventDraft, start: EventTime) {
    self.start = start
    uid = draft.uid ?? ""
    summary = draft.texts["SUMMARY"] ?? ""
    location = draft.texts["LOCATION"] ?? ""
    details = draft.texts["DESCRIPTION"] ?? ""
    status = draft.word("STATUS")
    classification = draft.word("CLASS")
    transparency = draft.word("TRANSP")
    busyStatus = draft.word("X-MICROSOFT-CDO-BUSYSTATUS")
    color = draft.texts["COLOR"] ?? ""
    hubBooking = draft.texts["X-HUB-BOOKING"] ?? ""
    organizer = draft.organizer
    attendees = draft.attendees
    conferences = draft.conferences
    sequence = draft.sequence
    stamp = draft.stamp
    end = draft.end
    duration = draft.duration
    rules = draft.rules
    exclusionRules = draft.exclusionRules
    additions = draft.additions
    exclusions = draft.exclusions
    recurrenceID = draft.recurrenceID
    thisAndFuture = draft.thisAndFuture
    saysAllDay = draft.word("X-MICROSOFT-CDO-ALLDAYEVENT") == "TRUE"
  }
}
