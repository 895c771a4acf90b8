import HubJSON

/// A report as one HTML file that needs nothing else: no script, no request, plots as inline SVG, one style sheet allowed
/// by its hash. For print, dark and light.
public struct ReportPage {
  let report: ReportDocument
  let verdicts: (file: LimitsFile, verdicts: [Verdict])?
  let comparison: (name: String, comparison: ReportComparison)?

  public init(
    _ report: ReportDocument, limits: LimitsFile? = nil, comparison: (name: String, ReportComparison)? = nil
  ) {
    self.report = report
    verdicts = limits.map { ($0, $0.verdicts(on: report)) }
    self.comparison = comparison
  }

  public var html: String {
    let sections = [limits, figures, errors, staleness, bytes, ticks, cpu, compared, run].compactMap { $0 }
    let title =
      "\(report.text("scenario") ?? "-"): \(whole("avatars")) avatars, \(fixed("seconds", 0)) seconds"
    let links = sections.map { "<li><a href=\"#\($0.id)\">\(HTML.escape($0.title))</a></li>" }.joined()
    let bodies = sections.map {
      "<section id=\"\($0.id)\" aria-labelledby=\"\($0.id)-h\">\n<h2 id=\"\($0.id)-h\">\(HTML.escape($0.title))</h2>\n"
        + "\($0.body)</section>\n"
    }.joined()
    let notices = report.complaints.map { "<p class=\"notice\">\(HTML.escape($0))</p>\n" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '\(PageStyle.hash)'; base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Load test, \(HTML.escape(title))</title>
      <style>\(PageStyle.css)</style>
      </head>
      <body>
      <header>
      <p class="soft">Load test of a hub, \(HTML.escape(report.text("startedAt") ?? ""))</p>
      <h1>\(HTML.escape(title))</h1>
      <nav aria-label="Sections"><ul>\(links)</ul></nav>
      \(tiles)</header>
      <main>
      \(notices)\(bodies)</main>
      <footer><p>Percentiles come from HDR histograms with three significant figures; every value counts, nothing is averaged away.
      Errors are the distance between what a viewer shows at an instant and where the avatar truly is. How each figure comes
      about: loadtest/README.md.</p></footer>
      </body>
      </html>

      """
  }

  struct Section {
    var id: String
    var title: String
    var body: String
  }

  // MARK: Text of figures

  func fixed(_ path: String, _ digits: Int, times factor: Double = 1) -> String {
    ReportDocument.fixed(report.number(path).map { $0 * factor }, digits)
  }
  func whole(_ path: String) -> String {
    guard let count = report.count(path) else { return "-" }
    let digits = Array(String(count).reversed())
    return String(
      digits.indices.flatMap { $0 > 0 && $0 % 3 == 0 ? [",", digits[$0]] : [digits[$0]] }.reversed())
  }

  private var tiles: String {
    let items: [(String, String, String)] = [
      (
        "Bytes per client", "\(fixed("bytes.perClientPerSecond.mean", 1, times: 0.001)) kB/s",
        "p99 \(fixed("bytes.perClientPerSecond.p99", 1, times: 0.001)) kB/s"
      ),
      (
        "Error 0-5 m, p99", "\(fixed("errorNowMeters.near.p99", 1, times: 100)) cm",
        "median \(fixed("errorNowMeters.near.p50", 1, times: 100)) cm"
      ),
      (
        "Error 5-12 m, p99", "\(fixed("errorNowMeters.mid.p99", 1, times: 100)) cm",
        "median \(fixed("errorNowMeters.mid.p50", 1, times: 100)) cm"
      ),
      (
        "Error over 12 m, p99", "\(fixed("errorNowMeters.far.p99", 1, times: 100)) cm",
        "median \(fixed("errorNowMeters.far.p50", 1, times: 100)) cm"
      ),
      (
        "Staleness, p99", "\(fixed("stalenessMs.p99", 0)) ms", "median \(fixed("stalenessMs.p50", 0)) ms"
      ),
      (
        "Server CPU", "\(fixed("server.cpuCores", 2)) cores",
        "\(fixed("server.cpuMicrosPerFrame", 1)) µs a frame"
      ),
      (
        "Tick lateness, p99", "\(fixed("ticks.latenessMs.p99", 1)) ms",
        "\(whole("ticks.skippedOwnWork")) skipped by own work"
      ),
      (
        "Seen of those in sight", "\(fixed("visibility.recall", 2, times: 100)) %",
        "\(whole("visibility.ghosts")) ghosts"
      ),
    ]
    return "<dl class=\"tiles\">"
      + items.map {
        "<div><dt>\(HTML.escape($0.0))</dt><dd>\(HTML.escape($0.1))<small>\(HTML.escape($0.2))</small></dd></div>"
      }.joined(separator: "\n") + "</dl>\n"
  }

  // MARK: Sections of tables

  private var limits: Section? {
    guard let (file, verdicts) = verdicts else { return nil }
    let failed = verdicts.count { !$0.isKept }
    let rows = verdicts.map { verdict in
      "<tr class=\"\(verdict.isKept ? "kept" : "failed")\"><th scope=\"row\">\(HTML.escape(verdict.limit.label))</th>"
        + "<td>\(HTML.escape(verdict.found))</td><td>\(HTML.escape(verdict.bound))</td>"
        + "<td>\(HTML.escape(verdict.aim))\(verdict.reachesAim == true ? " reached" : "")</td>"
        + "<td class=\"verdict\">\(verdict.isKept ? "kept" : "not kept")</td></tr>\n"
    }
    let head = ["Limit", "Found", "Must", "Aim", "Verdict"].map { "<th scope=\"col\">\($0)</th>" }.joined()
    let caption =
      failed == 0
      ? "All \(verdicts.count) limits are kept." : "\(failed) of \(verdicts.count) limits are not kept."
    return Section(
      id: "limits", title: "Limits: \(file.title)",
      body: wide(
        "<table class=\"num\"><caption>\(caption)</caption><thead><tr>\(head)</tr></thead><tbody>\n\(rows.joined())</tbody></table>",
        "Limits"))
  }

  private var figures: Section? {
    Section(
      id: "figures", title: "Figures",
      body: wide(
        HTML.table(
          ["Figure", "Value"],
          report.tableRows.map { [$0.name.trimmingBlanks, $0.text] }, caption: "The table of the run",
          isNumeric: false), "Figures"))
  }

  private var compared: Section? {
    guard let (name, comparison) = comparison else { return nil }
    func cell(_ value: Double?) -> String { value.map(ReportDocument.trimmed) ?? "-" }
    let rows = comparison.rows.filter(\.isBeyondNoise).map { row in
      [row.key, cell(row.old), cell(row.new), cell(row.change), ReportDocument.fixed(row.ratio, 3)]
    }
    let settings =
      comparison.settings.isEmpty
      ? ""
      : "<p class=\"notice\">Not the same run: \(HTML.escape(comparison.settings.joined(separator: ", ")))</p>"
    return Section(
      id: "compared", title: "Compared with \(name)",
      body: settings
        + wide(
          HTML.table(
            ["Figure", "Old", "New", "Change", "New ÷ old"], rows,
            caption: "\(rows.count) of \(comparison.figuresCompared) figures changed beyond noise;"
              + " \(ReportComparison.rule)"), "Comparison"))
  }

  private var run: Section? {
    var rows = [
      ["Scenario", report.text("scenario") ?? "-"], ["Seed", report.text("seed") ?? "-"],
      ["Avatars, viewers among them", "\(whole("avatars")), \(whole("viewers"))"],
      ["Measured", "\(fixed("seconds", 1)) s from \(report.text("startedAt") ?? "-")"],
      [
        "Machine",
        "\(report.text("machine.cpu") ?? "-"), \(whole("machine.cores")) cores, Linux \(report.text("machine.kernel") ?? "-")",
      ],
    ]
    if case .object(let settings)? = report.value("scenarioSettings") {
      rows += settings.members.map { [$0.key, Self.told($0.value)] }
    }
    var body = wide(
      HTML.table(["What", "How"], rows, caption: "Scenario and machine", isNumeric: false), "Run")
    let testers = report.items("testers").compactMap { item -> [String]? in
      guard case .object(let tester) = item else { return nil }
      return ["name", "bots", "cpu", "cores", "clockOffsetMs", "roundTripMs", "cpuCores", "lost"].map {
        tester[$0].map(Self.told) ?? "-"
      }
    }
    if !testers.isEmpty {
      body += wide(
        HTML.table(
          [
            "Tester", "Bots", "Processor", "Cores", "Clock offset, ms", "Round trip, ms", "CPU, cores",
            "Lost",
          ],
          testers, caption: "Testers"), "Testers")
    }
    return Section(id: "run", title: "Scenario and machine", body: body)
  }

  static func told(_ value: JSONValue) -> String {
    switch value {
    case .null: "-"
    case .bool(let flag): flag ? "yes" : "no"
    case .string(let text): text
    case .int(let number): "\(number)"
    case .real(let number): ReportDocument.trimmed(number)
    case .array(let items): items.map(told).joined(separator: ", ")
    case .object(let object): object.members.map { "\($0.key) \(told($0.value))" }.joined(separator: ", ")
    }
  }

  /// Scrolls sideways on a narrow screen, by keyboard too.
  func wide(_ content: String, _ label: String) -> String {
    "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"\(HTML.escape(label))\">\n\(content)</div>\n"
  }
}

extension String {
  fileprivate var trimmingBlanks: String { String(drop { $0 == " " }) }
}
