/// The steps of one booking from inside, as a state machine: it says what to do, its owner does it and says how it went.
///
/// CalDAV can't reserve: two writers both get 201 for one slot. So: look, note the intent, write under a fresh name, look again at
/// everything, and withdraw if there is any other entry in the slot. No tie-break: a winner chosen by id or time could beat somebody who was
/// told "booked" already. Both may withdraw, hence one retry after a pause. "Booked" is said only when it is sure.
public struct BookingAttempt: Sendable {
  public enum Action: Sendable, Equatable {
    /// Sync the room and look at the slot.
    case look
    /// Note durably that this name is about to be written.
    case noteIntent
    case write
    /// Ask whether the name is there: the answer to writing got lost.
    case find
    /// Compare everything with the server and look at the slot.
    case verify
    /// Delete the own entry.
    case withdraw
    case pause
    case finish(Result)
  }

  public enum Result: Sendable, Equatable {
    case booked
    /// Taken by somebody; when, if known.
    case conflict(TimeInterval64?)
    /// The server can't be asked; nothing was left there.
    case failed
    /// Nobody knows whether an entry was left: the intent stays open until the server can be asked.
    case unsure
  }

  public enum Outcome: Sendable, Equatable {
    case done
    /// The slot holds something else.
    case taken(TimeInterval64?)
    /// The server said no.
    case refused
    /// No answer.
    case lost
    /// For ``Action/find``: it is not there.
    case absent
  }

  private var action = Action.look
  private var retries = 1
  private var conflict: TimeInterval64?
  private var isConflict = false

  public init() {}

  /// What to do first.
  public var first: Action { .look }

  /// What to do next.
  public mutating func after(_ outcome: Outcome) -> Action {
    action = next(outcome)
    return action
  }

  private mutating func next(_ outcome: Outcome) -> Action {
    switch (action, outcome) {
    case (.look, .done): return .noteIntent
    case (.look, .taken(let when)): return .finish(.conflict(when))
    case (.look, _): return .finish(.failed)
    case (.noteIntent, .done): return .write
    case (.noteIntent, _): return .finish(.failed)
    case (.write, .done): return .verify
    case (.write, .lost): return .find
    case (.write, _): return .finish(.failed)
    case (.find, .done): return .verify
    case (.find, .absent): return .finish(.failed)
    case (.find, _): return .finish(.unsure)
    case (.verify, .done): return .finish(.booked)
    case (.verify, .taken(let when)):
      conflict = when
      isConflict = true
      return .withdraw
    // Not sure is not booked.
    case (.verify, _): return .withdraw
    case (.withdraw, .done), (.withdraw, .absent):
      guard isConflict else { return .finish(.failed) }
      guard retries > 0 else { return .finish(.conflict(conflict)) }
      retries -= 1
      isConflict = false
      return .pause
    case (.withdraw, _): return .finish(.unsure)
    case (.pause, _): return .look
    case (.finish(let result), _): return .finish(result)
    }
  }
}
