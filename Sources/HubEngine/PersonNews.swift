import HubKernel
import HubScene
import HubWire

/// What about a person changes all the time, and is told without the rest of their entry.
enum PersonField: Int, CaseIterable { case area, status, muted, lost }

/// Small changes of the people of a space, in the order they came. As with ``Roster`` a client holds one number; told is
/// always what holds now, so a change that was undone or overtaken before its turn costs nothing.
struct PersonNews {
  struct Entry: Sequenced {
    let sequence: UInt64
    let slot: Int
    let field: PersonField
  }

  /// So many entries go into one message.
  static let entriesMax = 500

  private(set) var entries: [Entry] = []
  private(set) var latest: UInt64 = 0
  /// This tick's, and the area each concerns beside the one its person is in now.
  var fresh: [(slot: Int, field: PersonField, left: Int?)] = []

  mutating func touch(slot: Int, field: PersonField, left: Int?) -> UInt64 {
    latest += 1
    entries.append(Entry(sequence: latest, slot: slot, field: field))
    fresh.append((slot, field, left))
    return latest
  }

  /// Drops what was overtaken when there is much of it. `isCurrent` says whether an entry is its person's newest of that field.
  mutating func compactIfWorthwhile(people: Int, isCurrent: (Entry) -> Bool) {
    guard entries.count > PersonField.allCases.count * people + 64 else { return }
    entries.removeAll { !isCurrent($0) }
  }
}

private struct PersonFieldValue: Hashable {
  var field: PersonField
  /// An area's index or -1; a status's place among all; 0 or 1.
  var value: Int
}

extension Engine {
  /// In a space with more people than this, small changes are told once a second, and at once only to those whom they concern.
  static let closePeopleMax = 100

  /// One thing about a person is another now.
  /// - Parameter left: for an area, the one they were in.
  func personChanged(_ p: Participant, _ field: PersonField, left: Int? = nil) {
    guard p.rosterSequence != 0 else { return }
    let space = spaces[p.space]
    p.entry = Messages.entry(p, area: p.area.map { space.scene.areas[$0].nodeID })
    // Of the invisible nothing is told but that they are there.
    guard p.visibility != .invisible else { return }
    p.newsSequence[field.rawValue] = space.news.touch(slot: p.slot, field: field, left: left)
  }

  /// Small changes: at once to those in the areas concerned and to the person, to the others in their phase of a second
  /// (a quarter where few are), so that many travel together.
  func tellNews() {
    for space in spaces where !space.members.isEmpty {
      let isCrowd = space.members.count > Self.closePeopleMax
      if isCrowd { tellFreshNews(space) }
      space.news.fresh.removeAll(keepingCapacity: true)
      let latest = space.news.latest
      space.news.compactIfWorthwhile(people: space.members.count) { isCurrent($0, space) }
      rosterMemo.removeAll(keepingCapacity: true)
      let period = isCrowd ? 20 : 5
      for slot in space.members {
        guard let p = participants[slot], p.connection != nil, p.newsTold < latest else { continue }
        let isBehind = latest - p.newsTold >= UInt64(PersonNews.entriesMax)
        guard isBehind || (Int(now) + slot) % period == 0 else { continue }
        let page = rosterMemo[p.newsTold] ?? newsPage(space, after: p.newsTold)
        rosterMemo[p.newsTold] = page
        p.newsTold = page.next
        if let bytes = page.bytes { send(p, bytes) }
      }
    }
  }

  private func isCurrent(_ entry: PersonNews.Entry, _ space: SpaceRuntime) -> Bool {
    guard let p = participants[entry.slot], p.space == space.index else { return false }
    return p.newsSequence[entry.field.rawValue] == entry.sequence
  }

  private func newsPage(_ space: SpaceRuntime, after told: UInt64) -> (next: UInt64, bytes: [UInt8]?) {
    let first = space.news.entries.index(after: told)
    let page = space.news.entries[first...].prefix(PersonNews.entriesMax)
    let isLast = page.endIndex == space.news.entries.endIndex
    let next = isLast ? space.news.latest : page.last?.sequence ?? told
    return (
      next, newsBytes(page.lazy.filter { self.isCurrent($0, space) }.map { ($0.slot, $0.field) }, space)
    )
  }

  private func tellFreshNews(_ space: SpaceRuntime) {
    guard !space.news.fresh.isEmpty else { return }
    var byArea: [Int: [(Int, PersonField)]] = [:]
    for (slot, field, left) in space.news.fresh {
      guard let p = participants[slot], p.space == space.index else { continue }
      for area in Set([left, p.area].compactMap { $0 }) { byArea[area, default: []].append((slot, field)) }
      // In none of them any more, or in none at all: they still hear of themselves.
      if p.area == nil, let bytes = newsBytes([(slot, field)], space) { send(p, bytes) }
    }
    let bytes = byArea.mapValues { newsBytes($0, space) }
    guard !bytes.isEmpty else { return }
    for slot in space.members {
      guard let p = participants[slot], let area = p.area, let text = bytes[area], let text else { continue }
      send(p, text)
    }
  }

  /// A `changed` message: people of whom the same is new stand together. Nil: nothing of it holds any more.
  private func newsBytes(_ changes: some Sequence<(Int, PersonField)>, _ space: SpaceRuntime) -> [UInt8]? {
    var ids: [PersonFieldValue: [Int]] = [:]
    for (slot, field) in changes {
      guard let p = participants[slot], p.visibility != .invisible else { continue }
      let value =
        switch field {
        case .area: p.area ?? -1
        case .status: Status.allCases.firstIndex(of: p.status)!
        case .muted: p.isMuted ? 1 : 0
        case .lost: p.isLost ? 1 : 0
        }
      ids[PersonFieldValue(field: field, value: value), default: []].append(Int(p.entity.rawValue))
    }
    guard !ids.isEmpty else { return nil }
    let keys = ids.keys.sorted { ($0.field.rawValue, $0.value) < ($1.field.rawValue, $1.value) }
    let entries = keys.map { key in
      var json = JSONWriter()
      json.beginObject()
      json.field("ids", ids[key]!)
      switch key.field {
      case .area:
        json.key("area")
        if key.value < 0 { json.null() } else { json.string(space.scene.areas[key.value].nodeID) }
      case .status: json.field("status", Status.allCases[key.value].rawValue)
      case .muted: json.field("muted", key.value == 1)
      case .lost: json.field("lost", key.value == 1)
      }
      json.endObject()
      return json.bytes
    }
    return Messages.list("changed", entries)
  }
}
