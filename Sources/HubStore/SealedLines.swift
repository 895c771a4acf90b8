import Foundation
import HubKernel

/// Lines under a SHA-256 of their own, so that a torn file says nothing rather than something wrong.
enum SealedLines {
  static func seal(_ lines: [String]) -> [UInt8] {
    let text = Array(lines.map { $0 + "\n" }.joined().utf8)
    return Array(HashChain.sha256(text).hexText.utf8) + [0x0A] + text
  }

  /// The words of each line; nil where the seal is broken.
  static func open(_ bytes: [UInt8]) -> [[Substring]]? {
    guard bytes.count > 64, bytes[64] == 0x0A,
      HashChain.sha256(Array(bytes[65...])).hexText.utf8.elementsEqual(bytes[..<64])
    else { return nil }
    return String(decoding: bytes[65...], as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: " ")
    }
  }
}
