package import HubEngine
import HubWire

/// What the engine wants, as requests to Janus.
extension JanusSession {
  package func obey(_ order: SFUOrder, nowMs: Int) {
    self.nowMs = nowMs
    guard session != nil, stage == .up || lostMs != nil else { return }
    switch order {
    case .open(let room, let kind): open(room, kind)
    case .close(let room):
      if let kind = rooms.removeValue(forKey: room) { destroy(room, kind) }
    case .join(let link, let room, let speaks):
      guard let kind = rooms[room] else { return }
      attach(link, Member(room: room, part: kind == .mixed ? .whole : .speaker, speaks: speaks))
    case .listen(let link, let room):
      guard rooms[room] == .positional else { return }
      attach(link, Member(room: room, part: .listener, speaks: false))
    case .hear(let link, let speakers):
      guard members[link]?.part == .listener else { return }
      members[link]!.wanted = Set(speakers)
      subscribe(link)
    case .speaks(let link, let speaks):
      guard let member = members[link] else { return }
      members[link]!.speaks = speaks
      // In a positional room it is the listeners who stop listening.
      guard member.hasJoined, member.part == .whole else { return }
      message(.configure(link), member.handle) { json in
        json.field("request", "configure")
        json.field("muted", !speaks)
      }
    case .leave(let link): drop(link)
    case .description(let link, _, let sdp):
      guard members[link] != nil else { return }
      members[link]!.offer = sdp
      negotiate(link)
    case .candidate(let link, let text, let mid):
      guard let member = members[link] else { return }
      if member.hasJoined {
        trickle(member, text, mid)
      } else if member.candidates.count < Self.candidatesMax {
        members[link]!.candidates.append((text, mid))
      }
    }
  }

  func open(_ room: Int, _ kind: SFURoomKind) {
    rooms[room] = kind
    message(.open, controls[kind]) { json in
      json.field("request", "create")
      json.field("room", room)
      json.field("admin_key", secrets.adminKey)
      json.field("secret", secrets.roomSecret(room))
      json.field("allowed", [secrets.roomToken(room)])
      json.field("is_private", true)
      json.field("permanent", false)
      json.field("audiolevel_event", false)
      switch kind {
      case .mixed: json.field("sampling_rate", 48000)
      case .positional:
        json.field("publishers", Self.publishersMax)
        json.field("audiocodec", "opus")
        json.field("bitrate", 64000)
      }
    }
  }

  func attach(_ link: Int, _ member: Member) {
    guard members[link] == nil else { return }
    members[link] = member
    request(.attach(link), "attach") { json in
      json.field("plugin", member.part == .whole ? Self.audioBridge : Self.videoRoom)
    }
  }

  /// The first offer takes them into the room, a later one changes how they are connected. A listener answers.
  func negotiate(_ link: Int) {
    guard let member = members[link], let handle = member.handle, let sdp = member.offer else { return }
    guard member.part != .listener || member.hasJoined else { return }
    members[link]!.offer = nil
    members[link]!.hasJoined = true
    let isFirst = !member.hasJoined
    message(
      isFirst ? .join(link) : .configure(link), handle,
      jsep: (member.part == .listener ? "answer" : "offer", sdp)
    ) {
      json in
      switch member.part {
      case .whole: json.field("request", isFirst ? "join" : "configure")
      case .speaker: json.field("request", isFirst ? "joinandconfigure" : "configure")
      case .listener: json.field("request", "start")
      }
      if isFirst {
        if member.part == .speaker { json.field("ptype", "publisher") }
        json.field("room", member.room)
        json.field("id", link)
        json.field("token", secrets.roomToken(member.room))
      }
      if member.part == .whole { json.field("muted", !member.speaks) }
    }
    if isFirst { release(link) }
  }

  /// What waited for the server to know of the connection.
  func release(_ link: Int) {
    guard let member = members[link] else { return }
    members[link]!.candidates = []
    for candidate in member.candidates { trickle(member, candidate.text, candidate.mid) }
  }

  /// Brings a listener what they shall hear. Janus makes the offers, one at a time, and stops sending what is no longer wanted at once.
  func subscribe(_ link: Int) {
    guard let member = members[link], let handle = member.handle, member.wanted != member.heard else {
      return
    }
    members[link]!.heard = member.wanted
    let more = member.wanted.subtracting(member.heard).sorted()
    let less = member.heard.subtracting(member.wanted).sorted()
    members[link]!.hasJoined = true
    message(member.hasJoined ? .configure(link) : .join(link), handle) { json in
      if !member.hasJoined {
        json.field("request", "join")
        json.field("ptype", "subscriber")
        json.field("room", member.room)
        json.field("token", secrets.roomToken(member.room))
        Self.feeds("streams", more, &json)
      } else {
        json.field("request", "update")
        if !more.isEmpty { Self.feeds("subscribe", more, &json) }
        if !less.isEmpty { Self.feeds("unsubscribe", less, &json) }
      }
    }
    if !member.hasJoined { release(link) }
  }

  static func feeds(_ key: StaticString, _ links: [Int], _ json: inout JSONWriter) {
    json.key(key)
    json.beginArray()
    for link in links {
      json.beginObject()
      json.field("feed", link)
      json.endObject()
    }
    json.endArray()
  }

  func trickle(_ member: Member, _ text: String?, _ mid: String?) {
    guard let handle = member.handle else { return }
    request(nil, "trickle", handle: handle) { json in
      json.key("candidate")
      json.beginObject()
      if let text {
        json.field("candidate", text)
        json.field("sdpMid", mid ?? "0")
      } else {
        json.field("completed", true)
      }
      json.endObject()
    }
  }

  func drop(_ link: Int) {
    guard let member = members.removeValue(forKey: link), let handle = member.handle else { return }
    linkOfHandle[handle] = nil
    request(.forget, "detach", handle: handle)
  }

  func destroy(_ room: Int, _ kind: SFURoomKind) {
    message(.forget, controls[kind]) { json in
      json.field("request", "destroy")
      json.field("room", room)
      json.field("secret", secrets.roomSecret(room))
    }
  }
}
