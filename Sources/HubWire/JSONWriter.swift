/// Writes the hub's control messages. The engine has no I/O and no C, and writes each message once for all who get it,
/// so it needs bytes, not a tree: this is the whole of JSON it takes (RFC 8259). Reading is Jansson's.
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  public init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// An object message with its type: `{"t":"…"`. End it with ``end()``.
  public init(type: StaticString) {
    self.init()
    beginObject()
    key("t")
    string(type)
  }

  public mutating func beginObject() { open(0x7B) }
  public mutating func endObject() { shut(0x7D) }
  public mutating func beginArray() { open(0x5B) }
  public mutating func endArray() { shut(0x5D) }

  public mutating func key(_ name: StaticString) {
    comma()
    quoted(name)
    bytes.append(0x3A)
    needsComma = false
  }

  public mutating func string(_ text: String) {
    comma()
    bytes.append(0x22)
    for byte in text.utf8 { escape(byte) }
    bytes.append(0x22)
  }

  public mutating func string(_ text: StaticString) {
    comma()
    quoted(text)
  }

  public mutating func int(_ value: Int) {
    comma()
    bytes.append(contentsOf: String(value).utf8)
  }

  public mutating func bool(_ value: Bool) {
    comma()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  public mutating func null() {
    comma()
    bytes.append(contentsOf: "null".utf8)
  }

  /// Bytes that are JSON already (a cached entry).
  public mutating func raw(_ json: [UInt8]) {
    comma()
    bytes.append(contentsOf: json)
  }

  public mutating func field(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }
  public mutating func field(_ name: StaticString, _ value: Int) {
    key(name)
    int(value)
  }
  public mutating func field(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }
  public mutating func field(_ name: StaticString, ifPresent value: String?) {
    if let value { field(name, value) }
  }
  public mutating func field(_ name: StaticString, ifPresent value: Int?) {
    if let value { field(name, value) }
  }
  public mutating func field(_ name: StaticString, _ values: [String]) {
    key(name)
    beginArray()
    for value in values { string(value) }
    endArray()
  }
  public mutating func field(_ name: StaticString, _ values: [Int]) {
    key(name)
    beginArray()
    for value in values { int(value) }
    endArray()
  }

  /// Closes the message and hands over its bytes.
  public consuming func end() -> [UInt8] {
    endObject()
    return bytes
  }

  private mutating func open(_ byte: UInt8) {
    comma()
    bytes.append(byte)
    needsComma = false
  }

  private mutating func shut(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }

  private mutating func comma() {
    if needsComma { bytes.append(0x2C) }
    needsComma = true
  }

  /// Our own literals: plain ASCII without quotes or backslashes.
  private mutating func quoted(_ text: StaticString) {
    bytes.append(0x22)
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    bytes.append(0x22)
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22: bytes.append(contentsOf: [0x5C, 0x22])
    case 0x5C: bytes.append(contentsOf: [0x5C, 0x5C])
    case 0..<0x20:
      let hex = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
    default: bytes.append(byte)
    }
  }
}
