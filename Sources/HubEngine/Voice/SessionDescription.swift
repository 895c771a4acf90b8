/// Why a description or a candidate is not passed on.
package struct DescriptionFault: Error, Equatable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

/// Checks session descriptions (RFC 8866) line by line, and never deeper: what passes is a list of printable lines with audio
/// sections alone, a good fingerprint, and candidates that are addresses. Cost: one pass.
package enum SessionDescription {
  static let bytesMax = 7000
  static let candidateBytesMax = 1024
  /// One each for the voices a media server brings, and some that are no longer used.
  static let sectionsMax = 12
  static let serverBytesMax = 16_000

  /// - Parameters:
  ///   - maySpeak: false: no section may send.
  ///   - relayOnly: nothing may tell an address of the sender's own.
  /// - Returns: what to pass on.
  package static func checked(_ sdp: String, maySpeak: Bool, relayOnly: Bool, bytesMax: Int = bytesMax)
    throws(DescriptionFault)
    -> String
  {
    guard sdp.utf8.count <= bytesMax else {
      throw DescriptionFault("a description has up to \(bytesMax) bytes")
    }
    var lines = sdp.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    var passed = ""
    passed.reserveCapacity(sdp.utf8.count)
    var sections = 0
    var fingerprints = 0
    var direction: Substring?
    var isRejected = false
    func closeSection() throws(DescriptionFault) {
      guard sections > 0, !maySpeak, !isRejected else { return }
      // RFC 8866, section 6.7: no attribute means both ways.
      guard direction == "recvonly" || direction == "inactive" else {
        throw DescriptionFault("you may not send here")
      }
    }
    for (number, raw) in lines.enumerated() {
      let bytes = raw.last == 0x0D ? raw.dropLast() : raw
      guard bytes.count >= 2, bytes.allSatisfy({ (0x20...0x7E).contains($0) }),
        bytes[bytes.index(after: bytes.startIndex)] == 0x3D
      else { throw DescriptionFault("line \(number + 1) is no line of a description") }
      let line = Substring(bytes)
      if number == 0 {
        guard line == "v=0" else { throw DescriptionFault("a description begins with v=0") }
      }
      var kept: Substring? = line
      if line.hasPrefix("m=") {
        try closeSection()
        sections += 1
        direction = nil
        let words = line.dropFirst(2).split(separator: " ")
        guard sections <= sectionsMax, words.count >= 4, words[0] == "audio", let port = UInt16(words[1])
        else {
          throw DescriptionFault("audio only, in up to \(sectionsMax) sections")
        }
        isRejected = port == 0
      } else if line == "a=bundle-only" {
        // Port 0, and alive all the same (RFC 9143, section 6).
        isRejected = false
      } else if line.hasPrefix("a=fingerprint:") {
        let name = line.dropFirst(14).prefix { $0 != " " }.lowercased()
        guard ["sha-256", "sha-384", "sha-512"].contains(name) else {
          throw DescriptionFault("a fingerprint is of SHA-256 or better")
        }
        fingerprints += 1
      } else if line.hasPrefix("a=candidate:") {
        kept = try candidate(line.dropFirst(2), relayOnly: relayOnly).map { "a=" + $0 }
      } else if ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"].contains(line) {
        if sections > 0 { direction = line.dropFirst(2) }
      } else if relayOnly {
        kept = withoutAddress(line)
      }
      if let kept { passed += kept + "\r\n" }
    }
    try closeSection()
    guard sections > 0, fingerprints > 0 else {
      throw DescriptionFault("a description has a section and a fingerprint")
    }
    return passed
  }

  /// `candidate:…` of RFC 8839, section 5.1.
  /// - Returns: nil where it is not to be passed on.
  package static func candidate(_ text: Substring, relayOnly: Bool) throws(DescriptionFault) -> Substring? {
    guard text.utf8.count <= candidateBytesMax, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw DescriptionFault("a candidate has up to \(candidateBytesMax) printable bytes")
    }
    var words = text.split(separator: " ")
    guard words.count >= 8, words[0].hasPrefix("candidate:"), let component = Int(words[1]),
      (1...2).contains(component), ["udp", "tcp"].contains(words[2].lowercased()), UInt32(words[3]) != nil,
      isAddress(words[4]), UInt16(words[5]) != nil, words[6] == "typ",
      ["host", "srflx", "prflx", "relay"].contains(words[7])
    else { throw DescriptionFault("that is no candidate") }
    guard relayOnly else { return text }
    guard words[7] == "relay" else { return nil }
    // Where the relay saw the sender.
    for index in words.indices.dropLast() {
      if words[index] == "raddr" { words[index + 1] = "0.0.0.0" }
      if words[index] == "rport" { words[index + 1] = "0" }
    }
    return Substring(words.joined(separator: " "))
  }

  /// Lines beside the candidates that may hold an address; nil: the line is not needed.
  private static func withoutAddress(_ line: Substring) -> Substring? {
    if line.hasPrefix("c=") { return "c=IN IP4 0.0.0.0" }
    if line.hasPrefix("a=rtcp:") || line.hasPrefix("a=remote-candidates:") { return nil }
    guard line.hasPrefix("o=") else { return line }
    var words = line.split(separator: " ")
    guard words.count == 6 else { return "o=- 1 1 IN IP4 0.0.0.0" }
    (words[4], words[5]) = ("IP4", "0.0.0.0")
    return Substring(words.joined(separator: " "))
  }

  /// IPv4, IPv6, or a name of multicast DNS (which tells nothing outside its network).
  private static func isAddress(_ text: Substring) -> Bool {
    if text.hasSuffix(".local") {
      return text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
          || byte == 0x2D || byte == 0x2E
      }
    }
    if text.contains(":") {
      let groups = text.split(separator: ":", omittingEmptySubsequences: false)
      return (3...8).contains(groups.count)
        && groups.allSatisfy { $0.isEmpty || ($0.utf8.count <= 4 && UInt16($0, radix: 16) != nil) }
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
