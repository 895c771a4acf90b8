/// The report for a reader.
extension ReportDocument {
  public var table: String {
    let rows = tableRows.map { row in
      "  " + row.name + String(repeating: " ", count: max(34 - row.name.count, 1)) + row.text
    }
    return (headLines + rows).joined(separator: "\n") + "\n"
  }

  /// What ran, on what, and what went wrong.
  var headLines: [String] {
    func whole(_ path: String) -> String { count(path).map { "\($0)" } ?? "-" }
    var lines = [
      "\(text("scenario") ?? "-"): \(whole("avatars")) avatars, \(Self.fixed(number("seconds"), 1)) s measured,"
        + " \(whole("viewers")) viewers,"
        + ((number("drained") ?? 0) > 0 ? " \(whole("drained")) only counted what came," : "")
        + " seed \(text("seed") ?? "-")"
    ]
    let testers = items("testers").count
    lines.append(
      "\(text("machine.cpu") ?? "-"), \(whole("machine.cores")) cores, Linux \(text("machine.kernel") ?? "-");"
        + (testers > 1 ? " \(testers) testers" : " bots on the same machine"))
    return lines + complaints
  }

  /// What a reader must know before any figure.
  var complaints: [String] {
    var lines: [String] = []
    if let interruption = text("interruption") { lines.append("INTERRUPTED: \(interruption)") }
    if !lostTesters.isEmpty {
      lines.append("LOST TESTERS, not counted below: \(lostTesters.joined(separator: ", "))")
    }
    if let problem = text("server.metricsProblem") { lines.append("server figures are missing: \(problem)") }
    if !counts("problems").isEmpty { lines.append("problems: " + Self.list(counts("problems"))) }
    return lines
  }

