import ArgumentParser
import Foundation
import HubServer

/// `hub bookings probe URL`
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Tell what a calendar's address is and can do; changes nothing there.")

  @Argument(help: "A CalDAV collection or an .ics feed, https (http on loopback).") var url: String
  @Option(help: "File with one line user:password.", completion: .file()) var credentials: String?

  func run() throws {
    try told { print(try BookingsTool.probe(url: url, credentials: credentials)) }
  }
}

/// `hub bookings sync --once`
struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Read the calendars of all rooms.",
    discussion:
      "Prints a line a room; exits with 1 if one did not answer. Polling again and again is what serve does.")

  @Option(help: "The rooms' calendars.", completion: .file()) var bookings = "bookings.json"
  @Flag(help: "Read each once.") var once = false

  func validate() throws {
    guard once else { throw ValidationError("say --once; serve polls again and again") }
  }

  func run() throws {
    try told {
      let result = try BookingsTool.syncOnce(path: bookings, environment: ProcessInfo.processInfo.environment)
      print(result.text)
      if !result.isGood { throw ExitCode(1) }
    }
  }
}

/// Errors as lines for the operator, exit 1.
private func told(_ body: () throws -> Void) throws {
  do { try body() } catch let code as ExitCode { throw code } catch {
    for line in "\(error)".split(separator: "\n") {
      FileHandle.standardError.write(Data("hub: \(line)\n".utf8))
    }
    throw ExitCode(1)
  }
}
