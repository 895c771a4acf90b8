import ArgumentParser
import Glibc
import HubServer

/// `hub check PATH…`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validate worlds and asset manifests.",
    discussion: """
      Prints every finding as file:line:column: what was wrong and what was expected, and exits with 1 if there is
      one. A world's manifest and the files it lists are checked with it.
      """)

  @Argument(help: "World files and asset manifests, told apart by content.", completion: .file())
  var paths: [String]

  func run() throws {
    // A manifest that is named itself and by a world is told once.
    var told: Set<FileFinding> = []
    for path in paths {
      do {
        print(try WorldLoader.check(path: path))
      } catch {
        for finding in error.findings where told.insert(finding).inserted { print(finding) }
      }
    }
    if !told.isEmpty { throw ExitCode(1) }
  }
}
