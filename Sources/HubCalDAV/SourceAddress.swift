import Foundation

/// The address of a calendar. Feed addresses hold secrets, so it describes itself by scheme and host only.
public struct SourceAddress: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  /// `https` or, on loopback, `http`.
  public let scheme: String
  /// Lower-case, as in the URL (IPv6 in brackets).
  public let host: String
  public let port: Int?
  /// Percent-encoded, begins with a slash.
  public let path: String
  /// Percent-encoded, without the question mark.
  public let query: String?

  /// Why a text is no address of a calendar.
  public struct Invalid: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// - Parameter text: `https://…`, or `http://…` where the host is loopback: passwords and feed secrets would
  ///   cross the network in clear otherwise.
  public init(_ text: String) throws(Invalid) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      let host = parts.percentEncodedHost?.lowercased(), !host.isEmpty
    else { throw Invalid(description: "not a URL like https://calendar.example.org/room/") }
    guard scheme == "https" || scheme == "http" else {
      throw Invalid(description: "scheme \(scheme), expected https")
    }
    guard parts.user == nil, parts.password == nil else {
      throw Invalid(description: "holds a user or password; give them as \"credentials\"")
    }
    guard scheme == "https" || Self.isLoopback(host) else {
      throw Invalid(description: "http to another machine, expected https")
    }
    self.scheme = scheme
    self.host = host
    port = parts.port
    path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    query = parts.percentEncodedQuery
  }

  private init(_ base: SourceAddress, path: String, query: String?) {
    scheme = base.scheme
    host = base.host
    port = base.port
    self.path = path
    self.query = query
  }

  /// The whole address, secrets included: for the request itself only.
  public var exposed: String { origin + path + (query.map { "?" + $0 } ?? "") }
  public var description: String { "\(origin)/…" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// `scheme://host[:port]`.
  public var origin: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }
  private var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

  /// Another path on the same server; its query goes.
  public func with(path: String) -> SourceAddress {
    SourceAddress(self, path: path.hasPrefix("/") ? path : "/" + path, query: nil)
  }

  /// A member of this collection.
  public func member(_ name: String) -> SourceAddress {
    let folder = path.hasSuffix("/") ? path : path + "/"
    return with(
      path: folder
        + (name.addingPercentEncoding(
          withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~"))) ?? name))
  }

  /// Where a `Location` leads, if it stays on this server; nil where it would lead to another one.
  public func following(location: String) -> SourceAddress? {
    if location.hasPrefix("/"), !location.hasPrefix("//") {
      let parts = location.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
      return SourceAddress(self, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil)
    }
    guard let next = try? SourceAddress(location) else { return nil }
    guard next.scheme == scheme, next.host == host, next.effectivePort == effectivePort else { return nil }
    return next
  }

  /// The path of an `href`, absolute or relative to the server, with percent signs decoded: the same resource gives the
  /// same name however a server spells it.
  public static func resourceName(href: String) -> String {
    var path = href
    if !path.hasPrefix("/"), let scheme = path.range(of: "://") {
      let rest = path[scheme.upperBound...]
      path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }
    return path.utf8.contains(0x25) ? path.removingPercentEncoding ?? path : path
  }

  /// `resourceName` of this address.
  public var resourceName: String { path.removingPercentEncoding ?? path }

  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
