import ArgumentParser
import Foundation
import HubLoadtestKit

/// What is done with a report, wherever it comes from.
struct ReportOutput: ParsableArguments {
  @Option(help: "Writes the report as JSON to this file.")
  var json: String?
  @Option(help: "Writes the report as one HTML page with plots to this file.")
  var html: String?
  @Option(help: "Limits file: exit code 2 when the report does not keep them.")
  var bar: String?
  @Option(help: "Report of an earlier run: tells what changed.")
  var compare: String?

  /// Bad files are told before a run, not after it.
  func validate() throws { _ = try inputs() }

  private func inputs() throws -> (limits: LimitsFile?, old: ReportDocument?) {
    do {
      return (
        try bar.map { try LimitsFile(text: try readFile($0), name: $0) },
        try compare.map { try ReportDocument(text: try readFile($0), name: $0) }
      )
    } catch let error as ReportError {
      throw ValidationError(error.description)
    }
  }

  /// Prints the tables, writes the files, and ends the process with the exit code that the report deserves.
  func deliver(_ report: ReportDocument) throws {
    let (limits, old) = try inputs()
    let comparison = old.map { ReportComparison(old: $0, new: report) }
    print(report.table, terminator: "")
    if let comparison, let compare {
      print("\ncompared with \(compare)\n" + comparison.table, terminator: "")
    }
    let verdicts = limits?.verdicts(on: report) ?? []
    if let limits { print("\n" + limits.table(verdicts), terminator: "") }
    if let json { try write(report.jsonText(), to: json) }
    if let html {
      let named = comparison.flatMap { made in compare.map { (($0 as NSString).lastPathComponent, made) } }
      try write(Array(ReportPage(report, limits: limits, comparison: named).html.utf8), to: html)
    }
    if !report.isClean {
      complain("not all bots joined and stayed, see above")
      throw ExitCode(1)
    }
    if !verdicts.allSatisfy(\.isKept) {
      complain("\(bar ?? ""): limits not kept, see above")
      throw ExitCode(2)
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    } catch {
      complain("\(path) can't be written: \(error.localizedDescription)")
      throw ExitCode(1)
    }
  }
}

/// Reads a file that the command line names.
func readFile(_ path: String) throws -> [UInt8] {
  do {
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw ValidationError("\(path) can't be read: \(error.localizedDescription)")
  }
}

/// A line on standard error.
func complain(_ text: String) {
  FileHandle.standardError.write(Data("hub-loadtest: \(text)\n".utf8))
}
