import ArgumentParser

@main
struct HubLoadtest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub-loadtest",
    abstract: "Sends a crowd of bots through a running hub and reports what they saw.",
    subcommands: [RunCommand.self, ShowCommand.self, WorldCommand.self, SweepCommand.self],
    defaultSubcommand: RunCommand.self)
}
