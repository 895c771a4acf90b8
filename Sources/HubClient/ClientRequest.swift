public import HubWire

/// Writes the control messages of a client (docs/PROTOCOL.md, section 2).
public enum ClientRequest {
  public static func hello(_ hello: Hello) -> [UInt8] {
    var json = JSONWriter(type: "hello")
    json.field("protocol", hello.protocol)
    json.field("name", hello.name)
    json.field("lang", ifPresent: hello.lang)
    json.field("space", ifPresent: hello.space)
    json.field("view", ifPresent: hello.view)
    if let events = hello.events { json.field("events", events) }
    if let profile = hello.profile {
      json.key("profile")
      json.beginObject()
      fields(profile, &json)
      json.endObject()
    }
    json.field("resume", ifPresent: hello.resume)
    json.field("key", ifPresent: hello.key)
    json.field("token", ifPresent: hello.token)
    json.field("client", ifPresent: hello.client)
    return json.end()
  }

  public static func profile(_ change: ProfileChange) -> [UInt8] {
    var json = JSONWriter(type: "profile")
    fields(change, &json)
    return json.end()
  }

  public static func status(_ status: String) -> [UInt8] {
    var json = JSONWriter(type: "status")
    json.field("status", status)
    return json.end()
  }

  public static func view(_ mode: String, events: Bool? = nil) -> [UInt8] {
    var json = JSONWriter(type: "view")
    json.field("mode", mode)
    if let events { json.field("events", events) }
    return json.end()
  }

  public static func goto(_ goto: Goto) -> [UInt8] {
    var json = JSONWriter(type: "goto")
    json.field("space", ifPresent: goto.space)
    json.field("area", ifPresent: goto.area)
    json.field("person", ifPresent: goto.person)
    json.field("node", ifPresent: goto.node)
    json.field("ref", ifPresent: goto.ref)
    return json.end()
  }

  public static func follow(person: String, ref: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "follow")
    json.field("person", person)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  public static func unfollow() -> [UInt8] { JSONWriter(type: "unfollow").end() }

  public static func gesture(hand: Bool? = nil, emote: String? = nil) -> [UInt8] {
    var json = JSONWriter(type: "gesture")
    if let hand { json.field("hand", hand) }
    json.field("emote", ifPresent: emote)
    return json.end()
  }

  public static func interact(node: String, action: String, ref: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "interact")
    json.field("node", node)
    json.field("action", action)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  public static func chat(_ chat: SendChat) -> [UInt8] {
    var json = JSONWriter(type: "chat")
    json.field("to", chat.to)
    json.field("person", ifPresent: chat.person)
    json.field("text", chat.text)
    json.field("ref", ifPresent: chat.ref)
    return json.end()
  }

  public static func delete(chat id: String, ref: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "delete")
    json.field("id", id)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  public static func lock(area: String, locked: Bool, ref: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "lock")
    json.field("area", area)
    json.field("locked", locked)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  public static func directory(query: String, limit: Int? = nil, ref: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "directory")
    json.field("query", query)
    json.field("limit", ifPresent: limit)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  public static func ping(n: Int) -> [UInt8] {
    var json = JSONWriter(type: "ping")
    json.field("n", n)
    return json.end()
  }

  /// Speaks from now on with those in earshot.
  public static func voiceJoin() -> [UInt8] {
    var json = JSONWriter(type: "voice")
    json.field("op", "join")
    return json.end()
  }

  /// - Parameter type: `offer` or `answer`.
  public static func voice(to id: UInt16, epoch: Int, type: String, sdp: String) -> [UInt8] {
    var json = voice("desc", to: id, epoch: epoch)
    json.field("type", type)
    json.field("sdp", sdp)
    return json.end()
  }

  /// - Parameter candidate: nil: that was the last one.
  public static func voice(to id: UInt16, epoch: Int, candidate: String?) -> [UInt8] {
    var json = voice("cand", to: id, epoch: epoch)
    json.field("cand", ifPresent: candidate)
    json.field("mid", "0")
    return json.end()
  }

  private static func voice(_ op: String, to id: UInt16, epoch: Int) -> JSONWriter {
    var json = JSONWriter(type: "voice")
    json.field("op", op)
    json.field("to", Int(id))
    json.field("epoch", epoch)
    return json
  }

  public static func bye() -> [UInt8] { JSONWriter(type: "bye").end() }

  private static func fields(_ profile: ProfileChange, _ json: inout JSONWriter) {
    json.field("name", ifPresent: profile.name)
    if let languages = profile.languages { json.field("languages", languages) }
    json.field("role", ifPresent: profile.role)
    if let interests = profile.interests { json.field("interests", interests) }
    json.field("visibility", ifPresent: profile.visibility)
  }
}
