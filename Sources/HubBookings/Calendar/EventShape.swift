/// An event's start and length with its zone known: what turns a wall-clock start into an instance.
struct EventShape {
  enum Kind {
    /// Whole days.
    case date
    case floating
    case zoned(Zone)
  }

  /// Nominal days first, then exact seconds (RFC 5545, 3.3.6).
  struct Length {
    var days = 0
    var seconds = 0

    /// Not less than any instance of this length lasts.
    var secondsMost: Int { days * secondsPerDay + seconds + (days > 0 ? secondsPerDay : 0) }
  }

  /// Names an instance within its series: by instant, or by day where either side is a date.
  enum Key: Hashable {
    case instant(Int)
    case day(Int)
  }

  let event: CalendarEvent
  let kind: Kind
  /// Whose wall clock the series follows; for whole days, the zone in which other values become days.
  let zone: Zone
  let roomZone: Zone
  /// Wall-clock seconds of DTSTART.
  let start: Int
  let length: Length

  var isDate: Bool { if case .date = kind { true } else { false } }

  init(_ event: CalendarEvent, _ zones: ZoneTable) throws(SkipReason) {
    self.event = event
    roomZone = zones.roomZone
    if let (day, days, zone) = Self.exchangeAllDay(event, zones) {
      kind = .date
      self.zone = zone
      start = day * secondsPerDay
      length = Length(days: days)
      return
    }
    zone = zones.zone(of: event.start)
    start = event.start.local
    switch event.start.form {
    case .date:
      kind = .date
      length = try Self.days(of: event)
    case .floating:
      kind = .floating
      length = try Self.timed(event, zones, zone)
    case .utc, .zoned:
      kind = .zoned(zone)
      length = try Self.timed(event, zones, zone)
    }
  }

  /// Exchange writes a whole day as midnight to midnight with a property beside it; in UTC, the room's midnights.
  private static func exchangeAllDay(_ event: CalendarEvent, _ zones: ZoneTable) -> (Int, Int, Zone)? {
    guard event.saysAllDay, !event.start.isDate, let end = event.end, !end.isDate else { return nil }
    let (first, last) = (zones.instant(event.start), zones.instant(end))
    for zone in [zones.zone(of: event.start), zones.roomZone] {
      let (from, to) = (zone.local(at: first), zone.local(at: last))
      if from % secondsPerDay == 0, to % secondsPerDay == 0, from < to {
        return (from / secondsPerDay, (to - from) / secondsPerDay, zone)
      }
    }
    return nil
  }

  private static func days(of event: CalendarEvent) throws(SkipReason) -> Length {
    if let end = event.end {
      // An end with a time of day takes its day whole.
      let days = -floorDivide(event.start.local - end.local, secondsPerDay)
      guard days >= 0 else { throw .endBeforeStart }
      // Some writers give the last day itself, against the RFC: a day of no length means that day.
      return Length(days: max(1, days))
    }
    guard let duration = event.duration else { return Length(days: 1) }
    guard duration.days >= 0, duration.seconds >= 0 else { throw .endBeforeStart }
    return Length(days: max(1, duration.days + (duration.seconds + secondsPerDay - 1) / secondsPerDay))
  }

  private static func timed(_ event: CalendarEvent, _ zones: ZoneTable, _ zone: Zone) throws(SkipReason)
    -> Length
  {
    if let end = event.end {
      let seconds = Self.seconds(from: event.start, to: end, zones, zone)
      guard seconds >= 0 else { throw .endBeforeStart }
      return Length(seconds: seconds)
    }
    guard let duration = event.duration else { return Length() }
    guard duration.days >= 0, duration.seconds >= 0 else { throw .endBeforeStart }
    return Length(days: duration.days, seconds: duration.seconds)
  }

  /// An end without a zone, or without a time, belongs to the start's wall clock.
  private static func seconds(from start: EventTime, to end: EventTime, _ zones: ZoneTable, _ zone: Zone)
    -> Int
  {
    switch (start.form, end.form) {
    case (.floating, .floating), (.floating, .date): end.local - start.local
    case (_, .floating), (_, .date): zone.instant(ofLocal: end.local) - zones.instant(start)
    default: zones.instant(end) - zones.instant(start)
    }
  }

