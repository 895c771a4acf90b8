import Glibc

/// The text of an errno value.
func systemMessage(_ code: Int32) -> String {
  var text = [CChar](repeating: 0, count: 256)
  guard strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// `close(2)`, for types with a method of that name.
func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

/// Time and what it cost, for the calling thread.
enum ThreadClock {
  /// CLOCK_MONOTONIC in nanoseconds: the library's timers use the same clock.
  static func monotonicNs() -> Int64 { read(CLOCK_MONOTONIC) }
  /// Processor time of the calling thread.
  static func cpuNs() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    precondition(result == 0)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Sleeps until an absolute instant of ``monotonicNs()``; a signal may end it early.
  static func sleep(untilNs deadline: Int64) {
    var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
    _ = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
  }
}

/// How long the opening thread has waited for a processor while it was ready to run: second field of
/// `/proc/thread-self/schedstat` (kernel documentation, scheduler/sched-stats). Absent on kernels without CONFIG_SCHED_INFO.
struct RunDelayMeter: ~Copyable {
  private let descriptor: Int32

  init() { descriptor = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC) }
  deinit { if descriptor >= 0 { close(descriptor) } }

  var isAvailable: Bool { descriptor >= 0 }

  /// Nanoseconds since the thread began; 0 where the kernel does not say. One system call.
  func readNs() -> Int64 {
    guard descriptor >= 0 else { return 0 }
    var text: [64 of UInt8] = .init(repeating: 0)
    return withUnsafeMutableBytes(of: &text) { buffer -> Int64 in
      let length = pread(descriptor, buffer.baseAddress!, buffer.count, 0)
      var field = 0
      var value: Int64 = 0
      for index in 0..<max(length, 0) {
        let byte = buffer[index]
        if byte == UInt8(ascii: " ") {
          field += 1
        } else if field == 1, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
          value = value &* 10 &+ Int64(byte - UInt8(ascii: "0"))
        }
      }
      return value
    }
  }
}

/// The process's limit on descriptors.
package enum DescriptorLimit {
  /// Makes sure that `needed` descriptors fit, raising the soft limit towards the hard one.
  package static func ensure(_ needed: Int) throws(SocketLoopError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw .system(call: "getrlimit", errno: errno)
    }
    if limit.rlim_cur >= UInt(needed) { return }
    guard limit.rlim_max >= UInt(needed) else {
      throw .descriptorLimit(needed: needed, allowed: Int(clamping: limit.rlim_max))
    }
    limit.rlim_cur = UInt(needed)
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw .descriptorLimit(needed: needed, allowed: Int(clamping: limit.rlim_cur))
    }
  }
}
