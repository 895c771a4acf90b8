import HubJSON
public import HubScene

/// A world ready to serve, with the files that belong to it.
public struct LoadedWorld: Sendable {
  public var world: World
  /// The world file's bytes, as clients fetch them.
  public var text: [UInt8]
  public var path: String
  /// Empty when the world names no manifest.
  public var manifest: AssetManifest
  /// The manifest's bytes, as clients fetch them; empty without one.
  public var manifestText: [UInt8]
  /// Folder that asset paths are relative to, with its slash (empty: the working directory); nil without a
  /// manifest.
  public var assetsFolder: String?
}

/// One thing wrong with a file: `file:line:column: what was wrong and what was expected`.
public struct FileFinding: Sendable, Hashable, CustomStringConvertible {
  public var file: String
  /// 1-based; 0 when the finding is about the file as a whole.
  public var line: Int
  public var column: Int
  /// Place in the document, e.g. `spaces[2].nodes[0].position[1]`; may be empty.
  public var path: String
  public var message: String
  public var description: String {
    "\(file):\(line):\(column): " + (path.isEmpty ? message : "\(path): \(message)")
  }
}

/// A file that must not be served: all findings at once (of syntax: the first).
public struct FileInvalid: Error, Sendable, CustomStringConvertible {
  public var findings: [FileFinding]
  package init(findings: [FileFinding]) { self.findings = findings }
  public var description: String { findings.map(\.description).joined(separator: "\n") }
}

/// Reads worlds and manifests, and checks everything about them, their assets' bytes included.
public enum WorldLoader {
  /// - Throws: ``FileInvalid``.
  public static func load(path: String) throws(FileInvalid) -> LoadedWorld {
    try load(SourceDocument(path: path))
  }

  /// Checks a world or a manifest, told apart by content.
  /// - Returns: one line that says what is in it.
  /// - Throws: ``FileInvalid``.
  public static func check(path: String) throws(FileInvalid) -> String {
    let document = try SourceDocument(path: path)
    if case .object(let object) = document.value, object["spaces"] == nil {
      if case .array = object["assets"] {
        let manifest = try loadManifest(document)
        let bytes = manifest.assets.reduce(0) { $0 + $1.bytes }
        return "\(path): ok, a manifest of \(manifest.assets.count) assets, \(bytes) bytes"
      }
      if case .array = object["rooms"] {
        let bookings = try BookingsConfig.load(document)
        return "\(path): ok, calendars of \(bookings.rooms.count) rooms"
      }
      if object["start"] == nil {
        throw FileInvalid(findings: [
          FileFinding(
            file: path, line: 1, column: 1, path: "",
            message: "neither a world nor a manifest, expected \"spaces\" or a list of \"assets\"")
        ])
      }
    }
    let world = try load(document).world
    let nodes = world.definition.spaces.reduce(0) { $0 + $1.nodes.count }
    let areas = world.spaces.reduce(0) { $0 + $1.areas.count }
    return
      "\(path): ok, world \"\(world.definition.id)\" of \(world.definition.spaces.count) spaces, \(nodes) nodes, \(areas) areas"
  }

  private static func load(_ document: SourceDocument) throws(FileInvalid) -> LoadedWorld {
    var reader = WorldReader()
    let definition = reader.read(document.value)
    var elsewhere: [FileFinding] = []
    var manifest: (content: AssetManifest, text: [UInt8], folder: String)?
    if let assets = definition.assetsPath {
      let path = LocalFile.resolve(assets, besideFile: document.file)
      do {
        let source = try SourceDocument(path: path)
        manifest = (try loadManifest(source), source.text, LocalFile.folder(of: path))
      } catch {
        reader.findings.add(
          JSONPath.root.appending(key: "assets"),
          "the manifest \"\(assets)\" is not usable, expected one without faults")
        elsewhere = error.findings
      }
    }
    // Without a usable manifest, references into it stay unchecked; they are faults only where none is named.
    var known: [String: String]? = definition.assetsPath == nil ? [:] : nil
    if let manifest {
      known = Dictionary(uniqueKeysWithValues: manifest.content.assets.map { ($0.id, $0.mediaType) })
    }
    var world: World?
    do {
      world = try World(definition, assets: known)
    } catch {
      for finding in error.findings {
        let base = finding.origin == .none ? JSONPath.root : reader.origins[Int(finding.origin.rawValue)]
        reader.findings.add(base.appending(field: finding.field), finding.message)
      }
    }
    let findings = document.located(reader.findings.items) + elsewhere
    guard findings.isEmpty, let world else { throw FileInvalid(findings: findings) }
    return LoadedWorld(
      world: world, text: document.text, path: document.file,
      manifest: manifest?.content ?? AssetManifest(assets: []),
      manifestText: manifest?.text ?? [], assetsFolder: manifest?.folder)
  }

  private static func loadManifest(_ document: SourceDocument) throws(FileInvalid) -> AssetManifest {
    let reader = ManifestReader()
    let manifest = reader.read(document.value)
    let isReadable = reader.findings.items.isEmpty
    for (index, asset) in manifest.assets.enumerated() where isReadable {
      guard let problem = AssetFiles.problem(asset, folder: LocalFile.folder(of: document.file)) else {
        continue
      }
      reader.findings.add(
        JSONPath.root.appending(key: "assets").appending(index: index).appending(key: problem.key),
        problem.message)
    }
    guard reader.findings.items.isEmpty else {
      throw FileInvalid(findings: document.located(reader.findings.items))
    }
    return manifest
  }
}
