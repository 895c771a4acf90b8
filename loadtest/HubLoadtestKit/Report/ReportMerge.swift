import HubJSON

/// Adds reports of testers that shared one run into one. Distributions are added bucket by bucket, so percentiles of the
/// whole are as exact as those of each; nothing is an average of percentiles.
public enum ReportMerge {
  public enum Rule: Sendable, Equatable {
    /// The first report's.
    case first
    case sum
    case largest
    /// Mean over the bots of all: a figure per client.
    case perClient
    /// Of the report that has the server's figures.
    case server
    /// Recall anew from the pairs counted.
    case recall
    /// All texts that are there.
    case texts
  }

  /// Rules by path; one for an object holds for what is in it. Integers without a rule are summed, distributions added,
  /// objects merged member by member.
  private static let rules: [String: Rule] = [
    "format": .first, "scenario": .first, "seed": .first, "startedAt": .first, "machine": .first,
    "scenarioSettings": .first, "interruption": .texts, "seconds": .largest, "frames.perSecond": .sum,
    "frames.perClientPerSecond": .perClient, "bytes.parts": .perClient, "bytes.webSocketHeads": .perClient,
    "updates": .perClient, "visibility.recall": .recall, "ticks": .server, "server": .server,
    "loadtester.cpuCores": .sum, "loadtester.cpuMicrosPerBotSecond": .perClient,
    "people.movesPerSecond": .sum, "voice.messagesPerSecond": .sum,
    "timeline.here": .sum, "timeline.framesPerSecond": .sum, "timeline.bytesPerClientPerSecond": .perClient,
    "timeline.loadtesterCpuCores": .sum, "timeline.serverCpuCores": .server,
    "timeline.tickLatenessP99Ms": .server, "timeline": .largest,
  ]

  /// The rule for a path, its own or that of what it is in; nil where there is none.
  public static func rule(for path: String) -> Rule? {
    var path = path[...]
    while true {
      if let rule = rules[String(path)] { return rule }
      guard let point = path.lastIndex(of: ".") else { return nil }
      path = path[..<point]
    }
  }

  /// - Throws: ``ReportError`` when there is none, or when they are not of one run.
  public static func merged(_ reports: [ReportDocument]) throws(ReportError) -> ReportDocument {
    guard let first = reports.first else { throw ReportError("no report to merge") }
    for key in ["scenario", "seed"] {
      for report in reports where report.value(key) != first.value(key) {
        throw ReportError(
          "not one run: \(key) \(first.text(key) ?? "-") and \(report.text(key) ?? "-")")
      }
    }
    guard reports.count > 1 else { return first }
    let merger = Merger(reports)
    guard case .object(let root) = try merger.value(reports.map { .object($0.root) }, "") else {
      preconditionFailure("objects merge into an object")
    }
    return ReportDocument(root: root)
  }
}

/// One merging: the reports side by side.
private struct Merger {
  private let reports: [ReportDocument]
  /// Bots of each.
  private let weights: [Double]
  /// Index of the report with the server's figures.
  private let server: Int

  init(_ reports: [ReportDocument]) {
    self.reports = reports
    weights = reports.map { $0.number("avatars") ?? 0 }
    server = reports.firstIndex { $0.number("server.cpuCores") != nil } ?? 0
  }

  /// Values at one path, nil where a report has none.
  func value(_ values: [JSONValue?], _ path: String) throws(ReportError) -> JSONValue {
    let known = values.compactMap { $0 }
    guard let sample = known.first(where: { $0 != .null }) else { return .null }
    switch ReportMerge.rule(for: path) {
    case .first?: return sample
    case .server? where !path.hasPrefix("timeline"): return values[server] ?? .null
    case .texts?:
      var texts: [String] = []
      for case .string(let text) in known where !texts.contains(text) { texts.append(text) }
      return .string(texts.joined(separator: "; "))
    case .recall?: return recall()
    default: break
    }
    switch sample {
    case .object(let object):
      if object["histogram"] != nil { return try distribution(known, path) }
      return try self.object(known, path)
    case .array:
      let lists = values.map { if case .array(let items)? = $0 { items } else { [JSONValue]() } }
      // Lists of the time line go second by second; others, one after the other.
      guard path.hasPrefix("timeline") else { return .array(lists.flatMap { $0 }) }
      let length = lists.map(\.count).max() ?? 0
      return .array(
        (0..<length).map { index in
          let weights =
            path == "timeline.bytesPerClientPerSecond"
            ? reports.map { report in
              let here = report.items("timeline.here")
              return index < here.count ? here[index].double ?? 0 : 0
            } : self.weights
          return number(lists.map { index < $0.count ? $0[index] : nil }, path, weights)
        })
    case .int, .real: return number(values, path, weights)
    default: return sample
    }
  }

  private func object(_ values: [JSONValue], _ path: String) throws(ReportError) -> JSONValue {
    let objects = values.map { if case .object(let object) = $0 { object } else { JSONObject() } }
    var keys: [String] = []
    var known: Set<String> = []
    for object in objects {
      for member in object.members where known.insert(member.key).inserted { keys.append(member.key) }
    }
    var members: [JSONObject.Member] = []
    for key in keys {
      members.append(.init(key, try value(objects.map { $0[key] }, path.isEmpty ? key : "\(path).\(key)")))
    }
    return .object(JSONObject(members))
  }

  private func distribution(_ values: [JSONValue], _ path: String) throws(ReportError) -> JSONValue {
    var sum: RecordedCounts?
    for value in values {
      guard let counts = RecordedCounts(value), sum?.unit ?? counts.unit == counts.unit else {
        throw ReportError("\(path): a distribution without its histogram, or in another unit")
      }
      sum = sum.map { $0.adding(counts) } ?? counts
    }
    return sum?.json ?? .null
  }

  private func number(_ values: [JSONValue?], _ path: String, _ weights: [Double]) -> JSONValue {
    let known = values.enumerated().compactMap { index, value in value?.double.map { (index, $0) } }
    guard !known.isEmpty else { return .null }
    let isWhole = values.allSatisfy { if case .real? = $0 { false } else { true } }
    func result(_ value: Double) -> JSONValue {
      isWhole && value.magnitude < 9e15 ? .int(Int64(value)) : .number(value)
    }
    switch ReportMerge.rule(for: path) {
    case .largest?: return result(known.map(\.1).max() ?? 0)
    case .server?: return values[server] ?? .null
    case .perClient?:
      let weight = known.reduce(0) { $0 + weights[$1.0] }
      return .number(weight > 0 ? known.reduce(0) { $0 + $1.1 * weights[$1.0] } / weight : nil)
    default: return result(known.reduce(0) { $0 + $1.1 })
    }
  }

  private func recall() -> JSONValue {
    let expected = reports.reduce(0) { $0 + ($1.number("visibility.expected") ?? 0) }
    let missed = reports.reduce(0) { $0 + ($1.number("visibility.missed") ?? 0) }
    return .number(expected > 0 ? 1 - missed / expected : nil)
  }
}
