public import HubKernel

/// Who must not be shown any more, and since when. A ghost is an avatar shown over a second after that.
public struct Departures: Sendable {
  public static let graceMs = 1000.0
  /// A vanished client is gone after 30 s without an acknowledgement.
  public static let lostMs = 30_000.0
  /// Freed ids rest so long; then an id may be somebody else's, perhaps another tester's.
  public static let restMs = 60_000.0
  /// By entity id: the instant from which on nobody may show it; infinite: somebody is there.
  private var goneMs = [Double](repeating: .infinity, count: 65_536)

  public init() {}

  /// The id is in use (again).
  public mutating func came(_ id: EntityID) { goneMs[Int(id.rawValue)] = .infinity }
  /// It said `bye`.
  public mutating func left(_ id: EntityID, nowMs: Double) { goneMs[Int(id.rawValue)] = nowMs }
  /// Its connection broke without a word.
  public mutating func vanished(_ id: EntityID, nowMs: Double) {
    goneMs[Int(id.rawValue)] = nowMs + Self.lostMs
  }

  public func isGhost(_ id: EntityID, nowMs: Double) -> Bool {
    let sinceMs = nowMs - goneMs[Int(id.rawValue)]
    return sinceMs > Self.graceMs && sinceMs < Self.restMs
  }
}
