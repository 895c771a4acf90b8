/// A wish to upload an image (docs/PROTOCOL.md, section 2, `upload`).
public struct UploadRequest: Decodable, Sendable, Equatable {
  public var mediaType: String
  /// How many will come, exactly.
  public var bytes: Int
  /// Of those bytes, 64 lower-case hexadecimal digits.
  public var sha256: String
  public var ref: Int?
  public init(mediaType: String, bytes: Int, sha256: String) {
    self.mediaType = mediaType
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// An image by what it is: the same bytes are the same image.
public struct ImageName: Codable, Sendable, Hashable {
  /// 64 lower-case hexadecimal digits.
  public let sha256: String
  public let mediaType: String
  public init(sha256: String, mediaType: String) {
    self.sha256 = sha256
    self.mediaType = mediaType
  }

  /// Nil where it is no SHA-256, or of a kind that is not taken.
  public init?(checking sha256: String, mediaType: String) {
    guard ImageFile.Kind(rawValue: mediaType) != nil, Self.isDigest(sha256) else { return nil }
    self.init(sha256: sha256, mediaType: mediaType)
  }

  public static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
