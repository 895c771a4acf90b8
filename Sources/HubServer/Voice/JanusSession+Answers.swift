import HubEngine
import HubJSON
import HubWire

/// What Janus says.
extension JanusSession {
  package func received(_ bytes: RawSpan, nowMs: Int) {
    self.nowMs = nowMs
    guard line == .up else { return }
    guard let message = try? JanusMessage.read(bytes) else { return lose("it speaks another language") }
    switch message.janus {
    case "ack", "success", "error", "event": answered(message)
    case "trickle":
      guard let link = message.sender.flatMap({ linkOfHandle[$0] }), let candidate = message.candidate else {
        return
      }
      let isLast = candidate.completed ?? false
      if isLast || candidate.candidate != nil {
        events.append(.candidate(link: link, isLast ? nil : candidate.candidate, mid: candidate.sdpMid))
      }
    case "webrtcup":
      if let link = message.sender.flatMap({ linkOfHandle[$0] }) { events.append(.ready(link: link)) }
    case "hangup", "detached":
      if let link = message.sender.flatMap({ linkOfHandle[$0] }) { broken(link) }
    case "timeout": lose("it has ended the session")
    default: break
    }
  }

  func answered(_ message: JanusMessage) {
    if let jsep = message.jsep, let link = message.sender.flatMap({ linkOfHandle[$0] }) {
      if members[link]?.part == .listener {
        var streams: [String: Int] = [:]
        for stream in message.plugindata?.data.streams ?? [] where stream.active ?? false {
          if let mid = stream.mid, let feed = stream.feed { streams[mid] = feed }
        }
        events.append(.offer(link: link, sdp: jsep.sdp, streams: streams))
      } else {
        events.append(.description(link: link, type: jsep.type, sdp: jsep.sdp))
      }
    }
    guard let number = message.transaction.flatMap({ Int($0) }), let (purpose, _) = pending[number] else {
      return
    }
    // The answer proper to a message comes later.
    if message.janus == "ack", purpose != .keepAlive { return }
    pending[number] = nil
    if let refusal = message.refusal { return fail(purpose, refusal) }
    switch purpose {
    case .create:
      guard let id = message.data?.id else { return sulk("it gave no session") }
      session = id
      stage = .attaching
      control(.mixed)
    case .claim:
      lostMs = nil
      stage = .up
      keptAliveMs = nowMs
      remarks.append("claimed")
    case .control(let kind):
      guard let id = message.data?.id else { return sulk("it gave no handle") }
      controls[kind] = id
      stage = .sweeping
      self.message(.list(kind), id) { json in
        json.field("request", "list")
        json.field("admin_key", secrets.adminKey)
      }
    case .list(let kind):
      // Of a hub that ended without a word.
      for room in message.plugindata?.data.list ?? [] { destroy(room.room, kind) }
      guard kind == .positional else { return control(.positional) }
      stage = .up
      keptAliveMs = nowMs
      remarks.append("up")
      events.append(.isUp(true))
    case .attach(let link):
      guard let id = message.data?.id else { return fail(purpose, "it gave no handle") }
      guard members[link] != nil else { return request(.forget, "detach", handle: id) }
      members[link]!.handle = id
      linkOfHandle[id] = link
      negotiate(link)
      subscribe(link)
    case .keepAlive, .open, .forget, .join, .configure: break
    }
  }

  func isOfMember(_ purpose: Purpose) -> Bool {
    switch purpose {
    case .attach, .join, .configure: true
    default: false
    }
  }

  func fail(_ purpose: Purpose, _ why: String) {
    switch purpose {
    case .attach(let link), .join(let link), .configure(let link):
      remarks.append("refused somebody: \(why)")
      broken(link)
    // What was to go is gone already, or goes with the session.
    case .forget: break
    case .claim: lose("it has forgotten the session: \(why)")
    case .keepAlive: lose("it does not answer: \(why)")
    case .create, .control, .list, .open: sulk("it refuses: \(why)")
    }
  }

  func broken(_ link: Int) {
    guard members[link] != nil else { return }
    drop(link)
    events.append(.gone(link: link))
  }
}
