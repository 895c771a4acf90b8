import HubEngine
import HubJSON
import HubKernel
import HubNet
import Logging

/// Carries between a ``JanusSession`` and its line, a client connection of the hub's own loop.
final class JanusDesk {
  private let target: ClientTarget
  private let session: JanusSession
  private let log: Logger
  private var connection: ConnectionID?
  private var queue: [[UInt8]] = []

  init(_ target: ClientTarget, _ secrets: JanusSecrets, log: Logger) {
    self.target = target
    self.log = log
    session = JanusSession(secrets) { WallClock.unixMilliseconds() / 1000 }
  }

  var isUp: Bool { session.isUp }
  func owns(_ id: ConnectionID) -> Bool { id == connection }

  func tick(_ loop: SocketLoop, nowMs: Int) {
    session.tick(nowMs: nowMs)
    if session.wantsLine(nowMs: nowMs) {
      do {
        connection = try loop.connect(target)
      } catch {
        log.warning("the media server's line can't be opened", metadata: ["error": "\(error)"])
        session.closed(nowMs: nowMs)
      }
    }
    flush(loop)
  }

  func opened(_ loop: SocketLoop, nowMs: Int) {
    if let connection { loop.setMessageBytesMax(connection, JanusMessage.limits.bytesMax) }
    session.opened(nowMs: nowMs)
    flush(loop)
  }

  func closed(nowMs: Int) {
    connection = nil
    queue = []
    session.closed(nowMs: nowMs)
  }

  func received(_ message: RawSpan, _ loop: SocketLoop, nowMs: Int) {
    session.received(message, nowMs: nowMs)
    flush(loop)
  }

  func obey(_ order: SFUOrder, _ loop: SocketLoop, nowMs: Int) {
    session.obey(order, nowMs: nowMs)
    flush(loop)
  }

  func writable(_ buffer: inout SendBuffer) {
    guard !queue.isEmpty else { return }
    buffer.send(.text, copying: queue.removeFirst())
    buffer.more = !queue.isEmpty
  }

  /// What the engine has to know.
  func takeEvents() -> [SFUEvent] { session.takeEvents() }

  private func flush(_ loop: SocketLoop) {
    for remark in session.takeRemarks() { log.info("media server", metadata: ["is": "\(remark)"]) }
    guard let connection else { return }
    if session.wantsClosing {
      loop.close(connection, code: 1000, reason: "")
      return
    }
    queue += session.takeOutput()
    if !queue.isEmpty { loop.requestWritable(connection) }
  }
}

extension ConfigReader {
  /// `ws://127.0.0.1:8188/` and a file.
  mutating func janus() -> (target: ClientTarget, secretsPath: String)? {
    let url = optional(.janus)
    let secrets = optional(.janusSecrets)
    guard let url, let secrets else {
      if url != nil || secrets != nil {
        problem(
          url == nil ? .janus : .janusSecrets, "address and secrets of the media server are needed together")
      }
      return nil
    }
    guard let target = Self.janusTarget(url) else {
      problem(
        .janus,
        "\"\(url)\" is not ws://127.0.0.1:PORT/ or ws://[::1]:PORT/: its API is for this machine alone")
      return nil
    }
    return (target, secrets)
  }

  private static func janusTarget(_ url: String) -> ClientTarget? {
    for (prefix, host) in [("ws://127.0.0.1:", "127.0.0.1"), ("ws://[::1]:", "::1")]
    where url.hasPrefix(prefix) {
      var rest = url.dropFirst(prefix.count)
      if rest.hasSuffix("/") { rest.removeLast() }
      guard let port = Int(rest), (1...65_535).contains(port) else { return nil }
      return ClientTarget(host: host, port: port, path: "/", subprotocol: "janus-protocol")
    }
    return nil
  }
}
