import Foundation
import Synchronization

/// The rules of a time zone: which offset from UTC holds when.
///
/// Offsets lie in a table of changes that is made once a zone and searched in about ten nanoseconds; outside the
/// table's years an IANA zone asks the system. Sources of the rules: IANA data as Foundation carries it, a file's own
/// VTIMEZONE, or a fixed offset.
public final class Zone: Sendable {
  /// The IANA name, the file's own name, or a form of the fixed offset.
  public let name: String
  /// `changes[i]` is the first second at which `offsets[i + 1]` holds; `offsets[0]` holds before all.
  private let changes: [Int]
  private let offsets: [Int]
  /// Asked outside the table's years.
  private let system: TimeZone?

  public static let utc = Zone(name: "UTC", changes: [], offsets: [0])

  init(name: String, changes: [Int], offsets: [Int], system: TimeZone? = nil) {
    precondition(offsets.count == changes.count + 1)
    self.name = name
    self.changes = changes
    self.offsets = offsets
    self.system = system
  }

  /// A zone that never changes, `seconds` east of Greenwich.
  public convenience init(fixedOffsetSeconds seconds: Int) {
    let minutes = abs(seconds) / 60
    self.init(
      name: "UTC" + (seconds < 0 ? "-" : "+") + twoDigits(minutes / 60) + ":" + twoDigits(minutes % 60),
      changes: [], offsets: [seconds])
  }

  /// The zone of this IANA name, in any letter case, or nil if there is none. The first call for a zone costs about
  /// half a millisecond, the next ones a look-up.
  public static func iana(_ name: String) -> Zone? {
    ZoneDirectory.shared.zone(named: name)
  }

  /// Seconds east of Greenwich at an instant.
  public func offset(at instant: Int) -> Int {
    if let system, instant < Zone.tableStart || instant >= Zone.tableEnd {
      return system.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= instant { low = middle + 1 } else { high = middle }
    }
    return offsets[low]
  }

  /// The instant of a wall-clock time. A time that occurs twice is its first occurrence; one that a change skips is
  /// read with the offset before the change (RFC 5545, 3.3.5).
  public func instant(ofLocal local: Int) -> Int {
    let before = offset(at: local - Zone.reach)
    let first = local - before
    let after = offset(at: local + Zone.reach)
    if after == before || offset(at: first) == before { return first }
    let second = local - after
    return offset(at: second) == after ? second : first
  }

  /// The changes of offset within a window that lies in the table's years.
  func changes(from: Int, to: Int) -> [(instant: Int, from: Int, to: Int)] {
    changes.indices.filter { changes[$0] >= from && changes[$0] < to }.map {
      (changes[$0], offsets[$0], offsets[$0 + 1])
    }
  }

  /// The wall-clock time at an instant.
  public func local(at instant: Int) -> Int { instant + offset(at: instant) }

  /// No zone is farther than this from Greenwich, and no two changes lie within twice of it.
  private static let reach = 16 * 3600
  /// 1985-01-01 and 2065-01-01.
  static let tableStart = 473_385_600
  static let tableEnd = 2_997_993_600
}

/// The IANA zones met so far, by lower-case name.
private final class ZoneDirectory: Sendable {
  static let shared = ZoneDirectory()
  private let zones = Mutex<[String: Zone]>([:])
  private let spellings: [String: String]

  init() {
    var spellings: [String: String] = [:]
    for name in TimeZone.knownTimeZoneIdentifiers { spellings[name.lowercased()] = name }
    self.spellings = spellings
  }

  private static let namesOfUTC: Set<String> = [
    "utc", "gmt", "z", "etc/utc", "etc/gmt", "etc/uct", "etc/universal", "etc/zulu", "etc/greenwich",
    "etc/gmt0",
    "uct", "universal", "zulu", "greenwich", "gmt0",
  ]
  /// IANA's names without a region, most of them links kept for old systems.
  private static let plainNames: Set<String> = [
    "cet", "eet", "met", "wet", "est", "mst", "hst", "est5edt", "cst6cdt", "mst7mdt", "pst8pdt", "japan",
    "singapore", "poland", "portugal", "turkey", "israel", "iran", "egypt", "cuba", "eire", "gb", "gb-eire",
    "nz",
    "nz-chat", "prc", "roc", "rok", "hongkong", "iceland", "jamaica", "kwajalein", "libya", "navajo", "w-su",
  ]

  /// `europe/BERLIN` as `Europe/Berlin`; short names as `CET`.
  private static func capitalized(_ name: String) -> String {
    if TimeZone(identifier: name) != nil { return name }
    guard name.contains("/") else { return name.uppercased() }
    return name.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.split(separator: "_", omittingEmptySubsequences: false)
        .map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(separator: "_")
    }.joined(separator: "/")
  }

  func zone(named name: String) -> Zone? {
    guard name.utf8.count <= 64 else { return nil }
    let key = name.lowercased()
    if let known = zones.withLock({ $0[key] }) { return known }
    if ZoneDirectory.namesOfUTC.contains(key) { return Zone.utc }
    // Foundation also reads "GMT+1", and three letters as whichever country ICU prefers ("BST" is Dhaka): a name
    // without a slash has to be one of IANA's.
    guard key.contains("/") || ZoneDirectory.plainNames.contains(key), !key.contains(" "),
      let system = TimeZone(identifier: spellings[key] ?? ZoneDirectory.capitalized(name))
    else { return nil }
    let zone = Zone(tabulating: system, name: system.identifier)
    zones.withLock { $0[key] = zone }
    return zone
  }
}

extension Zone {
  /// Finds every change of offset between 1985 and 2065: sampled every 12 days (the shortest stay of an offset in the
  /// data is Morocco's month), then narrowed by bisection.
  fileprivate convenience init(tabulating system: TimeZone, name: String) {
    func offset(_ instant: Int) -> Int {
      system.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }
    let stride = 12 * secondsPerDay
    var changes: [Int] = []
    var offsets = [offset(Zone.tableStart)]
    var instant = Zone.tableStart
    while instant < Zone.tableEnd {
      let next = min(instant + stride, Zone.tableEnd)
      let nextOffset = offset(next)
      if nextOffset != offsets[offsets.count - 1] {
        var low = instant
        var high = next
        while high - low > 1 {
          let middle = (low + high) / 2
          if offset(middle) == nextOffset { high = middle } else { low = middle }
        }
        changes.append(high)
        offsets.append(nextOffset)
      }
      instant = next
    }
    self.init(name: name, changes: changes, offsets: offsets, system: system)
  }
}
