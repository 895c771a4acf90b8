import ArgumentParser
import Foundation
import HubServer
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

/// Whose data, and where it lies.
struct PersonArguments: ParsableArguments {
  @Argument(help: "The folder of --data.", completion: .directory) var data: String
  @Argument(help: "The account's name, its pseudonym in the audit log, or an author's id.") var person: String
  @Option(help: "The file of --administration (default: the one in DATA).", completion: .file())
  var administration: String?

  func find(in log: SQLiteLog) throws -> PersonData {
    try PersonData(
      person, in: log, administrationPath: administration ?? DataFolder.administrationPath(data),
      folder: data)
  }
}

/// `hub export-person DIR PERSON`
struct ExportPersonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-person", abstract: "Print what is kept of a person, as lines of JSON.",
    discussion: "May be run beside a hub. What a booking is called stands in the room's calendar.")
  @OptionGroup var arguments: PersonArguments

  func run() throws {
    try reporting {
      let log = try SQLiteLog(path: DataFolder.logPath(arguments.data), readsOnly: true)
      for line in try arguments.find(in: log).export() { print(line) }
    }
  }
}

/// `hub erase-person DIR PERSON`
struct ErasePersonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase-person",
    abstract: "Erase what is kept of a person, while no hub runs on the folder.")
  @OptionGroup var arguments: PersonArguments

  func run() throws {
    try reporting {
      let folder = try DataFolder(arguments.data)
      let done = try arguments.find(in: SQLiteLog(path: folder.logPath)).erase()
      print(
        "\(done.ops) notes and votes erased, \(done.bookings) bookings disowned; \(done.recordsKept) administrative records stay until their time is over"
      )
    }
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
