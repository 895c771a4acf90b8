import Foundation
import HubBookings
import HubCalDAV

/// What `hub bookings probe` and `hub bookings sync` do.
public enum BookingsTool {
  /// Looks at a calendar's address and tells what it can do and what is in it.
  /// - Parameter credentials: path of a file with one line `user:password`.
  /// - Throws: text for the operator, without secrets.
  public static func probe(url: String, credentials: String?) throws -> String {
    let address: SourceAddress
    do { address = try SourceAddress(url) } catch { throw StartupError("the URL is not usable: \(error)") }
    let secret = try credentials.map { path in
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw StartupError("can't read \(path)")
      }
      return try RoomSources.parse(text, room: "probe")
    }
    let report: SourceReport
    do { report = try SourceReport.probe(address, secret) } catch {
      throw StartupError("\(address): \(error)")
    }
    let now = Int(Date().timeIntervalSince1970)
    let window = TimeInterval64(start: now - 86_400, end: now + 400 * 86_400)
    var events = 0
    var ahead = 0
    var skipped: [String: Int] = [:]
    for resource in report.resources {
      let found = ResourceBookings(
        resource: resource.name, bytes: resource.bytes, window: window, zone: .utc, level: .busy)
      events += found.events
      ahead += found.bookings.count
      skipped.merge(found.skipped, uniquingKeysWith: +)
    }
    var lines = [
      "kind        \(report.kind)", "reads by    \(report.capabilities.rung.rawValue)",
      "multiget    \(report.capabilities.multiget ? "yes" : "no")",
      "writable    \(report.capabilities.canWrite ? "as far as the account may" : "no")",
      "resources   \(report.resources.count)", "events      \(events)",
      "bookings    \(ahead) from yesterday to 400 days ahead", "requests    \(report.requests)",
    ]
    if let title = report.title { lines.insert("title       \(title)", at: 1) }
    for (reason, count) in skipped.sorted(by: { $0.key < $1.key }) {
      lines.append("skipped     \(count) \(reason)")
    }
    return lines.joined(separator: "\n")
  }

  /// Reads every room of a `bookings.json` once.
  /// - Returns: a line a room, and whether all answered.
  public static func syncOnce(path: String, environment: [String: String]) throws -> (
    text: String, isGood: Bool
  ) {
    let config = try BookingsConfig.load(path: path)
    let now = Int(Date().timeIntervalSince1970)
    let sources = try config.rooms.map { try RoomSources.source(of: $0, environment: environment) }
    let state = Mutexed(SyncState(lines: Array(repeating: "", count: sources.count)))
    let turns = ServerTurns()
    // As many at once as a serving hub does.
    DispatchQueue.concurrentPerform(iterations: BookingService.threads) { _ in
      let client = try? HTTPClient(turns: turns)
      while let index = state.use({ $0.take() }) {
        let (line, isGood) = sync(config.rooms[index], sources[index], client, now)
        state.use { $0.put(line, at: index, isGood: isGood) }
      }
    }
    return state.use { ($0.lines.joined(separator: "\n"), $0.isGood) }
  }

  private struct SyncState {
    var lines: [String]
    var next = 0
    var isGood = true

    mutating func take() -> Int? {
      defer { next += 1 }
      return next < lines.count ? next : nil
    }
    mutating func put(_ line: String, at index: Int, isGood good: Bool) {
      lines[index] = line
      isGood = isGood && good
    }
  }

  private static func sync(
    _ room: RoomConfig, _ source: any CalendarSource, _ client: HTTPClient?, _ now: Int
  ) -> (line: String, isGood: Bool) {
    guard let client else { return ("\(room.id): libcurl does not start", false) }
    let worker = RoomWorker(room, source: source, ledger: nil)
    do throws(SourceError) {
      try worker.poll(client, now: now)
    } catch { return ("\(room.id): \(error.description)", false) }
    let mirror = worker.snapshot.mirror
    var line =
      "\(room.id): \(mirror.state(at: now).kind.rawValue), \(mirror.events) events, \(mirror.bookings.count) bookings"
    for (reason, count) in mirror.skipped.sorted(by: { $0.key < $1.key }) {
      line += ", skipped \(count) \(reason)"
    }
    return (line, true)
  }
}
