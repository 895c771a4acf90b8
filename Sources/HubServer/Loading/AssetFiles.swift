import HubJSON
import HubScene

/// Compares the files of a manifest with what it says about them.
enum AssetFiles {
  /// What is wrong with one asset's file: the manifest's member it contradicts, and how.
  struct Problem {
    var key: String
    var message: String
  }

  static func problem(_ asset: AssetManifest.Asset, folder: String) -> Problem? {
    let bytes: [UInt8]
    do {
      bytes = try LocalFile.read(folder + asset.path, bytesMax: ManifestReader.assetBytesMax)
    } catch {
      return Problem(key: "path", message: "file \"\(asset.path)\": \(error.reason), expected a file to read")
    }
    guard bytes.count == asset.bytes else {
      return Problem(
        key: "bytes", message: "found \(asset.bytes), expected \(bytes.count): the size of \"\(asset.path)\"")
    }
    let digest = sha256Hex(bytes)
    guard digest == asset.sha256 else {
      return Problem(
        key: "sha256", message: "found \(asset.sha256), expected \(digest): the SHA-256 of \"\(asset.path)\"")
    }
    let found = mediaType(of: bytes)
    guard found == asset.mediaType else {
      return Problem(
        key: "mediaType",
        message:
          "found \(asset.mediaType), expected \(found ?? "a known type"): that is what \"\(asset.path)\" begins like"
      )
    }
    return nil
  }

  /// By the first bytes; a glTF in JSON by its `asset.version`.
  private static func mediaType(of bytes: [UInt8]) -> String? {
    func begins(_ text: String, at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: text.utf8)
    }
    if begins("glTF") { return "model/gltf-binary" }
    if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return "image/png" }
    if bytes.starts(with: [0xff, 0xd8, 0xff]) { return "image/jpeg" }
    if begins("RIFF"), begins("WEBP", at: 8) { return "image/webp" }
    if begins("OggS") { return "audio/ogg" }
    if case .object(let document) = try? JSON.parse(bytes, limits: .file),
      case .object(let asset) = document["asset"], case .string = asset["version"]
    {
      return "model/gltf+json"
    }
    return nil
  }
}
