public import HubWire

/// Something people put up to be looked at, as it is stored. Where it stands is on the ground.
public struct Exhibit: Sendable, Equatable, Decodable, Identifiable {
  public internal(set) var id: UInt64
  /// Grows with every move and change.
  public internal(set) var rev: Int
  public internal(set) var title: Wording
  public internal(set) var text: Wording
  public internal(set) var alt: Wording
  public internal(set) var link: String?
  public internal(set) var image: ImageName?
  /// Centimetres in the space.
  public internal(set) var x: Int
  public internal(set) var z: Int
  /// Empty once the person was erased: what a hub shows stays.
  public internal(set) var author: String

  /// As told to people.
  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field("id", "x\(id)")
    writeRest(to: &json)
  }

  /// As in the log.
  func store(in json: inout JSONWriter) {
    json.beginObject()
    json.field("id", Int(id))
    writeRest(to: &json)
  }

  private func writeRest(to json: inout JSONWriter) {
    json.field("rev", rev)
    json.key("title")
    title.write(to: &json)
    json.key("text")
    text.write(to: &json)
    json.key("alt")
    alt.write(to: &json)
    json.field("link", ifPresent: link)
    image?.write(to: &json)
    json.field("x", x)
    json.field("z", z)
    json.field("author", author)
    json.endObject()
  }
}

extension Wording {
  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field("de", ifPresent: de)
    json.field("en", ifPresent: en)
    json.endObject()
  }

  /// Each language made safe to show; nil where neither has words, or one has too many.
  func cleaned(scalarsMax: Int, isLine: Bool) -> Wording? {
    func clean(_ words: String?) -> (isGood: Bool, words: String?) {
      guard let words, !words.isEmpty else { return (true, nil) }
      let clean =
        isLine
        ? CleanText.line(words, scalarsMax: scalarsMax) : CleanText.paragraph(words, scalarsMax: scalarsMax)
      return (clean != nil, clean)
    }
    let (german, english) = (clean(de), clean(en))
    guard german.isGood, english.isGood, german.words != nil || english.words != nil else { return nil }
    return Wording(de: german.words, en: english.words)
  }
}

/// What an op does to an exhibit.
struct ExhibitChange {
  let before: Exhibit?
  let after: Exhibit?
}
