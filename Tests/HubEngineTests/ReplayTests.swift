import Foundation
import HubEngine
import HubKernel
import HubReplication
import HubTestKit
import HubWire
import Testing

/// A recorded run gives the same bytes on every machine. The log is text: what came, between which ticks, and at the
/// end the hash of all frames. `HUB_RECORD=1 swift test --filter ReplayTests` records it anew, after a change that is
/// meant to change bytes.
@Suite struct ReplayTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Vectors/engine-input-log.txt")

  @Test func theRecordedInputLogReplaysToItsGoldenHash() throws {
    if ProcessInfo.processInfo.environment["HUB_RECORD"] != nil {
      let lines = Self.script()
      let hash = try Self.replay(lines)
      try (lines + ["hash \(hash)", ""]).joined(separator: "\n").write(
        to: Self.file, atomically: true, encoding: .utf8)
    }
    let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(String.init)
    let golden = try #require(lines.last)
    #expect("hash \(try Self.replay(lines.dropLast()))" == golden)
  }

  @Test func anotherOrderOfInputsGivesOtherBytes() throws {
    let lines = Self.script()
    let second = lines.firstIndex { $0.hasPrefix("move") }!
    var changed = lines
    changed.remove(at: second)
    #expect(try Self.replay(lines) != (try Self.replay(changed)))
  }

  /// Twelve walkers for thirty seconds, by seed: joins, steps, turns, chat, a portal, leaving.
  private static func script() -> [String] {
    var random = SeededRandom(seed: 20_261_123)
    var lines: [String] = []
    var headings: [Double] = []
    for i in 0..<12 {
      lines.append("join walker-\(i)")
      headings.append(random.double(in: 0...6.28))
    }
    lines.append("tick 1")
    for tick in 2...600 {
      for walker in 0..<12 where random.unit() < 0.25 {
        if random.unit() < 0.1 { headings[walker] = random.double(in: 0...6.28) }
        let step = random.double(in: 0...90)
        let dx = Int((step * cos(headings[walker])).rounded())
        let dz = Int((step * sin(headings[walker])).rounded())
        let yaw = random.below(65536)
        lines.append("move \(walker) \(dx) \(dz) \(dx / 3) \(dz / 3) \(yaw) \(random.below(3))")
      }
      if tick % 97 == 0 {
        lines.append("goto \(random.below(12)) \(["stage", "seat-1", "corner"][random.below(3)])")
      }
      if tick == 300 { lines.append("follow 2 3") }
      if tick == 450 { lines.append("leave 5") }
      lines.append("tick \(tick)")
    }
    return lines
  }

  /// FNV-1a, 64 bits, over every frame of every reader in order.
  private static func replay(_ lines: some Sequence<String>) throws -> String {
    var config = EngineConfig()
    config.limits.sessionsMax = 32
    let hub = EngineDriver(Engine(world: try TestWorld.make(), config: config), firstTick: false)
    var walkers: [ConnectionKey] = []
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: config.limits.frameBytesMax, alignment: 16)
    defer { buffer.deallocate() }
    for line in lines {
      let words = line.split(separator: " ").map(String.init)
      func number(_ index: Int) -> Int { Int(words[index])! }
      switch words[0] {
      case "join": walkers.append(hub.join(words[1]))
      case "move":
        let walker = walkers[number(1)]
        guard hub.sessions[walker] != nil, hub.closed[walker] == nil else { continue }
        var pose = hub.pose(walker)
        pose.x &+= Int32(number(2))
        pose.z &+= Int32(number(3))
        pose.velocityX = Int16(number(4))
        pose.velocityZ = Int16(number(5))
        pose.yaw = UInt16(number(6))
        pose.animation = UInt8(number(7))
        hub.move(walker, to: pose)
      case "goto":
        var target = Goto()
        target.area = words[2]
        let walker = walkers[number(1)]
        if hub.closed[walker] == nil { hub.send(walker, .goto(target)) }
      case "follow":
        let person = hub.messages(walkers[number(2)], "welcome")[0]["person"]!.text!
        hub.send(walkers[number(1)], .follow(person: person, ref: nil))
      case "leave": hub.send(walkers[number(1)], .bye)
      case "tick":
        hub.step()
        precondition(Int(hub.tick) == number(1))
        for walker in walkers where hub.closed[walker] == nil {
          guard let session = hub.sessions[walker] else { continue }
          let result = hub.engine.writeFrame(session: session, serverMs: UInt64(hub.tick) * 50, into: buffer)
          guard case .written(let stats) = result else { continue }
          for byte in buffer.prefix(stats.bytes) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
      default: Issue.record("unknown line \(line)")
      }
    }
    return String(hash, radix: 16)
  }
}
