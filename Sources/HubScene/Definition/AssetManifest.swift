/// What the hub ships besides code: read from `assets-manifest/manifest.json`.
public struct AssetManifest: Sendable {
  public var assets: [Asset]
  public init(assets: [Asset]) { self.assets = assets }

  /// One file, with what its bytes must be.
  public struct Asset: Sendable {
    public var id: String
    /// Relative to the manifest; stays inside its folder.
    public var path: String
    public var mediaType: String
    public var bytes: Int
    /// 64 lower-case hexadecimal digits.
    public var sha256: String
    /// SPDX expression.
    public var licence: String
    public var source: String?
    public var alt: LocalizedText
    public init(
      id: String, path: String, mediaType: String, bytes: Int, sha256: String, licence: String,
      source: String?,
      alt: LocalizedText
    ) {
      self.id = id
      self.path = path
      self.mediaType = mediaType
      self.bytes = bytes
      self.sha256 = sha256
      self.licence = licence
      self.source = source
      self.alt = alt
    }
  }
}
