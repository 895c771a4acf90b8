import CLibwebsockets
internal import Synchronization

/// The library's own log lines. It has one log per process, so this is one route per process too.
public enum LibraryLog {
  public enum Level: Sendable { case error, warning, notice }
  private static let route = Mutex<(@Sendable (Level, String) -> Void)?>(nil)

  /// Sends errors and warnings to `receiver` (any thread that runs a loop); nil drops them, which is the state at start.
  public static func setReceiver(_ receiver: (@Sendable (Level, String) -> Void)?) {
    route.withLock { $0 = receiver }
  }

  /// Takes the library's lines away from stderr. Idempotent.
  static func install() {
    lws_set_log_level(LLL_ERR | LLL_WARN, hubnetOnLogLine)
  }

  fileprivate static func deliver(_ level: Int32, _ line: String) {
    guard let receiver = route.withLock({ $0 }) else { return }
    receiver(level & LLL_ERR != 0 ? .error : level & LLL_WARN != 0 ? .warning : .notice, line)
  }
}

@c(hubnet_on_log_line)
func hubnetOnLogLine(_ level: Int32, _ line: UnsafePointer<CChar>?) {
  guard let line else { return }
  var text = String(cString: line)
  while text.last == "\n" { text.removeLast() }
  LibraryLog.deliver(level, text)
}
