import HubJSON

/// What differs between two reports, figure by figure.
///
/// **Noise.** For figures that the time line follows second by second, a change is beyond noise when it is larger than
/// 3 % of the old figure and than twice the standard error of the difference, from the scatter of the seconds
/// (`2·sqrt(s₁²/n₁ + s₂²/n₂)`, Welch). For all others, which one run tells once, when it is larger than 10 %.
public struct ReportComparison: Sendable {
  public struct Row: Sendable, Equatable {
    public var key: String
    public var old: Double?
    public var new: Double?
    /// Nil where either is missing.
    public var noise: Double?

    public var change: Double? {
      guard let old, let new else { return nil }
      return new - old
    }
    /// New by old; nil where there is none, or old is 0.
    public var ratio: Double? {
      guard let old, let new, old != 0 else { return nil }
      return new / old
    }
    /// A figure that is there in one of the two only is always beyond noise.
    public var isBeyondNoise: Bool {
      guard let change, let noise else { return true }
      return change.magnitude > noise
    }
  }

  /// Rows whose figures differ, in the order of the report.
  public var rows: [Row]
  /// Settings that differ: then a change of figures says little.
  public var settings: [String]
  public var figuresCompared: Int

  public static let rule =
    "beyond noise: above 3 % and twice the standard error over the seconds where the time line has the figure, else"
    + " above 10 %"

  private static let settingKeys = [
    "scenario", "seed", "avatars", "viewers", "drained", "seconds", "machine.cpu", "machine.cores",
    "machine.kernel",
  ]
  /// Not figures of the hub, or grow with the length of a run.
  private static let leftOut: Set<String> = [
    "format", "avatars", "viewers", "drained", "seconds", "machine", "timeline", "testers", "histogram",
    "count", "max",
    "scenarioSettings", "p95",
  ]
  /// Figures with a second-by-second series.
  private static let series: [String: String] = [
    "frames.perSecond": "framesPerSecond",
    "bytes.perClientPerSecond.mean": "bytesPerClientPerSecond",
    "errorNowMeters.near.p99": "nearErrorP99Meters", "errorNowMeters.mid.p99": "midErrorP99Meters",
    "errorNowMeters.far.p99": "farErrorP99Meters", "stalenessMs.p99": "stalenessP99Ms",
    "loadtester.stepLatenessMs.p99": "stepLatenessP99Ms", "loadtester.cpuCores": "loadtesterCpuCores",
    "server.cpuCores": "serverCpuCores", "ticks.latenessMs.p99": "tickLatenessP99Ms",
  ]

  public init(old: ReportDocument, new: ReportDocument) {
    settings = Self.settingKeys.compactMap { key in
      let (before, after) = (old.value(key), new.value(key))
      // The length of a measurement is never exact.
      if key == "seconds", let a = before?.double, let b = after?.double, (a - b).magnitude < 1 { return nil }
      return before == after
        ? nil : "\(key) \(before.map(Verdict.text) ?? "-") -> \(after.map(Verdict.text) ?? "-")"
    }
    var keys = Self.figures(.object(new.root), "")
    let known = Set(keys)
    keys += Self.figures(.object(old.root), "").filter { !known.contains($0) }
    figuresCompared = keys.count
    rows = keys.compactMap { key in
      let (before, after) = (old.number(key), new.number(key))
      guard before != after else { return nil }
      return Row(key: key, old: before, new: after, noise: Self.noise(key, old, new))
    }
  }

  /// Paths of all numbers that tell something of a run.
  private static func figures(_ value: JSONValue, _ path: String) -> [String] {
    guard case .object(let object) = value else { return value.double == nil ? [] : [path] }
    return object.members.flatMap { member in
      leftOut.contains(member.key)
        ? [] : figures(member.value, path.isEmpty ? member.key : "\(path).\(member.key)")
    }
  }

  private static func noise(_ key: String, _ old: ReportDocument, _ new: ReportDocument) -> Double? {
    guard let before = old.number(key), new.number(key) != nil else { return nil }
    guard let name = series[key], let a = squaredError(name, old), let b = squaredError(name, new) else {
      return 0.10 * before.magnitude
    }
    return max(0.03 * before.magnitude, 2 * (a + b).squareRoot())
  }

  /// s²/n of a series; nil for under 3 values.
  private static func squaredError(_ name: String, _ report: ReportDocument) -> Double? {
    let values = report.items("timeline.\(name)").compactMap(\.double)
    guard values.count >= 3 else { return nil }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return squares / (count - 1) / count
  }

  /// For a reader: what is beyond noise first, then the rest of what changed.
  public var table: String {
    var text = settings.isEmpty ? "" : "not the same run: " + settings.joined(separator: ", ") + "\n"
    guard !rows.isEmpty else { return text + "no figure of \(figuresCompared) changed\n" }
    func cell(_ value: Double?) -> String { value.map(ReportDocument.trimmed) ?? "-" }
    let ordered = rows.filter(\.isBeyondNoise) + rows.filter { !$0.isBeyondNoise }
    let cells = ordered.map { row in
      [
        row.isBeyondNoise ? "*" : "", row.key, cell(row.old), cell(row.new),
        (row.change ?? 0 > 0 ? "+" : "") + cell(row.change),
        row.ratio.map { "x" + ReportDocument.fixed($0, 3) } ?? "-",
      ]
    }
    text += TextTable.text(["", "figure", "old", "new", "change", "ratio"], cells)
    let beyond = rows.count(where: \.isBeyondNoise)
    return text + "* \(beyond) of \(figuresCompared) figures changed beyond noise (\(Self.rule))\n"
  }
}
