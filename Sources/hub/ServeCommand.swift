import ArgumentParser
import Foundation
import HubReplication
import HubServer

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve a world.")

  @Option(help: "The world file.") var world: String
  @Option(help: "Address to listen on.") var host = "127.0.0.1"
  @Option(help: "Port; 0 takes a free one.") var port = 8080
  @Option(help: "The operator's HOST:PORT (default: loopback, the port after).") var admin: String?
  @Option(help: "broadcast, grid or tiers.") var replication = "tiers"
  @Option(help: "A browser origin that may connect; may be repeated.") var allowedOrigin: [String] = []
  @Option(help: "File with the moderators' key.") var moderatorKeyFile: String?
  @Option(help: "Folder of the pages.") var web: String?

  func run() throws {
    var options = ServeOptions()
    options.worldPath = world
    options.host = host
    options.port = port
    if let admin, let colon = admin.lastIndex(of: ":"), let number = Int(admin[admin.index(after: colon)...])
    {
      options.adminHost = String(admin[..<colon])
      options.adminPort = number
    }
    guard let mode = ReplicationMode(rawValue: replication) else {
      throw ValidationError("--replication is broadcast, grid or tiers")
    }
    options.replication = mode
    options.allowedOrigins = allowedOrigin
    options.moderatorKeyPath = moderatorKeyFile
    options.webPath = web
    do {
      try HubServer.run(options)
    } catch {
      FileHandle.standardError.write(Data("hub: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }
}
