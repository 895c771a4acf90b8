/// A calendar collection of a CalDAV server (RFC 4791), by the highest rung it has: sync-collection, else tags, else GET.
public struct CalDAVSource: CalendarSource {
  public let address: SourceAddress
  public let credentials: SourceCredentials?
  static let batch = 50
  static let resourcesMax = 20_000

  /// - Parameter address: of the collection.
  public init(_ address: SourceAddress, credentials: SourceCredentials? = nil) {
    self.address = address.path.hasSuffix("/") ? address : address.with(path: address.path + "/")
    self.credentials = credentials
  }

  public func sync(_ state: inout SourceState, sweep: Bool, _ client: HTTPClient) throws(SourceError)
    -> SourceChange
  {
    var next = state
    let capabilities: SourceCapabilities
    if let known = state.capabilities {
      capabilities = known
    } else {
      capabilities = try probe(client)
      next.capabilities = capabilities
    }
    let change: SourceChange
    switch capabilities.rung {
    case .syncCollection where !sweep: change = try syncCollection(&next, capabilities, client)
    case .syncCollection, .entityTags: change = try compareTags(&next, capabilities, sweep: sweep, client)
    case .get:
      let feed = FeedSource(address, credentials: credentials)
      change = try feed.sync(&next, sweep: sweep, client)
      next.capabilities = capabilities
    }
    if capabilities.rung != .get { next.resources = next.etags.count }
    state = next
    return change
  }

  // MARK: - Capabilities

  /// Asks the collection what it is and what it can report.
  public func probe(_ client: HTTPClient) throws(SourceError) -> SourceCapabilities {
    let answer = try dav(
      "PROPFIND", depth: "0",
      Body.propfind("<d:resourcetype/><d:supported-report-set/><d:sync-token/><cs:getctag/><d:getetag/>"),
      client)
    guard answer.status == 207 else {
      // 405 and 501: no WebDAV here, so perhaps a feed.
      if [400, 405, 501].contains(answer.status) { return SourceCapabilities(rung: .get) }
      throw .of(answer)
    }
    guard let own = try DAVAnswer(parsing: answer.body).entries.first else {
      throw .malformed("an empty answer")
    }
    guard own.types.contains("calendar") else { throw .malformed("not a calendar collection") }
    var found = SourceCapabilities(
      rung: own.reports.contains("sync-collection") || own.syncToken?.isEmpty == false
        ? .syncCollection : .entityTags)
    found.multiget = own.reports.contains("calendar-multiget") || own.reports.isEmpty
    found.canWrite = true
    return found
  }

  /// The collection's display name, if it has one.
  public func title(_ client: HTTPClient) throws(SourceError) -> String? {
    let answer = try dav("PROPFIND", depth: "0", Body.propfind("<d:displayname/>"), client)
    guard answer.status == 207 else { throw .of(answer) }
    return try DAVAnswer(parsing: answer.body).entries.first?.displayName
  }

  // MARK: - Rung 1: sync-collection

  private func syncCollection(
    _ state: inout SourceState, _ capabilities: SourceCapabilities, _ client: HTTPClient
  ) throws(SourceError) -> SourceChange {
    let isFirst = state.syncToken == nil
    let answer = try dav(
      "REPORT", depth: "0", Body.sync(token: state.syncToken ?? ""), client, isLong: isFirst)
    let document = try? DAVAnswer(parsing: answer.body)
    // Told by the element: servers answer 403, 409, 412 or even 207.
    if document?.isBadToken == true, !isFirst {
      state.syncToken = nil
      return try syncCollection(&state, capabilities, client)
    }
    guard answer.status == 207, let document, let token = document.syncToken, !token.isEmpty else {
      guard answer.status == 207 || [400, 403, 404, 405, 409, 412, 415, 501].contains(answer.status) else {
        throw .of(answer)
      }
      // A collection that promised the report and can't give it: one rung down, for good.
      state.capabilities?.rung = .entityTags
      state.syncToken = nil
      return try compareTags(&state, capabilities, sweep: true, client)
    }
    var tags = isFirst ? [:] : state.etags
    var wanted: [(href: String, name: String)] = []
    var removed: [String] = []
    for entry in document.entries {
      let name = SourceAddress.resourceName(href: entry.href)
      guard !isCollection(name) else { continue }
      if entry.status == 404 {
        if tags.removeValue(forKey: name) != nil { removed.append(name) }
      } else if let etag = entry.etag {
        if isFirst || tags[name] != etag { wanted.append((entry.href, name)) }
        tags[name] = etag
      }
    }
    guard tags.count <= Self.resourcesMax else { throw .tooLarge }
    let resources = try fetch(wanted, capabilities, client)
    settle(&tags, wanted, resources)
    state.syncToken = token
    state.etags = tags
    if isFirst { return .full(resources) }
    // A resource that vanished between the report and the fetch is gone too.
    removed += wanted.map(\.name).filter { tags[$0] == nil }
    return resources.isEmpty && removed.isEmpty ? .unchanged : .delta(changed: resources, removed: removed)
  }

