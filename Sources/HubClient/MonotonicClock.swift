import Glibc

/// CLOCK_MONOTONIC in milliseconds: the time that sessions and pools are told.
public enum MonotonicClock {
  public static func nowMs() -> Double {
    var time = timespec()
    let result = clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(result == 0)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
  }
}
