import HubWire

/// Faults planted on the testers' side, to see that the report shows them.
public struct PlantedFaults: Sendable, Equatable {
  /// Frames reach viewers so much later.
  public var delayMs = 0.0
  /// Share of frames with nothing but updates that viewers lose. Others must arrive: the protocol stands on a
  /// reliable stream, and a client without them would only find frames it can't read.
  public var dropShare = 0.0
  /// Share of bots whose avatars stop telling where they are while they walk on.
  public var freezeShare = 0.0

  public init() {}

  public var isAny: Bool { delayMs > 0 || dropShare > 0 || freezeShare > 0 }

  /// Adds `delay=100ms`, `drop=5%` or `freeze=1%`. False: no such fault.
  public mutating func add(_ text: String) -> Bool {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { return false }
    func number(_ unit: String, _ range: ClosedRange<Double>) -> Double? {
      guard parts[1].hasSuffix(unit), let value = Double(parts[1].dropLast(unit.count)) else { return nil }
      return range.contains(value) ? value : nil
    }
    switch parts[0] {
    case "delay":
      guard let ms = number("ms", 1...10_000) else { return false }
      delayMs = ms
    case "drop":
      guard let percent = number("%", 0.01...100) else { return false }
      dropShare = percent / 100
    case "freeze":
      guard let percent = number("%", 0.01...100) else { return false }
      freezeShare = percent / 100
    default: return false
    }
    return true
  }

  /// As given on the command line; nil: none.
  public var text: String? {
    var parts: [String] = []
    if delayMs > 0 { parts.append("delay=\(delayMs)ms") }
    if dropShare > 0 { parts.append("drop=\(dropShare * 100)%") }
    if freezeShare > 0 { parts.append("freeze=\(freezeShare * 100)%") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// Every so-manieth bot, spread evenly.
  func freezes(_ number: Int, seed: UInt64) -> Bool {
    let shifted = number + Int(seed % 97)
    return Int((Double(shifted + 1) * freezeShare).rounded(.down))
      != Int((Double(shifted) * freezeShare).rounded(.down))
  }

  static func holdsUpdatesOnly(_ frame: RawSpan) -> Bool {
    do throws(WireError) {
      var reader = try FrameReader(frame)
      while let block = try reader.next() {
        guard block.tier != nil, !block.replaces, block.leaves == 0, block.enters == 0 else { return false }
      }
      return true
    } catch {
      return false
    }
  }
}
