import Foundation

/// Bodies of WebDAV requests (RFC 4918, 4791, 6578).
enum Body {
  private static let spaces =
    "xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns:cs=\"http://calendarserver.org/ns/\""
  private static let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

  static func propfind(_ properties: String) -> String {
    "\(head)<d:propfind \(spaces)><d:prop>\(properties)</d:prop></d:propfind>"
  }

  /// Without a limit: truncation is broken on several servers, and its token skips the rest.
  static func sync(token: String) -> String {
    "\(head)<d:sync-collection \(spaces)><d:sync-token>\(escaped(token))</d:sync-token>"
      + "<d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>"
  }

  static func multiget(_ hrefs: [String]) -> String {
    "\(head)<c:calendar-multiget \(spaces)><d:prop><d:getetag/><c:calendar-data/></d:prop>"
      + hrefs.map { "<d:href>\(escaped($0))</d:href>" }.joined() + "</c:calendar-multiget>"
  }

  static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      default: out.append(character)
      }
    }
    return out
  }

  static func percentEncoded(path: String) -> String {
    path.addingPercentEncoding(
      withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~/@!$'()*,;:=+"))) ?? path
  }
}
