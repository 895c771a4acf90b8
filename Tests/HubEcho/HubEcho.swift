import Glibc
import HubNet

/// Sends every message back as it came: the loop of the hub without the hub, for conformance suites.
/// `hub-echo [PORT]` prints `echo ready PORT`.
@main
enum HubEcho {
  static func main() throws {
    var configuration = SocketLoopConfiguration()
    var endpoint = WebSocketEndpoint(path: "/", subprotocol: "echo")
    endpoint.isAssumed = true
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
    configuration.listeners = [Listener(name: "echo", host: "127.0.0.1", port: port, webSocket: endpoint)]
    configuration.connectionsMax = 64
    // The suite's largest message is 16 MiB, its smallest fragments of 4 MiB are 64 bytes.
    configuration.messageBytesMaxAtFirst = 17 << 20
    configuration.frameBytesMax = 17 << 20
    configuration.fragmentsMax = 1 << 17
    configuration.tickMicroseconds = nil
    configuration.batchMicroseconds = 0
    configuration.handlesSignals = true
    let echo = Echo()
    let loop = try SocketLoop(configuration, handler: echo)
    echo.loop = loop
    print("echo ready \(loop.boundPorts[0])")
    fflush(nil)
    loop.run()
  }
}

final class Echo: SocketHandler {
  unowned var loop: SocketLoop!
  private var waiting: [ConnectionID: [(SendBuffer.Kind, [UInt8])]] = [:]

  func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    waiting[id, default: []].append((text ? .text : .binary, message.withUnsafeBytes { Array($0) }))
    loop.requestWritable(id)
  }

  func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    guard waiting[id]?.isEmpty == false, let (kind, bytes) = waiting[id]?.removeFirst() else { return }
    buffer.send(kind, copying: bytes)
    buffer.more = waiting[id]?.isEmpty == false
  }

  func closed(_ id: ConnectionID, _ end: ConnectionEnd) { waiting[id] = nil }
  func stopRequested(signal: Int32) { loop.stop() }
}
