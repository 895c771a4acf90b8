import CLibwebsockets
internal import Synchronization

/// The way into a loop from other threads.
public final class LoopHandle: Sendable {
  /// The library's context as bits while it lives, else 0. Guarded by the mutex so that nobody wakes a context
  /// that is being destroyed; `lws_cancel_service` is the one call the library allows from other threads.
  private let context = Mutex<UInt>(0)
  private let wakes = Atomic<Bool>(false)
  private let stops = Atomic<Bool>(false)

  package init() {}

  /// Has ``SocketHandler/woken()`` called soon on the loop's thread. Any thread; cheap when already pending.
  public func wake() {
    guard !wakes.exchange(true, ordering: .acquiringAndReleasing) else { return }
    cancelWait()
  }

  /// Ends ``SocketLoop/run()`` soon. Any thread; also before `run()` was called.
  public func stop() {
    stops.store(true, ordering: .releasing)
    cancelWait()
  }

  private func cancelWait() {
    context.withLock { bits in
      if let pointer = OpaquePointer(bitPattern: bits) { lws_cancel_service(pointer) }
    }
  }

  func attach(_ pointer: OpaquePointer) { context.withLock { $0 = UInt(bitPattern: pointer) } }
  func detach() { context.withLock { $0 = 0 } }
  package func takeWake() -> Bool { wakes.exchange(false, ordering: .acquiringAndReleasing) }
  package var stopAsked: Bool { stops.load(ordering: .acquiring) }
}

/// Commands from other threads for the loop's handler: an array behind a lock, taken whole.
public final class Mailbox<Command: Sendable>: Sendable {
  private let handle: LoopHandle
  private let waiting = Mutex<[Command]>([])

  public init(_ handle: LoopHandle) { self.handle = handle }

  /// Any thread. Order per sender is kept.
  public func post(_ command: Command) {
    waiting.withLock { $0.append(command) }
    handle.wake()
  }

  /// Whether nothing waits; may have changed when you read it.
  public var isEmpty: Bool { waiting.withLock { $0.isEmpty } }

  /// Swaps what waits with `batch`, which is emptied first: call in ``SocketHandler/woken()``, reuse the array.
  public func drain(into batch: inout [Command]) {
    batch.removeAll(keepingCapacity: true)
    waiting.withLock { swap(&$0, &batch) }
  }
}
