/// A resource of a calendar: one event or series as iCalendar bytes, or the whole feed.
public struct CalendarResource: Sendable, Equatable {
  /// Path with percent signs decoded; the same however a server spells it.
  public var name: String
  /// As the server wrote it, quotes included; nil where it gives none.
  public var etag: String?
  public var bytes: [UInt8]

  public init(name: String, etag: String?, bytes: [UInt8]) {
    self.name = name
    self.etag = etag
    self.bytes = bytes
  }
}

/// What a source can do, found by asking it, never by its product's name.
public struct SourceCapabilities: Sendable, Equatable {
  public enum Rung: String, Sendable {
    /// `sync-collection` (RFC 6578).
    case syncCollection = "sync-collection"
    /// A collection tag, then entity tags.
    case entityTags = "entity-tags"
    /// The whole thing, at best conditionally.
    case get
  }
  public var rung: Rung
  /// Whether `calendar-multiget` is offered; otherwise each resource is fetched by itself.
  public var multiget = false
  /// Whether bookings can be written.
  public var canWrite = false
  public init(rung: Rung) { self.rung = rung }
}

/// What a source remembers between two syncs. Opaque to its owner, and worthless to any other source.
public struct SourceState: Sendable {
  public internal(set) var capabilities: SourceCapabilities?
  var syncToken: String?
  var collectionTag: String?
  /// Entity tags by resource name.
  var etags: [String: String] = [:]
  /// For feeds.
  var validator: (etag: String?, modified: String?) = (nil, nil)
  /// How often a feed may be asked, by its own HTTP answer; nil: no word.
  public internal(set) var resources = 0
  public init() {}
}

/// What a sync found.
public enum SourceChange: Sendable, Equatable {
  case unchanged
  /// Replaces what was known of these resources.
  case delta(changed: [CalendarResource], removed: [String])
  /// Replaces everything that was known.
  case full([CalendarResource])
}

/// A place where a room's bookings live. Calls block; each thread brings its own client.
public protocol CalendarSource: Sendable {
  /// Finds out what has changed since `state`. If it throws, `state` is as before.
  /// - Parameter sweep: compare every entity tag, whatever the server's short ways say: some servers swallow bad
  ///   tokens, so the caller asks for it every few hours, and where it must be sure.
  func sync(_ state: inout SourceState, sweep: Bool, _ client: HTTPClient) throws(SourceError) -> SourceChange

  /// Writes a new resource under a name nobody has.
  /// - Returns: the name to know it by.
  func create(_ file: String, _ bytes: [UInt8], _ client: HTTPClient) throws(SourceError) -> String
  /// Nil: not there.
  func read(_ name: String, _ client: HTTPClient) throws(SourceError) -> CalendarResource?
  /// - Throws: ``SourceError/conflict`` where it has changed since `etag`.
  func update(_ resource: CalendarResource, _ client: HTTPClient) throws(SourceError)
  /// No error where it is gone already.
  /// - Parameter etag: nil only for what nobody else can have changed.
  func delete(_ name: String, etag: String?, _ client: HTTPClient) throws(SourceError)
}

extension CalendarSource {
  public func create(_ file: String, _ bytes: [UInt8], _ client: HTTPClient) throws(SourceError) -> String {
    throw .unsupported
  }
  public func read(_ name: String, _ client: HTTPClient) throws(SourceError) -> CalendarResource? {
    throw .unsupported
  }
  public func update(_ resource: CalendarResource, _ client: HTTPClient) throws(SourceError) {
    throw .unsupported
  }
  public func delete(_ name: String, etag: String?, _ client: HTTPClient) throws(SourceError) {
    throw .unsupported
  }
}

extension SourceError {
  /// What a status that is no success means.
  static func of(_ response: CalendarResponse) -> SourceError {
    switch response.status {
    case 401, 403: .denied
    case 404, 410: .notFound
    case 409, 412, 423: .conflict
    case 413: .tooLarge
    case 429, 503:
      .busy(
        retryAfterSeconds: response.headers["retry-after"].flatMap { Int($0) }.map { min(max($0, 1), 3600) })
    default: .status(response.status)
    }
  }
}
