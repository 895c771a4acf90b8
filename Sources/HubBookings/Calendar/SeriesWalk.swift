/// Collects the starts of one series that may matter to a window: DTSTART, every RRULE, every RDATE, without those that
/// EXDATE and EXRULE take out.
struct SeriesWalk {
  struct Start {
    var local: Int
    /// Set where an RDATE of the kind PERIOD brings its own.
    var length: EventShape.Length?
  }

  let master: EventShape
  let zones: ZoneTable
  /// Wall-clock bounds of interest.
  let first: Int
  let last: Int
  let candidatesMax: Int
  var budget: StepBudget
  /// Ascending, each instant once.
  private(set) var starts: [Start] = []

  init(
    master: EventShape, zones: ZoneTable, first: Int, last: Int, candidatesMax: Int, budget: StepBudget
  ) {
    self.master = master
    self.zones = zones
    self.first = first
    self.last = last
    self.candidatesMax = candidatesMax
    self.budget = budget
  }

  mutating func collect() throws(SkipReason) {
    let event = master.event
    // DTSTART is the first instance even where the rule doesn't name it, unless every rule ended before it.
    let endedBefore = !event.rules.isEmpty && event.rules.allSatisfy { isOver($0, at: master.start) }
    if !endedBefore { append(master.start, nil) }
    for rule in event.rules { try walk(rule) }
    for addition in event.additions {
      append(master.local(of: addition.start, zones), master.length(of: addition, zones))
    }
    if starts.count > 1 { removeRepeats() }

    let excluded = Set(event.exclusions.map { master.key(of: $0, zones) })
    if !excluded.isEmpty { starts.removeAll { master.names($0.local, in: excluded) } }
    for rule in event.exclusionRules { try exclude(rule) }
  }

  private mutating func append(_ local: Int, _ length: EventShape.Length?) {
    let lead = length?.secondsMost ?? 0
    if local >= first - lead, local <= last { starts.append(Start(local: local, length: length)) }
  }

  /// Two rules, or a rule and a date, may name one instant; so may two wall-clock times that a change of offset joins.
  /// A start that brings its own length wins.
  private mutating func removeRepeats() {
    let keyed = starts.map { (instant: master.zone.instant(ofLocal: $0.local), start: $0) }.sorted {
      ($0.instant, $0.start.length == nil ? 1 : 0) < ($1.instant, $1.start.length == nil ? 1 : 0)
    }
    starts.removeAll(keepingCapacity: true)
    var previous: Int?
    for (instant, start) in keyed where instant != previous {
      starts.append(start)
      previous = instant
    }
  }

  private mutating func walk(_ rule: RecurrenceRule) throws(SkipReason) {
    var iterator = try iterator(for: rule)
    if rule.count == nil { iterator.jump(to: first) }
    // COUNT counts DTSTART as the first, also where the rule doesn't name it; of several rules, only those that do.
    let startCounts = master.event.rules.count == 1
    var left = (rule.count ?? .max) - (startCounts ? 1 : 0)
    while left > 0, let local = iterator.next(&budget) {
      if isOver(rule, at: local) { return }
      if local == master.start {
        if !startCounts { left -= 1 }
        continue
      }
      left -= 1
      guard local >= first else {
        _ = budget.take()
        continue
      }
      starts.append(Start(local: local))
      guard starts.count <= candidatesMax else { throw .tooManyInstances }
    }
    if left > 0, budget.isSpent { throw .tooManySteps }
  }

  private mutating func exclude(_ rule: RecurrenceRule) throws(SkipReason) {
    var iterator = try iterator(for: rule)
    if rule.count == nil { iterator.jump(to: first) }
    var left = rule.count ?? .max
    var excluded: Set<Int> = []
    while left > 0, let local = iterator.next(&budget) {
      if isOver(rule, at: local) { break }
      left -= 1
      _ = budget.take()
      if local >= first { excluded.insert(local) }
    }
    starts.removeAll { excluded.contains($0.local) }
  }

  private func iterator(for rule: RecurrenceRule) throws(SkipReason) -> RuleIterator {
    if master.isDate, rule.frequency > .daily { throw .badRule(.badValue(part: "FREQ")) }
    return RuleIterator(rule: rule, start: master.start, wholeDays: master.isDate, limit: last)
  }

  /// Whether the rule's UNTIL lies before a start. A date stands for its midnight, so a timed series loses that day; a
  /// series of days takes the day of any UNTIL.
  private func isOver(_ rule: RecurrenceRule, at local: Int) -> Bool {
    guard let until = rule.until else { return false }
    if master.isDate {
      let day = floorDivide(local, secondsPerDay)
      switch until {
      case .date(let last): return day > last
      case .local(let last): return day > floorDivide(last, secondsPerDay)
      case .utc(let instant):
        let wall = master.event.start.isDate ? instant : master.zone.local(at: instant)
        return day > floorDivide(wall, secondsPerDay)
      }
    }
    switch until {
    case .date(let day): return local > day * secondsPerDay
    case .local(let last): return local > last
    case .utc(let instant):
      if case .floating = master.kind { return local > instant }
      return master.zone.instant(ofLocal: local) > instant
    }
  }
}
