/// What people write, made safe to show: no control characters, no bidirectional overrides, bounded length.
/// Never HTML: the text goes out as it is and clients show it as text.
public enum CleanText {
  /// A name or a single-line field: control and invisible characters go, runs of white space become one space.
  /// Returns nil when nothing is left or more than `scalarsMax` Unicode scalars are.
  public static func line(_ text: String, scalarsMax: Int) -> String? {
    guard text.utf8.count <= scalarsMax * 16 else { return nil }
    var result = String.UnicodeScalarView()
    var pendingSpace = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace {
        pendingSpace = !result.isEmpty
        continue
      }
      guard !isForbidden(scalar), !isInvisible(scalar) else { continue }
      if pendingSpace { result.append(" ") }
      pendingSpace = false
      result.append(scalar)
    }
    guard !result.isEmpty, result.count <= scalarsMax else { return nil }
    return String(result)
  }

  /// A chat message: line feeds stay (at most two in a row), joiners stay for scripts and emoji that need them.
  public static func paragraph(_ text: String, scalarsMax: Int) -> String? {
    guard text.utf8.count <= scalarsMax * 16 else { return nil }
    var result = String.UnicodeScalarView()
    var feeds = 0
    for scalar in text.unicodeScalars {
      if scalar == "\n" || scalar == "\u{2028}" || scalar == "\u{2029}" {
        feeds += 1
        if feeds <= 2, !result.isEmpty { result.append("\n") }
        continue
      }
      guard !isForbidden(scalar) else { continue }
      feeds = 0
      result.append(scalar)
    }
    while let last = result.last, last.properties.isWhitespace { result.removeLast() }
    guard result.contains(where: { !$0.properties.isWhitespace && !isInvisible($0) }),
      result.count <= scalarsMax
    else { return nil }
    return String(result)
  }

  /// Control characters, surrogates, unassigned private bits and everything that reorders text
  /// (Unicode Standard Annex 9: embeddings, overrides, isolates, marks).
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C, 0xFEFF, 0xFFF9...0xFFFB: true
    case 0x09: false
    default: scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isDefaultIgnorableCodePoint
  }

  /// Letters without case and accents, for search: a table of the Latin letters of European languages; other
  /// scripts are only lowercased.
  public static func folded(_ text: String) -> String {
    var result = ""
    for character in text.lowercased().unicodeScalars {
      if character.properties.canonicalCombiningClass != .notReordered { continue }
      if let base = latinBase[character] { result += base } else { result.unicodeScalars.append(character) }
    }
    return result
  }

  private static let latinBase: [Unicode.Scalar: String] = {
    let rows: [(String, String)] = [
      ("a", "àáâãäåāăąǎ"), ("ae", "æ"), ("c", "çćĉċč"), ("d", "ďđð"), ("e", "èéêëēĕėęě"), ("g", "ĝğġģ"),
      ("h", "ĥħ"), ("i", "ìíîïĩīĭįı"), ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀł"), ("n", "ñńņň"),
      ("o", "òóôõöøōŏő"), ("oe", "œ"), ("r", "ŕŗř"), ("s", "śŝşšș"), ("ss", "ß"), ("t", "ţťŧț"), ("th", "þ"),
      ("u", "ùúûüũūŭůűų"), ("w", "ŵ"), ("y", "ýÿŷ"), ("z", "źżž"),
    ]
    var table: [Unicode.Scalar: String] = [:]
    for (base, letters) in rows { for letter in letters.unicodeScalars { table[letter] = base } }
    return table
  }()
}
