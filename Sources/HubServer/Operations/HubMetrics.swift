import Foundation
import HubEngine
import HubNet
import HubReplication
import HubScene
import HubWire

/// What the operator reads at `/metrics`. Recording on the tick's path only adds numbers.
final class HubMetrics {
  private var tickDuration = FixedHistogram(
    boundsSeconds: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.25])
  private var tickLateness = FixedHistogram(
    boundsSeconds: [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.5])
  private var phaseLateness = FixedHistogram(
    boundsSeconds: [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.5])
  private var ticks = 0
  private var skippedOwnWork = 0
  private var skippedByScheduler = 0
  private var runDelayMicroseconds: Int64 = 0
  private var loopCPUMicroseconds: Int64 = 0
  private var frames = 0
  private var updateBytes = PerTier(0, 0, 0)
  private var updates = PerTier(0, 0, 0)
  private var enterLeaveBytes = 0
  private var keyframeBytes = 0
  private var framingBytes = 0
  private var digestBytes = 0
  private var controlMessages = 0
  private var controlBytes = 0
  private var framesSkipped: [String: Int] = [:]
  private var refusals: [String: Int] = [:]
  private var closes: [String: Int] = [:]

  /// Called at the end of a tick; the duration is that of the tick before.
  func ticked(_ timing: TickTiming) {
    ticks += 1
    tickDuration.record(microseconds: timing.last.tickMicroseconds)
    tickLateness.record(microseconds: timing.latenessMicroseconds)
    runDelayMicroseconds += timing.last.runDelayMicroseconds
    loopCPUMicroseconds += timing.last.totalCPUMicroseconds
    if timing.skipCause == .scheduler {
      skippedByScheduler += timing.skipped
    } else {
      skippedOwnWork += timing.skipped
    }
  }

  /// Called at the start of each phase of sending.
  func phased(_ latenessMicroseconds: Int64) { phaseLateness.record(microseconds: latenessMicroseconds) }

  func sentFrame(_ stats: FrameStats) {
    frames += 1
    for tier in Tier.allCases {
      updateBytes[tier] += stats.updateBytes[tier]
      updates[tier] += stats.updates[tier]
    }
    enterLeaveBytes += stats.enterLeaveBytes
    keyframeBytes += stats.keyframeBytes
    framingBytes += stats.framingBytes
    digestBytes += stats.digestBytes
  }

  func sentControl(bytes: Int) {
    controlMessages += 1
    controlBytes += bytes
  }

  func frameSkipped(_ reason: String) { framesSkipped[reason, default: 0] += 1 }
  func refused(_ reason: String) { refusals[reason, default: 0] += 1 }
  func closed(_ code: CloseCode) { closes[code.reason, default: 0] += 1 }

  /// Prometheus text format 0.0.4.
  func render(engine: Engine, connections: Int) -> String {
    var text = ""
    func metric(_ name: String, _ type: String, _ help: String, _ rows: [(labels: String, value: String)]) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
      for row in rows { text += "\(name)\(row.labels) \(row.value)\n" }
    }
    func rows(_ key: String, _ values: [String: Int]) -> [(labels: String, value: String)] {
      values.sorted { $0.key < $1.key }.map { ("{\(key)=\"\($0.key)\"}", "\($0.value)") }
    }
    let process = ProcessFigures.read()
    metric(
      "process_cpu_seconds_total", "counter", "User and system CPU time.", [("", "\(process.cpuSeconds)")])
    metric("process_resident_memory_bytes", "gauge", "Resident memory.", [("", "\(process.residentBytes)")])
    metric("process_open_fds", "gauge", "Open file descriptors.", [("", "\(process.openFiles)")])
    metric("hub_sessions", "gauge", "Participants.", [("", "\(engine.sessionCount)")])
    metric(
      "hub_voice_server_up", "gauge", "Whether there is a media server and it takes orders.",
      [("", engine.isSFUUp ? "1" : "0")])
    metric("hub_connections", "gauge", "WebSocket connections.", [("", "\(connections)")])
    metric(
      "hub_space_people", "gauge", "People in a space.",
      engine.occupancy().map { ("{space=\"\($0.space.id)\"}", "\($0.people)") })
    metric(
      "hub_image_bytes", "gauge", "Images of exhibits, held and on their way.", [("", "\(engine.imageBytes)")]
    )
    metric("hub_ticks_total", "counter", "Ticks run.", [("", "\(ticks)")])
    metric(
      "hub_ticks_skipped_total", "counter", "Ticks left out, by what took the time.",
      [("{cause=\"own_work\"}", "\(skippedOwnWork)"), ("{cause=\"scheduler\"}", "\(skippedByScheduler)")])
    metric(
      "hub_loop_cpu_seconds_total", "counter", "Processor time of the loop's thread.",
      [("", "\(Double(loopCPUMicroseconds) / 1e6)")])
    metric(
      "hub_loop_run_delay_seconds_total", "counter",
      "Time the loop's thread was ready but waited for a processor.",
      [("", "\(Double(runDelayMicroseconds) / 1e6)")])
    tickDuration.render("hub_tick_duration_seconds", "Work of a tick.", into: &text)
    tickLateness.render("hub_tick_lateness_seconds", "Start of a tick after its deadline.", into: &text)
    phaseLateness.render(
      "hub_send_lateness_seconds", "Start of a phase of sending after its planned instant.", into: &text)
    metric("hub_frames_total", "counter", "Pose frames sent.", [("", "\(frames)")])
    metric(
      "hub_frame_bytes_total", "counter", "Bytes sent, by what they were for.",
      [
        ("{part=\"s0\"}", "\(updateBytes.s0)"), ("{part=\"s1\"}", "\(updateBytes.s1)"),
        ("{part=\"s2\"}", "\(updateBytes.s2)"), ("{part=\"enter_leave\"}", "\(enterLeaveBytes)"),
        ("{part=\"keyframe\"}", "\(keyframeBytes)"), ("{part=\"framing\"}", "\(framingBytes)"),
        ("{part=\"digest\"}", "\(digestBytes)"), ("{part=\"control\"}", "\(controlBytes)"),
      ])
    metric(
      "hub_overload_step", "gauge",
      "0 none, 1 wider error bounds, 2 frames at half the rate, 3 nobody new may enter.",
      [("", "\(engine.overloadStep)")])
    metric(
      "hub_overload_changes_total", "counter", "Steps of overload, up or down.",
      [("", "\(engine.counters.overloadChanges)")])
    metric(
      "hub_load_ratio", "gauge", "Work of a tick over its length, averaged over about 16 ticks.",
      [("", "\(Double(engine.loadPermille) / 1000)")])
    metric(
      "hub_updates_postponed_total", "counter",
      "Pose records that waited a tick, their page having too many.",
      [("", "\(engine.postponedEmissions)")])
    metric(
      "hub_updates_total", "counter", "Pose records sent, by tier.",
      [
        ("{tier=\"s0\"}", "\(updates.s0)"), ("{tier=\"s1\"}", "\(updates.s1)"),
        ("{tier=\"s2\"}", "\(updates.s2)"),
      ])
    metric("hub_control_messages_total", "counter", "Text messages sent.", [("", "\(controlMessages)")])
    metric(
      "hub_frames_skipped_total", "counter", "Frames not written, by reason.", rows("reason", framesSkipped))
    let counters = engine.counters
    metric(
      "hub_refusals_total", "counter", "Messages and connections refused, by reason.",
      rows("reason", refusals.merging(counters.refusals, uniquingKeysWith: +)))
    metric(
      "hub_corrections_total", "counter", "Steps refused, by reason.", rows("reason", counters.corrections))
    metric("hub_closes_total", "counter", "Connections closed by the hub, by reason.", rows("reason", closes))
    for (name, help, value) in [
      ("hub_joins_total", "Sessions begun.", counters.joins),
      ("hub_resumes_total", "Sessions resumed.", counters.resumes),
      ("hub_leaves_total", "Sessions ended.", counters.leaves),
      ("hub_portals_total", "Portals walked.", counters.portals),
      ("hub_overflows_total", "People who found a space full and got into one like it.", counters.overflows),
      ("hub_moves_total", "Poses accepted.", counters.movesAccepted),
      ("hub_moves_stale_total", "Poses of an old epoch.", counters.movesStale),
      ("hub_moves_rate_limited_total", "Poses above their rate.", counters.movesRateLimited),
      ("hub_chats_total", "Chat messages.", counters.chats),
      ("hub_voice_links_total", "Voice links begun between two people.", counters.voiceLinks),
      ("hub_voice_relayed_total", "Descriptions and candidates passed on.", counters.voiceRelayed),
      ("hub_voice_server_links_total", "Connections to the media server begun.", counters.sfuLinks),
      ("hub_voice_server_broken_total", "Connections the media server has lost.", counters.sfuBroken),
      ("hub_note_ops_total", "Changes of notes stored.", counters.notesStored),
      ("hub_events_total", "Events told.", counters.eventsTold),
      ("hub_events_counted_total", "Events only counted.", counters.eventsCounted),
    ] {
      metric(name, "counter", help, [("", "\(value)")])
    }
    return text
  }
}

/// This process by the kernel's account.
struct ProcessFigures {
  var cpuSeconds: Double
  var residentBytes: Int
  var openFiles: Int

  static func read() -> ProcessFigures {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    let pages =
      (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)).flatMap {
        Int($0.split(separator: " ").dropFirst().first ?? "")
      } ?? 0
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    return ProcessFigures(
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      residentBytes: pages * Int(sysconf(Int32(_SC_PAGESIZE))), openFiles: files)
  }
}
