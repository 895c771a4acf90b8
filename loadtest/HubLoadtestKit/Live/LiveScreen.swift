/// The live view on a terminal: a few lines that are drawn over and over, with the course of the last half minute.
public struct LiveScreen {
  private static let courseLength = 30
  private static let bars = Array("▁▂▃▄▅▆▇█")
  private let title: String
  private let hasColour: Bool
  private var drawnLines = 0
  private var bytes: [Double] = []
  private var errors: [Double] = []
  private var lateness: [Double] = []

  /// - Parameter hasColour: false where `NO_COLOR` is set.
  public init(title: String, hasColour: Bool) {
    self.title = title
    self.hasColour = hasColour
  }

  /// The text that replaces what was drawn before.
  /// - Parameters:
  ///   - columns: width of the terminal; lines are cut there, since a wrapped one could not be drawn over.
  ///   - notes: lines below the figures, e.g. one a tester.
  public mutating func frame(_ figures: LiveFigures, columns: Int, notes: [String] = []) -> String {
    Self.push(figures.bytesPerClientPerSecond, &bytes)
    Self.push(figures.nearErrorP99Meters, &errors)
    Self.push(figures.tickLatenessP99Ms ?? figures.stepLatenessP99Ms, &lateness)
    let lines = self.lines(figures, columns: columns) + notes
    var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
    for line in lines { text += "\r\u{1B}[2K" + Self.cut(line, columns) + "\n" }
    // What was longer before is wiped.
    if drawnLines > lines.count {
      text += String(repeating: "\u{1B}[2K\n", count: drawnLines - lines.count)
      text += "\u{1B}[\(drawnLines - lines.count)A"
    }
    drawnLines = lines.count
    return text
  }

  private func lines(_ figures: LiveFigures, columns: Int) -> [String] {
    func fixed(_ value: Double?, _ digits: Int, times factor: Double = 1) -> String {
      ReportDocument.fixed(value.map { $0 * factor }, digits)
    }
    var head = bold(title) + "  " + figures.stage
    if let long = figures.secondsLong, long > 0 {
      let width = max(min(30, columns - 50), 6)
      let done = Int((min(figures.secondsPassed / long, 1) * Double(width)).rounded(.down))
      head += "  " + String(repeating: "━", count: done) + dim(String(repeating: "─", count: width - done))
      head += "  \(fixed(figures.secondsLeft, 0)) s left"
    } else {
      head += "  \(fixed(figures.secondsPassed, 0)) s"
    }
    var lines = [head]
    func row(_ name: String, _ text: String, _ course: [Double] = []) {
      let label = name + String(repeating: " ", count: max(13 - name.count, 1))
      let gap = String(repeating: " ", count: max(44 - text.count, 1))
      lines.append("  " + dim(label) + text + (course.count > 1 ? gap + dim(Self.course(course)) : ""))
    }
    row(
      "bots",
      "\(figures.here) of \(figures.bots) here"
        + (figures.failedConnections > 0 ? ", \(figures.failedConnections) connections failed" : ""))
    guard figures.framesPerSecond != nil else { return lines }
    row(
      "to clients",
      "\(fixed(figures.bytesPerClientPerSecond, 2, times: 0.001)) kB/s each,"
        + " \(fixed(figures.framesPerSecond, 0)) frames/s", bytes)
    row(
      "error p99",
      "near \(fixed(figures.nearErrorP99Meters, 1, times: 100)), mid \(fixed(figures.midErrorP99Meters, 1, times: 100)),"
        + " far \(fixed(figures.farErrorP99Meters, 1, times: 100)) cm", errors)
    row("stale p99", "\(fixed(figures.stalenessP99Ms, 0)) ms")
    row(
      "late p99",
      "ticks \(fixed(figures.tickLatenessP99Ms, 1)) ms, bots \(fixed(figures.stepLatenessP99Ms, 1)) ms",
      lateness)
    row(
      "CPU", "server \(fixed(figures.serverCPUCores, 2)), bots \(fixed(figures.testersCPUCores, 2)) cores")
    return lines
  }

  private func bold(_ text: String) -> String { hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  private func dim(_ text: String) -> String { hasColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

  private static func push(_ value: Double?, _ course: inout [Double]) {
    guard let value else { return }
    course.append(value)
    if course.count > courseLength { course.removeFirst() }
  }

  /// Bars from nothing to the largest.
  static func course(_ values: [Double]) -> String {
    let largest = values.max() ?? 0
    return String(
      values.map { value in
        largest > 0 ? bars[min(Int(value / largest * Double(bars.count)), bars.count - 1)] : bars[0]
      })
  }

  /// Cut to so many visible characters; colours are closed.
  static func cut(_ line: String, _ columns: Int) -> String {
    var out = ""
    var (seen, isEscape, isCut) = (0, false, false)
    for character in line {
      if character == "\u{1B}" { isEscape = true }
      if isEscape {
        out.append(character)
        if character.isLetter { isEscape = false }
        continue
      }
      guard seen < columns else {
        isCut = true
        continue
      }
      out.append(character)
      seen += 1
    }
    return isCut ? out + "\u{1B}[0m" : out
  }
}
