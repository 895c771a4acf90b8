/// What bots say where browsers would describe their media: real in form and size, about nothing. Each text carries who
/// wrote it when, so that whoever receives it knows how long it was on its way.
enum VoiceText {
  /// An audio description as browsers write them, about 2 kB; the mark stands in the session's name.
  static func description(_ mark: Mark) -> String {
    """
    v=0\r
    o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
    s=\(mark.text)\r
    t=0 0\r
    a=group:BUNDLE 0\r
    a=extmap-allow-mixed\r
    a=msid-semantic: WMS hub\r
    m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r
    c=IN IP4 0.0.0.0\r
    a=rtcp:9 IN IP4 0.0.0.0\r
    a=ice-ufrag:4ZcD\r
    a=ice-pwd:2/1muCWoOi3uLifh0NuRHlgD\r
    a=ice-options:trickle\r
    a=fingerprint:sha-256 \(fingerprint)\r
    a=setup:actpass\r
    a=mid:0\r
    a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r
    a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r
    a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r
    a=sendrecv\r
    a=msid:hub hub-audio\r
    a=rtcp-mux\r
    a=rtpmap:111 opus/48000/2\r
    a=rtcp-fb:111 transport-cc\r
    a=fmtp:111 minptime=10;useinbandfec=1\r
    \(otherCodecs)a=ssrc:1001 cname:hub\r
    a=ssrc:1001 msid:hub hub-audio\r

    """
  }

  private static let fingerprint = (0..<32).map { byte in
    let hex = String(byte * 7 % 256, radix: 16, uppercase: true)
    return hex.count == 1 ? "0" + hex : hex
  }.joined(separator: ":")

  private static let otherCodecs = [
    (63, "red/48000/2"), (9, "G722/8000"), (0, "PCMU/8000"), (8, "PCMA/8000"), (13, "CN/8000"),
    (110, "telephone-event/48000"), (126, "telephone-event/8000"),
  ].map { "a=rtpmap:\($0.0) \($0.1)\r\n" }.joined()

  /// A host candidate (RFC 8839, section 5.1); the mark is an extension attribute.
  static func candidate(_ number: Int, _ mark: Mark) -> String {
    "candidate:\(number) 1 udp 2122260223 192.0.2.\(number + 1) \(50_000 + number) typ host generation 0"
      + " network-id 1 network-cost 10 \(candidateKey)\(mark.text)"
  }
  private static let candidateKey = "mark "

  /// Who wrote a text, and when by the clock of their machine.
  struct Mark: Equatable {
    /// Which tester: only its own clock can be compared.
    var tester: Int
    var atMs: Double

    var text: String { "\(tester)-\(Int(atMs * 1000))" }

    init(tester: Int, atMs: Double) { (self.tester, self.atMs) = (tester, atMs) }

    private init?(_ text: Substring) {
      let parts = text.split(separator: "-")
      guard parts.count == 2, let tester = Int(parts[0]), let micros = Int(parts[1]) else { return nil }
      self.init(tester: tester, atMs: Double(micros) / 1000)
    }

    init?(description sdp: String) {
      let line = sdp.split(whereSeparator: \.isNewline).first { $0.hasPrefix("s=") }
      guard let line else { return nil }
      self.init(line.dropFirst(2))
    }

    init?(candidate: String) {
      guard let range = candidate.firstRange(of: VoiceText.candidateKey) else { return nil }
      self.init(candidate[range.upperBound...])
    }
  }
}
