import HubEngine
import HubNet
import HubServer
import Testing

@Suite struct GateTests {
  private func gate(_ places: Int = 64, _ change: (inout EdgeRules) -> Void = { _ in }) -> Gate {
    var rules = EdgeRules()
    rules.listensOn = "*"
    rules.waitingPerAddressMax = 3
    change(&rules)
    return Gate(rules: rules, places: places)
  }

  private func request(
    _ address: String = "203.0.113.7", origin: String? = "https://hub.example", host: String? = "hub.example",
    forwarded: String? = nil
  ) -> UpgradeRequest {
    UpgradeRequest(
      listener: 0, address: address, path: "/ws", origin: origin, host: host, forwardedFor: forwarded)
  }

  @Test func anAddressHasSoManySocketsThatHaveNotJoined() {
    let gate = gate()
    for place in 0..<3 { #expect(gate.admits(place: place, address: "203.0.113.7", nowMs: 0)) }
    #expect(!gate.admits(place: 3, address: "203.0.113.7", nowMs: 0))
    gate.departed(place: 3)
    #expect(gate.admits(place: 4, address: "203.0.113.8", nowMs: 0))
    gate.joined(place: 0)
    #expect(gate.admits(place: 5, address: "203.0.113.7", nowMs: 0))
    gate.departed(place: 0)
    #expect(!gate.admits(place: 6, address: "203.0.113.7", nowMs: 0), "who has joined was no longer counted")
    gate.departed(place: 6)
    gate.departed(place: 1)
    #expect(gate.admits(place: 7, address: "203.0.113.7", nowMs: 0))
  }

  @Test func anIPv6NetworkOf64BitsCountsAsOne() {
    let gate = gate()
    for place in 0..<3 { #expect(gate.admits(place: place, address: "2001:db8:1:2::\(place)", nowMs: 0)) }
    #expect(!gate.admits(place: 3, address: "2001:db8:1:2:ffff::1", nowMs: 0))
    #expect(gate.admits(place: 4, address: "2001:db8:1:3::1", nowMs: 0))
  }

  @Test func loopbackIsFreeUntilAProxyIsTrusted() {
    let open = gate()
    for place in 0..<20 { #expect(open.admits(place: place, address: "127.0.0.1", nowMs: 0)) }
    #expect(open.admits(request("127.0.0.1", origin: nil)) == .yes)
    let proxied = gate { $0.trustedProxies = [AddressRange(text: "10.0.0.0/8")!] }
    for place in 0..<3 { #expect(proxied.admits(place: place, address: "127.0.0.1", nowMs: 0)) }
    #expect(!proxied.admits(place: 3, address: "127.0.0.1", nowMs: 0))
    #expect(proxied.admits(request("127.0.0.1", origin: nil)) == .status(403, reason: "origin"))
  }

  @Test func behindATrustedProxyTheForwardedAddressCounts() {
    let gate = gate { $0.trustedProxies = [AddressRange(text: "10.0.0.0/8")!] }
    for place in 0..<3 {
      #expect(gate.admits(place: place, address: "10.1.1.1", nowMs: 0))
      // What the peer wrote itself stands to the left, and counts for nothing.
      let forwarded = request("10.1.1.1", forwarded: "198.51.100.\(place), 203.0.113.9, 10.2.2.2")
      #expect(gate.admits(forwarded) == .yes)
      #expect(gate.opened(place: place, forwarded, nowMs: 0))
    }
    #expect(gate.waiting(NetworkAddress(text: "203.0.113.9")!) == 3)
    #expect(
      gate.admits(request("10.1.1.1", forwarded: "203.0.113.9"))
        == .status(429, reason: "address-connections"))
    #expect(gate.admits(request("10.1.1.1", forwarded: "203.0.113.10")) == .yes)
    // Both knocked while there was one place: the second one is one too many.
    #expect(gate.admits(place: 3, address: "10.1.1.1", nowMs: 0))
    #expect(!gate.opened(place: 3, request("10.1.1.1", forwarded: "203.0.113.9"), nowMs: 0))
    gate.departed(place: 0)
    #expect(gate.admits(request("10.1.1.1", forwarded: "203.0.113.9")) == .yes)
  }

  @Test func aStrangersForwardedAddressIsNotBelieved() {
    let gate = gate { $0.trustedProxies = [AddressRange(text: "10.0.0.0/8")!] }
    #expect(gate.admits(place: 0, address: "203.0.113.7", nowMs: 0))
    #expect(gate.opened(place: 0, request(forwarded: "198.51.100.1"), nowMs: 0))
    #expect(gate.address(place: 0) == NetworkAddress(text: "203.0.113.7"))
  }

  @Test(arguments: [
    ("https://hub.example", true), ("HTTPS://Hub.Example:443", true), ("http://hub.example", true),
    ("https://hub.example:8443", false), ("https://hub.example.evil.test", false), ("null", false),
    ("https://evil.test", false), ("", false), ("hub.example", false),
    ("https://hub.example@evil.test", false),
  ])
  func withoutAListOnlyTheHubsOwnPagesMayConnect(origin: String, isIn: Bool) {
    #expect(gate().admits(request(origin: origin)) == (isIn ? .yes : .status(403, reason: "origin")))
  }

  @Test func withTLSHereAPageByPlainHTTPIsAStranger() {
    let gate = gate { $0.usesTLS = true }
    #expect(gate.admits(request(origin: "http://hub.example")) == .status(403, reason: "origin"))
  }

  @Test func aListOfOriginsIsExact() {
    let gate = gate { $0.allowedOrigins = ["https://hub.example"] }
    #expect(gate.admits(request()) == .yes)
    #expect(gate.admits(request(origin: "http://hub.example")) == .status(403, reason: "origin"))
    #expect(gate.admits(request(host: "other.example")) == .status(421, reason: "host"))
  }

  @Test func programsComeFromThisMachineUnlessAllAreLetIn() {
    #expect(gate().admits(request(origin: nil)) == .status(403, reason: "origin"))
    #expect(gate { $0.missingOrigin = .any }.admits(request(origin: nil)) == .yes)
  }

  @Test(
    arguments: [
      ("127.0.0.1:8080", true), ("localhost:8080", true), ("[::1]:8080", true), ("192.0.2.1", true),
      ("evil.test:8080", false), ("localhost.evil.test", false), (nil, false), ("", false), ("a b", false),
    ] as [(String?, Bool)])
  func aHubOnLoopbackAnswersToNumbersAndLocalhost(host: String?, isIn: Bool) {
    var rules = EdgeRules()
    rules.listensOn = "127.0.0.1"
    #expect(rules.allows(host: host) == isIn)
    rules.allowedHosts = ["hub.example"]
    #expect(rules.allows(host: "hub.example:443") && !rules.allows(host: "127.0.0.1:8080"))
  }

  @Test func helloesOfAnAddressHaveARate() {
    let gate = gate()
    _ = gate.admits(place: 0, address: "203.0.113.7", nowMs: 0)
    for _ in 0..<Gate.helloBurst { #expect(gate.waitBeforeHello(place: 0, nowMs: 0) == nil) }
    let wait = gate.waitBeforeHello(place: 0, nowMs: 0)
    #expect(wait == 1000 / Gate.hellosPerSecond)
    #expect(gate.waitBeforeHello(place: 0, nowMs: 1000) == nil)
    _ = gate.admits(place: 1, address: "203.0.113.8", nowMs: 0)
    #expect(gate.waitBeforeHello(place: 1, nowMs: 0) == nil)
  }

  @Test func theHubTakesOnlySoManyHelloesInAll() {
    let gate = gate()
    _ = gate.admits(place: 0, address: "127.0.0.1", nowMs: 0)
    for _ in 0..<Gate.hubHelloBurst { #expect(gate.waitBeforeHello(place: 0, nowMs: 0) == nil) }
    #expect(gate.waitBeforeHello(place: 0, nowMs: 0) != nil)
  }

  @Test func whoGuessesKeysWaits() {
    let gate = gate()
    _ = gate.admits(place: 0, address: "203.0.113.7", nowMs: 0)
    for _ in 0..<Gate.failureBurst {
      #expect(gate.waitBeforeHello(place: 0, nowMs: 0) == nil)
      gate.failed(place: 0, nowMs: 0)
    }
    #expect((gate.waitBeforeHello(place: 0, nowMs: 0) ?? 0) > 1000)
    #expect(gate.waitBeforeHello(place: 0, nowMs: 10_000) == nil)
  }

  @Test func addressesThatWentAwayAreForgotten() {
    let gate = gate()
    for number in 0..<50 {
      _ = gate.admits(place: 0, address: "198.51.100.\(number)", nowMs: 0)
      gate.departed(place: 0)
    }
    #expect(gate.addressCount == 50)
    _ = gate.admits(place: 0, address: "203.0.113.7", nowMs: 20_000)
    #expect(gate.addressCount == 1)
  }

  @Test func aBucketRefillsHoweverOftenItIsAsked() {
    var bucket = MilliBucket(burst: 1, perMinute: 20)
    #expect(bucket.take(0) == nil)
    var now = 0
    while bucket.take(now) != nil { now += 1 }
    #expect((2900...3200).contains(now))
  }

  @Test(arguments: [
    "", "10.0.0.0/33", "::/129", "10.0.0/8", "host", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/",
  ])
  func whatIsNoRangeIsRefused(text: String) { #expect(AddressRange(text: text) == nil) }

  @Test func rangesContainWhatTheySay() {
    let four = AddressRange(text: "10.1.0.0/16")!
    #expect(four.contains(NetworkAddress(text: "10.1.255.1")!))
    #expect(!four.contains(NetworkAddress(text: "10.2.0.1")!))
    #expect(!four.contains(NetworkAddress(text: "::a01:1")!))
    let six = AddressRange(text: "fd00::/8")!
    #expect(six.contains(NetworkAddress(text: "fd12::1")!) && !six.contains(NetworkAddress(text: "fe80::1")!))
  }
}
