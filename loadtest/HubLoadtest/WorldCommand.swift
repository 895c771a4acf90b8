import ArgumentParser
import Foundation
import HubLoadtestKit

/// `hub-loadtest world --side 40 > hall.json`
struct WorldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "world", abstract: "Writes a bare hall of any size, for `hub serve --world`.")

  @Option(help: "Inner side of the square hall, m (8-500).")
  var side: Double
  @Option(help: "People it takes.")
  var capacity = 4096
  @Option(help: "Places for talking in it, in a grid with a metre between them.")
  var voiceAreas = 0
  @Option(name: .shortAndLong, help: "File to write; default: standard output.")
  var output: String?

  func validate() throws {
    guard BareHall.sideMeters.contains(side) else {
      throw ValidationError("--side \(side): expected 8 to 500")
    }
    guard (1...20_000).contains(capacity) else {
      throw ValidationError("--capacity \(capacity): expected 1 to 20000")
    }
    let room = BareHall.voiceAreas(sideMeters: side)
    guard room.contains(voiceAreas) else {
      throw ValidationError("--voice-areas \(voiceAreas): expected 0 to \(room.upperBound) in such a hall")
    }
  }

  func run() throws {
    let text = Data(BareHall.worldText(sideMeters: side, capacity: capacity, voiceAreas: voiceAreas))
    guard let output else { return FileHandle.standardOutput.write(text) }
    do {
      try text.write(to: URL(fileURLWithPath: output))
    } catch {
      complain("\(output) can't be written: \(error.localizedDescription)")
      throw ExitCode(1)
    }
  }
}
