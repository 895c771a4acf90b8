import Foundation
import HubKernel
import HubReplication

/// CPU of building and sending a client frame beside a bare send() of the same bytes, in the same ticks.
struct SendResult {
  var frames = 0
  var bytes = 0
  var buildNanoseconds: UInt64 = 0
  var sendNanoseconds: UInt64 = 0
  var bareNanoseconds: UInt64 = 0

  /// Build and send over a bare send: what replication adds to the price of the socket.
  var ratio: Double { Double(buildNanoseconds + sendNanoseconds) / Double(max(bareNanoseconds, 1)) }
}

struct SendRun: ~Copyable {
  var run: ReplicationRun
  let ticks: Int

  init(walkers: Int, ticks: Int) throws {
    run = try ReplicationRun(walkers: walkers, mode: .tiers, ticks: ticks)
    self.ticks = ticks
  }

  mutating func measure() throws -> SendResult {
    let sockets = try LoopbackSockets(count: ReplicationRun.viewers)
    defer { sockets.close() }
    let stride = run.buffer.count
    let frames = UnsafeMutableRawBufferPointer.allocate(
      byteCount: stride * ReplicationRun.viewers, alignment: 16)
    defer { frames.deallocate() }
    var lengths = [Int](repeating: 0, count: ReplicationRun.viewers)
    var result = SendResult()
    for tick in Tick(1)...Tick(100 + ticks) {
      run.move(tick)
      run.space.step(tick: tick)
      let start = threadNanoseconds()
      for view in 0..<ReplicationRun.viewers {
        let out = UnsafeMutableRawBufferPointer(rebasing: frames[view * stride..<(view + 1) * stride])
        lengths[view] = run.build(view, tick, into: out)?.bytes ?? 0
      }
      let built = threadNanoseconds()
      // The order of the two turns round each tick, so that neither has the warmer cache.
      let first = try sockets.send(frames, stride, lengths)
      let second = try sockets.send(frames, stride, lengths)
      guard tick > 100 else { continue }
      result.buildNanoseconds += built - start
      result.sendNanoseconds += tick % 2 == 0 ? first : second
      result.bareNanoseconds += tick % 2 == 0 ? second : first
      for length in lengths where length > 0 {
        result.frames += 1
        result.bytes += length
      }
    }
    return result
  }
}

/// Connected TCP pairs over loopback; a thread reads what arrives and throws it away.
struct LoopbackSockets {
  struct Failure: Error, CustomStringConvertible {
    let what: String
    let code: Int32
    var description: String { "\(what): \(String(cString: strerror(code)))" }
  }

  private var writers: [Int32] = []
  private let drain: DrainThread

  init(count: Int) throws {
    func check(_ result: Int32, _ what: String) throws -> Int32 {
      guard result >= 0 else { throw Failure(what: what, code: errno) }
      return result
    }
    let stream = Int32(SOCK_STREAM.rawValue)
    let listener = try check(socket(AF_INET, stream, 0), "socket")
    defer { Glibc.close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) }
    }
    _ = try check(bound, "bind")
    _ = try check(listen(listener, Int32(count)), "listen")
    _ = try check(
      withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
      }, "getsockname")
    var readers: [Int32] = []
    for _ in 0..<count {
      let writer = try check(socket(AF_INET, stream, 0), "socket")
      writers.append(writer)
      let connected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(writer, $0, length) }
      }
      _ = try check(connected, "connect")
      var on: Int32 = 1
      _ = try check(
        setsockopt(writer, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size)),
        "TCP_NODELAY")
      readers.append(try check(accept(listener, nil, nil), "accept"))
    }
    drain = DrainThread(readers)
    drain.start()
  }

  /// Sends each view's frame, nothing where there is none; nanoseconds of this thread.
  func send(_ frames: UnsafeMutableRawBufferPointer, _ stride: Int, _ lengths: [Int]) throws -> UInt64 {
    let start = threadNanoseconds()
    for (view, length) in lengths.enumerated() where length > 0 {
      var sent = 0
      while sent < length {
        let count = Glibc.send(
          writers[view], frames.baseAddress! + view * stride + sent, length - sent,
          Int32(MSG_NOSIGNAL))
        guard count > 0 else { throw Failure(what: "send", code: errno) }
        sent += count
      }
    }
    return threadNanoseconds() - start
  }

  func close() {
    for writer in writers { _ = Glibc.close(writer) }
    drain.join()
  }
}

/// Reads the sockets until all are closed by the other side.
final class DrainThread: Sendable {
  private let readers: [Int32]
  private let done = DispatchSemaphore(value: 0)

  init(_ readers: [Int32]) { self.readers = readers }

  func start() {
    Thread.detachNewThread { [readers, done] in
      var waiting = readers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      var scratch = [UInt8](repeating: 0, count: 65_536)
      while !waiting.isEmpty {
        guard poll(&waiting, nfds_t(waiting.count), -1) >= 0 || errno == EINTR else { break }
        for index in waiting.indices.reversed() where waiting[index].revents != 0 {
          if read(waiting[index].fd, &scratch, scratch.count) <= 0 {
            _ = Glibc.close(waiting[index].fd)
            waiting.remove(at: index)
          }
        }
      }
      done.signal()
    }
  }

  func join() { done.wait() }
}
