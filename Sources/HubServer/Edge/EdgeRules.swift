import Foundation

/// Who may knock at all: what the operator said, and what follows from it where nothing was said.
package struct EdgeRules: Sendable {
  package enum MissingOrigin: String, Sendable, CaseIterable { case loopback, any }

  /// Normalised `scheme://host[:port]`; empty: only pages of the hub's own host.
  package var allowedOrigins: Set<String> = []
  /// Lower-case names without port; empty: those that follow from the origins and from where the hub listens.
  package var allowedHosts: Set<String> = []
  /// Whose `X-Forwarded-For` is believed.
  package var trustedProxies: [AddressRange] = []
  /// Whether programs, which send no `Origin`, may come from elsewhere than this machine.
  package var missingOrigin = MissingOrigin.loopback
  /// Connections of one address that have not joined.
  package var waitingPerAddressMax = 512
  /// Where the hub listens, as configured.
  package var listensOn = "127.0.0.1"
  /// TLS ends here: pages come by `https` only.
  package var usesTLS = false

  package init() {}

  /// Lower case, without the port that the scheme implies (RFC 6454, section 6.2).
  package static func normalised(origin: String) -> String {
    let origin = origin.lowercased()
    for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
    where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
      return String(origin.dropLast(port.count))
    }
    return origin
  }

  /// The name in a `Host` header or an origin, without port and brackets; nil when it is none.
  package static func name(host: String) -> String? {
    let host = host.lowercased()
    guard !host.isEmpty, !host.utf8.contains(where: { $0 <= 32 || $0 == 127 || $0 == 47 || $0 == 64 }) else {
      return nil
    }
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return nil }
      return String(host[host.index(after: host.startIndex)..<end])
    }
    let parts = host.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, !parts[0].isEmpty else { return nil }
    return parts[0].hasSuffix(".") ? String(parts[0].dropLast()) : String(parts[0])
  }

  /// Whether a request was meant for this hub. A page of a stranger's can have its own name resolve to us (DNS
  /// rebinding), and is then of "the same origin": only the name gives it away.
  package func allows(host: String?) -> Bool {
    guard let name = host.flatMap(Self.name) else { return false }
    if !allowedHosts.isEmpty { return allowedHosts.contains(name) || originNames.contains(name) }
    if NetworkAddressText.isNumeric(name) || name == "localhost" || name == listensOn.lowercased() {
      return true
    }
    if !allowedOrigins.isEmpty { return originNames.contains(name) }
    return !NetworkAddressText.isLoopback(listensOn)
  }

  private var originNames: Set<String> {
    Set(
      allowedOrigins.compactMap { origin in
        origin.range(of: "://").flatMap { Self.name(host: String(origin[$0.upperBound...])) }
      })
  }

  /// A browser says where its page came from: our own host, or one on the list. Programs say nothing.
  package func allows(origin: String?, host: String?, isExempt: Bool) -> Bool {
    guard let origin else { return isExempt || missingOrigin == .any }
    let given = Self.normalised(origin: origin)
    if allowedOrigins.contains(given) { return true }
    guard allowedOrigins.isEmpty, let host = host?.lowercased() else { return false }
    return given == Self.normalised(origin: "https://\(host)")
      || (!usesTLS && given == Self.normalised(origin: "http://\(host)"))
  }
}
