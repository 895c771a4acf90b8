import HubKernel
import HubWire
import Testing

/// Pictures made part by part, so that each part can be wrong on its own.
private enum Sample {
  static func big(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  static func little(_ value: Int, _ width: Int) -> [UInt8] { big(value, width).reversed() }

  static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    big(data.count, 4) + Array(name.utf8) + data + [1, 2, 3, 4]
  }
  static func png(_ width: Int = 4, _ height: Int = 3, with extra: [UInt8] = []) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", big(width, 4) + big(height, 4) + [8, 6, 0, 0, 0])
      + extra + chunk("IDAT", [9, 9, 9]) + chunk("IEND", [])
  }

  static func segment(_ marker: UInt8, _ data: [UInt8]) -> [UInt8] {
    [0xFF, marker] + big(data.count + 2, 2) + data
  }
  static let jfif = segment(0xE0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0])
  static func jpeg(_ width: Int = 4, _ height: Int = 3, with extra: [UInt8] = []) -> [UInt8] {
    let frame = segment(0xC0, [8] + big(height, 2) + big(width, 2) + [1, 1, 0x11, 0])
    let scan = segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0x12, 0xFF, 0, 0x34, 0xFF, 0xD0, 0x56]
    return [0xFF, 0xD8] + jfif + extra + segment(0xDB, [0]) + frame + scan + [0xFF, 0xD9]
  }

  static func part(_ name: String, _ data: [UInt8]) -> [UInt8] {
    Array(name.utf8) + little(data.count, 4) + data + (data.count % 2 == 1 ? [0] : [])
  }
  static func riff(_ parts: [UInt8]) -> [UInt8] {
    Array("RIFF".utf8) + little(parts.count + 4, 4) + Array("WEBP".utf8) + parts
  }
  static func lossy(_ width: Int = 4, _ height: Int = 3) -> [UInt8] {
    part("VP8 ", [0, 0, 0, 0x9D, 0x01, 0x2A] + little(width, 2) + little(height, 2) + [7])
  }
  static func extended(_ flags: UInt8, _ width: Int = 4, _ height: Int = 3) -> [UInt8] {
    part("VP8X", [flags, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
  }
  static let lossless = part("VP8L", [0x2F] + little(3 | 2 << 14, 4) + [1, 2, 3])

  static let good: [[UInt8]] = [
    png(), png(with: chunk("sRGB", [0]) + chunk("iCCP", [1, 2])), jpeg(),
    jpeg(with: segment(0xE2, Array("ICC_PROFILE\0x".utf8))), riff(lossy()), riff(lossless),
    riff(extended(0x20) + part("ICCP", [1, 2, 3]) + lossy()),
  ]
}

/// Pictures of strangers: what they are is read without decoding, and what tells of their maker is refused.
@Suite struct ImageFileTests {
  private func fault(_ bytes: [UInt8]) -> ImageFault? {
    do throws(ImageFault) {
      _ = try ImageFile.read(bytes)
      return nil
    } catch { return error }
  }

  @Test func kindAndSizeAreReadFromTheBytes() throws {
    for bytes in Sample.good {
      let file = try ImageFile.read(bytes)
      #expect(file.width == 4 && file.height == 3)
    }
    let kinds = try Sample.good.map { try ImageFile.read($0).kind }
    #expect(kinds == [.png, .png, .jpeg, .jpeg, .webp, .webp, .webp])
    #expect(try ImageFile.read(Sample.png(4096, 1024)).width == 4096)
  }

  @Test func whatTellsOfTheMakerIsRefusedWhereverItStands() {
    let exif = Array("Exif\0\0II*\0GPS".utf8)
    for name in ["tEXt", "zTXt", "iTXt", "eXIf", "tIME", "prVt"] {
      #expect(fault(Sample.png(with: Sample.chunk(name, exif))) == .metadata, "\(name)")
    }
    for marker: UInt8 in [0xE1, 0xED, 0xFE, 0xEF, 0xE2, 0xEE] {
      #expect(fault(Sample.jpeg(with: Sample.segment(marker, exif))) == .metadata, "\(marker)")
    }
    // A thumbnail may show what was cut away.
    let thumbnail = Sample.segment(0xE0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0])
    #expect(fault(Sample.jpeg(with: thumbnail)) == .metadata)
    for name in ["EXIF", "XMP ", "junk"] {
      let parts = Sample.extended(0) + Sample.lossy() + Sample.part(name, exif)
      #expect(fault(Sample.riff(parts)) == .metadata, "\(name)")
    }
    #expect(fault(Sample.riff(Sample.extended(0x08) + Sample.lossy())) == .metadata)
  }

  @Test func whatMovesAndWhatHidesBehindIsRefused() {
    #expect(fault(Sample.png(with: Sample.chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]))) == .animated)
    #expect(fault(Sample.riff(Sample.extended(0x02) + Sample.lossy())) == .animated)
    #expect(fault(Sample.riff(Sample.extended(0) + Sample.part("ANMF", [0, 0]))) == .animated)
    for bytes in Sample.good { #expect(fault(bytes + Array("PK".utf8)) == .trailing) }
  }

  @Test func sizesBeyondWhatDevicesUnpackAreRefused() {
    for (width, height) in [(4097, 1), (1, 4097), (4096, 4096), (0, 3), (4, 0)] {
      #expect(fault(Sample.png(width, height)) == .size)
      #expect(fault(Sample.jpeg(width, height)) == .size)
      #expect(fault(Sample.riff(Sample.lossy(width, height))) == .size)
    }
    // The canvas says one size, the picture on it another.
    #expect(fault(Sample.riff(Sample.extended(0) + Sample.lossy(4000, 4000))) == .damaged)
  }

  @Test(arguments: [
    "", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "<!doctype html>", "%PDF-1.7",
    "RIFF\0\0\0\0WAVE",
    "BM",
  ]) func otherKindsAreNone(_ text: String) {
    #expect(fault(Array(text.utf8)) == .unknownKind)
  }

  @Test func noCutIsTakenForWhole() {
    for bytes in Sample.good {
      for count in 0..<bytes.count {
        #expect(fault(Array(bytes[..<count])) != nil, "\(count) of \(bytes.count)")
      }
    }
  }

  /// Random bytes and random changes of good ones: every answer is a picture within bounds or a fault, never a trap.
  @Test func noBytesTrap() {
    var random = SeededRandom(seed: 20_261_124)
    var taken = 0
    for round in 0..<30_000 {
      var bytes = Sample.good[round % Sample.good.count]
      if round % 5 == 0 {
        let start = bytes.prefix(12)
        bytes = start + (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      }
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, 0xD9][random.below(6)]
        case 2: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
        }
      }
      guard let file = try? ImageFile.read(bytes) else { continue }
      taken += 1
      #expect(file.width * file.height <= ImageFile.pixelsMax && file.width > 0 && file.height > 0)
    }
    #expect(taken > 100 && taken < 29_000, "the changes reach beyond the first check: \(taken)")
  }
}
