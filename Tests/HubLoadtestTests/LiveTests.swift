import HubLoadtestKit
import Testing

@Suite struct LiveTests {
  static func measuring() -> LiveFigures {
    var figures = LiveFigures()
    (figures.stage, figures.here, figures.bots) = ("measuring", 199, 200)
    (figures.secondsPassed, figures.secondsLong) = (15, 60)
    (figures.framesPerSecond, figures.bytesPerClientPerSecond) = (3980, 4720)
    (figures.nearErrorP99Meters, figures.stalenessP99Ms) = (0.051, 201)
    return figures
  }

  @Test func aLineTellsRatesErrorsProgressAndTimeLeft() {
    #expect(
      Self.measuring().line
        == "measuring: 199/200 here, 45 s left, 3980 frames/s, 4.72 kB/s each, near p99 5.1 cm, stale p99 201 ms"
    )
  }

  @Test func theScreenIsDrawnOverWhatWasThere() {
    var screen = LiveScreen(title: "hall", hasColour: false)
    var arriving = LiveFigures()
    (arriving.stage, arriving.bots) = ("arriving", 200)
    let first = screen.frame(arriving, columns: 80)
    #expect(!first.contains("\u{1B}[2A") && first.split(separator: "\n").count == 2)
    let second = screen.frame(Self.measuring(), columns: 80)
    #expect(second.hasPrefix("\u{1B}[2A\r\u{1B}[2Khall  measuring"))
    #expect(second.contains("45 s left") && second.contains("near 5.1") && second.contains("4.72 kB/s"))
    let lines = second.split(separator: "\n").count
    // Fewer lines than before: the rest is wiped, and the next frame begins at the top again.
    let third = screen.frame(arriving, columns: 80)
    #expect(third.hasPrefix("\u{1B}[\(lines)A") && third.hasSuffix("\u{1B}[\(lines - 2)A"))
  }

  @Test(arguments: [20, 44, 80]) func noLineIsWiderThanTheTerminal(_ columns: Int) {
    var screen = LiveScreen(title: "a rather long title of a scenario", hasColour: true)
    for _ in 0..<40 { _ = screen.frame(Self.measuring(), columns: columns, notes: []) }
    let text = screen.frame(
      Self.measuring(), columns: columns, notes: [String(repeating: "x", count: 200)])
    for line in text.split(separator: "\n") {
      var (width, isEscape) = (0, false)
      for character in line where character != "\r" {
        if character == "\u{1B}" { isEscape = true }
        if !isEscape { width += 1 }
        if isEscape, character.isLetter { isEscape = false }
      }
      #expect(width <= columns, "\(line)")
    }
  }

  @Test func figuresOfSeveralTestersAreSumsMeansAndTheWorst() {
    var other = Self.measuring()
    (other.here, other.bots, other.bytesPerClientPerSecond) = (1, 100, 920)
    (other.nearErrorP99Meters, other.stalenessP99Ms, other.secondsPassed) = (0.2, nil, 12)
    let merged = LiveFigures.merged([Self.measuring(), other])
    #expect(merged.here == 200 && merged.bots == 300 && merged.framesPerSecond == 7960)
    #expect(merged.bytesPerClientPerSecond == 4701)
    #expect(merged.nearErrorP99Meters == 0.2 && merged.stalenessP99Ms == 201 && merged.secondsPassed == 12)
  }
}
