import CCrypto
import Foundation
import HubKernel
import HubNet

/// Files under named roots, read on demand and kept while they do not change. Nothing outside a root is served.
package final class StaticFiles {
  private struct Entry {
    var bytes: [UInt8]
    var tag: String
    var modified: timespec
    var size: Int
  }
  /// URL prefix, ending in `/`, to a folder.
  private let roots: [(prefix: String, folder: String)]
  private var cache: [String: Entry] = [:]
  package static let fileBytesMax = 64 << 20

  package init(roots: [(prefix: String, folder: String)]) {
    self.roots = roots.map { ($0.prefix, realPath($0.folder) ?? $0.folder) }
      .sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
  }

  /// The file behind a path, or nil. HEAD and `If-None-Match` are the caller's.
  package func file(_ path: String) -> (bytes: [UInt8], tag: String, mediaType: String)? {
    guard let root = roots.first(where: { path.hasPrefix($0.prefix) }) else { return nil }
    let rest = String(path.dropFirst(root.prefix.count))
    guard !rest.isEmpty, Self.isPlain(rest), let file = realPath(root.folder + "/" + rest),
      file.hasPrefix(root.folder + "/")
    else { return nil }
    guard let entry = entry(file) else { return nil }
    return (entry.bytes, entry.tag, Self.mediaType(rest))
  }

  /// Names of letters, digits and `-_.`, not starting with a dot, between single slashes.
  private static func isPlain(_ path: String) -> Bool {
    path.utf8.count <= 256
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && part.first != "."
          && part.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || $0 == 0x2D
              || $0 == 0x5F || $0 == 0x2E
          }
      }
  }

  private func entry(_ file: String) -> Entry? {
    var status = stat()
    guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.fileBytesMax
    else {
      return nil
    }
    if let known = cache[file], known.size == Int(status.st_size),
      known.modified.tv_sec == status.st_mtim.tv_sec,
      known.modified.tv_nsec == status.st_mtim.tv_nsec
    {
      return known
    }
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    let bytes = [UInt8](data)
    let entry = Entry(
      bytes: bytes, tag: "\"\(sha256Hex(bytes).prefix(32))\"", modified: status.st_mtim,
      size: Int(status.st_size))
    cache[file] = entry
    return entry
  }

  static func mediaType(_ path: String) -> String {
    switch path.split(separator: ".").last.map(String.init) ?? "" {
    case "html": "text/html; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "json": "application/json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "webp": "image/webp"
    case "glb": "model/gltf-binary"
    case "gltf": "model/gltf+json"
    case "woff2": "font/woff2"
    case "wasm": "application/wasm"
    case "ico": "image/x-icon"
    case "webmanifest": "application/manifest+json"
    default: "application/octet-stream"
    }
  }
}

private func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// SHA-256 (FIPS 180-4) by libcrypto, as 64 lower-case hexadecimal digits.
func sha256Hex(_ bytes: [UInt8]) -> String {
  var digest = [UInt8](repeating: 0, count: 32)
  var count: UInt32 = 0
  let isDone = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil) == 1
  precondition(isDone && count == 32, "SHA-256 is always there")
  return digest.hexText
}
