import ArgumentParser
import Foundation
import HubLoadtestKit

/// What is done with a report, wherever it comes from.
struct ReportOutput: ParsableArguments {
  @Option(help: "Writes the report as JSON to this file.")
  var json: String?

  /// Prints the table, writes the files, and ends the process with the exit code that the report deserves.
  func deliver(_ report: ReportDocument) throws {
    print(report.table, terminator: "")
    if let json { try write(report.jsonText(), to: json) }
    if !report.isClean {
      complain("not all bots joined and stayed, see above")
      throw ExitCode(1)
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
