import Foundation
import HubClient
import HubJSON
import HubNet
import Synchronization

/// A tester's connection to its coordinator, on a thread of its own: the run keeps its own thread.
final class TesterLink: Sendable {
  enum Outcome: Sendable {
    case share(Coordination.Share)
    case over(String)
  }

  let share = Promise<Outcome>()
  let clock = Promise<ClockExchange>()
  let start = Promise<Result<Coordination.Start, LoadtestError>>()
  let thanks = Promise<Bool>()
  let control: RunControl
  private let mailbox = Mutex<Mailbox<[UInt8]>?>(nil)
  private let handle = Mutex<LoopHandle?>(nil)

  /// Connects. What comes of it is told by the promises.
  init(host: String, port: Int, control: RunControl, handlesSignals: Bool) {
    self.control = control
    if handlesSignals {
      // The link takes the signals; no other thread may.
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, SIGINT)
      sigaddset(&set, SIGTERM)
      pthread_sigmask(SIG_BLOCK, &set, nil)
    }
    Thread { [self] in
      do {
        let wire = try TesterWire(self, handlesSignals: handlesSignals)
        mailbox.withLock { $0 = wire.mailbox }
        handle.withLock { $0 = wire.handle }
        try wire.run(
          ClientTarget(host: host, port: port, path: Coordination.path, subprotocol: Coordination.subprotocol)
        )
      } catch {
        end("cannot reach the coordinator at \(host):\(port): \(error)")
      }
    }.start()
  }

  /// Any thread.
  func send<T: Encodable>(_ message: T) {
    let text = Coordination.text(message)
    mailbox.withLock { $0 }?.post(text)
  }

  func hangUp() { handle.withLock { $0 }?.stop() }

  /// The connection is gone: nobody waits for it any longer.
  func end(_ reason: String) {
    share.give(.over(reason))
    clock.give(ClockExchange())
    start.give(.failure(LoadtestError(reason)))
    thanks.give(false)
  }
}

/// The socket of a link; lives on the link's thread.
private final class TesterWire: SocketHandler {
  private static let exchanges = 24
  /// Testers may be started before their coordinator.
  private static let patienceMs = 30_000.0

  let mailbox: Mailbox<[UInt8]>
  let handle: LoopHandle
  private unowned let link: TesterLink
  private let loop: SocketLoop
  private let relay: Relay
  private var connection: ConnectionID?
  private var waiting: [[UInt8]] = []
  private var batch: [[UInt8]] = []
  private var clock = ClockExchange()
  private var pingSentMs = 0.0
  private var target: ClientTarget?
  private var giveUpMs = 0.0
  private var retryMs = Double.infinity

  /// Hands the loop's calls on, so that the loop can be made before `self` is whole.
  private final class Relay: SocketHandler {
    weak var wire: TesterWire?
    func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) { wire?.opened(id, peer) }
    func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
      wire?.received(id, text: text, message)
    }
    func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) { wire?.writable(id, &buffer) }
    func closed(_ id: ConnectionID, _ end: ConnectionEnd) { wire?.closed(id, end) }
    func tick(_ timing: TickTiming) { wire?.tick() }
    func woken() { wire?.woken() }
    func stopRequested(signal: Int32) { wire?.stopRequested(signal: signal) }
  }

  init(_ link: TesterLink, handlesSignals: Bool) throws(SocketLoopError) {
    self.link = link
    var configuration = SocketLoopConfiguration()
    configuration.connectionsMax = 1
    configuration.clientConnectionsMax = 1
    configuration.frameBytesMax = Coordination.messageBytesMax
    configuration.tickMicroseconds = 100_000
    configuration.batchMicroseconds = 0
    configuration.pingSeconds = 5
    configuration.hangUpSeconds = 15
    configuration.handlesSignals = handlesSignals
    relay = Relay()
    loop = try SocketLoop(configuration, handler: relay)
    handle = loop.handle
    mailbox = Mailbox(loop.handle)
    relay.wire = self
  }

  func run(_ target: ClientTarget) throws(SocketLoopError) {
    self.target = target
    giveUpMs = MonotonicClock.nowMs() + Self.patienceMs
    connection = try loop.connect(target)
    loop.run()
    link.end("the connection to the coordinator ended")
  }

  func tick() {
    guard let target, MonotonicClock.nowMs() >= retryMs else { return }
    retryMs = .infinity
    do throws(SocketLoopError) {
      connection = try loop.connect(target)
    } catch {
      link.end("cannot reach the coordinator: \(error)")
      loop.stop()
    }
  }

  func opened(_ id: ConnectionID, _ peer: UpgradeRequest?) {
    let machine = Machine.this()
    post(
      Coordination.text(
        Coordination.Hello(
          name: "\(ProcessInfo.processInfo.hostName):\(getpid())", cpu: machine.cpu, cores: machine.cores,
          kernel: machine.kernel)))
  }

  func received(_ id: ConnectionID, text: Bool, _ message: RawSpan) {
    let now = MonotonicClock.nowMs()
    do throws(JSONError) {
      let (kind, document) = try Coordination.read(message)
      switch kind {
      case "share":
        link.share.give(.share(try JSON.decode(Coordination.Share.self, from: document)))
        ping()
      case "pong":
        let pong = try JSON.decode(Coordination.Pong.self, from: document)
        guard pong.number == clock.samples else { return }
        clock.add(sentMs: pingSentMs, peerMs: pong.atMs, receivedMs: now)
        if clock.samples < Self.exchanges { ping() } else { link.clock.give(clock) }
      case "start": link.start.give(.success(try JSON.decode(Coordination.Start.self, from: document)))
      case "stop": link.control.stop(try JSON.decode(Coordination.Stop.self, from: document).reason)
      case "thanks": link.thanks.give(true)
      default: throw JSONError(.invalid, "unknown message \"\(kind)\"")
      }
    } catch {
      link.end("the coordinator said what can't be read: \(error)")
      loop.close(id, code: 1008, reason: "not understood")
    }
  }

  private func ping() {
    pingSentMs = MonotonicClock.nowMs()
    post(Coordination.text(Coordination.Ping(number: clock.samples)))
  }

  func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    guard !waiting.isEmpty else { return }
    buffer.send(.text, copying: waiting.removeFirst())
    buffer.more = !waiting.isEmpty
  }

  func woken() {
    mailbox.drain(into: &batch)
    for text in batch { post(text) }
  }

  private func post(_ text: [UInt8]) {
    guard let connection else { return }
    waiting.append(text)
    loop.requestWritable(connection)
  }

  func closed(_ id: ConnectionID, _ end: ConnectionEnd) {
    connection = nil
    switch end {
    case .connectFailed(let reason):
      let now = MonotonicClock.nowMs()
      if now < giveUpMs {
        retryMs = now + 500
        return
      }
      link.end("cannot reach the coordinator: \(reason)")
    default: link.end("the connection to the coordinator ended")
    }
    loop.stop()
  }

  func stopRequested(signal: Int32) {
    link.control.stop("stopped by a signal")
    // Before the start there is no run to end.
    link.share.give(.over("stopped by a signal"))
    link.start.give(.failure(LoadtestError("stopped by a signal")))
    if connection == nil { loop.stop() }
  }
}
