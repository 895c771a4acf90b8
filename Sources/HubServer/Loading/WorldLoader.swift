public import HubScene

/// A world ready to serve, with the files that belong to it.
public struct LoadedWorld: Sendable {
  public var world: World
  /// The world file's bytes, as clients fetch them.
  public var text: [UInt8]
  public var path: String
  /// Empty when the world names no manifest.
  public var manifest: AssetManifest
  /// Folder that asset paths are relative to; nil without a manifest.
  public var assetsFolder: String?
}

/// One thing wrong with a file: `file:line:column: what was wrong and what was expected`.
public struct FileFinding: Sendable, Equatable, CustomStringConvertible {
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
  public var description: String { findings.map(\.description).joined(separator: "\n") }
}

/// Reads worlds and manifests, and checks everything about them, their assets' bytes included.
public enum WorldLoader {
  /// - Throws: ``FileInvalid``.
  public static func load(path: String) throws(FileInvalid) -> LoadedWorld {
    fatalError("skeleton")
  }
}
