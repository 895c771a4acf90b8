import Foundation
import HubNet
import Synchronization

/// A handler made of closures; a test sets what it needs.
final class Script: SocketHandler {
  var loop: SocketLoop!
  var onAdmits: (String) -> Bool = { _ in true }
  var onAdmit: (UpgradeRequest) -> UpgradeRefusal? = { _ in nil }
  var onOpened: (ConnectionID, Bool) -> Void = { _, _ in }
  var onReceived: (ConnectionID, Bool, [UInt8]) -> Void = { _, _, _ in }
  var onWritable: (ConnectionID, inout SendBuffer) -> Void = { _, _ in }
  var onClosed: (ConnectionID, ConnectionEnd) -> Void = { _, _ in }
  var onHTTP: (ConnectionID, HTTPRequest) -> HTTPResponse? = { _, _ in .text(404, "") }
  var onAbandoned: (ConnectionID) -> Void = { _ in }
  var onTick: (TickTiming) -> Void = { _ in }
  var onFlooded: (ConnectionID) -> Void = { _ in }
  var onWoken: () -> Void = {}
  var onStop: (Int32) -> Void = { _ in }
  var turned: [TurnedAway] = []
  var departed: [Int] = []
  /// Connections accepted by this loop, in order of opening.
  var accepted: [ConnectionID] = []
  var outbox: [ConnectionID: [(SendBuffer.Kind, [UInt8])]] = [:]

  func send(_ id: ConnectionID, _ kind: SendBuffer.Kind, _ bytes: [UInt8]) {
    outbox[id, default: []].append((kind, bytes))
    loop.requestWritable(id)
  }

  func admits(place: Int, address: String, listener: Int) -> Bool { onAdmits(address) }
  func departed(place: Int) { departed.append(place) }
  func flooded(_ id: ConnectionID) { onFlooded(id) }
  func admit(_ request: UpgradeRequest) -> UpgradeRefusal? { onAdmit(request) }
  func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) {
    if peer != nil { accepted.append(id) }
    onOpened(id, peer != nil)
  }
  func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    onReceived(id, text, message.withUnsafeBytes { Array($0) })
  }
  func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    if var queue = outbox[id], !queue.isEmpty {
      let (kind, bytes) = queue.removeFirst()
      buffer.send(kind, copying: bytes)
      buffer.more = !queue.isEmpty
      outbox[id] = queue
    } else {
      onWritable(id, &buffer)
    }
  }
  func closed(_ id: ConnectionID, _ end: ConnectionEnd) { onClosed(id, end) }
  func http(_ id: ConnectionID, _ request: HTTPRequest) -> HTTPResponse? { onHTTP(id, request) }
  func httpAbandoned(_ id: ConnectionID) { onAbandoned(id) }
  func tick(_ timing: TickTiming) { onTick(timing) }
  func woken() { onWoken() }
  func stopRequested(signal: Int32) { onStop(signal) }
  func turnedAway(_ why: TurnedAway) { turned.append(why) }
}

/// A loop with one listener (HTTP and `/ws`, `hub.v1`) that also opens client connections to itself.
struct Fixture {
  let script = Script()
  let loop: SocketLoop
  var port: Int { loop.boundPorts[0] }

  init(_ change: (inout SocketLoopConfiguration) -> Void = { _ in }) throws {
    var configuration = SocketLoopConfiguration()
    configuration.listeners = [
      Listener(
        name: "public", host: "127.0.0.1", port: 0,
        webSocket: WebSocketEndpoint(path: "/ws", subprotocol: "hub.v1"))
    ]
    configuration.connectionsMax = 64
    configuration.clientConnectionsMax = 64
    change(&configuration)
    loop = try SocketLoop(configuration, handler: script)
    script.loop = loop
  }

  func connect(path: String = "/ws", subprotocol: String = "hub.v1", origin: String? = nil) throws
    -> ConnectionID
  {
    var target = ClientTarget(host: "127.0.0.1", port: port, path: path, subprotocol: subprotocol)
    target.origin = origin
    return try loop.connect(target)
  }

  /// Runs the loop here while `body` runs on a thread of its own; stops when it returns.
  func run<R: Sendable>(_ body: @escaping @Sendable (Int) throws -> R) throws -> R {
    let handle = loop.handle
    let port = port
    let box = ResultBox<R>()
    let ended = DispatchSemaphore(value: 0)
    let thread = Thread {
      box.set(Result { try body(port) })
      handle.stop()
      ended.signal()
    }
    thread.start()
    loop.run()
    ended.wait()
    return try box.get()
  }
}

final class ResultBox<R: Sendable>: Sendable {
  private let value = Mutex<Result<R, any Error>?>(nil)
  func set(_ result: Result<R, any Error>) { value.withLock { $0 = result } }
  func get() throws -> R { try value.withLock { $0! }.get() }
}

/// A blocking TCP client that speaks bytes.
final class RawClient {
  private let descriptor: Int32
  struct Failed: Error {}

  init(port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafeBytes(of: &address) {
      Glibc.connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    guard connected == 0 else { throw Failed() }
  }
  deinit { close(descriptor) }

  func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
  func write(_ text: String) { write(Array(text.utf8)) }
  func write(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// What has come; empty at the end of the stream.
  func read(_ max: Int = 65_536) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max)
    let count = recv(descriptor, &bytes, max, 0)
    return count > 0 ? Array(bytes.prefix(count)) : []
  }

  /// Until so many bytes have come or the stream ends.
  func read(atLeast count: Int) -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count {
      let part = read()
      if part.isEmpty { break }
      all += part
    }
    return all
  }

  func readToEnd() -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = read()
      if part.isEmpty { return all }
      all += part
    }
  }

  /// One HTTP answer with its body by Content-Length.
  func answer(hasBody: Bool = true) throws -> Answer {
    var all: [UInt8] = []
    var headEnd: Int?
    while true {
      if headEnd == nil, let end = all.firstRange(of: Array("\r\n\r\n".utf8)) { headEnd = end.upperBound }
      if let headEnd {
        let answer = Answer(
          head: String(decoding: all[..<headEnd], as: UTF8.self), body: Array(all[headEnd...]))
        let length = hasBody ? Int(answer.header("content-length") ?? "0")! : 0
        if answer.body.count >= length { return answer }
      }
      let part = read()
      if part.isEmpty { throw Failed() }
      all += part
    }
  }

  /// A WebSocket handshake; what came after the head is lost, so the peer must not speak first.
  func upgrade(subprotocol: String? = "hub.v1", path: String = "/ws", origin: String? = nil) throws -> Answer
  {
    var text = "GET \(path) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    text += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    if let subprotocol { text += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
    if let origin { text += "Origin: \(origin)\r\n" }
    write(text + "\r\n")
    return try answer(hasBody: false)
  }

  /// A masked frame (mask of zeros), RFC 6455, section 5.2.
  func writeFrame(opcode: UInt8, fin: Bool = true, _ payload: [UInt8]) {
    var frame: [UInt8] = [(fin ? 0x80 : 0) | opcode]
    if payload.count < 126 {
      frame.append(0x80 | UInt8(payload.count))
    } else {
      frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    }
    write(frame + [0, 0, 0, 0] + payload)
  }
}

struct Answer: Sendable {
  var head: String
  var body: [UInt8]
  var status: Int { Int(head.split(separator: " ")[1])! }
  func header(_ name: String) -> String? {
    for line in head.split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts[0].lowercased() == name {
        return parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
      }
    }
    return nil
  }
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// Set once by one thread, waited for by another.
final class Flag: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  func set() { semaphore.signal() }
  func wait() { semaphore.wait() }
}
