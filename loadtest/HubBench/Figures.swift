import Foundation
import HubReplication

/// Named figures, for the table, the JSON file and the thresholds.
struct Figures {
  private var values: [(name: String, value: Double)] = []
  private var rows: [[String]] = []

  subscript(_ name: String) -> Double? { values.first { $0.name == name }?.value }

  mutating func set(_ name: String, _ value: Double) { values.append((name, value)) }

  mutating func add(_ run: ReplicationResult, walkers: Int, mode: ReplicationMode) {
    let prefix = "\(mode.rawValue).\(walkers)."
    let stats = run.stats
    set(prefix + "allocationsPerTick", Double(run.allocations) / Double(run.avatarTicks / walkers))
    set(prefix + "bytesPerSecondPerClient", run.bytesPerSecond)
    set(prefix + "bytesPerUpdate", run.bytesPerUpdate)
    set(prefix + "framesPerSecondPerClient", Double(run.frames) / run.viewerSeconds)
    set(prefix + "largestFrameBytes", Double(run.largestFrame))
    let tiers = [
      ("s0", stats.updates.s0, stats.updateBytes.s0), ("s1", stats.updates.s1, stats.updateBytes.s1),
      ("s2", stats.updates.s2, stats.updateBytes.s2),
    ]
    for (tier, updates, bytes) in tiers {
      set(prefix + "\(tier).updatesPerSecondPerClient", Double(updates) / run.viewerSeconds)
      set(prefix + "\(tier).wordBytesPerUpdate", updates == 0 ? 0 : Double(bytes) / Double(updates))
    }
    set(prefix + "keyframeBytesPerSecondPerClient", Double(stats.keyframeBytes) / run.viewerSeconds)
    set(prefix + "framingBytesPerSecondPerClient", Double(stats.framingBytes) / run.viewerSeconds)
    set(prefix + "digestBytesPerSecondPerClient", Double(stats.digestBytes) / run.viewerSeconds)
    set(
      prefix + "focusMicrosecondsPerChoice",
      run.focusMicroseconds)
    set(prefix + "nanosecondsPerAvatarTick", Double(run.stepNanoseconds) / Double(run.avatarTicks))
    func perSecond(_ value: Int) -> String { String(format: "%.0f", Double(value) / run.viewerSeconds) }
    rows.append([
      String(walkers), mode.rawValue, String(format: "%.1f", run.bytesPerSecond / 1000),
      String(format: "%.1f", Double(run.frames) / run.viewerSeconds), String(run.largestFrame),
      perSecond(stats.updates.s0), perSecond(stats.updates.s1), perSecond(stats.updates.s2),
      String(format: "%.1f", run.bytesPerUpdate), perSecond(stats.keyframeBytes),
      perSecond(stats.framingBytes), perSecond(stats.digestBytes),
      String(format: "%.1f", run.focusMicroseconds),
      String(format: "%.0f", Double(run.stepNanoseconds) / Double(run.avatarTicks)), String(run.allocations),
    ])
  }

  mutating func addRatios(walkers: Int) {
    func bytes(_ mode: ReplicationMode) -> Double {
      self["\(mode.rawValue).\(walkers).bytesPerSecondPerClient"] ?? 0
    }
    set("ratio.\(walkers).tiersOverBroadcastBytes", bytes(.tiers) / bytes(.broadcast))
    set("ratio.\(walkers).tiersOverGridBytes", bytes(.tiers) / bytes(.grid))
  }

  mutating func add(_ run: SendResult, walkers: Int) {
    func microseconds(_ value: UInt64) -> Double { Double(value) / Double(max(run.frames, 1)) / 1000 }
    set("send.\(walkers).buildMicroseconds", microseconds(run.buildNanoseconds))
    set("send.\(walkers).sendMicroseconds", microseconds(run.sendNanoseconds))
    set("send.\(walkers).bareSendMicroseconds", microseconds(run.bareNanoseconds))
    set("ratio.\(walkers).buildAndSendOverBareSend", run.ratio)
    print(
      String(
        format: "  N=%-5d %5d B a frame: build %.2f us, send %.2f us; bare send %.2f us; ratio %.2f", walkers,
        run.bytes / max(run.frames, 1), microseconds(run.buildNanoseconds), microseconds(run.sendNanoseconds),
        microseconds(run.bareNanoseconds), run.ratio))
  }

  func printTable() {
    let head = [
      "N", "mode", "kB/s", "frames/s", "largest B", "S0/s", "S1/s", "S2/s", "B/update", "keyfr. B/s",
      "framing B/s", "digest B/s", "focus us",
      "ns/avatar", "allocs",
    ]
    let widths = head.indices.map { column in (rows + [head]).map { $0[column].count }.max() ?? 0 }
    for row in [head] + rows {
      print(
        zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  "))
    }
    print(
      "per client; B/update counts every byte of its frames; ns/avatar is a tick's grid and predictors, per avatar"
    )
  }

  func json() -> String {
    let lines = values.map { "  \"\($0.name)\": \(String(format: "%.6g", $0.value))" }
    return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }

  /// Lines for the figures over their maximum; a threshold that names no figure counts as exceeded.
  func exceeded(_ maxima: [String: Double]) -> [String] {
    maxima.sorted { $0.key < $1.key }.compactMap { name, maximum in
      guard let value = self[name] else { return "\(name): there is no such figure" }
      return value <= maximum ? nil : "\(name): \(String(format: "%.6g", value)), at most \(maximum) allowed"
    }
  }
}
