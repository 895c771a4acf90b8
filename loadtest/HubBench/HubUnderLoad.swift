import Foundation

/// A hub and its bots as processes of their own.
final class HubUnderLoad {
  /// Counters of the hub, or what came between two samples.
  struct Sample {
    var moment: Double
    var seconds = 0.0
    var cpuSeconds: Double
    var frames: Double
    var bytes: Double
    var sessions: Double

    func since(_ other: Sample) -> Sample {
      Sample(
        moment: moment, seconds: moment - other.moment, cpuSeconds: cpuSeconds - other.cpuSeconds,
        frames: frames - other.frames, bytes: bytes - other.bytes, sessions: sessions)
    }
  }

  private let hub = Process()
  private let bots = Process()
  private let avatars: Int
  private let adminPort: UInt16

  /// - Parameter folder: where `hub` and `hub-loadtest` are.
  init(world: String, avatars: Int, seconds: Int, folder: URL) throws {
    self.avatars = avatars
    hub.executableURL = folder.appendingPathComponent("hub")
    hub.arguments = ["serve", "--world", world, "--port", "0", "--admin", "127.0.0.1:0"]
    let output = Pipe()
    hub.standardOutput = output
    hub.standardError = FileHandle.nullDevice
    try hub.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), let character = byte.first,
      character != UInt8(ascii: "\n")
    {
      line.append(character)
    }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count == 5, let port = words[2].split(separator: ":").last,
      let adminPort = words[4].split(separator: ":").last.flatMap({ UInt16($0) })
    else {
      hub.terminate()
      throw FloorFailure("the hub did not start: \(String(decoding: line, as: UTF8.self))")
    }
    self.adminPort = adminPort
    bots.executableURL = folder.appendingPathComponent("hub-loadtest")
    bots.arguments = [
      "--url", "ws://127.0.0.1:\(port)/ws", "--scenario", "hall", "--avatars", "\(avatars)", "--seconds",
      "\(seconds)", "--metrics", "none",
    ]
    bots.standardOutput = FileHandle.nullDevice
    bots.standardError = FileHandle.nullDevice
    try bots.run()
  }

  func stop() {
    for process in [bots, hub] where process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
  }

  /// Until all bots are there, and the keyframes of their arrival have passed.
  func waitForBots() throws {
    for _ in 0..<180 {
      Thread.sleep(forTimeInterval: 0.5)
      guard hub.isRunning, bots.isRunning else { throw FloorFailure("the hub or the bots ended too early") }
      if try sample().sessions >= Double(avatars) {
        Thread.sleep(forTimeInterval: 5)
        return
      }
    }
    throw FloorFailure("the bots did not arrive in 90 s")
  }

  func sample() throws -> Sample {
    let text = try get("/metrics")
    var sample = Sample(
      moment: ProcessInfo.processInfo.systemUptime, cpuSeconds: 0, frames: 0, bytes: 0, sessions: 0)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let value = Double(parts[1]) else { continue }
      switch parts[0] {
      case "process_cpu_seconds_total": sample.cpuSeconds = value
      case "hub_frames_total": sample.frames = value
      case "hub_sessions": sample.sessions = value
      default: if parts[0].hasPrefix("hub_frame_bytes_total{") { sample.bytes += value }
      }
    }
    return sample
  }

  private func get(_ path: String) throws -> String {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw FloorFailure("no socket") }
    defer { Glibc.close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = adminPort.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw FloorFailure("the hub's admin port does not answer") }
    let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    _ = Glibc.send(socket, request, request.utf8.count, Int32(MSG_NOSIGNAL))
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(socket, &part, part.count, 0)
      if count <= 0 { break }
      bytes += part.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
