extension CalendarFile {
  /// The instances that overlap the half-open window, and when they take the room.
  ///
  /// A pure function of its arguments. Cost: proportional to the instances in the window; rules with COUNT also to what
  /// lies before it. Events whose rules use up the limits are left out and listed.
  /// - Parameters:
  ///   - from: seconds since 1970-01-01T00:00:00Z.
  ///   - to: exclusive.
  ///   - roomZone: in which days and floating times are read, and times in zones that nothing explains.
  public func expand(from: Int, to: Int, roomZone: Zone) -> Expansion {
    var result = Expansion()
    result.skipped = skipped
    guard from < to else { return result }
    var expansion = SeriesExpansion(file: self, from: from, to: to, roomZone: roomZone)
    for series in series() { expansion.expand(series) }
    result.skipped += expansion.skipped
    result.occurrences = expansion.occurrences.sorted { first, second in
      (first.interval.start, first.interval.end, first.event.uid)
        < (second.interval.start, second.interval.end, second.event.uid)
    }
    result.busy = merged(result.occurrences.filter(\.blocks).map(\.interval) + expansion.busy(busyPeriods))
    result.isIncomplete = result.skipped.contains(where: \.mayBlock)
    return result
  }

  /// Events that belong together, in the order of their first appearance: one master with its overrides.
  private func series() -> [EventSeries] {
    var order: [EventSeries] = []
    var indices: [String: Int] = [:]
    for event in events {
      if event.uid.isEmpty {
        order.append(EventSeries(event))
      } else if let index = indices[event.uid] {
        order[index].add(event)
      } else {
        indices[event.uid] = order.count
        order.append(EventSeries(event))
      }
    }
    return order
  }
}

/// The components that share a UID.
struct EventSeries {
  /// More than one only where several events of the same revision carry the same UID by mistake.
  private(set) var masters: [CalendarEvent] = []
  private(set) var overrides: [CalendarEvent] = []

  init(_ event: CalendarEvent) { add(event) }

  mutating func add(_ event: CalendarEvent) {
    if event.recurrenceID != nil {
      overrides.append(event)
    } else if let known = masters.first {
      if (event.sequence, event.stamp) > (known.sequence, known.stamp) {
        masters = [event]
      } else if (event.sequence, event.stamp) == (known.sequence, known.stamp),
        !masters.contains(where: { $0.start == event.start })
      {
        masters.append(event)
      }
    } else {
      masters = [event]
    }
  }
}

/// Intervals without overlaps, ascending; those that touch become one.
func merged(_ intervals: some Sequence<TimeInterval64>) -> [TimeInterval64] {
  var result: [TimeInterval64] = []
  for interval in intervals.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
    if let last = result.last, interval.start <= last.end {
      result[result.count - 1].end = max(last.end, interval.end)
    } else {
      result.append(interval)
    }
  }
  return result
}
