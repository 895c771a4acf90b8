/// One instance of an event.
public struct Occurrence: Sendable {
  /// Whose properties hold: the master's, or those of the override that changed this instance.
  public let event: CalendarEvent
  public let start: CalendarTime
  /// Exclusive. Equal to `start` where the event has no length.
  public let end: CalendarTime
  /// The same as instants, with days and floating times read in the room's zone.
  public let interval: TimeInterval64
  /// The start that the rule gave, for an instance of a series: names the instance for the life of the series.
  public let recurrenceID: CalendarTime?

  /// Whether it takes the room.
  public var blocks: Bool { event.blocks && interval.start < interval.end }
}

/// What happens in a window.
public struct Expansion: Sendable {
  /// Every instance that overlaps the window, cancelled ones too, by start, then end, then UID.
  public internal(set) var occurrences: [Occurrence] = []
  /// When the room is taken: what blocks, merged, ascending, not cut at the window's edges.
  public internal(set) var busy: [TimeInterval64] = []
  /// What could not be read or expanded.
  public internal(set) var skipped: [SkippedEvent] = []
  /// Something that may block is missing: gaps in `busy` don't mean "free".
  public internal(set) var isIncomplete = false
}
