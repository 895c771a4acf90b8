import Foundation

/// `hub serve` as a process of its own, on ports that the system chose, with a world in a scratch folder.
final class RunningHub {
  let port: Int
  let adminPort: Int
  private let process = Process()
  private let folder: URL

  struct NotStarted: Error { var output: String }

  init(world text: String = FeatureWorld.json) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("hub-feature-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let world = folder.appendingPathComponent("world.json")
    try Data(text.utf8).write(to: world)
    // The test bundle and the server's executable are built into the same folder.
    let built = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let own = CommandLine.arguments.first { $0.hasSuffix(".xctest") }.map { URL(fileURLWithPath: $0) }
    process.executableURL = (own?.deletingLastPathComponent() ?? built).appendingPathComponent("hub")
    process.arguments = ["serve", "--world", world.path, "--port", "0", "--admin", "127.0.0.1:0"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var text = ""
    while !text.contains("\n") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw NotStarted(output: text) }
      text += String(decoding: data, as: UTF8.self)
    }
    // hub ready http://127.0.0.1:PORT admin http://…
    let ports = text.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("http://") }.compactMap {
      $0.split(separator: ":").last.flatMap { Int($0) }
    }
    guard ports.count == 2 else { throw NotStarted(output: text) }
    (port, adminPort) = (ports[0], ports[1])
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  deinit { if process.isRunning { stop() } }
}
