import Foundation
import HubJSON

/// The sections with plots. Each plot has a text alternative, and its figures as a table beneath.
extension ReportPage {
  private struct Band {
    var name: String
    var path: String
    var style: Int
    var isDashed = false
    /// Drawn in this many of the quantity's unit, e.g. 100 for centimetres.
    var factor = 1.0
  }

  private static let percentiles = [50.0, 90, 95, 99, 99.9, 99.99]

  /// Percentile curves of distributions, with their table.
  private func curves(
    id: String, title: String, unit: String, digits: Int, scale: Scale, _ bands: [Band]
  ) -> String {
    let found = bands.compactMap { band in report.distribution(band.path).map { (band, $0) } }
      .filter { $0.1.count > 0 }
    guard !found.isEmpty else {
      return "<p class=\"soft\">\(HTML.escape(title)): nothing was recorded.</p>\n"
    }
    let lines = found.map { band, counts in
      // As far into the tail as the number of values carries.
      let reach = min(log10(Double(counts.count)), 4)
      let steps = 160
      let points = (0...steps).compactMap { step -> (x: Double, y: Double)? in
        let percent = 100 * (1 - pow(10, -4 * Double(step) / Double(steps)))
        guard 4 * Double(step) / Double(steps) <= max(reach, 0.3) else { return nil }
        return counts.percentile(percent).map { (percent, $0 * band.factor) }
      }
      let bound = verdicts?.file.limits.first { $0.key == band.path + ".p99" && $0.comparison == .atMost }?
        .bound
      return LinePlot.Line(
        name: band.name, style: band.style, isDashed: band.isDashed, points: points,
        mark: bound?.double.map { (99, $0 * band.factor) })
    }
    let told = found.map { band, counts in
      "\(band.name): median \(Self.cell(counts.percentile(50), band, digits)),"
        + " 99th percentile \(Self.cell(counts.percentile(99), band, digits)) \(unit)"
    }
    let plot = LinePlot(
      id: id, title: title, alternative: "Percentiles. " + told.joined(separator: "; ") + ".",
      xLabel: "percentile", yLabel: unit, xScale: .percentile, yScale: scale,
      xTicks: [(0, "0"), (50, "50"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99")], xMax: 99.99,
      lines: lines)
    let rows = found.map { band, counts in
      [band.name, whole(band.path + ".count")]
        + Self.percentiles.map { Self.cell(counts.percentile($0), band, digits) }
        + [Self.cell(counts.largest, band, digits), Self.cell(counts.mean, band, digits)]
    }
    return figure(
      plot,
      HTML.table(
        ["", "Values", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "Max", "Mean"], rows,
        caption: "\(title), \(unit)"))
  }

  private static func cell(_ value: Double?, _ band: Band, _ digits: Int) -> String {
    ReportDocument.fixed(value.map { $0 * band.factor }, digits)
  }

  /// Series of the time line, with their table.
  private func course(
    id: String, title: String, unit: String, _ bands: [Band]
  ) -> String {
    let series = bands.map { band in
      (band, report.items("timeline.\(band.path)").map { $0.double.map { $0 * band.factor } })
    }.filter { $0.1.contains { $0 != nil } }
    guard let length = series.map(\.1.count).max(), length > 0 else {
      return "<p class=\"soft\">\(HTML.escape(title)) over time: nothing was recorded.</p>\n"
    }
    let lines = series.map { band, values in
      LinePlot.Line(
        name: band.name, style: band.style, isDashed: band.isDashed,
        points: values.enumerated().compactMap { index, value in value.map { (Double(index + 1), $0) } })
    }
    let told = series.map { band, values in
      let known = values.compactMap { $0 }
      let mean = known.reduce(0, +) / Double(max(known.count, 1))
      return "\(band.name): mean \(ReportDocument.trimmed(mean)), largest"
        + " \(ReportDocument.trimmed(known.max() ?? 0)) \(unit)"
    }
    let plot = LinePlot(
      id: id, title: title + " over time",
      alternative: "Second by second. " + told.joined(separator: "; ") + ".",
      xLabel: "seconds of the measurement", yLabel: unit, xMax: Double(max(length, 2)), lines: lines)
    let step = (length + 599) / 600
    let rows = stride(from: 0, to: length, by: step).map { second in
      ["\(second + 1)"]
        + series.map { _, values in
          second < values.count ? values[second].map(ReportDocument.trimmed) ?? "-" : "-"
        }
    }
    return figure(
      plot,
      HTML.table(
        ["Second"] + series.map(\.0.name), rows,
        caption: "\(title), \(unit)" + (step > 1 ? ", every \(step) seconds" : "")))
  }

  private func figure(_ plot: LinePlot, _ table: String) -> String {
    """
    <figure>
    <figcaption>\(HTML.escape(plot.title))</figcaption>
    \(wide(plot.svg, plot.title))</figure>
    <details><summary>Table: \(HTML.escape(plot.title.lowercasedFirst))</summary>
    \(wide(table, "Table: " + plot.title))</details>

    """
  }

  var errors: Section? {
    var bands: [Band] = []
    for (index, (key, name)) in [("near", "0-5 m"), ("mid", "5-12 m"), ("far", "over 12 m")].enumerated() {
      bands.append(Band(name: name, path: "errorNowMeters.\(key)", style: index + 1, factor: 100))
      bands.append(
        Band(
          name: "\(name), moving", path: "errorNowMeters.moving.\(key)", style: index + 1, isDashed: true,
          factor: 100))
    }
    let drawn = [("near", "0-5 m"), ("mid", "5-12 m"), ("far", "over 12 m")].enumerated().flatMap {
      [
        Band(name: "\($1.1)", path: "errorDrawnMeters.\($1.0)", style: $0 + 1, factor: 100),
        Band(
          name: "\($1.1), moving", path: "errorDrawnMeters.moving.\($1.0)", style: $0 + 1, isDashed: true,
          factor: 100),
      ]
    }
    let aligned = [("s0", "S0: near, and focus"), ("s1", "S1: middle"), ("s2", "S2: far")].enumerated().map {
      Band(name: $1.1, path: "errorAlignedMeters.\($1.0)", style: $0 + 1, factor: 100)
    }
    let seconds = [("near", "0-5 m"), ("mid", "5-12 m"), ("far", "over 12 m")].enumerated().map {
      Band(name: $1.1, path: "\($1.0)ErrorP99Meters", style: $0 + 1, factor: 100)
    }
    return Section(
      id: "errors", title: "Error by distance",
      body: """
        <p>How far, at the same instant, what a viewer shows lies from the truth, by the true distance between the two. Read at 99: of a
        hundred avatars shown, one is further off.</p>
        \(curves(id: "p-error", title: "Error now", unit: "cm", digits: 1, scale: .logarithmic(from: 0.1), bands))\
        \(course(id: "p-error-t", title: "Error now, p99", unit: "cm", seconds))
        <p>Drawn is what a client shows that fades corrections instead of jumping. At the frame's tick nothing has been carried on by the
        client: what is left is the hub's own bound, and how late the testers told it.</p>
        \(curves(id: "p-drawn", title: "Error drawn", unit: "cm", digits: 1, scale: .logarithmic(from: 0.1), drawn))\
        \(curves(
          id: "p-aligned", title: "Error at the frame's tick", unit: "cm", digits: 1, scale: .logarithmic(from: 0.1), aligned))
        """)
  }

  var staleness: Section? {
    let bands = [
      Band(name: "staleness", path: "stalenessMs", style: 1),
      Band(name: "time to appear", path: "visibility.timeToAppearMs", style: 4),
      Band(name: "age of frames", path: "frames.ageMs", style: 6, isDashed: true),
    ]
    return Section(
      id: "staleness", title: "Staleness",
      body: """
        <p>Staleness is the time from a change of state at one client until another shows it. Time to appear counts from a newcomer's
        arrival until a viewer shows it.</p>
        \(curves(id: "p-stale", title: "Staleness", unit: "ms", digits: 0, scale: .logarithmic(from: 1), bands))\
        \(course(
          id: "p-stale-t", title: "Staleness, p99", unit: "ms",
          [Band(name: "staleness", path: "stalenessP99Ms", style: 1)]))
        """)
  }

  var bytes: Section? {
    let names = [
      ("s0", "S0: near, and focus"), ("s1", "S1: middle"), ("s2", "S2: far"),
      ("enterLeave", "enter and leave"),
      ("keyframe", "keyframes"), ("digest", "digests"), ("framing", "framing"), ("control", "control (text)"),
    ]
    let parts = names.enumerated().map {
      ($1.1, (report.number("bytes.parts.\($1.0)") ?? 0) / 1000, $0 % 7 + 1)
    }
    let total = max(parts.reduce(0) { $0 + $1.1 }, 1e-9)
    let largest = max(parts.map(\.1).max() ?? 0, 1e-9)
    var svg = """
      <svg class="plot" viewBox="0 0 760 \(parts.count * 34 + 12)" role="img" aria-labelledby="p-bytes-t p-bytes-d">
      <title id="p-bytes-t">Bytes by purpose</title>
      <desc id="p-bytes-d">Per client and second. \
      \(HTML.escape(parts.map { "\($0.0) \(ReportDocument.fixed($0.1, 2)) kB" }.joined(separator: "; "))).</desc>

      """
    for (index, (name, kilobytes, style)) in parts.enumerated() {
      let y = index * 34 + 8
      let width = ReportDocument.fixed(430 * kilobytes / largest, 1)
      svg += "<text class=\"part\" x=\"150\" y=\"\(y + 15)\" text-anchor=\"end\">\(HTML.escape(name))</text>"
      svg += "<rect class=\"bar c\(style)\" x=\"160\" y=\"\(y)\" width=\"\(width)\" height=\"22\" rx=\"3\"/>"
      svg +=
        "<text class=\"part\" x=\"\(ReportDocument.fixed(168 + 430 * kilobytes / largest, 1))\" y=\"\(y + 15)\">"
      svg +=
        "\(ReportDocument.fixed(kilobytes, 2)) kB/s, \(ReportDocument.fixed(kilobytes / total * 100, 0)) %</text>\n"
    }
    svg += "</svg>\n"
    let rows = parts.map {
      [$0.0, ReportDocument.fixed($0.1, 3), ReportDocument.fixed($0.1 / total * 100, 1)]
    }
    return Section(
      id: "bytes", title: "Bytes by tier",
      body: """
        <p>Payload that one client receives in a second, mean over all clients, by what it is for.</p>
        <figure><figcaption>Bytes by purpose</figcaption>
        \(wide(svg, "Bytes by purpose"))</figure>
        <details><summary>Table: bytes by purpose</summary>
        \(wide(HTML.table(["Purpose", "kB/s", "%"], rows, caption: "Bytes per client and second"), "Table: bytes"))</details>
        \(curves(
          id: "p-client", title: "Bytes per client and second", unit: "kB", digits: 2, scale: .logarithmic(from: 0.1),
          [Band(name: "all clients", path: "bytes.perClientPerSecond", style: 1, factor: 0.001)]))\
        \(course(
          id: "p-bytes-c", title: "Bytes per client", unit: "kB/s",
          [Band(name: "mean", path: "bytesPerClientPerSecond", style: 1, factor: 0.001)]))\
        \(course(
          id: "p-frames", title: "Frames delivered", unit: "frames/s",
          [Band(name: "all clients", path: "framesPerSecond", style: 3)]))
        """)
  }

  var ticks: Section? {
    let rows = [("Lateness", "latenessMs"), ("Duration", "durationMs")].map { name, key in
      [name, fixed("ticks.\(key).p50", 2), fixed("ticks.\(key).p99", 2)]
    }
    return Section(
      id: "ticks", title: "Tick lateness",
      body: """
        <p>How long after its planned instant a tick of the server began. \(whole("ticks.count")) ticks ran, \(whole("ticks.skipped")) were left
        out, \(whole("ticks.skippedOwnWork")) of them because the work of one took too long. The testers' own steps stand beside it:
        when both are late, the machine was too busy.</p>
        \(wide(HTML.table(["", "p50", "p99"], rows, caption: "Ticks, ms"), "Ticks"))\
        \(course(
          id: "p-ticks", title: "Lateness, p99", unit: "ms",
          [
            Band(name: "server's ticks", path: "tickLatenessP99Ms", style: 1),
            Band(name: "testers' steps", path: "stepLatenessP99Ms", style: 6, isDashed: true),
          ]))
        """)
  }

  var cpu: Section? {
    Section(
      id: "cpu", title: "CPU",
      body: """
        <p>Processor time in a second; 1 is one core kept busy. The server used \(fixed("server.cpuCores", 3)) cores and
        \(fixed("server.rssBytes", 0, times: 1e-6)) MB, the testers \(fixed("loadtester.cpuCores", 3)) cores.</p>
        \(course(
          id: "p-cpu", title: "CPU", unit: "cores",
          [
            Band(name: "server", path: "serverCpuCores", style: 1),
            Band(name: "testers", path: "loadtesterCpuCores", style: 6, isDashed: true),
          ]))\
        \(course(
          id: "p-here", title: "Bots in a space", unit: "bots", [Band(name: "bots", path: "here", style: 2)]))
        """)
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
