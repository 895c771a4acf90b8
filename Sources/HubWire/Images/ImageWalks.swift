/// PNG (W3C PNG specification, third edition): a signature, then chunks of length, name, data, checksum.
enum PNGWalk {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Beside the picture: transparency, background and what its colours mean.
  private static let harmless: Set<String> = [
    "PLTE", "IDAT", "tRNS", "bKGD", "gAMA", "cHRM", "sRGB", "sBIT", "iCCP", "cICP", "pHYs",
  ]
  private static let animation: Set<String> = ["acTL", "fcTL", "fdAT"]

  static func read(_ bytes: ImageBytes) throws(ImageFault) -> ImageFile {
    guard try bytes.big(8, 4) == 13, try bytes.name(12) == "IHDR" else { throw .damaged }
    let file = ImageFile(kind: .png, width: try bytes.big(16, 4), height: try bytes.big(20, 4))
    var offset = 33
    var hasData = false
    while true {
      let length = try bytes.big(offset, 4)
      let name = try bytes.name(offset + 4)
      let next = offset + 12 + length
      guard next <= bytes.count else { throw .damaged }
      if name == "IEND" {
        guard length == 0, hasData else { throw .damaged }
        guard next == bytes.count else { throw .trailing }
        return file
      }
      if animation.contains(name) { throw .animated }
      guard harmless.contains(name) else { throw .metadata }
      if name == "IDAT" { hasData = true }
      offset = next
    }
  }
}

/// JPEG (ITU-T T.81, annex B): segments of marker, length, data; after a start of scan, entropy-coded bytes until the next marker.
enum JPEGWalk {
  static func read(_ bytes: ImageBytes) throws(ImageFault) -> ImageFile {
    var file: ImageFile?
    var offset = 2
    var hasScan = false
    while true {
      guard try bytes.byte(offset) == 0xFF else { throw .damaged }
      let marker = try bytes.byte(offset + 1)
      if marker == 0xFF {
        // Fill bytes (B.1.1.2).
        offset += 1
        continue
      }
      if marker == 0xD9 {
        guard let file, hasScan else { throw .damaged }
        guard offset + 2 == bytes.count else { throw .trailing }
        return file
      }
      let start = offset + 4
      let length = try bytes.big(offset + 2, 2)
      let next = offset + 2 + length
      guard length >= 2, next <= bytes.count else { throw .damaged }
      switch marker {
      case 0xC0...0xC2:
        // Baseline, extended, progressive: what browsers show. A second one would say another size.
        guard file == nil else { throw .damaged }
        file = ImageFile(
          kind: .jpeg, width: try bytes.big(start + 3, 2), height: try bytes.big(start + 1, 2))
      case 0xC4, 0xDB, 0xDD: break
      case 0xE0:
        // JFIF without a thumbnail (JFIF 1.02).
        guard bytes.begins(Array("JFIF\0".utf8), at: start), length == 16,
          try bytes.big(start + 12, 2) == 0
        else { throw .metadata }
      case 0xE2:
        guard bytes.begins(Array("ICC_PROFILE\0".utf8), at: start) else { throw .metadata }
      case 0xEE:
        guard bytes.begins(Array("Adobe".utf8), at: start), length == 14 else { throw .metadata }
      case 0xDA:
        guard file != nil else { throw .damaged }
        hasScan = true
        offset = try endOfScan(bytes, from: next)
        continue
      // Application data and comments: EXIF and XMP are E1, IPTC is ED.
      case 0xE1...0xEF, 0xFE: throw .metadata
      default: throw .damaged
      }
      offset = next
    }
  }

  /// Where the next marker is that is neither a stuffed byte nor a restart (B.1.1.5).
  private static func endOfScan(_ bytes: ImageBytes, from start: Int) throws(ImageFault) -> Int {
    var offset = start
    while true {
      if try bytes.byte(offset) == 0xFF {
        let next = try bytes.byte(offset + 1)
        if next != 0, !(0xD0...0xD7).contains(next) { return offset }
      }
      offset += 1
    }
  }
}

/// WebP (RFC 9649): one RIFF container of chunks, each of name, length, data, and padding to an even end.
enum WebPWalk {
  static func read(_ bytes: ImageBytes) throws(ImageFault) -> ImageFile {
    let end = try bytes.little(4, 4) + 8
    guard end <= bytes.count else { throw .damaged }
    guard end == bytes.count else { throw .trailing }
    var canvas: ImageFile?
    var picture: ImageFile?
    var offset = 12
    while offset < end {
      let name = try bytes.name(offset)
      let length = try bytes.little(offset + 4, 4)
      let start = offset + 8
      guard start + length <= end else { throw .damaged }
      switch name {
      case "VP8X":
        guard offset == 12, length == 10 else { throw .damaged }
        let flags = try bytes.byte(start)
        if flags & 0x02 != 0 { throw .animated }
        if flags & 0x0C != 0 { throw .metadata }
        canvas = ImageFile(
          kind: .webp, width: try bytes.little(start + 4, 3) + 1, height: try bytes.little(start + 7, 3) + 1)
      case "VP8 ":
        // A key frame's start code and 14 bits each (RFC 6386, section 9.1).
        guard picture == nil, length >= 10, try bytes.big(start + 3, 3) == 0x9D012A else { throw .damaged }
        picture = ImageFile(
          kind: .webp, width: try bytes.little(start + 6, 2) & 0x3FFF,
          height: try bytes.little(start + 8, 2) & 0x3FFF)
      case "VP8L":
        guard picture == nil, length >= 5, try bytes.byte(start) == 0x2F else { throw .damaged }
        let bits = try bytes.little(start + 1, 4)
        picture = ImageFile(kind: .webp, width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1)
      case "ALPH", "ICCP":
        guard canvas != nil else { throw .damaged }
      case "ANIM", "ANMF": throw .animated
      default: throw .metadata
      }
      offset = start + length + length % 2
    }
    guard offset == end, let picture, canvas == nil || canvas == picture else { throw .damaged }
    return picture
  }
}
