import ArgumentParser
import HubLoadtestKit

/// Reports of earlier runs: the same table, plots, limits and comparison, without a server.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows a report written with --json; several reports of one run are merged.")

  @Argument(help: "Report files.")
  var reports: [String]
  @OptionGroup var output: ReportOutput

  func run() throws {
    let merged: ReportDocument
    do {
      merged = try ReportMerge.merged(
        try reports.map { try ReportDocument(text: try readFile($0), name: $0) })
    } catch let error as ReportError {
      throw ValidationError(error.description)
    }
    try output.deliver(merged)
  }
}
