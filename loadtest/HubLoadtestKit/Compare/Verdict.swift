import HubJSON

/// What became of one limit.
public struct Verdict: Sendable {
  public var limit: LimitsFile.Limit
  public var isKept: Bool
  /// The figure as told, or why there is none.
  public var found: String
  /// Nil without an aim, or without a figure.
  public var reachesAim: Bool?

  /// The limit as told, e.g. `<= 0.09`.
  public var bound: String { "\(limit.comparison.rawValue) \(Self.text(limit.bound))" }
  public var aim: String {
    guard let aim = limit.aim else { return "" }
    return "\(limit.comparison.rawValue) \(ReportDocument.trimmed(aim))"
  }

  static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value { return text }
    return value.double.map(ReportDocument.trimmed) ?? "-"
  }
}

extension LimitsFile {
  /// Holds a report against every limit. A figure that the report does not have, or that could not be measured, keeps no limit.
  public func verdicts(on report: ReportDocument) -> [Verdict] {
    limits.map { limit in
      var verdict = Verdict(limit: limit, isKept: false, found: "")
      switch report.value(limit.key) {
      case nil: verdict.found = "no such key"
      case .null?: verdict.found = "not measured"
      case let value?:
        verdict.found = Verdict.text(value)
        if let figure = value.double, let bound = limit.bound.double {
          verdict.isKept = holds(figure, limit.comparison, bound)
          verdict.reachesAim = limit.aim.map { holds(figure, limit.comparison, $0) }
        } else if case .string(let text) = value, case .string(let bound) = limit.bound {
          verdict.isKept = text == bound
        } else {
          verdict.found = "\(value.kind), not comparable"
        }
      }
      return verdict
    }
  }

  private func holds(_ figure: Double, _ comparison: Comparison, _ bound: Double) -> Bool {
    switch comparison {
    case .atMost: figure <= bound
    case .below: figure < bound
    case .atLeast: figure >= bound
    case .above: figure > bound
    case .equal: figure == bound
    }
  }

  /// A table of all limits, failed ones marked and counted in its last line.
  public func table(_ verdicts: [Verdict]) -> String {
    let rows = verdicts.map { verdict in
      [
        verdict.isKept ? "ok" : "FAILED", verdict.limit.label, verdict.found, verdict.bound,
        verdict.aim.isEmpty ? "" : verdict.aim + (verdict.reachesAim == true ? " reached" : ""),
      ]
    }
    let failed = verdicts.count { !$0.isKept }
    let end =
      failed == 0
      ? "\(title): all \(verdicts.count) limits kept"
      : "\(title): \(failed) of \(verdicts.count) limits not kept"
    return TextTable.text(["", "limit", "found", "must", "aim"], rows) + end + "\n"
  }
}

/// Columns under each other.
enum TextTable {
  static func text(_ head: [String], _ rows: [[String]]) -> String {
    let widths = head.indices.map { column in
      ([head] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([head] + rows).map { row in
      var line = " "
      for (column, cell) in row.enumerated() {
        line += " " + cell + String(repeating: " ", count: widths[column] - cell.count + 1)
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
