/// Expands the series of one file within one window.
struct SeriesExpansion {
  private let limits: CalendarLimits
  private let zones: ZoneTable
  private let from: Int
  private let to: Int
  private var stepsLeft: Int
  /// The file has brought all the instances it may.
  private var isFull = false
  private(set) var occurrences: [Occurrence] = []
  private(set) var skipped: [SkippedEvent] = []

  init(file: CalendarFile, from: Int, to: Int, roomZone: Zone) {
    limits = file.limits
    zones = ZoneTable(zones: file.zones, roomZone: roomZone)
    self.from = from
    self.to = to
    stepsLeft = file.limits.stepsPerFileMax
  }

  /// FREEBUSY periods that overlap the window.
  func busy(_ periods: [CalendarEvent.Addition]) -> [TimeInterval64] {
    periods.compactMap { period in
      let start = zones.instant(period.start)
      let length = period.duration.map { $0.days * secondsPerDay + $0.seconds }
      let end = period.end.map { zones.instant($0) } ?? start + (length ?? 0)
      return start < end && start < to && end > from ? TimeInterval64(start: start, end: end) : nil
    }
  }

  /// Adds the instances of one series: overrides where they were moved to, and of the masters what no override replaces.
  mutating func expand(_ series: EventSeries) {
    let begin = occurrences.count
    let masters = series.masters.compactMap { shape(of: $0) }
    var newest: [EventShape.Key: EventShape] = [:]
    for event in series.overrides {
      guard let id = event.recurrenceID, let shape = shape(of: event) else { continue }
      let key = (masters.first ?? shape).key(of: id, zones)
      if let known = newest[key], (known.event.sequence, known.event.stamp) > (event.sequence, event.stamp) {
        continue
      }
      newest[key] = shape
    }
    let excluded = Set(
      masters.flatMap { master in master.event.exclusions.map { master.key(of: $0, zones) } })
    for (key, shape) in newest where !excluded.contains(key) {
      guard let id = shape.event.recurrenceID else { continue }
      let named = masters.first ?? shape
      add(shape.occurrence(at: shape.start, recurrenceID: named.time(at: named.local(of: id, zones))))
    }
    for master in masters {
      let first = occurrences.count
      do throws(SkipReason) {
        try expand(master, overrides: newest)
      } catch {
        occurrences.removeSubrange(first...)
        skip(master.event, error)
      }
    }
    if masters.count > 1 { removeTwins(from: begin) }
  }

  /// Several masters of one UID may name the same time: it's listed once.
  private mutating func removeTwins(from begin: Int) {
    var seen: Set<TimeInterval64> = []
    let kept = occurrences[begin...].filter { seen.insert($0.interval).inserted }
    occurrences.replaceSubrange(begin..., with: kept)
  }

  private mutating func shape(of event: CalendarEvent) -> EventShape? {
    do throws(SkipReason) {
      return try EventShape(event, zones)
    } catch {
      skip(event, error)
      return nil
    }
  }

  private mutating func skip(_ event: CalendarEvent, _ reason: SkipReason) {
    // What starts after the window can't take the room within it.
    let mayBlock = event.blocks && zones.instant(event.start) - secondsPerDay < to
    skipped.append(SkippedEvent(uid: event.uid, reason: reason, mayBlock: mayBlock))
  }

  private mutating func add(_ occurrence: Occurrence) {
    let interval = occurrence.interval
    if interval.start < to, interval.end > from || (interval.end == interval.start && interval.start == from)
    {
      occurrences.append(occurrence)
    }
  }

  /// One override with RANGE=THISANDFUTURE: what it makes of an instance from `since` on.
  private struct Change {
    var since: Int
    var shape: EventShape
    var shift: Int
  }

  private mutating func expand(
    _ master: EventShape, overrides: [EventShape.Key: EventShape]
  ) throws(SkipReason) {
    guard master.event.isSeries else {
      // A single event that an override replaces is a series of one.
      if !master.names(master.start, in: Set(overrides.keys)) {
        add(master.occurrence(at: master.start, recurrenceID: nil))
      }
      return
    }
    if isFull { throw .tooManyInstances }
    var changes: [Change] = []
    for shape in overrides.values where shape.event.thisAndFuture {
      guard let id = shape.event.recurrenceID else { continue }
      let local = master.local(of: id, zones)
      changes.append(Change(since: local, shape: shape, shift: shape.start - local))
    }
    changes.sort { $0.since < $1.since }

    // How far before or after the window an unchanged start may lie and still matter.
    var span = master.length.secondsMost
    var (shiftMost, shiftLeast) = (0, 0)
    for change in changes {
      span = max(span, change.shape.length.secondsMost)
      shiftMost = max(shiftMost, change.shift)
      shiftLeast = min(shiftLeast, change.shift)
    }
    // Offsets move by at most three hours at once; another zone in an override lies at most 26 hours off.
    let slack = (changes.isEmpty ? 3 : 29) * 3600
    var walk = SeriesWalk(
      master: master, zones: zones, first: master.zone.local(at: from - span - shiftMost) - slack,
      last: master.zone.local(at: to - shiftLeast) + slack, candidatesMax: limits.instancesPerEventMax * 3,
      budget: StepBudget(event: limits.stepsPerEventMax, file: stepsLeft))
    defer { stepsLeft = walk.budget.file }
    try walk.collect()

    let replaced = Set(overrides.keys)
    let before = occurrences.count
    for start in walk.starts where !master.names(start.local, in: replaced) {
      let id = master.time(at: start.local)
      if let change = changes.last(where: { $0.since <= start.local }) {
        add(change.shape.occurrence(at: start.local + change.shift, recurrenceID: id))
      } else {
        add(master.occurrence(at: start.local, length: start.length, recurrenceID: id))
      }
    }
    isFull = occurrences.count > limits.instancesPerFileMax
    guard occurrences.count - before <= limits.instancesPerEventMax, !isFull else { throw .tooManyInstances }
  }
}
