import Dispatch
import Foundation
import HubClient
import HubNet
import HubWire
import Synchronization
import Testing

/// A hub in a process of its own and visitors on one thread.
final class Crowd: Sendable {
  private typealias Job = @Sendable (ClientPool) -> Void
  private let mailbox: Mailbox<Job>
  private let handle: LoopHandle
  private let finished = DispatchSemaphore(value: 0)

  /// Starts a thread that serves clients of the hub at `port`.
  init(port: Int) async throws {
    let started = Mutex<Result<(Mailbox<Job>, LoopHandle), SocketLoopError>?>(nil)
    let ready = DispatchSemaphore(value: 0)
    let finished = finished
    let box = StartBox(started: started, ready: ready)
    let thread = Thread {
      do throws(SocketLoopError) {
        let pool = try ClientPool(
          target: ClientTarget(host: "127.0.0.1", port: port), clientsMax: 64, seed: 1)
        let mailbox = Mailbox<Job>(pool.handle)
        var batch: [Job] = []
        pool.whenWoken = {
          mailbox.drain(into: &batch)
          for job in batch { job(pool) }
        }
        box.started.withLock { $0 = .success((mailbox, pool.handle)) }
        box.ready.signal()
        pool.run()
      } catch {
        box.started.withLock { $0 = .failure(error) }
        box.ready.signal()
      }
      finished.signal()
    }
    thread.start()
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        box.ready.wait()
        continuation.resume()
      }
    }
    let result = box.started.withLock { $0 }
    (mailbox, handle) = try result!.get()
  }

  private final class StartBox: Sendable {
    let started: Mutex<Result<(Mailbox<Job>, LoopHandle), SocketLoopError>?>
    let ready: DispatchSemaphore
    init(
      started: consuming sending Mutex<Result<(Mailbox<Job>, LoopHandle), SocketLoopError>?>,
      ready: DispatchSemaphore
    ) {
      self.started = started
      self.ready = ready
    }
  }

  func stop() {
    handle.stop()
    finished.wait()
  }

  /// Does something on the visitors' thread.
  func on<T: Sendable>(_ body: @escaping @Sendable (ClientPool) -> T) async -> T {
    await withCheckedContinuation { continuation in
      mailbox.post { pool in continuation.resume(returning: body(pool)) }
    }
  }

  /// Waits until something holds. The time allowed is generous: it only ends tests that would hang.
  func until(
    _ what: String, location: SourceLocation = #_sourceLocation, _ holds: @escaping @Sendable () -> Bool
  ) async {
    for _ in 0..<1500 {
      if await on({ _ in holds() }) { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("never: \(what)", sourceLocation: location)
  }

  /// Somebody who connects; with `until: true` waits for the welcome.
  func join(
    _ name: String, waits: Bool = true,
    _ change: @escaping @Sendable (inout ClientConfiguration) -> Void = { _ in }
  ) async -> Visitor {
    let visitor = await on { pool in
      let visitor = Visitor(pool)
      var configuration = ClientConfiguration(hello: Hello(name: name))
      change(&configuration)
      visitor.client = pool.add(configuration, owner: visitor)
      pool.start(visitor.client, atMs: 0)
      return visitor
    }
    if waits { await until("\(name) is in") { visitor.isIn && visitor.frames > 0 } }
    return visitor
  }
}

/// Runs a story with a hub and a crowd of its own.
func story(_ body: (Crowd) async throws -> Void) async throws {
  let hub = try RunningHub()
  defer { hub.stop() }
  let crowd = try await Crowd(port: hub.port)
  defer { crowd.stop() }
  try await body(crowd)
}