  // MARK: - Rung 2: tags

  private func compareTags(
    _ state: inout SourceState, _ capabilities: SourceCapabilities, sweep: Bool, _ client: HTTPClient
  ) throws(SourceError) -> SourceChange {
    let head = try dav("PROPFIND", depth: "0", Body.propfind("<cs:getctag/><d:sync-token/>"), client)
    guard head.status == 207 else { throw .of(head) }
    let own = try DAVAnswer(parsing: head.body).entries.first
    let tag = own?.ctag ?? own?.syncToken
    let isFirst =
      state.resources == 0 && state.etags.isEmpty && state.collectionTag == nil && state.syncToken == nil
    if !sweep, !isFirst, let tag, tag == state.collectionTag { return .unchanged }
    let answer = try dav(
      "PROPFIND", depth: "1", Body.propfind("<d:getetag/><d:resourcetype/>"), client, isLong: isFirst)
    guard answer.status == 207 else { throw .of(answer) }
    var tags: [String: String] = [:]
    var hrefs: [String: String] = [:]
    for entry in try DAVAnswer(parsing: answer.body).entries where entry.status != 404 {
      let name = SourceAddress.resourceName(href: entry.href)
      guard !isCollection(name), !entry.types.contains("collection"), let etag = entry.etag else { continue }
      tags[name] = etag
      hrefs[name] = entry.href
    }
    guard tags.count <= Self.resourcesMax else { throw .tooLarge }
    let wanted = tags.filter { isFirst || state.etags[$0.key] != $0.value }.keys.sorted().map {
      (href: hrefs[$0] ?? $0, name: $0)
    }
    var removed = state.etags.keys.filter { tags[$0] == nil }.sorted()
    let resources = try fetch(wanted, capabilities, client)
    settle(&tags, wanted, resources)
    removed += wanted.map(\.name).filter { tags[$0] == nil && state.etags[$0] != nil }
    state.etags = tags
    state.collectionTag = tag
    if isFirst { return .full(resources) }
    return resources.isEmpty && removed.isEmpty ? .unchanged : .delta(changed: resources, removed: removed)
  }

  // MARK: - Bodies

  /// What was fetched counts: its tag, or none for what was gone before it could be fetched.
  private func settle(
    _ tags: inout [String: String], _ wanted: [(href: String, name: String)], _ got: [CalendarResource]
  ) {
    let fetched = Dictionary(got.map { ($0.name, $0.etag) }, uniquingKeysWith: { $1 })
    for (_, name) in wanted {
      if let etag = fetched[name] { tags[name] = etag ?? tags[name] } else { tags[name] = nil }
    }
  }

  private func fetch(
    _ wanted: [(href: String, name: String)], _ capabilities: SourceCapabilities, _ client: HTTPClient
  ) throws(SourceError) -> [CalendarResource] {
    var resources: [CalendarResource] = []
    resources.reserveCapacity(wanted.count)
    var start = 0
    while start < wanted.count {
      let end = min(start + (capabilities.multiget ? Self.batch : 1), wanted.count)
      if capabilities.multiget {
        resources += try multiget(Array(wanted[start..<end]), client)
      } else if let one = try read(href: wanted[start].href, name: wanted[start].name, client) {
        resources.append(one)
      }
      start = end
    }
    return resources
  }

