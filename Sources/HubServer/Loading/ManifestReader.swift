import HubJSON
import HubScene

/// An assets manifest's document as plain values, its members checked; see ``AssetFiles`` for the files
/// themselves.
struct ManifestReader {
  /// Media types that clients know, and the endings their files have.
  static let mediaTypes: [(name: String, endings: [String])] = [
    ("model/gltf-binary", [".glb"]), ("model/gltf+json", [".gltf"]), ("image/png", [".png"]),
    ("image/jpeg", [".jpg", ".jpeg"]), ("image/webp", [".webp"]), ("audio/ogg", [".ogg", ".oga", ".opus"]),
  ]
  static let assetBytesMax = 64 << 20
  static let assetsMax = 4096

  let findings = DocumentFindings()

  func read(_ document: JSONValue) -> AssetManifest {
    let root = ValueReader(value: document, path: .root, findings: findings)
    let object = root.object(known: ["$schema", "format", "assets"])
    _ = object?.optional("$schema")?.string()
    if let format = object?.required("format")?.integer(), format != 1 {
      findings.add(JSONPath.root.appending(key: "format"), "found format \(format), expected 1")
    }
    let list = object?.required("assets")
    let items = list?.array() ?? []
    if let list, items.count > Self.assetsMax {
      findings.add(list.path, "found \(items.count) assets, expected at most \(Self.assetsMax)")
    }
    var ids: Set<String> = []
    var paths: Set<String> = []
    return AssetManifest(
      assets: items.map { item in
        let asset = self.asset(item)
        if !asset.id.isEmpty, !ids.insert(asset.id).inserted {
          findings.add(
            item.path.appending(key: "id"), "another asset has the id \"\(asset.id)\", expected a unique one")
        }
        if !asset.path.isEmpty, !paths.insert(asset.path).inserted {
          findings.add(
            item.path.appending(key: "path"),
            "another asset has the path \"\(asset.path)\", expected a unique one")
        }
        return asset
      })
  }

  private func asset(_ reader: ValueReader) -> AssetManifest.Asset {
    let object = reader.object(known: [
      "id", "path", "mediaType", "bytes", "sha256", "licence", "source", "alt",
    ])
    func word(_ key: String, _ expected: String, _ isGood: (String) -> Bool) -> String {
      guard let member = object?.required(key), let string = member.string() else { return "" }
      guard isGood(string) else {
        findings.add(member.path, "found \"\(string)\", expected \(expected)")
        return ""
      }
      return string
    }
    let id = word("id", "1 to 63 of a-z, 0-9 and -, not beginning with -", Self.isID)
    let path = word(
      "path", "a path below the manifest's folder: words of A-Z, a-z, 0-9, ., _ and -, joined by /",
      Self.isPath)
    let types = Self.mediaTypes.map(\.name)
    let mediaType = word("mediaType", "one of \(types.joined(separator: ", "))") { types.contains($0) }
    if !path.isEmpty, let type = Self.mediaTypes.first(where: { $0.name == mediaType }),
      !type.endings.contains(where: path.hasSuffix)
    {
      findings.add(
        reader.path.appending(key: "path"),
        "found \"\(path)\" for \(mediaType), expected it to end in \(type.endings.joined(separator: " or "))")
    }
    let bytes = object?.required("bytes")?.integer() ?? -1
    if object?.object["bytes"] != nil, bytes != -1, !(1...Self.assetBytesMax).contains(bytes) {
      findings.add(
        reader.path.appending(key: "bytes"), "found \(bytes), expected 1 to \(Self.assetBytesMax) bytes")
    }
    let sha256 = word("sha256", "64 lower-case hexadecimal digits") { digest in
      digest.utf8.count == 64
        && digest.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
    let licence = word("licence", "an SPDX licence expression, e.g. CC0-1.0", Self.isLicence)
    let source = object?.optional("source")?.text(scalarsMax: 500)
    let alt = WorldReader.text(object?.required("alt"))
    return AssetManifest.Asset(
      id: id, path: path, mediaType: mediaType, bytes: bytes, sha256: sha256, licence: licence,
      source: source,
      alt: alt)
  }

  private static func isLetterOrDigit(_ c: UInt8) -> Bool {
    (0x61...0x7a).contains(c) || (0x41...0x5a).contains(c) || (0x30...0x39).contains(c)
  }

  private static func isID(_ id: String) -> Bool {
    (1...63).contains(id.utf8.count) && id.utf8.first != 0x2d
      && id.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
  }

  /// Each part begins with a letter or a digit, so neither ".." nor hidden files nor absolute paths get
  /// through.
  private static func isPath(_ path: String) -> Bool {
    (1...200).contains(path.utf8.count)
      && path.utf8.split(separator: 0x2f, omittingEmptySubsequences: false).allSatisfy { part in
        guard let first = part.first, isLetterOrDigit(first) else { return false }
        return part.allSatisfy { isLetterOrDigit($0) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d }
      }
  }

  private static func isLicence(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count) && isLetterOrDigit(text.utf8.first ?? 0)
      && text.utf8.allSatisfy { isLetterOrDigit($0) || [0x2e, 0x2d, 0x2b, 0x20, 0x28, 0x29].contains($0) }
  }
}
