import Foundation

/// A value that is only touched under its lock.
final class Mutexed<Value>: @unchecked Sendable {
  // Unchecked: `value` is private, and every access holds `lock`.
  private let lock = NSLock()
  private var value: Value
  init(_ value: Value) { self.value = value }

  func use<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
