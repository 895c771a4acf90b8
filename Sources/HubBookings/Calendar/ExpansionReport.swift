/// An expansion as text: JSON for programs, lines for people.
public struct ExpansionReport {
  private let expansion: Expansion

  public init(_ expansion: Expansion) { self.expansion = expansion }

  /// One JSON object, handed out in pieces so that a long list needs no second copy:
  /// `{"instances":[…],"busy":[[start, end]…],"skipped":[{"uid","reason"}…]}`.
  public func writeJSON(_ write: (String) -> Void) {
    write("{\"instances\":[")
    for (index, occurrence) in expansion.occurrences.enumerated() {
      write((index == 0 ? "\n" : ",\n") + json(occurrence))
    }
    write("],\n\"busy\":[")
    for (index, interval) in expansion.busy.enumerated() {
      let (start, end) = (CalendarTime.utc(interval.start).isoText, CalendarTime.utc(interval.end).isoText)
      write((index == 0 ? "\n" : ",\n") + "[\"\(start)\",\"\(end)\"]")
    }
    write("],\n\"skipped\":[")
    for (index, event) in expansion.skipped.enumerated() {
      write(
        (index == 0 ? "\n" : ",\n") + "{\"uid\":\(quoted(event.uid)),\"reason\":\(quoted("\(event.reason)"))}"
      )
    }
    write("]}\n")
  }

  private func json(_ occurrence: Occurrence) -> String {
    let event = occurrence.event
    return "{\"uid\":\(quoted(event.uid)),\"start\":\(json(occurrence.start)),\"end\":\(json(occurrence.end))"
      + ",\"status\":\(quoted(event.status)),\"class\":\(quoted(event.classification))"
      + ",\"transp\":\(quoted(event.transparency)),\"summary\":\(quoted(event.summary))}"
  }

  private func json(_ time: CalendarTime) -> String {
    let key =
      switch time {
      case .utc: "utc"
      case .floating: "floating"
      case .date: "date"
      }
    return "{\"\(key)\":\"\(time.isoText)\"}"
  }

  /// One line an instance, then the busy times, then what was left out.
  public func writeText(_ write: (String) -> Void) {
    for occurrence in expansion.occurrences {
      let event = occurrence.event
      let state =
        event.isCancelled
        ? "cancelled" : event.blocks ? (event.isTentative ? "tentative" : "busy") : "transparent"
      let title = printable(event.summary.isEmpty ? event.uid : event.summary)
      write("\(occurrence.start.isoText)  \(occurrence.end.isoText)  \(state)  \(title)\n")
    }
    for interval in expansion.busy {
      let (start, end) = (CalendarTime.utc(interval.start).isoText, CalendarTime.utc(interval.end).isoText)
      write("busy  \(start)  \(end)\n")
    }
    for event in expansion.skipped { write("skipped  \(printable(event.uid)): \(event.reason)\n") }
    if expansion.isIncomplete { write("incomplete: times not listed as busy may be taken\n") }
  }

  /// Without what would move a terminal's cursor.
  private func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
