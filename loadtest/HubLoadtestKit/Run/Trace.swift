import Foundation
import HubJSON
import HubKernel

/// Everything a run's figures come from, as a file: raw messages with the instants of their receipt, the paths that bots
/// were on, and what was looked at when. The format is described in loadtest/README.md; `loadtest/tools/recompute.py`
/// computes the figures again from it alone.
final class Trace {
  private let file: FileHandle
  private var buffer: [UInt8] = []
  private(set) var problem: String?
  private static let bufferBytes = 1 << 20

  /// - Throws: ``LoadtestError`` where the file can't be written.
  init(path: String, header: JSONObject) throws(LoadtestError) {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    else { throw LoadtestError("--trace \(path) can't be written") }
    self.file = file
    buffer.reserveCapacity(Self.bufferBytes + 70_000)
    buffer += Array("HUBTRACE1\n".utf8)
    do throws(JSONError) {
      let text = try JSON.write(.object(header))
      begin("H", text.count)
      buffer += text
    } catch {
      throw LoadtestError("--trace: \(error)")
    }
  }

  private func begin(_ kind: Character, _ count: Int) {
    if buffer.count > Self.bufferBytes { flush() }
    buffer.append(kind.asciiValue ?? 0)
    put(UInt32(count))
  }

  private func put<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
  }
  private func put(_ value: Double) { put(value.bitPattern) }

  private func flush() {
    do {
      try file.write(contentsOf: buffer)
    } catch {
      problem = "the trace is cut short: \(error.localizedDescription)"
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// The measurement begins or ends.
  func edge(begins: Bool, _ nowMs: Double) {
    begin(begins ? "B" : "E", 8)
    put(nowMs)
    if !begins { flush() }
  }

  func frame(_ bot: Int, _ bytes: RawSpan, _ nowMs: Double) {
    begin("F", 12 + bytes.byteCount)
    put(nowMs)
    put(UInt32(bot))
    bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
  }

  /// - Parameter isKept: whether the text itself is needed, not only its length.
  func text(_ bot: Int, _ bytes: RawSpan, isKept: Bool, _ nowMs: Double) {
    begin("T", 16 + (isKept ? bytes.byteCount : 0))
    put(nowMs)
    put(UInt32(bot))
    put(UInt32(bytes.byteCount))
    if isKept { bytes.withUnsafeBytes { buffer.append(contentsOf: $0) } }
  }

  /// From now on the bot is on this stretch.
  func path(_ bot: Int, _ segment: MotionSegment, _ sway: Sway?, _ nowMs: Double) {
    begin("G", 12 + 88 + (sway == nil ? 0 : 48))
    put(nowMs)
    put(UInt32(bot))
    for value in [
      segment.startMs, segment.durationMs, segment.x, segment.y, segment.z, segment.yaw, segment.turn,
      segment.directionX, segment.directionZ, segment.length, segment.speed,
    ] {
      put(value)
    }
    guard let sway else { return }
    for index in sway.turns.indices { put(sway.turns[index]) }
    for index in sway.phases.indices { put(sway.phases[index]) }
  }

  /// Who was in a space at a look at it.
  func roll(_ space: Int, _ nowMs: Double, _ members: [(bot: Int, id: EntityID, mustShow: Bool)]) {
    begin("R", 16 + members.count * 7)
    put(nowMs)
    put(UInt32(space))
    put(UInt32(members.count))
    for member in members {
      put(UInt32(member.bot))
      put(member.id.rawValue)
      buffer.append(member.mustShow ? 1 : 0)
    }
  }

  /// A viewer was looked at, right after the roll of its space.
  func sample(_ bot: Int, tick: Double, isSettled: Bool, _ nowMs: Double) {
    begin("S", 21)
    put(nowMs)
    put(UInt32(bot))
    put(tick)
    buffer.append(isSettled ? 1 : 0)
  }

  /// A viewer follows other avatars from now on, from frame to frame.
  func watched(_ viewer: Int, _ ids: [EntityID], _ nowMs: Double) {
    begin("W", 16 + ids.count * 2)
    put(nowMs)
    put(UInt32(viewer))
    put(UInt32(ids.count))
    for id in ids { put(id.rawValue) }
  }

  /// A viewer has applied the frame it got last.
  /// - Parameters:
  ///   - tick: the hub's tick by the viewer's clock.
  ///   - known: for each watched avatar, whether its place at the frame's tick is known; empty outside the measurement.
  func applied(_ viewer: Int, tick: Double, known: [Bool], _ nowMs: Double) {
    begin("V", 24 + known.count)
    put(nowMs)
    put(UInt32(viewer))
    put(tick)
    put(UInt32(known.count))
    for isKnown in known { buffer.append(isKnown ? 1 : 0) }
  }

  /// A viewer waits to see an avatar, or what it does (an animation); a wait for the same replaces the former one.
  func awaits(_ viewer: Int, _ pending: Bot.Pending, isNewcomer: Bool) {
    begin("A", 16)
    put(pending.sinceMs)
    put(UInt32(viewer))
    put(pending.id.rawValue)
    buffer.append(isNewcomer ? 1 : 0)
    buffer.append(pending.animation)
  }

  /// What was awaited is gone: nothing to wait for.
  func awaitsNoMore(_ viewer: Int, _ id: EntityID, isNewcomer: Bool, _ nowMs: Double) {
    begin("D", 15)
    put(nowMs)
    put(UInt32(viewer))
    put(id.rawValue)
    buffer.append(isNewcomer ? 1 : 0)
  }

  /// Where a bot stood at the end of a second: whether its bytes count for that second.
  func second(_ here: [Int], _ nowMs: Double) {
    begin("C", 12 + here.count * 4)
    put(nowMs)
    put(UInt32(here.count))
    for bot in here { put(UInt32(bot)) }
  }

  func close() {
    flush()
    do {
      try file.close()
    } catch {
      problem = "the trace is cut short: \(error.localizedDescription)"
    }
  }
}
