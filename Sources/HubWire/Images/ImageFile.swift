/// What a picture is, read from its bytes alone; nothing is decoded.
public struct ImageFile: Sendable, Equatable {
  /// The kinds that are taken, by their media types. SVG is none: it can hold scripts and links.
  public enum Kind: String, Sendable, CaseIterable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case webp = "image/webp"
  }
  public let kind: Kind
  /// Pixels.
  public let width: Int
  public let height: Int
}

/// Why bytes are no picture that is published.
public enum ImageFault: String, Error, Sendable, CaseIterable {
  /// Begins like none of the kinds.
  case unknownKind = "no-image"
  /// Ends before it should, or its parts contradict each other.
  case damaged
  /// No width or height, or too many pixels.
  case size
  /// Holds more than the picture: EXIF, XMP, IPTC, comments, times, thumbnails. Cameras write there where and when.
  case metadata
  case animated
  /// Bytes after the end: another file hidden behind.
  case trailing
}

extension ImageFile {
  /// Pixels along an edge, and in all: what every visitor's device has to unpack.
  public static let edgeMax = 4096
  public static let pixelsMax = 4_194_304

  /// Walks the whole file from part to part. Only parts that are known to hold picture and colour pass, so that what
  /// tells of the maker can't, whatever it is called. O(bytes); never reads beyond the end.
  public static func read(_ bytes: [UInt8]) throws(ImageFault) -> ImageFile {
    let reader = ImageBytes(bytes)
    let file: ImageFile
    if reader.begins(PNGWalk.signature) {
      file = try PNGWalk.read(reader)
    } else if reader.begins([0xFF, 0xD8, 0xFF]) {
      file = try JPEGWalk.read(reader)
    } else if reader.begins(Array("RIFF".utf8)), reader.begins(Array("WEBP".utf8), at: 8) {
      file = try WebPWalk.read(reader)
    } else {
      throw .unknownKind
    }
    guard (1...edgeMax).contains(file.width), (1...edgeMax).contains(file.height),
      file.width * file.height <= pixelsMax
    else { throw .size }
    return file
  }
}

/// Bytes that are read only where there are some.
struct ImageBytes {
  private let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  func begins(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
    offset >= 0 && offset <= bytes.count && bytes[offset...].starts(with: prefix)
  }

  func byte(_ offset: Int) throws(ImageFault) -> Int {
    guard bytes.indices.contains(offset) else { throw .damaged }
    return Int(bytes[offset])
  }

  /// `width` bytes, the first the highest.
  func big(_ offset: Int, _ width: Int) throws(ImageFault) -> Int {
    var value = 0
    for index in 0..<width { value = value << 8 | (try byte(offset + index)) }
    return value
  }

  /// `width` bytes, the first the lowest.
  func little(_ offset: Int, _ width: Int) throws(ImageFault) -> Int {
    var value = 0
    for index in 0..<width { value |= (try byte(offset + index)) << (8 * index) }
    return value
  }

  /// Four letters that name a part.
  func name(_ offset: Int) throws(ImageFault) -> String {
    guard offset >= 0, offset + 4 <= bytes.count else { throw .damaged }
    return String(decoding: bytes[offset..<(offset + 4)], as: UTF8.self)
  }
}
