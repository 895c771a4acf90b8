import ArgumentParser
import Foundation
import HubBookings

/// `hub bookings …`
struct BookingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bookings", abstract: "Look into calendars as the hub does.",
    subcommands: [ExpandCommand.self, ProbeCommand.self, SyncCommand.self])
}

/// `hub bookings expand FILE --from ISO --to ISO`
struct ExpandCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expand", abstract: "List what a calendar file holds in a window of time.",
    discussion: """
      The window takes its start in and leaves its end out; what overlaps it is listed. --from and --to are dates or
      times, in UTC (2026-07-01T07:00:00Z), with an offset, or without one in --zone. Whole days and times without a zone \
      are read in --zone.
      """)

  @Argument(help: "The iCalendar file.", completion: .file()) var file: String
  @Option(help: "Start of the window.") var from: String
  @Option(help: "End of the window.") var to: String
  @Option(help: "The room's time zone.") var zone = "Europe/Berlin"
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    guard let roomZone = ZoneResolver.zone(forTZID: zone) else {
      throw ValidationError("--zone: there is no time zone \(zone)")
    }
    let (start, end) = (try instant(from, "--from", roomZone), try instant(to, "--to", roomZone))
    guard start < end else { throw ValidationError("--to must lie after --from") }
    do {
      let calendar = try CalendarFile(parsing: try contents())
      let report = ExpansionReport(calendar.expand(from: start, to: end, roomZone: roomZone))
      let output = BufferedOutput()
      if json { report.writeJSON(output.write) } else { report.writeText(output.write) }
      output.flush()
    } catch {
      FileHandle.standardError.write(Data("hub: \(file): \(error)\n".utf8))
      throw ExitCode(1)
    }
  }

  private func instant(_ text: String, _ option: String, _ zone: Zone) throws -> Int {
    guard let time = CalendarTime(iso: text) else {
      throw ValidationError("\(option): expected a date or time like 2026-07-01T07:00:00Z, found \(text)")
    }
    return time.instant(in: zone)
  }

  private func contents() throws -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: file) else { throw UnreadableFile() }
    // One byte more than is admitted, so that a larger file is told from the largest.
    return [UInt8](try handle.read(upToCount: CalendarLimits().fileBytesMax + 1) ?? Data())
  }
}

private struct UnreadableFile: Error, CustomStringConvertible {
  var description: String { "can't read the file" }
}

/// Standard output in large pieces.
private final class BufferedOutput {
  private var buffer = Data()

  func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count > 1 << 16 { flush() }
  }

  func flush() {
    FileHandle.standardOutput.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
