/// What `hub bookings probe` tells of an address.
public struct SourceReport: Sendable {
  public var capabilities: SourceCapabilities
  public var kind: String
  public var title: String?
  public var resources: [CalendarResource]
  public var requests: Int

  /// Looks at an address: as a CalDAV collection first, else as a feed. Changes nothing there.
  public static func probe(_ address: SourceAddress, _ credentials: SourceCredentials?) throws(SourceError)
    -> SourceReport
  {
    let client = try HTTPClient()
    var state = SourceState()
    let calendar = CalDAVSource(address, credentials: credentials)
    do {
      let capabilities = try calendar.probe(client)
      if capabilities.rung != .get {
        let title = try? calendar.title(client)
        let change = try calendar.sync(&state, sweep: false, client)
        return SourceReport(
          capabilities: state.capabilities ?? capabilities, kind: "caldav", title: title,
          resources: change.resources, requests: client.requests)
      }
    } catch {
      // A plain web server answers a PROPFIND in many ways; the feed's own GET decides.
      switch error {
      case .malformed, .notFound, .status, .unsupported, .redirect: break
      case .denied where credentials == nil: break
      default: throw error
      }
      do {
        return try feed(address, credentials, client)
      } catch let second {
        throw second == .malformed("no calendar") ? error : second
      }
    }
    return try feed(address, credentials, client)
  }

  private static func feed(
    _ address: SourceAddress, _ credentials: SourceCredentials?, _ client: HTTPClient
  ) throws(SourceError) -> SourceReport {
    var state = SourceState()
    let change = try FeedSource(address, credentials: credentials).sync(&state, sweep: true, client)
    return SourceReport(
      capabilities: SourceCapabilities(rung: .get), kind: "feed", title: nil, resources: change.resources,
      requests: client.requests)
  }
}

extension SourceChange {
  /// Everything that came.
  public var resources: [CalendarResource] {
    switch self {
    case .unchanged: []
    case .delta(let changed, _): changed
    case .full(let all): all
    }
  }
}
