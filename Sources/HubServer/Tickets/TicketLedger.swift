import Foundation
package import HubEngine
import HubKernel

/// Which tickets are spent: for each session the highest number used, until tickets of that age are worth nothing
/// anyway. With a file it outlives the process: one write of 32 bytes per use, without waiting for the disk, because a
/// crash of the process loses nothing that was written, and a machine that loses power is away longer than a ticket lasts.
/// Holds random ids and dates, nothing of a person.
package final class TicketLedger {
  private struct Entry {
    var number: UInt32
    var expiresUnixMs: Int64
  }
  private static let fileBytesMax = 1 << 20

  private var entries: [ResumeSecret: Entry] = [:]
  private let path: String?
  private var descriptor: Int32 = -1
  private var fileBytes = 0
  private var sweptUnixMs: Int64 = 0

  /// - Parameter path: nil: memory only.
  package init(path: String?, nowUnixMs: Int64) throws {
    self.path = path
    guard let path else { return }
    if let data = FileManager.default.contents(atPath: path) { read([UInt8](data), nowUnixMs) }
    try rewrite(path)
  }

  deinit { if descriptor >= 0 { Foundation.close(descriptor) } }

  package var count: Int { entries.count }

  package func isSpent(_ ticket: SessionTicket) -> Bool {
    entries[ticket.secret].map { ticket.number <= $0.number } ?? false
  }

  /// This ticket and all earlier ones of its session open nothing any more.
  /// - Throws: when the file can't be written; in memory it is noted all the same.
  package func spend(_ secret: ResumeSecret, number: UInt32, expiresUnixMs: Int64, nowUnixMs: Int64) throws {
    sweep(nowUnixMs)
    let known = entries[secret]
    let entry = Entry(
      number: max(number, known?.number ?? 0), expiresUnixMs: max(expiresUnixMs, known?.expiresUnixMs ?? 0))
    entries[secret] = entry
    guard let path else { return }
    if fileBytes >= Self.fileBytesMax { return try rewrite(path) }
    try append(Self.record(secret, entry))
  }

  private func sweep(_ nowUnixMs: Int64) {
    guard abs(nowUnixMs - sweptUnixMs) >= 60_000 else { return }
    sweptUnixMs = nowUnixMs
    entries = entries.filter { $0.value.expiresUnixMs >= nowUnixMs }
  }

  // MARK: The file

  private static func record(_ secret: ResumeSecret, _ entry: Entry) -> [UInt8] {
    var out: [UInt8] = []
    out.append(littleEndian: secret.high)
    out.append(littleEndian: secret.low)
    out.append(littleEndian: entry.number)
    out.append(littleEndian: UInt32(0))
    out.append(littleEndian: entry.expiresUnixMs)
    return out
  }

  /// A torn last record is what a crash leaves, and is left out.
  private func read(_ bytes: [UInt8], _ nowUnixMs: Int64) {
    var reader = ByteReader(bytes.span.bytes)
    while let (secret, entry) = try? Self.next(&reader) {
      guard entry.expiresUnixMs >= nowUnixMs else { continue }
      if entries[secret].map({ $0.number < entry.number }) ?? true { entries[secret] = entry }
    }
  }

  private static func next(_ reader: inout ByteReader) throws(BytesExhausted) -> (ResumeSecret, Entry) {
    let secret = ResumeSecret(high: try reader.u64(), low: try reader.u64())
    let number = try reader.u32()
    _ = try reader.u32()
    return (secret, Entry(number: number, expiresUnixMs: Int64(bitPattern: try reader.u64())))
  }

  /// The living entries into a new file, which takes the old one's place in one step.
  private func rewrite(_ path: String) throws {
    if descriptor >= 0 { Foundation.close(descriptor) }
    descriptor = -1
    let fresh = path + ".new"
    unlink(fresh)
    descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StartupError("can't write \(fresh): \(String(cString: strerror(errno)))")
    }
    fileBytes = 0
    try append(entries.flatMap { Self.record($0.key, $0.value) })
    guard rename(fresh, path) == 0 else {
      throw StartupError("can't write \(path): \(String(cString: strerror(errno)))")
    }
  }

  private func append(_ bytes: [UInt8]) throws {
    guard descriptor >= 0 else { throw StartupError("the list of used tickets is closed") }
    guard !bytes.isEmpty else { return }
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw StartupError("can't write the list of used tickets: \(String(cString: strerror(errno)))")
    }
    fileBytes += bytes.count
  }
}
