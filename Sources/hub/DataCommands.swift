import ArgumentParser
import Foundation
import HubStore

/// `hub backup DIR FILE`
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy what a hub keeps into one file, also while it runs.")
  @Argument(help: "The folder of --data.", completion: .directory) var data: String
  @Argument(help: "The new file.", completion: .file()) var file: String

  func run() throws {
    try reporting {
      try SQLiteLog(path: DataFolder.logPath(data), readsOnly: true).backup(to: file)
      try show(SQLiteLog(path: file, readsOnly: true).verify())
    }
  }
}

/// `hub restore FILE DIR`
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put a backup into a folder that holds no data yet.")
  @Argument(help: "The backup.", completion: .file()) var file: String
  @Argument(help: "The folder for --data.", completion: .directory) var data: String

  func run() throws {
    try reporting { try show(DataFolder.restore(backup: file, into: data)) }
  }
}

/// `hub verify DIR`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check the file and every hash chain of what a hub keeps.",
    discussion: "Exits with 1 at the first damage. May be run beside a hub.")
  @Argument(help: "The folder of --data.", completion: .directory) var data: String

  func run() throws {
    try reporting { try show(SQLiteLog(path: DataFolder.logPath(data), readsOnly: true).verify()) }
  }
}

private func show(_ summaries: [LogSummary]) {
  for summary in summaries {
    print(
      "\(summary.space): \(summary.sequence) ops, snapshot at \(summary.snapshotSequence), \(summary.erased) erased"
    )
  }
  print("sound")
}

private func reporting(_ body: () throws -> Void) throws {
  do { try body() } catch let error as LogError {
    FileHandle.standardError.write(Data("hub: \(error)\n".utf8))
    throw ExitCode(1)
  }
}
