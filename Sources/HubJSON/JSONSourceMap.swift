/// Finds the line and column of a value by its path. Jansson keeps no positions, so the text is scanned once
/// more, and only when there is something to report. The text must have been read without error.
public struct JSONSourceMap {
  /// A position in a text: 1-based; columns count Unicode scalars.
  public struct Place: Sendable, Equatable, Comparable {
    public var line: Int
    public var column: Int
    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }
    public static func < (a: Place, b: Place) -> Bool { (a.line, a.column) < (b.line, b.column) }
  }

  /// Offsets of a value, of its keys, and what is inside it, in the order of the text.
  private struct Entry {
    var offset: Int
    var keyOffset: Int
    var children: [Entry] = []
  }

  private let bytes: [UInt8]
  private let lineStarts: [Int]
  private let root: Entry

  /// Scans the whole text: O(bytes).
  public init(_ text: RawSpan) {
    let bytes = text.withUnsafeBytes { Array($0) }
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == 0x0a { starts.append(offset + 1) }
    lineStarts = starts
    var scanner = Scanner(bytes: bytes)
    root = scanner.value(keyOffset: -1)
  }

  /// Where the value at `path` begins, or as much of the path as exists. With `atKey`, where its key begins.
  /// - Parameter value: the document read from the same text; it knows the spelling of keys.
  public func place(of path: JSONPath, in value: JSONValue, atKey: Bool = false) -> Place {
    var entry = root
    var value = value
    for step in path.steps {
      var child: Int?
      switch (step, value) {
      case (.index(let index), .array(let items)) where items.indices.contains(index):
        child = index
        value = items[index]
      case (.key(let key), .object(let object)):
        child = object.index(of: key)
        if let child { value = object.members[child].value }
      default: break
      }
      guard let child, child < entry.children.count else { return place(ofOffset: entry.offset) }
      entry = entry.children[child]
    }
    return place(ofOffset: atKey && entry.keyOffset >= 0 ? entry.keyOffset : entry.offset)
  }

  private func place(ofOffset offset: Int) -> Place {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let scalars = bytes[lineStarts[low]..<min(offset, bytes.count)].count { $0 & 0xc0 != 0x80 }
    return Place(line: low + 1, column: scalars + 1)
  }

  /// Line and column of one byte of any text.
  static func place(ofOffset offset: Int, in text: RawSpan) -> Place {
    text.withUnsafeBytes { raw in
      var place = Place(line: 1, column: 1)
      for byte in raw.prefix(offset) {
        if byte == 0x0a {
          place = Place(line: place.line + 1, column: 1)
        } else if byte & 0xc0 != 0x80 {
          place.column += 1
        }
      }
      return place
    }
  }

  /// Walks a well-formed text. Malformed text ends early but never reads outside.
  private struct Scanner {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func skipBlanks() {
      while byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
    }

    private mutating func skipString() {
      at += 1
      while at < bytes.count, bytes[at] != 0x22 { at += bytes[at] == 0x5c ? 2 : 1 }
      at += 1
    }

    mutating func value(keyOffset: Int) -> Entry {
      skipBlanks()
      var entry = Entry(offset: at, keyOffset: keyOffset)
      switch byte {
      case 0x22: skipString()
      case 0x7b, 0x5b:
        let isObject = byte == 0x7b
        at += 1
        skipBlanks()
        while at < bytes.count, byte != 0x7d, byte != 0x5d {
          var key = -1
          if isObject {
            key = at
            skipString()
            skipBlanks()
            at += 1  // the colon
          }
          entry.children.append(value(keyOffset: key))
          skipBlanks()
          if byte == 0x2c { at += 1 }
          skipBlanks()
        }
        at += 1
      default:
        while at < bytes.count, ![0x2c, 0x7d, 0x5d, 0x20, 0x0a, 0x0d, 0x09].contains(byte) { at += 1 }
      }
      return entry
    }
  }
}
