import Foundation

/// A plain .ics feed over HTTPS: read-only, fetched whole, conditionally where the server allows.
public struct FeedSource: CalendarSource {
  public let address: SourceAddress
  public let credentials: SourceCredentials?

  public init(_ address: SourceAddress, credentials: SourceCredentials? = nil) {
    self.address = address
    self.credentials = credentials
  }

  public func sync(_ state: inout SourceState, sweep: Bool, _ client: HTTPClient) throws(SourceError)
    -> SourceChange
  {
    var request = CalendarRequest("GET", address)
    request.headers = [("Accept", "text/calendar")]
    if !sweep {
      if let etag = state.validator.etag { request.headers.append(("If-None-Match", etag)) }
      if let date = state.validator.modified { request.headers.append(("If-Modified-Since", date)) }
    }
    let answer = try client.send(request, credentials)
    if answer.status == 304 { return .unchanged }
    guard answer.status == 200 else { throw .of(answer) }
    // Checked before the validators are kept: an error page must not become "unchanged".
    guard CalendarText.looksLikeCalendar(answer.body) else { throw .malformed("no calendar") }
    state.capabilities = SourceCapabilities(rung: .get)
    state.validator = (answer.headers["etag"], answer.headers["last-modified"])
    state.resources = 1
    return .full([CalendarResource(name: "feed", etag: answer.headers["etag"], bytes: answer.body)])
  }
}

/// A .ics file on this machine: read-only, read again when its time or size changes.
public struct FileSource: CalendarSource {
  public let path: String
  static let bytesMax = 4 << 20

  public init(path: String) { self.path = path }

  public func sync(_ state: inout SourceState, sweep: Bool, _ client: HTTPClient) throws(SourceError)
    -> SourceChange
  {
    let name = URL(fileURLWithPath: path).lastPathComponent
    guard let found = try? FileManager.default.attributesOfItem(atPath: path),
      let size = found[.size] as? Int, found[.type] as? FileAttributeType == .typeRegular
    else { throw .file("can't read \(name)") }
    let changed = (found[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let tag = "\(changed)-\(size)"
    if !sweep, state.validator.etag == tag { return .unchanged }
    guard size <= Self.bytesMax else { throw .tooLarge }
    guard let data = FileManager.default.contents(atPath: path) else { throw .file("can't read \(name)") }
    let bytes = [UInt8](data)
    guard CalendarText.looksLikeCalendar(bytes) else { throw .malformed("no calendar") }
    state.capabilities = SourceCapabilities(rung: .get)
    state.validator = (tag, nil)
    state.resources = 1
    return .full([CalendarResource(name: "file", etag: tag, bytes: bytes)])
  }
}

enum CalendarText {
  /// Whether bytes begin like an iCalendar file: a byte order mark and blanks may come before.
  static func looksLikeCalendar(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes.prefix(512), as: UTF8.self).uppercased().contains("BEGIN:VCALENDAR")
  }
}
