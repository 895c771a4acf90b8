import Dispatch
import Synchronization

/// Reads `/metrics` on a thread of its own, so that no bot waits for it.
final class MetricsProbe: Sendable {
  private let address: HTTPAddress
  private let result = Mutex<Result<ServerMetrics, FetchError>?>(nil)

  init(_ address: HTTPAddress) {
    self.address = address
    DispatchQueue.global().async { [self] in
      var outcome: Result<ServerMetrics, FetchError>
      do throws(FetchError) {
        let text = String(decoding: try HTTPFetch.get(address), as: UTF8.self)
        if let metrics = ServerMetrics(text) {
          outcome = .success(metrics)
        } else {
          outcome = .failure(FetchError(description: "\(address): no metrics in the answer"))
        }
      } catch {
        outcome = .failure(error)
      }
      result.withLock { $0 = outcome }
    }
  }

  /// Nil while the answer is under way.
  var outcome: Result<ServerMetrics, FetchError>? { result.withLock { $0 } }
}
