import Foundation
import FoundationXML

/// One resource in an answer of a WebDAV server (RFC 4918, section 14.24).
public struct DAVEntry: Sendable, Equatable {
  /// As the server spells it.
  public var href = ""
  /// The response's own status: 404 says it is gone, whatever its properties say.
  public var status: Int?
  /// Properties of successful propstats, by local name.
  public var etag: String?
  public var calendarData: [UInt8]?
  public var ctag: String?
  public var syncToken: String?
  public var displayName: String?
  public var calendarZone: String?
  /// Local names inside `resourcetype`.
  public var types: Set<String> = []
  /// Local names inside `supported-report-set`.
  public var reports: Set<String> = []
}

/// A `multistatus` or `error` document.
public struct DAVAnswer: Sendable, Equatable {
  public var entries: [DAVEntry] = []
  public var syncToken: String?
  /// The server did not take our sync token (RFC 6578, section 3.2): told by this element, not by the status.
  public var isBadToken = false

  /// Reads a document by namespaces, never by prefixes. Refuses any DOCTYPE (so no entity can be declared), encodings other than
  /// UTF-8, more than 64 levels, and what is not well-formed.
  public init(parsing bytes: [UInt8]) throws(SourceError) {
    guard !bytes.contains(0) else { throw .malformed("not UTF-8") }
    guard !Self.declares(bytes) else { throw .malformed("a document type") }
    let reader = AnswerReader()
    let parser = XMLParser(data: Data(Self.withLineFeeds(bytes)))
    parser.shouldProcessNamespaces = true
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    guard parser.parse(), !reader.isRefused else { throw .malformed("broken XML") }
    // The parser takes a document that is cut off for whole: what is missing would count as deleted.
    guard reader.isRootClosed else { throw .malformed("cut off") }
    guard reader.isRootKnown else { throw .malformed("no multistatus") }
    self = reader.answer
  }

  init() {}

  /// Line ends as XML reads them (section 2.11). The parser would do it too, but hands over each line by itself.
  private static func withLineFeeds(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBufferPointer { bytes in
      [UInt8](unsafeUninitializedCapacity: bytes.count) { text, count in
        for at in bytes.indices {
          let isDropped = bytes[at] == 0x0D && at + 1 < bytes.count && bytes[at + 1] == 0x0A
          text[count] = bytes[at]
          if !isDropped { count += 1 }
        }
      }
    }
  }

  /// Whether there is a declaration: `<!` and a letter. Comments and CDATA have a sign there.
  private static func declares(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      var at = 0
      while at + 2 < bytes.count {
        if bytes[at] == 0x3C, bytes[at + 1] == 0x21, (0x41...0x5A).contains(bytes[at + 2] & 0xDF) {
          return true
        }
        at += 1
      }
      return false
    }
  }
}

private final class AnswerReader: NSObject, XMLParserDelegate {
  private static let dav = "DAV:"
  private static let calDAV = "urn:ietf:params:xml:ns:caldav"
  private static let calendarServer = "http://calendarserver.org/ns/"
  private static let depthMax = 64

  var answer = DAVAnswer()
  var isRefused = false
  var isRootKnown = false
  var isRootClosed = false
  private var path: [String] = []
  private var text: [UInt8] = []
  private var entry = DAVEntry()
  private var found = DAVEntry()
  private var isFoundGood = true

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    let space = namespaceURI ?? ""
    if path.isEmpty { isRootKnown = space == Self.dav && (name == "multistatus" || name == "error") }
    let known = space == Self.dav || space == Self.calDAV || space == Self.calendarServer
    path.append(known ? name : "?")
    text.removeAll(keepingCapacity: true)
    guard path.count <= Self.depthMax else {
      isRefused = true
      return parser.abortParsing()
    }
    switch name {
    case "response" where space == Self.dav: entry = DAVEntry()
    case "propstat" where space == Self.dav:
      found = DAVEntry()
      isFoundGood = true
    case "valid-sync-token" where space == Self.dav: answer.isBadToken = true
    default:
      let parents = path.dropLast()
      if parents.last == "resourcetype" { found.types.insert(name) }
      if parents.last == "report" { found.reports.insert(name) }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text.append(contentsOf: string.utf8) }
  func parser(_ parser: XMLParser, foundCDATA block: Data) { text.append(contentsOf: block) }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    let own = path.popLast() ?? "?"
    if path.isEmpty { isRootClosed = true }
    defer { text.removeAll(keepingCapacity: true) }
    var value: String {
      // White space of XML (section 2.3); by bytes, since there are three values a resource.
      func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
      guard let first = text.firstIndex(where: { !isBlank($0) }),
        let last = text.lastIndex(where: { !isBlank($0) })
      else { return "" }
      return String(decoding: text[first...last], as: UTF8.self)
    }
    switch (path.last, own) {
    case ("response", "href"): entry.href = value
    case ("response", "status"): entry.status = Self.status(value)
    case ("propstat", "status"): isFoundGood = Self.status(value).map { (200..<300).contains($0) } ?? false
    case ("prop", "getetag"): found.etag = value
    case ("prop", "calendar-data"): found.calendarData = text
    case ("prop", "getctag"): found.ctag = value
    case ("prop", "sync-token"): found.syncToken = value
    case ("prop", "displayname"): found.displayName = value
    case ("prop", "calendar-timezone"): found.calendarZone = value
    case ("multistatus", "sync-token"): answer.syncToken = value
    case ("response", "propstat"): if isFoundGood { merge() }
    case ("multistatus", "response"): answer.entries.append(entry)
    default: break
    }
  }

  private func merge() {
    entry.etag = found.etag ?? entry.etag
    entry.calendarData = found.calendarData ?? entry.calendarData
    entry.ctag = found.ctag ?? entry.ctag
    entry.syncToken = found.syncToken ?? entry.syncToken
    entry.displayName = found.displayName ?? entry.displayName
    entry.calendarZone = found.calendarZone ?? entry.calendarZone
    entry.types.formUnion(found.types)
    entry.reports.formUnion(found.reports)
  }

  /// `HTTP/1.1 404 Not Found` -> 404.
  private static func status(_ line: String) -> Int? {
    line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }
}
