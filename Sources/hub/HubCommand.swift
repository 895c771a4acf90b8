import ArgumentParser

@main
struct HubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub", abstract: "The server of a Digital Innovation Hub's digital space.",
    subcommands: [
      ServeCommand.self, CheckCommand.self, BookingsCommand.self, TokenCommand.self, BackupCommand.self,
      RestoreCommand.self, VerifyCommand.self, ExportPersonCommand.self, ErasePersonCommand.self,
    ])
}
