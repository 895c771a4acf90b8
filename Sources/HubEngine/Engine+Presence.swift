import HubKernel
public import HubScene
import HubWire

extension Engine {
  /// Applies what a participant tells of themselves, all of it or nothing: the error, if any.
  func apply(_ change: ProfileChange, to p: Participant) -> (ErrorCode, String)? {
    let limits = config.limits
    var name = p.name
    var languages = p.languages
    var roleText = p.roleText
    var interests = p.interests
    var visibility = p.visibility
    if let text = change.name {
      guard let clean = CleanText.line(text, scalarsMax: limits.nameScalarsMax) else {
        return (.badName, "a name has 1 to \(limits.nameScalarsMax) visible characters")
      }
      name = clean
    }
    if let tags = change.languages {
      guard tags.count <= limits.languagesMax, tags.allSatisfy(isLanguageTag) else {
        return (.badValue, "languages are up to \(limits.languagesMax) BCP 47 tags")
      }
      languages = tags.map { $0.lowercased() }
    }
    if let text = change.role {
      if text.isEmpty {
        roleText = nil
      } else {
        guard let clean = CleanText.line(text, scalarsMax: limits.roleScalarsMax) else {
          return (.badValue, "a role has up to \(limits.roleScalarsMax) characters")
        }
        roleText = clean
      }
    }
    if let texts = change.interests {
      let clean = texts.compactMap { CleanText.line($0, scalarsMax: limits.interestScalarsMax) }
      guard clean.count == texts.count, clean.count <= limits.interestsMax else {
        return (
          .badValue,
          "interests are up to \(limits.interestsMax) of up to \(limits.interestScalarsMax) characters"
        )
      }
      interests = clean
    }
    if let text = change.visibility {
      guard let value = Visibility(rawValue: text) else {
        return (.badValue, "visibility is everyone, space or invisible")
      }
      visibility = value
    }
    p.name = name
    p.languages = languages
    p.roleText = roleText
    p.interests = interests
    p.visibility = visibility
    return nil
  }

