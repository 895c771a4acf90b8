import ArgumentParser

@main
struct HubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "hub", abstract: "The hub server.")
}
