/// Entity tags of HTTP (RFC 9110, section 8.8.3).
package enum EntityTag {
  /// Whether `If-None-Match` (RFC 9110, section 13.1.2) names this tag: `*`, or a list with it, compared weakly. A list that is not
  /// well formed counts as far as it can be read.
  package static func matches(_ list: String, _ tag: String) -> Bool {
    let wanted = opaque(tag)
    var rest = Substring(list)
    while let next = rest.first(where: { $0 != " " && $0 != "\t" && $0 != "," }) {
      rest = rest[rest.firstIndex(of: next)!...]
      if next == "*" { return true }
      if rest.hasPrefix("W/") { rest = rest.dropFirst(2) }
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return false }
      if rest[...end] == wanted { return true }
      rest = rest[rest.index(after: end)...]
    }
    return false
  }

  private static func opaque(_ tag: String) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...] }
}
