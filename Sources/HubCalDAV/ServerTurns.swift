import Foundation

/// One request at a time for each server, while it is quick. Measured with Radicale: two requests at once take it longer than the same two
/// one after the other (1.5 times), and while it works on one the other thread has an answer to read.
public final class ServerTurns: @unchecked Sendable {
  // Unchecked: `busy` is touched with `condition` locked only.
  private let condition = NSCondition()
  private var busy: Set<String> = []
  private let patienceSeconds: Double

  /// - Parameter patienceSeconds: after so long nobody waits for the turn any more: a server that hangs holds up its own caller only.
  public init(patienceSeconds: Double = 1) { self.patienceSeconds = patienceSeconds }

  /// Runs `request` when no other one runs at this server, or when patience ends.
  func take<Answer>(_ origin: String, _ request: () throws(SourceError) -> Answer) throws(SourceError)
    -> Answer
  {
    let end = Date(timeIntervalSinceNow: patienceSeconds)
    condition.lock()
    while busy.contains(origin), condition.wait(until: end) {}
    let isOurs = busy.insert(origin).inserted
    condition.unlock()
    defer {
      if isOurs {
        condition.lock()
        busy.remove(origin)
        condition.broadcast()
        condition.unlock()
      }
    }
    return try request()
  }
}
