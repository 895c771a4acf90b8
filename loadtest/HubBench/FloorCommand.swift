import ArgumentParser
import Foundation

/// The running hub beside the bare system calls of the same traffic, turn by turn on the same machine.
struct FloorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "floor",
    abstract: "Compares the hub's processor time with that of the bare system calls of its traffic.",
    discussion: """
      Starts a hub and a hall of bots, then takes turns: a window of the hub, one of bare send() calls of the same number and mean size
      as the frames the hub has just sent, one of the naive floor (each 50 ms one recv() and one send() per client, the same bytes a
      second). Median of all turns. Ratios say what the hub adds to the kernel; machines differ, ratios hardly.
      """)

  @Option(help: "Bots in the hall.") var avatars: Int = 500
  @Option(help: "Turns.") var turns: Int = 5
  @Option(help: "Seconds of one window.") var seconds: Int = 4
  @Option(help: "The probe, built from loadtest/floor/floor.c.") var probe: String = ".build/floor"
  @Option(help: "World to serve.") var world: String = "worlds/innovation-hub.json"
  @Option(help: "Fail when CPU per frame over bare send() is more.") var sendRatioMax: Double?
  @Option(help: "Fail when CPU per client-second over the naive floor is more.") var naiveRatioMax: Double?

  func validate() throws {
    guard avatars > 0, avatars <= 4000, turns > 0, turns <= 50, seconds > 0, seconds <= 60 else {
      throw ValidationError("--avatars must be 1 to 4000, --turns 1 to 50, --seconds 1 to 60")
    }
  }

  func run() throws {
    let hub = try HubUnderLoad(
      world: world, avatars: avatars, seconds: turns * (seconds * 3 + 3) + 10,
      folder: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent())
    defer { hub.stop() }
    try hub.waitForBots()
    print("turn  frames/s  B/frame  hub us/frame  send us  ratio  hub us/client-s  naive us/client-s  ratio")
    var sendRatios: [Double] = []
    var naiveRatios: [Double] = []
    for turn in 1...turns {
      let before = try hub.sample()
      Thread.sleep(forTimeInterval: Double(seconds))
      let window = try hub.sample().since(before)
      guard window.frames > 0, window.sessions > 0 else { throw FloorFailure("the hub sent no frames") }
      let bytes = Int(window.bytes / window.frames)
      let perSecond = Int(window.frames / window.seconds)
      let send = try Probe.run(probe, ["send", "\(avatars)", "\(bytes)", "\(perSecond)", "\(seconds)"])
      let naiveBytes = max(1, Int(window.bytes / window.seconds / Double(avatars) / 20))
      let naive = try Probe.run(probe, ["naive", "\(avatars)", "\(naiveBytes)", "\(seconds)"])
      let perFrame = window.cpuSeconds / window.frames
      let perSend = send.cpuSeconds / Double(send.sends)
      let perClient = window.cpuSeconds / window.seconds / window.sessions
      let perNaiveClient = naive.cpuSeconds / naive.seconds / Double(avatars)
      sendRatios.append(perFrame / perSend)
      naiveRatios.append(perClient / perNaiveClient)
      print(
        String(
          format: "%4d  %8d  %7d  %12.2f  %7.2f  %5.2f  %15.1f  %17.1f  %5.2f", turn, perSecond, bytes,
          perFrame * 1e6, perSend * 1e6, perFrame / perSend, perClient * 1e6, perNaiveClient * 1e6,
          perClient / perNaiveClient))
    }
    let send = median(sendRatios)
    let naive = median(naiveRatios)
    print(
      String(
        format: "median: CPU per frame over bare send() %.2f; per client-second over the naive floor %.2f",
        send,
        naive))
    guard send <= sendRatioMax ?? .infinity, naive <= naiveRatioMax ?? .infinity else { throw ExitCode(1) }
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

struct FloorFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// What the probe printed.
struct Probe: Decodable {
  var sends: Int
  var recvs: Int
  var cpuSeconds: Double
  var seconds: Double

  static func run(_ path: String, _ arguments: [String]) throws -> Probe {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, let probe = try? JSONDecoder().decode(Probe.self, from: text),
      probe.sends > 0
    else { throw FloorFailure("\(path) \(arguments.joined(separator: " ")) did not measure anything") }
    return probe
  }
}
