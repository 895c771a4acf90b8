package import HubEngine
package import HubNet

/// Counts who knocks, by address, and says who may. A socket counts against its address from its acceptance until its
/// `hello` is accepted: a town hall sits behind one address, and those who are in count no more.
///
/// Loopback counts for nothing while no proxy is trusted; a trusted proxy's own address never does, but the one it
/// forwards for. Times are milliseconds of a monotonic clock. Memory: one entry per address that has a socket waiting or
/// has knocked lately, at most ``addressesMax``.
package final class Gate {
  package enum Verdict: Equatable {
    case yes
    case status(Int, reason: String)
  }

  package static let addressesMax = 65_536
  /// New sessions, of one address and of the whole hub: at once, and then per second.
  package static let helloBurst = 400
  package static let hellosPerSecond = 40
  package static let hubHelloBurst = 5000
  package static let hubHellosPerSecond = 1000
  /// Wrong keys, malformed first messages.
  package static let failureBurst = 20
  package static let failuresPerMinute = 20

  private struct Address {
    var waiting = 0
    var hellos: MilliBucket
    var failures: MilliBucket
  }
  private struct Place {
    /// Counted as waiting under this address.
    var counted: NetworkAddress?
    /// Whoever is behind the socket, as far as known.
    var address: NetworkAddress?
    var isProxy = false
  }

  package let rules: EdgeRules
  private var addresses: [NetworkAddress: Address] = [:]
  private var places: [Place]
  private var hub: MilliBucket
  private var sweptMs = 0

  package init(rules: EdgeRules, places: Int) {
    self.rules = rules
    self.places = Array(repeating: Place(), count: places)
    hub = MilliBucket(burst: Self.hubHelloBurst, perMinute: Self.hubHellosPerSecond * 60)
  }

  func isExempt(_ address: NetworkAddress?) -> Bool {
    rules.trustedProxies.isEmpty && address?.isLoopback == true
  }

  private func isProxy(_ address: NetworkAddress) -> Bool {
    rules.trustedProxies.contains { $0.contains(address) }
  }

  // MARK: Sockets

  /// A socket was accepted. O(1) but for a sweep every ten seconds.
  package func admits(place: Int, address text: String, nowMs: Int) -> Bool {
    sweep(nowMs)
    let address = NetworkAddress(text: text)
    places[place] = Place(counted: nil, address: address, isProxy: address.map(isProxy) ?? false)
    guard let address, !places[place].isProxy, !isExempt(address) else { return true }
    return count(place, address, nowMs)
  }

  /// The socket is gone, whatever it had become.
  package func departed(place: Int) {
    uncount(place)
    places[place] = Place()
  }

  /// It has joined: from here on it counts as a participant.
  package func joined(place: Int) { uncount(place) }

  /// The address of whoever is behind a socket: the peer's, or what a trusted proxy says.
  package func address(place: Int) -> NetworkAddress? { places[place].address }

  /// How many sockets of an address wait.
  package func waiting(_ address: NetworkAddress) -> Int { addresses[address.counted]?.waiting ?? 0 }
  package var addressCount: Int { addresses.count }

  private func count(_ place: Int, _ address: NetworkAddress, _ nowMs: Int) -> Bool {
    let key = address.counted
    guard var entry = entry(key), entry.waiting < rules.waitingPerAddressMax else { return false }
    entry.waiting += 1
    addresses[key] = entry
    places[place].counted = key
    return true
  }

  private func uncount(_ place: Int) {
    guard let key = places[place].counted else { return }
    places[place].counted = nil
    addresses[key]?.waiting -= 1
  }

  private func entry(_ key: NetworkAddress) -> Address? {
    if let known = addresses[key] { return known }
    guard addresses.count < Self.addressesMax else { return nil }
    return Address(
      hellos: MilliBucket(burst: Self.helloBurst, perMinute: Self.hellosPerSecond * 60),
      failures: MilliBucket(burst: Self.failureBurst, perMinute: Self.failuresPerMinute))
  }

  /// Forgets addresses of which nothing is known that would matter.
  private func sweep(_ nowMs: Int) {
    guard nowMs - sweptMs >= 10_000 else { return }
    sweptMs = nowMs
    addresses = addresses.filter { _, entry in
      entry.waiting > 0 || !entry.hellos.isFull(nowMs) || !entry.failures.isFull(nowMs)
    }
  }

  // MARK: Handshake and hello

  /// Whether an upgrade may go on. Its place is not known yet, so a proxy's client is only looked up here, and counted in
  /// ``opened(place:_:nowMs:)``.
  package func admits(_ request: UpgradeRequest) -> Verdict {
    guard rules.allows(host: request.host) else { return .status(421, reason: "host") }
    let client = client(of: request)
    guard rules.allows(origin: request.origin, host: request.host, isExempt: isExempt(client)) else {
      return .status(403, reason: "origin")
    }
    if let client, NetworkAddress(text: request.address).map(isProxy) == true,
      waiting(client) >= rules.waitingPerAddressMax
    {
      return .status(429, reason: "address-connections")
    }
    return .yes
  }

  /// The upgrade of ``admits(_:)`` became a connection.
  /// - Returns: whether its client may have one more: others may have come between the two.
  package func opened(place: Int, _ request: UpgradeRequest, nowMs: Int) -> Bool {
    guard places[place].isProxy, let client = client(of: request) else { return true }
    places[place].address = client
    return count(place, client, nowMs)
  }

  /// The rightmost address in `X-Forwarded-For` that is none of our proxies: what stands left of it, anybody can write.
  private func client(of request: UpgradeRequest) -> NetworkAddress? {
    client(address: request.address, forwardedFor: request.forwardedFor)
  }

  func client(address: String, forwardedFor: String?) -> NetworkAddress? {
    guard let peer = NetworkAddress(text: address) else { return nil }
    guard isProxy(peer), let forwarded = forwardedFor else { return peer }
    for text in forwarded.split(separator: ",").reversed() {
      let text = text.drop { $0 == " " || $0 == "\t" }
      guard let address = NetworkAddress(text: String(text.prefix { $0 != " " && $0 != "\t" })) else {
        return peer
      }
      if !isProxy(address) { return address }
    }
    return peer
  }

  /// Whether a new session may begin over this socket; else how many milliseconds to wait. Whoever comes back with a
  /// good ticket is not asked.
  package func waitBeforeHello(place: Int, nowMs: Int) -> Int? {
    if let wait = hub.take(nowMs) { return wait }
    guard let address = places[place].address, !isExempt(address) else { return nil }
    guard var entry = entry(address.counted) else { return 10_000 }
    defer { addresses[address.counted] = entry }
    return entry.failures.wait(nowMs) ?? entry.hellos.take(nowMs)
  }

  /// A first message that was none, or a wrong key.
  package func failed(place: Int, nowMs: Int) {
    guard let address = places[place].address, !isExempt(address), var entry = entry(address.counted) else {
      return
    }
    _ = entry.failures.take(nowMs)
    addresses[address.counted] = entry
  }
}
