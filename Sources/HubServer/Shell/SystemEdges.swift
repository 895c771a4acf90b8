import CCrypto
import Foundation
import HubEngine

/// Random bytes that must not be guessed.
enum SystemRandom {
  /// Nil when the system gives none: then nobody is let in.
  static func resumeSecret() -> ResumeSecret? {
    var words: (UInt64, UInt64) = (0, 0)
    let isFilled = withUnsafeMutableBytes(of: &words) {
      RAND_bytes($0.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32($0.count)) == 1
    }
    return isFilled ? ResumeSecret(high: words.0, low: words.1) : nil
  }
}

extension SystemRandom {
  /// Nil when the system gives none.
  static func bytes(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return RAND_bytes(&bytes, Int32(count)) == 1 ? bytes : nil
  }
}

enum WallClock {
  static func unixMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Since 1970-01-01, UTC.
  static var day: Int { Int(unixMilliseconds() / 86_400_000) }
}

/// Compares without telling by its time where the difference is.
func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  guard a.count == b.count else { return false }
  var difference: UInt8 = 0
  for index in a.indices { difference |= a[index] ^ b[index] }
  return difference == 0
}
