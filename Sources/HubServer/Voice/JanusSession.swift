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
  enum Stage { case none, entering, attaching, sweeping, up }

  enum Purpose: Equatable {
    case create, claim, keepAlive, open, forget
    case control(SFURoomKind)
    case list(SFURoomKind)
    case attach(Int)
    case join(Int)
    case configure(Int)
  }

  enum Part {
    /// Both ways, in a mixed room.
    case whole
    /// Of a positional room: one's own voice, and the others'.
    case speaker
    case listener
  }

  struct Member {
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

  let secrets: JanusSecrets
  let unixSeconds: () -> Int64
  var token = ""
  var tokenMs: Int?

  package internal(set) var line = Line.down
  var stage = Stage.none
  var session: Int?
  var controls: [SFURoomKind: Int] = [:]
  var rooms: [Int: SFURoomKind] = [:]
  var members: [Int: Member] = [:]
  var linkOfHandle: [Int: Int] = [:]
  var pending: [Int: (purpose: Purpose, untilMs: Int)] = [:]
  var nextTransaction = 1
  var nextLineMs = 0
  var lostMs: Int?
  var keptAliveMs = 0
  var nowMs = 0

  /// To be sent, oldest first.
  package internal(set) var output: [[UInt8]] = []
  package internal(set) var events: [SFUEvent] = []
  /// For the operator: what has changed, without secrets or addresses.
  package internal(set) var remarks: [String] = []
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
  func lose(_ why: String) {
    if stage == .up || session != nil { remarks.append("lost: \(why)") }
    let wasKnown = session != nil
    (session, controls, lostMs) = (nil, [:], nil)
    (rooms, members, linkOfHandle, pending, output) = ([:], [:], [:], [:], [])
    stage = .none
    if line == .up { line = .closing }
    if wasKnown { events.append(.isUp(false)) }
  }

  func sulk(_ why: String) {
    lose(why)
    nextLineMs = nowMs + Self.sulkMs
  }

  // MARK: Writing

  /// A handle for what concerns no single person.
  func control(_ kind: SFURoomKind) {
    request(.control(kind), "attach") { json in
      json.field("plugin", kind == .mixed ? Self.audioBridge : Self.videoRoom)
    }
  }

  func message(
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

  func request(
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
