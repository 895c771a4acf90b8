/// The report for a reader.
extension LoadtestReport {
  public var table: String {
    var lines: [String] = []
    func row(_ name: String, _ text: String) {
      lines.append("  " + name + String(repeating: " ", count: max(34 - name.count, 1)) + text)
    }
    func cm(_ d: Distribution) -> String {
      "\(Self.fixed(d.percentile(50).map { $0 * 100 }, 1)) / \(Self.fixed(d.percentile(99).map { $0 * 100 }, 1))"
        + " / \(Self.fixed(d.count > 0 ? d.largest * 100 : nil, 1)) cm  (\(d.count) samples)"
    }
    func kB(_ value: Double?) -> String { Self.fixed(value.map { $0 / 1000 }, 2) }
    lines.append(
      "\(scenario): \(avatars) avatars, \(Self.fixed(seconds, 1)) s measured, \(viewers) viewers, seed \(seed)"
    )
    lines.append("\(machine.cpu), \(machine.cores) cores, Linux \(machine.kernel); bots on the same machine")
    if let interruption { lines.append("INTERRUPTED: \(interruption)") }
    row(
      "frames delivered",
      "\(Self.fixed(framesPerSecond, 0))/s, \(Self.fixed(framesPerSecond / Double(max(avatars, 1)), 1))/s each"
    )
    row(
      "bytes per client, mean / p99",
      "\(kB(bytesPerClientSecond.mean)) / \(kB(bytesPerClientSecond.percentile(99))) kB/s")
    let total = Double(max(bytes.total, 1))
    func share(_ part: Int) -> String { "\(Self.fixed(Double(part) / total * 100, 0)) %" }
    row(
      "  of it S0, S1, S2, enter/leave",
      "\(share(bytes.updates.s0)), \(share(bytes.updates.s1)), \(share(bytes.updates.s2)), \(share(bytes.enterLeave))"
    )
    row(
      "  keyframes, framing, control",
      "\(share(bytes.keyframe)), \(share(bytes.framing)), \(share(bytes.control))")
    row(
      "visibility recall",
      "\(Self.fixed(checker.recall.map { $0 * 100 }, 3)) %"
        + " (\(checker.expected - checker.present) of \(checker.expected) missed, \(checker.missedByReduction) by reduced interest), ghosts \(ghosts)"
    )
    row(
      "time to appear p50 / p99",
      "\(Self.fixed(timeToAppear.percentile(50), 0)) / \(Self.fixed(timeToAppear.percentile(99), 0)) ms"
        + " (\(timeToAppear.count) seen, \(neverAppeared) never)")
    row("error now 0-5 m p50 / p99 / max", cm(checker.near))
    row("error now 5-12 m", cm(checker.mid))
    row("error now over 12 m", cm(checker.far))
    row("  moving 0-5 m", cm(checker.nearMoving))
    row("  moving 5-12 m", cm(checker.midMoving))
    row("  moving over 12 m", cm(checker.farMoving))
    row(
      "yaw error p50 / p99",
      "\(Self.fixed(checker.yawDegrees.percentile(50), 1)) / \(Self.fixed(checker.yawDegrees.percentile(99), 1)) degrees"
    )
    row(
      "staleness p50 / p99",
      "\(Self.fixed(staleness.percentile(50), 0)) / \(Self.fixed(staleness.percentile(99), 0)) ms"
        + " (\(staleness.count) changes seen, \(changesUnseen) not)")
    row(
      "age of the newest frame p99 / max",
      "\(Self.fixed(frameAgeMs.percentile(99), 0)) / \(Self.fixed(frameAgeMs.count > 0 ? frameAgeMs.largest : nil, 0)) ms"
    )
    row(
      "ticks, skipped, by own work",
      "\(Self.whole(server.ticks)), \(Self.whole(server.skipped)), \(Self.whole(server.skippedOwnWork))")
    row(
      "tick lateness p50 / p99",
      "\(Self.fixed(server.latenessMsP50, 2)) / \(Self.fixed(server.latenessMsP99, 2)) ms")
    row(
      "tick duration p50 / p99",
      "\(Self.fixed(server.durationMsP50, 2)) / \(Self.fixed(server.durationMsP99, 2)) ms")
    row(
      "server CPU, memory",
      "\(Self.fixed(server.cpuCores, 3)) cores, \(Self.fixed(server.rssBytes.map { Double($0) / 1e6 }, 1)) MB,"
        + " \(Self.fixed(server.cpuMicrosPerFrame, 1)) us per frame")
    row(
      "load tester CPU, memory",
      "\(Self.fixed(loadtester.cpuCores, 3)) cores, \(Self.fixed(loadtester.rssBytes.map { Double($0) / 1e6 }, 1)) MB,"
        + " steps late p99 \(Self.fixed(loadtester.stepLatenessMs.percentile(99), 1)) ms")
    row(
      "joined, portals, moves",
      "\(people.joined), \(people.portals), \(Self.fixed(people.movesPerSecond, 0))/s")
    row(
      "left, vanished, resumed",
      "\(people.announcedLeaves), \(people.vanished), \(people.resumed) of \(people.resumesPlanned)")
    row("chats sent, delivered", "\(people.chatsSent), \(people.chatsDelivered)")
    row("corrections", Self.list(corrections))
    row(
      "failed connections",
      "\(people.connectFailures) not made, \(people.unexpectedEnds) ended, \(people.reconnects) made again")
    if let metricsProblem { lines.append("  server figures are missing: \(metricsProblem)") }
    if !problems.isEmpty { lines.append("  problems: " + Self.list(problems)) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func list(_ counts: [String: Int]) -> String {
    counts.isEmpty
      ? "none"
      : counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(8).map { "\($0.key) x \($0.value)" }
        .joined(separator: "; ")
  }

  static func whole(_ value: Int?) -> String { value.map { "\($0)" } ?? "-" }

  /// A number with so many digits behind the point, `-` for none.
  static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return "-" }
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let units = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let rest = String(units % scale)
    return "\(sign)\(units / scale)." + String(repeating: "0", count: digits - rest.count) + rest
  }
}
