/// Looks at the type of a control message without reading the rest: a crowd's `people` lists cost a client that does
/// not want them nothing.
public enum MessageType {
  /// The value of `t` if it comes first and holds no escape, as the hub writes it; nil otherwise: read the message.
  public static func peek(_ text: RawSpan) -> Slice? {
    guard text.byteCount >= 8 else { return nil }
    let head: StaticString = "{\"t\":\""
    for index in 0..<6 where unsafe byte(text, index) != head.utf8Start[index] { return nil }
    var end = 6
    while end < text.byteCount, end < 38 {
      let value = byte(text, end)
      if value == 0x22 { return Slice(start: 6, count: end - 6) }
      if value == 0x5C { return nil }
      end += 1
    }
    return nil
  }

  /// Whether the slice of `text` spells `word`.
  public static func matches(_ slice: Slice, in text: RawSpan, _ word: StaticString) -> Bool {
    guard slice.count == word.utf8CodeUnitCount else { return false }
    for index in 0..<slice.count where unsafe byte(text, slice.start + index) != word.utf8Start[index] {
      return false
    }
    return true
  }

  /// A place in a message.
  public struct Slice: Sendable, Equatable {
    public var start: Int
    public var count: Int
  }

  private static func byte(_ text: RawSpan, _ index: Int) -> UInt8 {
    precondition(index >= 0 && index < text.byteCount)
    return unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
  }
}