  /// RFC 5646 in the small: letters and digits in groups of up to eight, joined by hyphens.
  private func isLanguageTag(_ tag: String) -> Bool {
    let groups = tag.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    return tag.utf8.count <= 35 && (2...8).contains(groups.first?.count ?? 0)
      && groups.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy(isAlphanumeric) }
  }

  /// Prepares what the directory searches.
  func index(_ p: Participant) {
    p.searchText = CleanText.folded(
      ([p.name, p.roleText ?? ""] + p.interests + p.languages).joined(separator: "\n"))
  }

  /// Somebody whom this participant may find by id.
  func visiblePerson(_ person: String, to p: Participant) -> Participant? {
    guard let session = sessionOfPerson[person], let other = participant(session) else { return nil }
    if other === p { return other }
    switch other.visibility {
    case .everyone: return other
    case .space: return other.space == p.space ? other : nil
    case .invisible: return nil
    }
  }

  /// What others are told of this person may no longer be true: their entry goes out anew if it is not.
  func personChanged(_ p: Participant) {
    guard p.rosterSequence != 0 else { return }
    let space = spaces[p.space]
    let entry = Messages.entry(p, area: p.area.map { space.scene.areas[$0].nodeID })
    guard entry != p.entry else { return }
    p.entry = entry
    p.rosterSequence = space.roster.touch(slot: p.slot, isNew: false)
  }

  /// Brings the people lists of a space up to date: everybody who is far behind each tick, the others in their phase
  /// of a quarter second, so that many changes travel together.
  func tellRosters() {
    for space in spaces where !space.members.isEmpty {
      let latest = space.roster.latest
      space.roster.compactIfWorthwhile { slot in
        guard let p = participants[slot], p.space == space.index else { return 0 }
        return p.rosterSequence
      }
      rosterMemo.removeAll(keepingCapacity: true)
      for slot in space.members {
        guard let p = participants[slot], p.connection != nil, p.rosterTold < latest else { continue }
        let isBehind = latest - p.rosterTold >= UInt64(config.limits.introductionsPerTickMax)
        guard isBehind || (Int(now) + slot) % 5 == 0 else { continue }
        let page = rosterMemo[p.rosterTold] ?? rosterPage(space, after: p.rosterTold)
        rosterMemo[p.rosterTold] = page
        p.rosterTold = page.next
        if let bytes = page.bytes { send(p, bytes) }
      }
    }
  }

  private func rosterPage(_ space: SpaceRuntime, after told: UInt64) -> (next: UInt64, bytes: [UInt8]?) {
    var entries: [[UInt8]] = []
    var next = told
    var index = space.roster.entries.index(after: told)
    while index < space.roster.entries.count, entries.count < config.limits.introductionsPerTickMax {
      let entry = space.roster.entries[index]
      next = entry.sequence
      index += 1
      guard let p = participants[entry.slot], p.space == space.index, p.rosterSequence == entry.sequence
      else {
        continue
      }
      entries.append(p.entry)
    }
    if index == space.roster.entries.count { next = space.roster.latest }
    return (next, entries.isEmpty ? nil : Messages.list("people", entries))
  }

  /// All leavers of this tick, told at once, before any frame of a later tick.
  func tellGone() {
    for space in spaces where !space.gone.isEmpty {
      for reason in GoneReason.allCases {
        guard let ids = space.gone[reason], !ids.isEmpty else { continue }
        broadcast(space, Messages.gone(ids, reason: reason.rawValue))
      }
      space.gone.removeAll(keepingCapacity: true)
    }
  }

  // MARK: Directory and places

  func directory(_ query: String, limit: Int?, _ p: Participant, ref: Int?) {
    guard query.utf8.count <= 200, (1...100).contains(limit ?? 50) else {
      return refuse(p, .badValue, "a query has up to 200 bytes, a limit is 1 to 100", ref: ref)
    }
    let words = CleanText.folded(query).split(whereSeparator: { $0.isWhitespace || $0 == "," })
    var found: [Participant] = []
    for case let other? in participants {
      guard other === p || visiblePerson(other.person, to: p) != nil else { continue }
      let space = spaces[other.space].scene.definition
      let place = CleanText.folded(space.title.de + "\n" + space.title.en)
      if words.allSatisfy({ other.searchText.contains($0) || place.contains($0) }) { found.append(other) }
    }
    found.sort { ($0.name, $0.person) < ($1.name, $1.person) }
    var json = JSONWriter(type: "directory")
    json.field("ref", ifPresent: ref)
    json.field("total", found.count)
    json.key("list")
    json.beginArray()
    for other in found.prefix(limit ?? 50) {
      let space = spaces[other.space]
      json.beginObject()
      json.field("person", other.person)
      Messages.profile(other, &json)
      json.field("space", space.id)
      json.field("area", ifPresent: other.area.map { space.scene.areas[$0].nodeID })
      json.endObject()
    }
    json.endArray()
    send(p, json.end())
  }

  /// Head counts of every space of the file, with its overflow instances; public before entering.
  public func occupancy() -> [(space: SpaceDefinition, people: Int)] {
    spaces.prefix(world.spaces.count).map { space in
      (space.scene.definition, instances(of: space).reduce(0) { $0 + $1.members.count })
    }
  }

  func tellAllPlaces(_ p: Participant) {
    send(p, Messages.list("places", spaces.map { places($0, areas: Array($0.areaPeople.indices)) }))
  }

  /// So many areas of a space may change in a second before they are told every five.
  private static let busyAreas = 20

  /// Once a second, what changed; areas where many do, every five seconds.
  func tellPlaces() {
    guard now % 20 == 0 else { return }
    var entries: [[UInt8]] = []
    for space in spaces {
      var areas = space.areasChanged.indices.filter { space.areasChanged[$0] }
      if areas.count > Self.busyAreas, now % 100 != 0 { areas = [] }
      guard space.placesChanged || !areas.isEmpty else { continue }
      entries.append(places(space, areas: areas))
      space.placesChanged = false
      for area in areas { space.areasChanged[area] = false }
    }
    guard !entries.isEmpty else { return }
    let bytes = Messages.list("places", entries)
    for case let p? in participants { send(p, bytes) }
  }

  private func places(_ space: SpaceRuntime, areas: [Int]) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("space", space.id)
    json.field("people", space.members.count)
    if space.isOverflow { json.field("overflowOf", base(of: space).id) }
    if space.isLocked { json.field("locked", true) }
    json.field("name", ifPresent: space.booking?.name)
    let told = areas.filter {
      space.scene.areas[$0].purpose != .portal && space.scene.areas[$0].purpose != .seat
    }
    if !told.isEmpty {
      json.key("areas")
      json.beginArray()
      for area in told {
        json.beginObject()
        json.field("area", space.scene.areas[area].nodeID)
        json.field("people", space.areaPeople[area])
        if space.locked.contains(area) { json.field("locked", true) }
        json.field("name", ifPresent: space.bookings[area]?.name)
        json.endObject()
      }
      json.endArray()
    }
    json.endObject()
    return json.bytes
  }
}
