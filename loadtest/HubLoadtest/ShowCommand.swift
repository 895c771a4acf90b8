import ArgumentParser
import HubLoadtestKit

/// Reports of earlier runs: the same table, plots, limits and comparison, without a server.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a report written with --json.")

  @Argument(help: "Report file.")
  var report: String
  @OptionGroup var output: ReportOutput

  func run() throws {
    let document: ReportDocument
    do {
      document = try ReportDocument(text: try readFile(report), name: report)
    } catch let error as ReportError {
      throw ValidationError(error.description)
    }
    try output.deliver(document)
  }
}
