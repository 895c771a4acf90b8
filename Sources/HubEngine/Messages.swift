import HubKernel
import HubScene
import HubWire

/// The hub's side of the control lane as bytes (docs/PROTOCOL.md, section 3). Each is written once for all readers.
enum Messages {
  static func error(_ code: ErrorCode, _ message: String, ref: Int?, retryAfterMs: Int? = nil) -> [UInt8] {
    var json = JSONWriter(type: "error")
    json.field("code", code.rawValue)
    json.field("message", message)
    json.field("retry", code.retry.rawValue)
    json.field("retryAfterMs", ifPresent: retryAfterMs)
    json.field("ref", ifPresent: ref)
    return json.end()
  }

  static func pose(_ pose: Pose, _ json: inout JSONWriter) {
    json.key("pose")
    json.beginObject()
    json.field("x", Int(pose.x))
    json.field("y", Int(pose.y))
    json.field("z", Int(pose.z))
    json.field("yaw", Int(pose.yaw))
    json.endObject()
  }

  static func correct(epoch: UInt32, pose: Pose, reason: String) -> [UInt8] {
    var json = JSONWriter(type: "correct")
    json.field("epoch", Int(epoch))
    Messages.pose(pose, &json)
    json.field("reason", reason)
    return json.end()
  }

  static func gone(_ ids: [EntityID], reason: String) -> [UInt8] {
    var json = JSONWriter(type: "gone")
    json.field("ids", ids.map { Int($0.rawValue) })
    json.field("reason", reason)
    return json.end()
  }

  static func localized(_ name: StaticString, _ text: LocalizedText, _ json: inout JSONWriter) {
    json.key(name)
    json.beginObject()
    json.field("de", text.de)
    json.field("en", text.en)
    json.endObject()
  }

  static func following(_ person: String?, reason: String? = nil) -> [UInt8] {
    var json = JSONWriter(type: "following")
    json.key("person")
    if let person { json.string(person) } else { json.null() }
    json.field("reason", ifPresent: reason)
    return json.end()
  }

  static func closing(retryAfterMs: Int, reason: String) -> [UInt8] {
    var json = JSONWriter(type: "closing")
    json.field("retryAfterMs", retryAfterMs)
    json.field("reason", reason)
    return json.end()
  }

  static func pong(n: Int, serverMs: Int) -> [UInt8] {
    var json = JSONWriter(type: "pong")
    json.field("n", n)
    json.field("serverMs", serverMs)
    return json.end()
  }

  /// A list message whose entries are JSON already.
  static func list(_ type: StaticString, _ entries: [[UInt8]]) -> [UInt8] {
    var json = JSONWriter(reserving: 64 + entries.reduce(0) { $0 + $1.count + 1 })
    json.beginObject()
    json.key("t")
    json.string(type)
    json.key("list")
    json.beginArray()
    for entry in entries { json.raw(entry) }
    json.endArray()
    return json.end()
  }

  /// The entry of one person in `people`: what those in the same space may know.
  static func entry(_ p: Participant, area: String?) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("id", Int(p.entity.rawValue))
    if p.visibility == .invisible {
      json.field("anonymous", true)
    } else {
      json.field("person", p.person)
      profile(p, &json)
      json.field("area", ifPresent: area)
      if p.roleHere >= .moderator { json.field("moderator", true) }
      if p.roleHere == .host { json.field("host", true) }
      if p.isMuted { json.field("muted", true) }
      if p.isLost { json.field("lost", true) }
    }
    return json.end()
  }

  /// Name, status, role, languages, interests: the shared part of `people` and `directory`.
  static func profile(_ p: Participant, _ json: inout JSONWriter) {
    json.field("name", p.name)
    json.field("status", p.status.rawValue)
    json.field("role", ifPresent: p.roleText)
    if !p.languages.isEmpty { json.field("languages", p.languages) }
    if !p.interests.isEmpty { json.field("interests", p.interests) }
  }
}
