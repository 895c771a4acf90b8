import HubServer
import Logging
import Synchronization
import Testing

@Suite struct LogTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  private func logger(_ level: Logger.Level, _ format: LogFormat) -> (Logger, Lines) {
    let lines = Lines()
    return (
      Logger(label: "test") { _ in HubLogHandler(level: level, format: format) { lines.add($0) } }, lines
    )
  }

  @Test func logfmtQuotesWhatNeedsIt() {
    var (log, lines) = logger(.info, .logfmt)
    log[metadataKey: "zone"] = "a"
    log.info("started up", metadata: ["port": "8080", "path": "a b=\"c\"", "zone": "b"])
    log.debug("not shown")
    #expect(lines.all.count == 1)
    let line = lines.all[0]
    #expect(line.hasPrefix("time=2") && line.hasSuffix("\n"))
    #expect(line.contains(" level=info event=\"started up\" path=\"a b=\\\"c\\\"\" port=8080 zone=b"))
  }

  @Test(arguments: LogFormat.allCases)
  func nothingFromOutsideForgesALine(format: LogFormat) {
    let (log, lines) = logger(.trace, format)
    log.warning("library", metadata: ["text": "a\nlevel=error\r\u{1b}[31m\u{2028}\u{202e}\u{0}\u{9b}x"])
    #expect(lines.all.count == 1)
    let hidden = lines.all[0].dropLast().unicodeScalars.filter {
      $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x2028 || $0.value == 0x202E
    }
    #expect(hidden.isEmpty)
    #expect(lines.all[0].contains("\\u001b[31m\\u2028\\u202e\\u0000\\u009bx"))
  }

  @Test func jsonIsOneObjectALine() {
    let line = HubLogHandler.line([("event", "it's \"Grüße\" \\"), ("n", "1")], .json)
    #expect(line == "{\"event\":\"it's \\\"Grüße\\\" \\\\\",\"n\":\"1\"}\n")
  }
}
