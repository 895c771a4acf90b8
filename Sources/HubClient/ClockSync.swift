/// Where the hub's clock stands beside ours. Keeps the offset of the sample with the smallest round trip among the
/// last eight: the one whose two ways can differ least.
public struct ClockSync: Sendable, Equatable {
  private var offsets = [8 of Double](repeating: 0)
  private var roundTrips = [8 of Double](repeating: .infinity)
  private var next = 0
  /// Samples taken so far.
  public private(set) var samples = 0
  /// Hub milliseconds less local milliseconds, from the best sample; 0 before the first.
  public private(set) var offsetMs = 0.0
  /// Round trip of the best sample; infinite before the first.
  public private(set) var roundTripMs = Double.infinity

  public init() {}

  public static func == (a: ClockSync, b: ClockSync) -> Bool {
    a.samples == b.samples && a.offsetMs == b.offsetMs && a.roundTripMs == b.roundTripMs
  }

  /// A `pong` to a `ping` sent at `sentMs`, received at `receivedMs` (both local). The hub says whole milliseconds,
  /// rounded down, so its instant is taken as half a millisecond later.
  public mutating func note(sentMs: Double, receivedMs: Double, serverMs: Int) {
    precondition(receivedMs >= sentMs)
    let roundTrip = receivedMs - sentMs
    roundTrips[next] = roundTrip
    offsets[next] = Double(serverMs) + 0.5 - (sentMs + roundTrip / 2)
    next = (next + 1) % 8
    samples += 1
    var best = 0
    for index in roundTrips.indices where roundTrips[index] < roundTrips[best] { best = index }
    offsetMs = offsets[best]
    roundTripMs = roundTrips[best]
  }

  /// Before the first `pong`: the hub's clock as `welcome` gave it, late by one way.
  public mutating func assume(serverMs: Int, atMs: Double) {
    if samples == 0 { offsetMs = Double(serverMs) - atMs }
  }

  /// The hub's milliseconds at a local instant.
  public func serverMs(atMs localMs: Double) -> Double { localMs + offsetMs }
  /// The hub's tick, with fraction, at a local instant.
  public func tick(atMs localMs: Double) -> Double { (localMs + offsetMs) / 50 }
  /// The local instant of a tick.
  public func localMs(ofTick tick: Double) -> Double { tick * 50 - offsetMs }
}
