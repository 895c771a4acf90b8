import HubBookings
import HubCalDAV
import HubEngine
import HubJSON
import HubScene

/// Reads `bookings.json`, noting everything that is wrong.
struct BookingsReader {
  static let roomsMax = 1000
  let file: String
  let findings = DocumentFindings()
  private(set) var hubURL: String?

  mutating func read(_ document: JSONValue) -> [RoomConfig] {
    let root = ValueReader(value: document, path: .root, findings: findings)
    let object = root.object(known: ["$schema", "format", "rooms", "people", "hubURL"])
    _ = object?.optional("$schema")?.string()
    if let format = object?.required("format")?.integer(), format != 1 {
      findings.add(JSONPath.root.appending(key: "format"), "found format \(format), expected 1")
    }
    let list = object?.required("rooms")
    let items = list?.array() ?? []
    if let list, items.count > Self.roomsMax {
      findings.add(list.path, "found \(items.count) rooms, expected at most \(Self.roomsMax)")
    }
    var ids: Set<String> = []
    var places: Set<String> = []
    if let member = object?.optional("hubURL"), let text = member.string() {
      let isAddress = text.hasPrefix("https://") || text.hasPrefix("http://")
      if !isAddress || text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
        findings.add(member.path, "found no address, expected one like https://hub.example.org")
      }
      hubURL = text.hasSuffix("/") ? String(text.dropLast()) : text
    }
    let people = self.people(object?.optional("people"))
    return items.compactMap { item in
      guard var room = room(item) else { return nil }
      room.people = people
      if !ids.insert(room.id).inserted {
        findings.add(item.path.appending(key: "id"), "another room has the id \"\(room.id)\"")
      }
      if !places.insert("\(room.space)/\(room.area ?? "")").inserted {
        findings.add(
          item.path.appending(key: "space"), "another room has the same place, expected one room a place")
      }
      return room
    }
  }

  private func room(_ reader: ValueReader) -> RoomConfig? {
    guard
      let object = reader.object(known: [
        "id", "title", "space", "area", "capacity", "source", "zone", "openingHours", "privacy", "policy",
        "pollSeconds", "opensByBooking", "running",
      ])
    else { return nil }
    let id = identifier(object.required("id"))
    let title = WorldReader.text(object.required("title"))
    let space = identifier(object.required("space"))
    let area = object.optional("area").flatMap { identifier($0) }
    let capacity = integer(object.required("capacity"), in: 1...10_000)
    let source = object.required("source").flatMap(self.source)
    var zone: Zone?
    if let reader = object.required("zone"), let name = reader.string() {
      zone = Zone.iana(name)
      if zone == nil {
        findings.add(reader.path, "found \"\(name)\", expected an IANA zone like Europe/Berlin")
      }
    }
    var policy = BookingPolicy()
    var role: Role? = .participant
    if let rules = object.optional("policy")?.object(known: [
      "minutesMin", "minutesMax", "horizonDays", "perPersonMax", "role",
    ]) {
      policy.minutesMin = integer(rules.optional("minutesMin"), in: 1...1440) ?? policy.minutesMin
      policy.minutesMax = integer(rules.optional("minutesMax"), in: 1...44_640) ?? policy.minutesMax
      policy.horizonDays = integer(rules.optional("horizonDays"), in: 1...400) ?? policy.horizonDays
      policy.perPersonMax = integer(rules.optional("perPersonMax"), in: 1...1000) ?? policy.perPersonMax
      if policy.minutesMin > policy.minutesMax {
        findings.add(
          rules.path.appending(key: "minutesMax"), "found less than minutesMin, expected at least as much")
      }
      if let word = rules.optional("role"), let text = word.string() {
        role = Role(rawValue: text)
        if role == nil, text != "nobody" {
          let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
          findings.add(word.path, "found \"\(text)\", expected nobody or one of \(known)")
        }
      }
    }
    policy.opening = openingHours(object.optional("openingHours"))
    let privacy = object.optional("privacy").flatMap { $0.word(PrivacyLevel.self) } ?? .busy
    let poll = integer(object.optional("pollSeconds"), in: 1...86_400) ?? 60
    var running = self.running(object.optional("running"))
    running.lock.opens = object.optional("opensByBooking")?.bool() ?? false
    guard let id, let space, let capacity, let source, let zone else { return nil }
    return RoomConfig(
      id: id, title: title, space: space, area: area, capacity: capacity, source: source, zone: zone,
      privacy: privacy, policy: policy, bookRole: role, pollSeconds: poll, running: running, people: [:])
  }

  private func running(_ reader: ValueReader?) -> RunningRoom {
    var running = RunningRoom()
    guard
      let object = reader?.object(known: [
        "invitedOnly", "rename", "limitPeople", "startVoice", "graceMinutes", "goTo",
      ])
    else { return running }
    running.lock.invitedOnly = object.optional("invitedOnly")?.bool() ?? false
    running.renames = object.optional("rename")?.bool() ?? false
    running.limitsPeople = object.optional("limitPeople")?.bool() ?? false
    running.lock.startsVoice = object.optional("startVoice")?.bool() ?? false
    running.graceMinutes = integer(object.optional("graceMinutes"), in: 1...60)
    if let minutes = running.graceMinutes { running.lock.voiceGraceSeconds = minutes * 60 }
    if let place = object.optional("goTo")?.object(known: ["space", "area"]),
      let space = identifier(place.required("space"))
    {
      running.goTo = BookedPlace(space: space, area: place.optional("area").flatMap { identifier($0) })
    }
    return running
  }

  /// Whose mail address is whose account.
  private func people(_ reader: ValueReader?) -> [String: String] {
    var people: [String: String] = [:]
    for item in reader?.array() ?? [] {
      guard let object = item.object(known: ["mail", "account"]), let mail = object.required("mail"),
        let address = mail.text()?.lowercased(), let account = object.required("account")?.text()
      else { continue }
      if !address.contains("@") {
        findings.add(mail.path, "found no address, expected one like ada@example.org")
      }
      if people.updateValue(account, forKey: address) != nil {
        findings.add(mail.path, "another entry has the same address")
      }
    }
    return people
  }

  private func source(_ reader: ValueReader) -> SourceConfig? {
    guard let object = reader.object(known: ["kind", "url", "path", "credentials"]) else { return nil }
    enum Kind: String, CaseIterable { case caldav, feed, file }
    guard let kind = object.required("kind").flatMap({ $0.word(Kind.self) }) else { return nil }
    var credentials: SourceConfig.CredentialsPlace?
    if let member = object.optional("credentials")?.object(known: ["file", "environment"]) {
      member.exactlyOne(of: ["file", "environment"])
      if let path = member.optional("file")?.text() {
        credentials = .file(LocalFile.resolve(path, besideFile: file))
      } else if let name = member.optional("environment")?.text() {
        credentials = .environment(name)
      }
    }
    guard kind != .file else {
      return object.required("path")?.text().map {
        SourceConfig(place: .file(LocalFile.resolve($0, besideFile: file)), credentials: nil)
      }
    }
    guard let member = object.required("url"), let text = member.string() else { return nil }
    do {
      let address = try SourceAddress(text)
      return SourceConfig(
        place: kind == .caldav ? .caldav(address) : .feed(address), credentials: credentials)
    } catch {
      // The address itself may hold a secret.
      findings.add(member.path, error.description)
      return nil
    }
  }

  private func openingHours(_ reader: ValueReader?) -> OpeningHours {
    let names = ["mo", "tu", "we", "th", "fr", "sa", "su"]
    let spans = (reader?.array() ?? []).compactMap { item -> OpeningHours.Span? in
      guard let object = item.object(known: ["days", "from", "to"]) else { return nil }
      let days = (object.required("days")?.array() ?? []).compactMap { day -> Int? in
        guard let text = day.string() else { return nil }
        if let index = names.firstIndex(of: text) { return index }
        findings.add(day.path, "found \"\(text)\", expected one of \(names.joined(separator: ", "))")
        return nil
      }
      guard let from = object.required("from"), let to = object.required("to"), let start = minute(from),
        let end = minute(to)
      else { return nil }
      if end <= start { findings.add(to.path, "found an end that is not after the start") }
      return .init(weekdays: Set(days), fromMinute: start, toMinute: end)
    }
    return OpeningHours(spans)
  }

  /// `HH:MM` up to 24:00.
  private func minute(_ reader: ValueReader) -> Int? {
    guard let text = reader.string() else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
      let minute = Int(parts[1]),
      (0...59).contains(minute), (0...1440).contains(hour * 60 + minute), hour >= 0
    {
      return hour * 60 + minute
    }
    findings.add(reader.path, "found \"\(text)\", expected a time like 08:30")
    return nil
  }

  private func integer(_ reader: ValueReader?, in range: ClosedRange<Int>) -> Int? {
    guard let reader, let number = reader.integer() else { return nil }
    if range.contains(number) { return number }
    findings.add(reader.path, "found \(number), expected \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  private func identifier(_ reader: ValueReader?) -> String? {
    guard let reader, let text = reader.string() else { return nil }
    let isGood =
      (1...63).contains(text.utf8.count) && text.utf8.first != 0x2D
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    if isGood { return text }
    findings.add(reader.path, "found \"\(text)\", expected 1 to 63 of a-z, 0-9 and -, not beginning with -")
    return nil
  }
}
