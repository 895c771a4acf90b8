import HubEngine
import HubKernel
import Testing

@Suite struct DescriptionTests {
  static let offer = [
    "v=0", "o=- 46117 2 IN IP4 192.168.7.9", "s=-", "t=0 0", "a=group:BUNDLE 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 203.0.113.7", "a=rtcp:9 IN IP4 203.0.113.7",
    "a=candidate:1 1 udp 2122260223 192.168.7.9 50000 typ host generation 0",
    "a=candidate:2 1 udp 41885439 198.51.100.1 49200 typ relay raddr 203.0.113.7 rport 50001",
    "a=ice-ufrag:x", "a=ice-pwd:y", "a=fingerprint:sha-256 AA:BB", "a=setup:actpass", "a=mid:0", "a=sendrecv",
    "a=rtpmap:111 opus/48000/2", "",
  ].joined(separator: "\r\n")

  private func isRefused(_ sdp: String, maySpeak: Bool = true) -> Bool {
    (try? SessionDescription.checked(sdp, maySpeak: maySpeak, relayOnly: false)) == nil
  }

  @Test func aBrowsersOfferPassesUnchanged() throws {
    #expect(try SessionDescription.checked(Self.offer, maySpeak: true, relayOnly: false) == Self.offer)
  }

  @Test func whoMayNotSpeakMayNotOfferToSend() {
    #expect(isRefused(Self.offer, maySpeak: false))
    #expect(isRefused(Self.offer.replacing("a=sendrecv", with: "a=sendonly"), maySpeak: false))
    #expect(isRefused(Self.offer.replacing("a=sendrecv\r\n", with: ""), maySpeak: false))
    #expect(!isRefused(Self.offer.replacing("a=sendrecv", with: "a=recvonly"), maySpeak: false))
  }

  /// Port 0 rejects a section, unless it is bundled with another one.
  @Test func noBundledSectionSendsForWhoMayNotSpeak() {
    let listening = Self.offer.replacing("a=sendrecv", with: "a=recvonly")
    let section = "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=sendrecv\r\n"
    #expect(!isRefused(listening + section, maySpeak: false), "a rejected section sends nothing")
    #expect(isRefused(listening + section + "a=bundle-only\r\n", maySpeak: false))
    #expect(!isRefused(listening + section + "a=bundle-only\r\n"))
  }

  @Test func relayOnlyTellsNoAddressOfTheSenders() throws {
    let passed = try SessionDescription.checked(Self.offer, maySpeak: true, relayOnly: true)
    #expect(!passed.contains("192.168.7.9") && !passed.contains("203.0.113.7"))
    #expect(passed.contains("198.51.100.1 49200 typ relay"))
  }

  @Test func whatIsNoDescriptionOfAudioIsRefused() {
    let bad = [
      "", "v=0", "hello", Self.offer + String(repeating: "a=x\r\n", count: 3000),
      Self.offer.replacing("m=audio", with: "m=video"),
      Self.offer.replacing("m=audio", with: "m=application"),
      Self.offer.replacing("v=0", with: "v=1"), Self.offer.replacing("sha-256", with: "sha-1"),
      Self.offer.replacing("a=fingerprint:sha-256 AA:BB\r\n", with: ""),
      Self.offer.replacing("s=-", with: "s=\u{1}"), Self.offer.replacing("s=-", with: "s=\u{fc}"),
      Self.offer.replacing("192.168.7.9 50000", with: "evil.example 50000"),
      Self.offer.replacing("192.168.7.9 50000", with: "192.168.7.999 50000"),
      Self.offer.replacing("typ host", with: "typ guest"), Self.offer.replacing("a=mid:0", with: "nonsense"),
    ]
    for sdp in bad { #expect(isRefused(sdp), "\(sdp.prefix(80))") }
  }

  @Test func noDescriptionWithOneByteChangedTraps() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<3000 {
      var bytes = Array(Self.offer.utf8)
      for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      if random.below(4) == 0 { bytes.removeLast(random.below(bytes.count)) }
      let text = String(decoding: bytes, as: UTF8.self)
      if let passed = try? SessionDescription.checked(text, maySpeak: false, relayOnly: true) {
        #expect(!passed.contains("a=sendrecv") || passed.contains("m=audio 0"))
      }
    }
  }
}
