import HubKernel
import HubScene
import HubWire

/// The hub's `voice` messages (docs/PROTOCOL.md, section 3).
enum VoiceMessages {
  static func peer(
    _ other: Participant, link: VoiceLink, isPolite: Bool, speaks: Bool, hears: Bool, relay: Bool
  )
    -> [UInt8]
  {
    var json = begin("peer+")
    json.field("id", Int(other.entity.rawValue))
    json.field("epoch", link.epoch)
    json.field("polite", isPolite)
    json.field("send", speaks)
    json.field("receive", hears)
    json.field("relay", relay)
    json.field("muted", other.voice?.isMuted ?? true)
    return json.end()
  }

  static func peerGone(_ other: EntityID, epoch: Int) -> [UInt8] {
    var json = begin("peer-")
    json.field("id", Int(other.rawValue))
    json.field("epoch", epoch)
    return json.end()
  }

  static func peerState(_ other: Participant) -> [UInt8] {
    var json = begin("peer~")
    json.field("id", Int(other.entity.rawValue))
    json.field("muted", other.voice?.isMuted ?? true)
    return json.end()
  }

  /// The media server is a peer of two names: to one the client makes the offers, the other makes them itself.
  static func sfu(_ name: String, epoch: Int, sends: Bool, receives: Bool) -> [UInt8] {
    var json = begin("peer+")
    json.field("id", name)
    json.field("epoch", epoch)
    json.field("polite", name == VoiceRequest.sfuDown)
    json.field("send", sends)
    json.field("receive", receives)
    json.field("relay", false)
    json.field("muted", false)
    return json.end()
  }

  static func sfuGone(_ name: String, epoch: Int) -> [UInt8] {
    var json = begin("peer-")
    json.field("id", name)
    json.field("epoch", epoch)
    return json.end()
  }

  /// - Parameter streams: which section brings whose voice.
  static func sfuDescription(
    _ name: String, epoch: Int, type: String, sdp: String, streams: [(mid: String, of: EntityID)]? = nil
  ) -> [UInt8] {
    var json = begin("desc")
    json.field("from", name)
    json.field("epoch", epoch)
    json.field("type", type)
    json.field("sdp", sdp)
    if let streams {
      json.key("streams")
      json.beginArray()
      for stream in streams {
        json.beginObject()
        json.field("mid", stream.mid)
        json.field("id", Int(stream.of.rawValue))
        json.endObject()
      }
      json.endArray()
    }
    return json.end()
  }

  static func sfuCandidate(_ name: String, epoch: Int, _ candidate: String?, mid: String?) -> [UInt8] {
    var json = begin("cand")
    json.field("from", name)
    json.field("epoch", epoch)
    json.field("cand", ifPresent: candidate)
    json.field("mid", ifPresent: mid)
    return json.end()
  }

  static func description(from p: Participant, epoch: Int, type: String, sdp: String) -> [UInt8] {
    var json = begin("desc")
    json.field("from", Int(p.entity.rawValue))
    json.field("epoch", epoch)
    json.field("type", type)
    json.field("sdp", sdp)
    return json.end()
  }

  static func candidate(from p: Participant, epoch: Int, _ candidate: String?, mid: String?) -> [UInt8] {
    var json = begin("cand")
    json.field("from", Int(p.entity.rawValue))
    json.field("epoch", epoch)
    json.field("cand", ifPresent: candidate)
    json.field("mid", ifPresent: mid)
    return json.end()
  }

  /// How voice is where somebody is; `area` is the one they are in.
  static func room(_ room: VoiceRoom, area: Area?, beyond: [EntityID], _ parameters: VoiceParameters)
    -> [UInt8]
  {
    let attenuation =
      area?.attenuation ?? (room.place == .stage ? .loudspeaker : parameters.attenuation)
    var json = begin("room")
    json.field("area", ifPresent: area?.nodeID)
    json.field("mode", room.mode.rawValue)
    json.field("why", ifPresent: room.why)
    json.field("beyond", beyond.map { Int($0.rawValue) })
    json.field("meshMax", parameters.meshMax)
    json.key("audio")
    json.beginObject()
    json.field("model", attenuation.model.rawValue)
    json.field("referenceCm", Int((attenuation.referenceMeters * 100).rounded()))
    json.field("rolloffPercent", Int((attenuation.rolloff * 100).rounded()))
    json.field("maxMeters", attenuation.maxMeters)
    json.endObject()
    return json.end()
  }

  static func caption(_ p: Participant, text: String, isFinal: Bool) -> [UInt8] {
    var json = begin("caption")
    json.field("id", Int(p.entity.rawValue))
    if p.visibility != .invisible { json.field("name", p.name) }
    json.field("text", text)
    json.field("final", isFinal)
    return json.end()
  }

  /// After resuming: these hold, all others have ended.
  static func links(_ epochs: [Int]) -> [UInt8] {
    var json = begin("links")
    json.field("epochs", epochs)
    return json.end()
  }

  static func left() -> [UInt8] { begin("left").end() }
  static func muteAsked() -> [UInt8] { begin("mute").end() }

  private static func begin(_ op: StaticString) -> JSONWriter {
    var json = JSONWriter(type: "voice")
    json.key("op")
    json.string(op)
    return json
  }
}
