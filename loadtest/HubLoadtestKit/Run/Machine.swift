import Foundation

/// What a figure was measured on.
public struct Machine: Sendable {
  public var cpu: String
  public var cores: Int
  public var kernel: String

  public static func this() -> Machine {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
    let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
    return Machine(
      cpu: model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      kernel: release.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}

/// What this process has used so far.
struct OwnUsage {
  var cpuSeconds: Double
  var residentBytes: Int

  static func now() -> OwnUsage {
    var usage = rusage()
    let result = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    precondition(result == 0)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return OwnUsage(
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), residentBytes: pages * Int(getpagesize())
    )
  }
}