  /// The length that an RDATE of the kind PERIOD brings; nil where it brings none or an impossible one.
  func length(of addition: CalendarEvent.Addition, _ zones: ZoneTable) -> Length? {
    if let duration = addition.duration { return Length(days: duration.days, seconds: duration.seconds) }
    guard let end = addition.end else { return nil }
    let seconds = Self.seconds(from: addition.start, to: end, zones, zones.zone(of: addition.start))
    return seconds < 0 ? nil : Length(seconds: seconds)
  }

  /// The wall clock of a value in this series: whole days read a time in their own zone, times read a date at the
  /// start's time of day.
  func local(of time: EventTime, _ zones: ZoneTable) -> Int {
    switch (kind, time.form) {
    case (.date, .date): return time.local
    case (.date, .floating), (.date, .zoned): return floorDivide(time.local, secondsPerDay) * secondsPerDay
    case (.date, .utc):
      // Midnight in UTC is how some writers say the day itself.
      if event.start.isDate, time.local % secondsPerDay == 0 { return time.local }
      return floorDivide(zone.local(at: time.local), secondsPerDay) * secondsPerDay
    case (_, .date): return time.local + start - floorDivide(start, secondsPerDay) * secondsPerDay
    case (_, .floating): return time.local
    default: return zone.local(at: zones.instant(time))
    }
  }

  func key(of time: EventTime, _ zones: ZoneTable) -> Key {
    if isDate || time.isDate { return .day(floorDivide(local(of: time, zones), secondsPerDay)) }
    if time.form == .floating { return .instant(zone.instant(ofLocal: time.local)) }
    return .instant(zones.instant(time))
  }

  /// Whether the instance that starts at `local` is named by one of the keys.
  func names(_ local: Int, in keys: Set<Key>) -> Bool {
    if keys.isEmpty { return false }
    return keys.contains(.day(floorDivide(local, secondsPerDay)))
      || (!isDate && keys.contains(.instant(zone.instant(ofLocal: local))))
  }

  /// The instance that starts at a wall-clock time, with another length if one is given.
  func occurrence(at local: Int, length other: Length? = nil, recurrenceID: CalendarTime?) -> Occurrence {
    let length = other ?? length
    let nominalEnd = local + length.days * secondsPerDay
    switch kind {
    case .date:
      let day = floorDivide(local, secondsPerDay)
      let days = length.days + (length.seconds + secondsPerDay - 1) / secondsPerDay
      return occurrence(.date(day), .date(day + days), recurrenceID)
    case .floating:
      return occurrence(.floating(local), .floating(nominalEnd + length.seconds), recurrenceID)
    case .zoned(let zone):
      let start = zone.instant(ofLocal: local)
      let end = (length.days == 0 ? start : zone.instant(ofLocal: nominalEnd)) + length.seconds
      return occurrence(.utc(start), .utc(max(start, end)), recurrenceID)
    }
  }

  private func occurrence(_ start: CalendarTime, _ end: CalendarTime, _ recurrenceID: CalendarTime?)
    -> Occurrence
  {
    let first = start.instant(in: roomZone)
    return Occurrence(
      event: event, start: start, end: end,
      interval: TimeInterval64(start: first, end: max(first, end.instant(in: roomZone))),
      recurrenceID: recurrenceID)
  }

  /// A wall-clock time of this series as a point on the calendar.
  func time(at local: Int) -> CalendarTime {
    switch kind {
    case .date: .date(floorDivide(local, secondsPerDay))
    case .floating: .floating(local)
    case .zoned(let zone): .utc(zone.instant(ofLocal: local))
    }
  }
}

/// The zones that a file's times are read in.
struct ZoneTable {
  let zones: [Zone?]
  let roomZone: Zone

  func zone(of time: EventTime) -> Zone {
    switch time.form {
    case .utc: .utc
    case .zoned(let index): zones[index] ?? roomZone
    case .date, .floating: roomZone
    }
  }

  func instant(_ time: EventTime) -> Int { zone(of: time).instant(ofLocal: time.local) }
}
