import Foundation
import HubCalDAV

/// Makes adapters from configuration, credentials included.
enum RoomSources {
  /// - Throws: ``StartupError`` without secrets.
  static func source(of room: RoomConfig, environment: [String: String]) throws -> any CalendarSource {
    let credentials = try room.source.credentials.map { try secret($0, room: room.id, environment) }
    switch room.source.place {
    case .caldav(let address): return CalDAVSource(address, credentials: credentials)
    case .feed(let address): return FeedSource(address, credentials: credentials)
    case .file(let path): return FileSource(path: path)
    }
  }

  /// One line `user:password`.
  private static func secret(
    _ place: SourceConfig.CredentialsPlace, room: String, _ environment: [String: String]
  ) throws -> SourceCredentials {
    let text: String
    switch place {
    case .file(let path):
      guard let found = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw StartupError("room \(room): can't read the credentials in \(path)")
      }
      text = found
    case .environment(let name):
      guard let found = environment[name] else {
        throw StartupError("room \(room): the environment has no \(name)")
      }
      text = found
    }
    return try parse(text, room: room)
  }

  static func parse(_ text: String, room: String) throws -> SourceCredentials {
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
      throw StartupError("room \(room): the credentials are not one line user:password")
    }
    return SourceCredentials(
      user: String(line[..<colon]), password: String(line[line.index(after: colon)...]))
  }
}
