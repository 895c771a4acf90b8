package import HubEngine
import HubJSON
import HubWire

/// One session at a Janus server, with a handle for each connection the engine wants: a state machine without a socket. Whoever owns
/// it carries ``output`` to Janus, tells it what comes back and how late it is, and hands ``events`` to the engine.
///
/// A lost line is no lost server: media goes on, and the session is claimed over a new line within ``claimMs``. After that, or when
/// Janus doesn't answer, the server counts as lost with all its rooms.
package final class JanusSession {
  package static let audioBridge = "janus.plugin.audiobridge"
  package static let videoRoom = "janus.plugin.videoroom"
  static let answerMs = 4000
  static let keepAliveMs = 3000
  static let claimMs = 4000
  /// Between two tries to claim, and to begin.
  static let reclaimMs = 500
  static let retryMs = 2000
  static let tokenLifeMs = 300_000
  /// A server that was reached, but does not do what is asked of it, is left alone for so long.
  static let sulkMs = 10_000
  static let candidatesMax = 64
  static let outputMax = 4096
  static let publishersMax = 64

  package enum Line: Sendable { case down, opening, up, closing }
  private enum Stage { case none, entering, attaching, sweeping, up }

  private enum Purpose: Equatable {
    case create, claim, keepAlive, open, forget
    case control(SFURoomKind)
    case list(SFURoomKind)
    case attach(Int)
    case join(Int)
    case configure(Int)
  }

  private enum Part {
    /// Both ways, in a mixed room.
    case whole
    /// Of a positional room: one's own voice, and the others'.
    case speaker
    case listener
  }

  private struct Member {
    var room: Int
    var part: Part
    var speaks: Bool
    var handle: Int?
    var hasJoined = false
    var offer: String?
    var candidates: [(text: String?, mid: String?)] = []
    /// Whom a listener shall hear, and hears.
    var wanted: Set<Int> = []
    var heard: Set<Int> = []
  }

  private let secrets: JanusSecrets
  private let unixSeconds: () -> Int64
  private var token = ""
  private var tokenMs: Int?

  package private(set) var line = Line.down
  private var stage = Stage.none
  private var session: Int?
  private var controls: [SFURoomKind: Int] = [:]
  private var rooms: [Int: SFURoomKind] = [:]
  private var members: [Int: Member] = [:]
  private var linkOfHandle: [Int: Int] = [:]
  private var pending: [Int: (purpose: Purpose, untilMs: Int)] = [:]
  private var nextTransaction = 1
  private var nextLineMs = 0
  private var lostMs: Int?
  private var keptAliveMs = 0
  private var nowMs = 0

  /// To be sent, oldest first.
  package private(set) var output: [[UInt8]] = []
  package private(set) var events: [SFUEvent] = []
  /// For the operator: what has changed, without secrets or addresses.
  package private(set) var remarks: [String] = []
  package var isUp: Bool { stage == .up }

  package init(_ secrets: JanusSecrets, unixSeconds: @escaping () -> Int64) {
    self.secrets = secrets
    self.unixSeconds = unixSeconds
  }

  // MARK: The line

  /// Whether the owner shall open a line now, and has then to say how that went.
  package func wantsLine(nowMs: Int) -> Bool {
    self.nowMs = nowMs
    guard line == .down, nowMs >= nextLineMs else { return false }
    line = .opening
    return true
  }

  /// Whether the owner shall close the line.
  package var wantsClosing: Bool { line == .closing }

  package func opened(nowMs: Int) {
    self.nowMs = nowMs
    line = .up
    stage = .entering
    let waiting = output
    output = []
    request(session == nil ? .create : .claim, session == nil ? "create" : "claim")
    output += waiting
  }

  package func closed(nowMs: Int) {
    self.nowMs = nowMs
    // What was on its way is lost; what came up since then still goes out.
    if line != .opening { output = [] }
    line = .down
    stage = .none
    pending = pending.filter { isOfMember($0.value.purpose) }
    nextLineMs = max(nextLineMs, nowMs + (session == nil ? Self.retryMs : Self.reclaimMs))
    if session != nil, lostMs == nil { lostMs = nowMs }
  }

  package func tick(nowMs: Int) {
    self.nowMs = nowMs
    if let lostMs, nowMs - lostMs >= Self.claimMs { lose("it is not to be reached") }
    let late = pending.filter { nowMs >= $0.value.untilMs }.keys.sorted()
    for transaction in late {
      guard let (purpose, _) = pending.removeValue(forKey: transaction) else { continue }
      fail(purpose, "no answer")
    }
    if stage == .up, nowMs - keptAliveMs >= Self.keepAliveMs {
      keptAliveMs = nowMs
      request(.keepAlive, "keepalive")
    }
  }

  package func takeOutput() -> [[UInt8]] {
    guard line == .up else { return [] }
    defer { output = [] }
    return output
  }

  package func takeEvents() -> [SFUEvent] {
    defer { events = [] }
    return events
  }

  package func takeRemarks() -> [String] {
    defer { remarks = [] }
    return remarks
  }

  /// Everything of this server is gone; a new session begins as soon as one can be had.
  private func lose(_ why: String) {
    if stage == .up || session != nil { remarks.append("lost: \(why)") }
    let wasKnown = session != nil
    (session, controls, lostMs) = (nil, [:], nil)
    (rooms, members, linkOfHandle, pending, output) = ([:], [:], [:], [:], [])
    stage = .none
    if line == .up { line = .closing }
    if wasKnown { events.append(.isUp(false)) }
  }

  private func sulk(_ why: String) {
    lose(why)
    nextLineMs = nowMs + Self.sulkMs
  }

  // MARK: What the engine wants

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

  private func open(_ room: Int, _ kind: SFURoomKind) {
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

  private func attach(_ link: Int, _ member: Member) {
    guard members[link] == nil else { return }
    members[link] = member
    request(.attach(link), "attach") { json in
      json.field("plugin", member.part == .whole ? Self.audioBridge : Self.videoRoom)
    }
  }

  /// The first offer takes them into the room, a later one changes how they are connected. A listener answers.
  private func negotiate(_ link: Int) {
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
  private func release(_ link: Int) {
    guard let member = members[link] else { return }
    members[link]!.candidates = []
    for candidate in member.candidates { trickle(member, candidate.text, candidate.mid) }
  }

  /// Brings a listener what they shall hear. Janus makes the offers, one at a time, and stops sending what is no longer wanted at once.
  private func subscribe(_ link: Int) {
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

  private static func feeds(_ key: StaticString, _ links: [Int], _ json: inout JSONWriter) {
    json.key(key)
    json.beginArray()
    for link in links {
      json.beginObject()
      json.field("feed", link)
      json.endObject()
    }
    json.endArray()
  }

  private func trickle(_ member: Member, _ text: String?, _ mid: String?) {
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

  private func drop(_ link: Int) {
    guard let member = members.removeValue(forKey: link), let handle = member.handle else { return }
    linkOfHandle[handle] = nil
    request(.forget, "detach", handle: handle)
  }

  private func destroy(_ room: Int, _ kind: SFURoomKind) {
    message(.forget, controls[kind]) { json in
      json.field("request", "destroy")
      json.field("room", room)
      json.field("secret", secrets.roomSecret(room))
    }
  }

  // MARK: What Janus says

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

  private func answered(_ message: JanusMessage) {
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

  private func isOfMember(_ purpose: Purpose) -> Bool {
    switch purpose {
    case .attach, .join, .configure: true
    default: false
    }
  }

  private func fail(_ purpose: Purpose, _ why: String) {
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

  private func broken(_ link: Int) {
    guard members[link] != nil else { return }
    drop(link)
    events.append(.gone(link: link))
  }

  // MARK: Writing

  /// A handle for what concerns no single person.
  private func control(_ kind: SFURoomKind) {
    request(.control(kind), "attach") { json in
      json.field("plugin", kind == .mixed ? Self.audioBridge : Self.videoRoom)
    }
  }

  private func message(
    _ purpose: Purpose, _ handle: Int?, jsep: (type: String, sdp: String)? = nil,
    _ body: (inout JSONWriter) -> Void
  ) {
    request(purpose, "message", handle: handle) { json in
      json.key("body")
      json.beginObject()
      body(&json)
      json.endObject()
      if let jsep {
        json.key("jsep")
        json.beginObject()
        json.field("type", jsep.type)
        json.field("sdp", jsep.sdp)
        json.endObject()
      }
    }
  }

  private func request(
    _ purpose: Purpose?, _ what: String, handle: Int? = nil, _ body: (inout JSONWriter) -> Void = { _ in }
  ) {
    if tokenMs.map({ nowMs - $0 >= Self.tokenLifeMs }) ?? true {
      token = secrets.signedToken(unixSeconds: unixSeconds())
      tokenMs = nowMs
    }
    var json = JSONWriter()
    json.beginObject()
    json.field("janus", what)
    json.field("transaction", String(nextTransaction))
    json.field("token", token)
    if what != "create" { json.field("session_id", ifPresent: session) }
    json.field("handle_id", ifPresent: handle)
    body(&json)
    if let purpose { pending[nextTransaction] = (purpose, nowMs + Self.answerMs) }
    nextTransaction += 1
    output.append(json.end())
    if output.count > Self.outputMax { lose("too much waits for it") }
  }
}
