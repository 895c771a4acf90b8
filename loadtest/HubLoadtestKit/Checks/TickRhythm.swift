public import HubWire

/// How even the hub's ticks are, as its clients see it: from the instants at which frames say that they were written.
///
/// Instability after Meterstick (Eickhoff et al., ICPE 2023): the sum of |d(i) - d(i-1)| over the total time, where d are
/// the lengths of ticks. 0 is a metronome. Frames tell whole milliseconds, so that even one shows about 0.01.
public struct TickRhythm: Sendable {
  private var tick: UInt16?
  private var serverMs: UInt16 = 0
  private var lastLength: Double?
  private var differences = 0.0
  private var total = 0.0

  public init() {}

  /// The header of any frame at any client; the first of a tick counts.
  public mutating func note(_ header: FrameHeader) {
    guard let tick else {
      self.tick = header.tick
      serverMs = header.serverMs
      return
    }
    let ahead = Int16(bitPattern: header.tick &- tick)
    guard ahead > 0 else { return }
    let length = Double(Int16(bitPattern: header.serverMs &- serverMs))
    self.tick = header.tick
    serverMs = header.serverMs
    // A tick left out is one long tick; one that nobody was told about can't be told from it.
    guard length >= 0 else {
      lastLength = nil
      return
    }
    if let lastLength {
      differences += (length - lastLength).magnitude
      total += length
    }
    lastLength = length
  }

  /// Nil before three ticks were seen.
  public var instability: Double? { total > 0 ? differences / total : nil }
}
