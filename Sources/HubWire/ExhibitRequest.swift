/// A wish about an exhibit (docs/PROTOCOL.md, section 2, `exhibit`). Which keys belong depends on `op`; the engine answers missing
/// ones with `bad-value`.
public struct ExhibitRequest: Decodable, Sendable, Equatable {
  public var op: String
  /// `x` and a number.
  public var exhibit: String?
  /// The revision the wish is based on.
  public var rev: Int?
  public var title: Wording?
  public var text: Wording?
  /// What somebody who can't see it needs to know.
  public var alt: Wording?
  /// `https://…`; empty: none.
  public var link: String?
  /// SHA-256 of an image that was uploaded, 64 lower-case hexadecimal digits; empty: none.
  public var image: String?
  /// Centimetres in the space.
  public var x: Int?
  public var z: Int?
  public var ref: Int?
  public init(op: String) { self.op = op }
}

/// The same words in the hub's languages; one may be missing.
public struct Wording: Codable, Sendable, Equatable {
  public var de: String?
  public var en: String?
  public init(de: String? = nil, en: String? = nil) {
    self.de = de
    self.en = en
  }
}
