import HubKernel
import HubScene
import HubWire

extension Engine {
  func chat(_ message: SendChat, _ p: Participant) {
    guard p.chatBucket.take(now: now) else {
      return refuse(
        p, .rateLimited, "one message a second", ref: message.ref, retryAfterMs: p.chatBucket.waitMilliseconds
      )
    }
    guard let text = CleanText.paragraph(message.text, scalarsMax: config.limits.chatScalarsMax) else {
      return refuse(
        p, .badValue, "a message has 1 to \(config.limits.chatScalarsMax) characters", ref: message.ref)
    }
    guard !p.isMuted else { return refuse(p, .muted, "a moderator has muted you", ref: message.ref) }
    let space = spaces[p.space]
    noteInput(p)
    switch message.to {
    case "space":
      let line = compose(text, p, to: "space", space: space.id)
      space.chat.append(line)
      deliver(line, to: space.members, author: p, ref: message.ref)
    case "area":
      guard let area = p.area else {
        return refuse(p, .unknownArea, "you are in no area", ref: message.ref)
      }
      let line = compose(text, p, to: "area", space: space.id, area: space.scene.areas[area].nodeID)
      space.areaChat[area, default: ChatRoom(capacity: config.limits.chatHistoryMax)].append(line)
      deliver(
        line, to: space.members.filter { participants[$0]?.area == area }, author: p, ref: message.ref)
    case "person":
      guard let person = message.person, let other = visiblePerson(person, to: p), other !== p else {
        return refuse(p, .unknownPerson, "nobody of that id is to be found", ref: message.ref)
      }
      let line = compose(text, p, to: "person", recipient: other.person)
      noteContact(p, other)
      deliver(line, to: [other.slot, p.slot], author: p, ref: message.ref)
      keep(line.json, for: other)
    default:
      return refuse(p, .badValue, "to is space, area or person", ref: message.ref)
    }
    counters.chats += 1
  }

  private func compose(
    _ text: String, _ p: Participant, to: String, space: String? = nil, area: String? = nil,
    recipient: String? = nil
  ) -> ChatMessage {
    defer { nextChat += 1 }
    var json = JSONWriter(type: "chat")
    json.field("id", "c\(nextChat)")
    json.field("to", to)
    json.field("space", ifPresent: space)
    json.field("area", ifPresent: area)
    json.field("recipient", ifPresent: recipient)
    json.field("person", p.person)
    json.field("name", p.name)
    json.field("text", text)
    json.field("at", Int(unixMs))
    return ChatMessage(id: nextChat, author: p.person, json: json.end())
  }

  /// The author's copy carries `ref`; who does not want to be disturbed gets it marked `quiet`.
  private func deliver(_ message: ChatMessage, to slots: [Int], author: Participant, ref: Int?) {
    let quiet = extended(message.json, ",\"quiet\":true")
    for slot in slots {
      guard let p = participants[slot] else { continue }
      if p === author {
        send(p, ref.map { extended(message.json, ",\"ref\":\($0)") } ?? message.json)
      } else {
        send(p, p.chosenStatus == .dnd ? quiet : message.json)
      }
    }
  }

  /// A finished object with one more member before its closing brace.
  private func extended(_ json: [UInt8], _ member: String) -> [UInt8] {
    Array(json.dropLast()) + Array(member.utf8) + [0x7D]
  }

  func delete(_ id: String, _ p: Participant, ref: Int?) {
    guard id.first == "c", let number = UInt64(id.dropFirst()) else {
      return refuse(p, .unknownChat, "no such message", ref: ref)
    }
    let space = spaces[p.space]
    let inArea = space.areaChat.first { $0.value.message(number) != nil }?.key
    guard let message = space.chat.message(number) ?? inArea.flatMap({ space.areaChat[$0]?.message(number) })
    else {
      return refuse(p, .unknownChat, "no such message in this space", ref: ref)
    }
    guard message.author == p.person || require(p, .deleteOthers, ref: ref) else { return }
    if let inArea { _ = space.areaChat[inArea]?.remove(number) } else { _ = space.chat.remove(number) }
    counters.chatsDeleted += 1
    var json = JSONWriter(type: "deleted")
    json.field("id", id)
    broadcast(space, json.end())
  }

  /// Recent messages for one who arrives, in pieces a client takes.
  func tellHistory(_ p: Participant, of room: ChatRoom, to: String, space: String, area: String?) {
    guard !room.messages.isEmpty else { return }
    var piece: [[UInt8]] = []
    var size = 0
    func flush() {
      guard !piece.isEmpty else { return }
      var json = JSONWriter(type: "history")
      json.field("to", to)
      json.field("space", space)
      json.field("area", ifPresent: area)
      json.key("list")
      json.beginArray()
      for message in piece { json.raw(message) }
      json.endArray()
      send(p, json.end())
      piece.removeAll()
      size = 0
    }
    for message in room.messages {
      if size + message.json.count > 30_000 { flush() }
      piece.append(message.json)
      size += message.json.count
    }
    flush()
  }
}