  /// Halves a batch whose answer is over the cap; a single one that is over it stays an error: it may block.
  private func multiget(_ batch: [(href: String, name: String)], _ client: HTTPClient) throws(SourceError)
    -> [CalendarResource]
  {
    let answer: CalendarResponse
    do {
      answer = try dav("REPORT", depth: "1", Body.multiget(batch.map(\.href)), client, isLong: true)
    } catch {
      guard error == .tooLarge, batch.count > 1 else { throw error }
      let middle = batch.count / 2
      return try multiget(Array(batch[..<middle]), client) + multiget(Array(batch[middle...]), client)
    }
    guard answer.status == 207 else { throw .of(answer) }
    let asked = Set(batch.map(\.name))
    return try DAVAnswer(parsing: answer.body).entries.compactMap { entry in
      let name = SourceAddress.resourceName(href: entry.href)
      guard let bytes = entry.calendarData, entry.status.map({ $0 < 300 }) ?? true, asked.contains(name)
      else {
        return nil
      }
      return CalendarResource(name: name, etag: entry.etag, bytes: bytes)
    }
  }

  private func isCollection(_ name: String) -> Bool {
    let own = address.resourceName
    return name == own || name + "/" == own || name.hasSuffix("/")
  }

  // MARK: - Writing

  public func create(_ file: String, _ bytes: [UInt8], _ client: HTTPClient) throws(SourceError) -> String {
    let place = address.member(file)
    var request = CalendarRequest("PUT", place)
    request.headers = [("If-None-Match", "*"), ("Content-Type", "text/calendar; charset=utf-8")]
    request.body = bytes
    let answer = try client.send(request, credentials)
    guard (200..<300).contains(answer.status) else { throw .of(answer) }
    return place.resourceName
  }

  public func read(_ name: String, _ client: HTTPClient) throws(SourceError) -> CalendarResource? {
    try read(href: encoded(name), name: name, client)
  }

  private func read(href: String, name: String, _ client: HTTPClient) throws(SourceError) -> CalendarResource?
  {
    guard let place = address.following(location: href) else { throw .redirect }
    var request = CalendarRequest("GET", place)
    request.headers = [("Accept", "text/calendar")]
    let answer = try client.send(request, credentials)
    if answer.status == 404 || answer.status == 410 { return nil }
    guard answer.status == 200 else { throw .of(answer) }
    return CalendarResource(name: name, etag: answer.headers["etag"], bytes: answer.body)
  }

  public func update(_ resource: CalendarResource, _ client: HTTPClient) throws(SourceError) {
    guard let etag = resource.etag else { throw .conflict }
    var request = CalendarRequest("PUT", address.with(path: encoded(resource.name)))
    request.headers = [("If-Match", etag), ("Content-Type", "text/calendar; charset=utf-8")]
    request.body = resource.bytes
    let answer = try client.send(request, credentials)
    guard (200..<300).contains(answer.status) else { throw .of(answer) }
  }

  public func delete(_ name: String, etag: String?, _ client: HTTPClient) throws(SourceError) {
    var request = CalendarRequest("DELETE", address.with(path: encoded(name)))
    if let etag { request.headers = [("If-Match", etag)] }
    let answer = try client.send(request, credentials)
    guard (200..<300).contains(answer.status) || [404, 410].contains(answer.status) else { throw .of(answer) }
  }

  // MARK: - Requests

  private func dav(
    _ method: String, depth: String, _ body: String, _ client: HTTPClient, isLong: Bool = false
  ) throws(SourceError) -> CalendarResponse {
    var request = CalendarRequest(method, address)
    // Without the type Xandikos answers 415.
    request.headers = [("Depth", depth), ("Content-Type", "application/xml; charset=utf-8")]
    request.body = Array(body.utf8)
    // A first report over a cold store takes a server some seconds.
    if isLong { request.timeoutSeconds = 30 }
    return try client.send(request, credentials)
  }

  private func encoded(_ name: String) -> String { Body.percentEncoded(path: name) }
}
