import Dispatch
import HubNet
import Synchronization

/// Ends a run from another thread, early and with a report.
public final class RunControl: Sendable {
  private struct State {
    var reason: String?
    var handle: LoopHandle?
  }
  private let state = Mutex(State())

  public init() {}

  /// Any thread; the first reason counts.
  public func stop(_ reason: String) {
    let handle = state.withLock { state in
      if state.reason == nil { state.reason = reason }
      return state.handle
    }
    handle?.wake()
  }

  /// Why the run is to end; nil: it is not.
  var reason: String? { state.withLock { $0.reason } }

  func attach(_ handle: LoopHandle) {
    let isAsked = state.withLock { state in
      state.handle = handle
      return state.reason != nil
    }
    if isAsked { handle.wake() }
  }
}

/// A value that one thread waits for and another gives, once.
final class Promise<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let given = DispatchSemaphore(value: 0)

  /// The first value counts.
  func give(_ value: Value) {
    let isFirst = self.value.withLock { kept in
      if kept != nil { return false }
      kept = value
      return true
    }
    if isFirst { given.signal() }
  }

  /// Blocks the calling thread; nil after the time limit.
  func wait(seconds: Double = .infinity) -> Value? {
    if seconds.isFinite {
      guard given.wait(timeout: .now() + seconds) == .success else { return nil }
    } else {
      given.wait()
    }
    // For whoever asks again.
    given.signal()
    return value.withLock { $0 }
  }
}
