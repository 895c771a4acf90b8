import Foundation

/// How numbers lie along an axis.
enum Scale {
  case linear
  /// Values below `from` are drawn at it.
  case logarithmic(from: Double)
  /// Percentiles by their distance to 100: 0, 90, 99, 99.9 are equally far apart, so that tails can be read.
  case percentile

  func place(_ value: Double) -> Double {
    switch self {
    case .linear: value
    case .logarithmic(let from): log10(max(value, from))
    case .percentile: -log10(max(1 - value / 100, 1e-9))
    }
  }
}

/// Lines over one axis, as inline SVG with a text alternative. Colours and dashes come from the page's style.
struct LinePlot {
  struct Line {
    var name: String
    /// 1-7: colour and dash of the style.
    var style: Int
    var isDashed = false
    var points: [(x: Double, y: Double)]
    /// A bound drawn as a mark, e.g. the limit of the 99th percentile.
    var mark: (x: Double, y: Double)?
  }
  var id: String
  var title: String
  /// What the plot shows, in words and figures.
  var alternative: String
  var xLabel: String
  var yLabel: String
  var xScale = Scale.linear
  var yScale = Scale.linear
  var xTicks: [(at: Double, text: String)]? = nil
  var xMax: Double
  var lines: [Line]

  private static let (width, height) = (760.0, 320.0)
  private static let (left, right, top, bottom) = (58.0, 142.0, 14.0, 46.0)

  var svg: String {
    let drawn = lines.filter { !$0.points.isEmpty }
    let top = drawn.flatMap { $0.points.map(\.y) + ($0.mark.map { [$0.y] } ?? []) }.max() ?? 0
    let yTicks = Self.ticks(to: top, yScale)
    let low = yScale.place(yTicks.first ?? 0)
    let high = max(yScale.place(yTicks.last ?? 1), low + 1e-9)
    let farRight = max(xScale.place(xMax), 1e-9)
    func x(_ value: Double) -> Double {
      Self.left + (Self.width - Self.left - Self.right) * min(xScale.place(value) / farRight, 1)
    }
    func y(_ value: Double) -> Double {
      let share = (min(max(yScale.place(value), low), high) - low) / (high - low)
      return Self.height - Self.bottom - (Self.height - Self.bottom - Self.top) * share
    }
    var out = """
      <svg class="plot" viewBox="0 0 760 320" role="img" aria-labelledby="\(id)-t \(id)-d">
      <title id="\(id)-t">\(HTML.escape(title))</title><desc id="\(id)-d">\(HTML.escape(alternative))</desc>

      """
    let (x0, x1) = (Self.left, Self.width - Self.right)
    for tick in yTicks {
      let at = Self.short(y(tick))
      out += "<line class=\"grid\" x1=\"\(x0)\" x2=\"\(x1)\" y1=\"\(at)\" y2=\"\(at)\"/>"
      out += "<text class=\"tick\" x=\"\(x0 - 8)\" y=\"\(at)\" dy=\"4\" text-anchor=\"end\">"
      out += "\(Self.label(tick))</text>\n"
    }
    let base = Self.height - Self.bottom
    for tick in xTicks ?? Self.ticks(to: xMax, .linear).map({ ($0, Self.label($0)) })
    where tick.at <= xMax * 1.000001 {
      let at = Self.short(x(tick.at))
      out += "<line class=\"grid faint\" x1=\"\(at)\" x2=\"\(at)\" y1=\"\(Self.top)\" y2=\"\(base)\"/>"
      out +=
        "<text class=\"tick\" x=\"\(at)\" y=\"\(base + 18)\" text-anchor=\"middle\">\(tick.text)</text>\n"
    }
    out +=
      "<text class=\"axis\" x=\"\(x1)\" y=\"\(base + 38)\" text-anchor=\"end\">\(HTML.escape(xLabel))</text>"
    out += "<text class=\"axis\" x=\"\(x0 + 6)\" y=\"\(Self.top + 8)\">\(HTML.escape(yLabel))</text>\n"
    for line in drawn {
      let points = line.points.map { "\(Self.short(x($0.x))),\(Self.short(y($0.y)))" }
      out += "<polyline class=\"line c\(line.style)\(line.isDashed ? " dashed" : "")\""
      out += " points=\"\(points.joined(separator: " "))\"/>\n"
      if let mark = line.mark {
        let (at, height) = (x(mark.x), y(mark.y))
        out += "<path class=\"mark c\(line.style)\" d=\"M\(Self.short(at - 7)) \(Self.short(height))"
        out += "h14M\(Self.short(at)) \(Self.short(height))l-4 -7h8z\"/>\n"
      }
    }
    // Names stand at the lines' ends, pushed apart where they would overlap.
    var names = drawn.map { ($0, y($0.points[$0.points.count - 1].y)) }.sorted { $0.1 < $1.1 }
    for index in names.indices.dropFirst() where names[index].1 < names[index - 1].1 + 16 {
      names[index].1 = names[index - 1].1 + 16
    }
    let overflow = max((names.last?.1 ?? 0) - base, 0)
    for (line, at) in names {
      out +=
        "<text class=\"name c\(line.style)\" x=\"\(x1 + 10)\" y=\"\(Self.short(at - overflow))\" dy=\"4\">"
      out += "\(HTML.escape(line.name))</text>\n"
    }
    return out + "</svg>"
  }

  /// Round numbers from 0 (or the scale's begin) to the first at or above the largest value.
  static func ticks(to largest: Double, _ scale: Scale) -> [Double] {
    if case .logarithmic(let from) = scale {
      var ticks = [from]
      while let last = ticks.last, last < largest { ticks.append(last * 10) }
      return ticks.count > 1 ? ticks : [from, from * 10]
    }
    guard largest > 0 else { return [0, 1] }
    let rough = largest / 5
    let power = pow(10, log10(rough).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? power * 10
    return (0...Int((largest / step).rounded(.up))).map { Double($0) * step }
  }

  static func label(_ value: Double) -> String {
    if value >= 10_000 {
      return value >= 1_000_000
        ? ReportDocument.trimmed(value / 1_000_000) + " M" : ReportDocument.trimmed(value / 1000) + " k"
    }
    return ReportDocument.trimmed(value)
  }

  private static func short(_ value: Double) -> String { ReportDocument.fixed(value, 1) }
}

/// Escaped text for element content and attributes.
enum HTML {
  static func escape(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// The first cell of a row is its head.
  static func table(_ head: [String], _ rows: [[String]], caption: String, isNumeric: Bool = true) -> String {
    var out = "<table\(isNumeric ? " class=\"num\"" : "")><caption>\(escape(caption))</caption>\n"
    if !head.isEmpty {
      out += "<thead><tr>" + head.map { "<th scope=\"col\">\(escape($0))</th>" }.joined() + "</tr></thead>\n"
    }
    out += "<tbody>\n"
    for row in rows {
      out += "<tr>"
      for (index, cell) in row.enumerated() {
        out += index == 0 ? "<th scope=\"row\">\(escape(cell))</th>" : "<td>\(escape(cell))</td>"
      }
      out += "</tr>\n"
    }
    return out + "</tbody></table>\n"
  }
}