  /// The figures, one a row.
  var tableRows: [(name: String, text: String)] {
    var rows: [(name: String, text: String)] = []
    func row(_ name: String, _ text: String) { rows.append((name, text)) }
    func fixed(_ path: String, _ digits: Int, times factor: Double = 1) -> String {
      Self.fixed(number(path).map { $0 * factor }, digits)
    }
    func whole(_ path: String) -> String { count(path).map { "\($0)" } ?? "-" }
    func cm(_ path: String) -> String {
      let parts = ["p50", "p99", "max"].map { fixed("\(path).\($0)", 1, times: 100) }
      return parts.joined(separator: " / ") + " cm  (\(whole(path + ".count")) samples)"
    }
    row(
      "frames delivered",
      "\(fixed("frames.perSecond", 0))/s, \(fixed("frames.perClientPerSecond", 1))/s each")
    row(
      "bytes per client, mean / p99",
      "\(fixed("bytes.perClientPerSecond.mean", 2, times: 0.001)) /"
        + " \(fixed("bytes.perClientPerSecond.p99", 2, times: 0.001)) kB/s")
    let parts = ["s0", "s1", "s2", "enterLeave", "keyframe", "digest", "framing", "control"]
    let total = parts.reduce(0) { $0 + (number("bytes.parts.\($1)") ?? 0) }
    func share(_ part: String) -> String {
      let bytes = number("bytes.parts.\(part)")
      return Self.fixed(total > 0 ? bytes.map { $0 / total * 100 } : nil, 0) + " %"
    }
    row("  of it S0, S1, S2, enter/leave", parts.prefix(4).map(share).joined(separator: ", "))
    row("  keyframes, digests, framing, control", parts.suffix(4).map(share).joined(separator: ", "))
    row(
      "visibility recall",
      "\(fixed("visibility.recall", 3, times: 100)) %"
        + " (\(whole("visibility.missed")) of \(whole("visibility.expected")) missed,"
        + " \(whole("visibility.missedByReduction")) by reduced interest), ghosts \(whole("visibility.ghosts"))"
    )
    row(
      "time to appear p50 / p99",
      "\(fixed("visibility.timeToAppearMs.p50", 0)) / \(fixed("visibility.timeToAppearMs.p99", 0)) ms"
        + " (\(whole("visibility.timeToAppearMs.count")) seen, \(whole("visibility.neverAppeared")) never)")
    row("error now 0-5 m p50 / p99 / max", cm("errorNowMeters.near"))
    row("error now 5-12 m", cm("errorNowMeters.mid"))
    row("error now over 12 m", cm("errorNowMeters.far"))
    row("  moving 0-5 m", cm("errorNowMeters.moving.near"))
    row("  moving 5-12 m", cm("errorNowMeters.moving.mid"))
    row("  moving over 12 m", cm("errorNowMeters.moving.far"))
    row("  drawn (fading) 0-5 m", cm("errorDrawnMeters.near"))
    row("  drawn 5-12 m", cm("errorDrawnMeters.mid"))
    row("  drawn over 12 m", cm("errorDrawnMeters.far"))
    for tier in ["s0", "s1", "s2"] {
      row("error at the frame's tick, \(tier.uppercased())", cm("errorAlignedMeters.\(tier)"))
    }
    row(
      "bounds broken",
      "\(whole("errorAlignedMeters.broken")) of \(whole("errorAlignedMeters.checked")),"
        + " p99 for \(fixed("errorAlignedMeters.brokenMs.p99", 0)) ms")
    row(
      "yaw error p50 / p99", "\(fixed("yawErrorDegrees.p50", 1)) / \(fixed("yawErrorDegrees.p99", 1)) degrees"
    )
    row(
      "staleness p50 / p99",
      "\(fixed("stalenessMs.p50", 0)) / \(fixed("stalenessMs.p99", 0)) ms"
        + " (\(whole("stalenessMs.count")) changes seen, \(whole("changesUnseen")) not)")
    row(
      "age of the newest frame p99 / max",
      "\(fixed("frames.ageMs.p99", 0)) / \(fixed("frames.ageMs.max", 0)) ms")
    row(
      "last verified by the hub p50 / p99",
      "\(fixed("verifiedAgeMs.p50", 0)) / \(fixed("verifiedAgeMs.p99", 0)) ms ago")
    row(
      "ticks, skipped, by own work",
      "\(whole("ticks.count")), \(whole("ticks.skipped")), \(whole("ticks.skippedOwnWork"))"
        + ", instability \(fixed("ticks.instability", 3))")
    for (name, path) in [("lateness", "ticks.latenessMs"), ("duration", "ticks.durationMs")] {
      row("tick \(name) p50 / p99", "\(fixed(path + ".p50", 2)) / \(fixed(path + ".p99", 2)) ms")
    }
    row(
      "server CPU, memory",
      "\(fixed("server.cpuCores", 3)) cores, \(fixed("server.rssBytes", 1, times: 1e-6)) MB,"
        + " \(fixed("server.cpuMicrosPerFrame", 1)) us per frame,"
        + " \(fixed("server.rssBytesPerClient", 1, times: 0.001)) kB per client")
    row(
      "load tester CPU, memory",
      "\(fixed("loadtester.cpuCores", 3)) cores, \(fixed("loadtester.rssBytes", 1, times: 1e-6)) MB,"
        + " \(fixed("loadtester.cpuMicrosPerBotSecond", 0)) us/s per bot,"
        + " steps late p99 \(fixed("loadtester.stepLatenessMs.p99", 1)) ms")
    row(
      "joined after p50 / p99",
      "\(fixed("visibility.joinMs.p50", 0)) / \(fixed("visibility.joinMs.p99", 0)) ms")
    if count("storm.cut") != nil {
      row(
        "storm: cut, back in 5 s, lost",
        "\(whole("storm.cut")), \(whole("storm.backWithin5s")), \(whole("storm.lost")),"
          + " back after p50 / p99 \(fixed("storm.backMs.p50", 0)) / \(fixed("storm.backMs.p99", 0)) ms")
    }
    if count("badReaders.count") != nil {
      row(
        "bad readers, closed, recovery p99",
        "\(whole("badReaders.count")), \(whole("badReaders.closed")),"
          + " \(fixed("badReaders.recoveryMs.p99", 0)) ms")
      let stale = ["Before", "Since"].map { fixed("badReaders.others.staleness\($0)Ms.p99", 0) }
      let age = ["Before", "Since"].map { fixed("badReaders.others.frameAge\($0)Ms.p99", 0) }
      row(
        "  others before, since",
        "staleness p99 \(stale.joined(separator: ", ")) ms, newest frame p99 \(age.joined(separator: ", ")) ms"
      )
    }
    if count("hostile.sent") != nil {
      row("attacks, attackers thrown out", "\(whole("hostile.sent")), \(Self.list(counts("hostile.closed")))")
    }
    if count("voice.links") != nil {
      row(
        "voice: links, begun, ended",
        "\(whole("voice.links")), \(whole("voice.begun")), \(whole("voice.ended")),"
          + " set up after p50 / p99 \(fixed("voice.setupMs.p50", 0)) / \(fixed("voice.setupMs.p99", 0)) ms")
      row(
        "voice: messages, on their way",
        "\(fixed("voice.messagesPerSecond", 0))/s,"
          + " p50 / p99 \(fixed("voice.relayMs.p50", 1)) / \(fixed("voice.relayMs.p99", 1)) ms")
      row(
        "voice: glares, crossed, unsettled",
        "\(whole("voice.glares")), \(whole("voice.crossed")), \(whole("voice.unsettled")),"
          + " misdirected \(whole("voice.misdirected"))")
    }
    if let faults = text("faults.planted") { row("PLANTED FAULTS", faults) }
    row(
      "joined, portals, moves",
      "\(whole("people.joined")), \(whole("people.portals")), \(fixed("people.movesPerSecond", 0))/s")
    row(
      "left, vanished, resumed",
      "\(whole("people.announcedLeaves")), \(whole("people.vanished")),"
        + " \(whole("people.resumed")) of \(whole("people.resumesPlanned"))")
    row("chats sent, delivered", "\(whole("people.chatsSent")), \(whole("people.chatsDelivered"))")
    row("corrections", Self.list(counts("corrections")))
    row(
      "failed connections",
      "\(whole("people.connectFailures")) not made, \(whole("people.unexpectedEnds")) ended,"
        + " \(whole("people.reconnects")) made again")
    return rows
  }

  private static func list(_ counts: [(key: String, count: Int)]) -> String {
    counts.isEmpty
      ? "none"
      : counts.sorted { ($1.count, $0.key) < ($0.count, $1.key) }.prefix(8).map { "\($0.key) x \($0.count)" }
        .joined(separator: "; ")
  }

  /// A number with so many digits behind the point, `-` for none.
  static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return "-" }
    guard value.magnitude < 1e12 else { return "\(value)" }
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let units = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let rest = String(units % scale)
    return "\(sign)\(units / scale)." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// Up to four digits that count: 0.25, 12.5, 300.
  static func trimmed(_ value: Double) -> String {
    let digits =
      value.magnitude >= 1000
      ? 0 : value.magnitude >= 100 ? 1 : value.magnitude >= 1 ? 2 : value.magnitude >= 0.01 ? 4 : 6
    var text = fixed(value, digits)
    guard text.contains(".") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
