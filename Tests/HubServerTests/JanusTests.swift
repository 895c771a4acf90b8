import Foundation
import HubEngine
import HubJSON
import HubServer
import HubTestKit
import Testing

/// The hub's side of Janus' protocol, against answers written by hand. With a real Janus: Tests/Browser/test_voice_server.py.
@Suite struct JanusTests {
  /// A session with its line, and a Janus that answers what it is told to.
  private final class Bench {
    let session = JanusSession(
      JanusSecrets(token: "a-token-secret-of-tests", adminKey: "an-admin-key-of-tests"),
      unixSeconds: { 1_795_000_000 })
    var nowMs = 0
    var sent: [JSONValue] = []
    var events: [SFUEvent] = []
    var destroyed: [Int] = []
    private var nextHandle = 100

    func flush() {
      sent = session.takeOutput().map { (try? JSON.parse($0)) ?? .null }
      events += session.takeEvents()
    }

    func say(_ text: String) {
      session.received(Array(text.utf8).span.bytes, nowMs: nowMs)
      flush()
    }

    func pass(_ ms: Int) {
      nowMs += ms
      session.tick(nowMs: nowMs)
      flush()
    }

    /// Answers everything sent as a willing Janus does, until nothing is left.
    func answer(refusing: String? = nil) {
      while !sent.isEmpty {
        let messages = sent
        sent = []
        var next: [JSONValue] = []
        for message in messages {
          let what = message["janus"]?.text ?? ""
          let number = message["transaction"]?.text ?? ""
          let request = message["body"]?["request"]?.text ?? what
          let from = message["handle_id"]?.number.map { ",\"sender\":\($0)" } ?? ""
          if request == "destroy" { destroyed.append(message["body"]?["room"]?.number ?? 0) }
          if request == refusing {
            say(#"{"janus":"error","transaction":"\#(number)","error":{"code":1,"reason":"no"}}"#)
          } else if what == "create" || what == "attach" {
            nextHandle += 1
            say(#"{"janus":"success","transaction":"\#(number)","data":{"id":\#(nextHandle)}}"#)
          } else if what == "keepalive" || what == "trickle" {
            say(#"{"janus":"ack","transaction":"\#(number)"}"#)
          } else if request == "list" {
            say(
              #"{"janus":"success","transaction":"\#(number)","plugindata":{"plugin":"p","data":{"audiobridge":"success","list":[{"room":77}]}}}"#
            )
          } else {
            say(#"{"janus":"ack","transaction":"\#(number)"}"#)
            say(
              #"{"janus":"event","transaction":"\#(number)"\#(from),"plugindata":{"plugin":"p","data":{"audiobridge":"event"}}}"#
            )
          }
          next += sent
        }
        sent = next
      }
    }

    func up() {
      #expect(session.wantsLine(nowMs: nowMs))
      session.opened(nowMs: nowMs)
      flush()
      answer()
    }

    func obey(_ orders: SFUOrder...) {
      for order in orders { session.obey(order, nowMs: nowMs) }
      flush()
    }

    /// Attaches somebody; their handle.
    func join(_ link: Int) -> Int {
      obey(.join(link: link, room: 1, speaks: false))
      answer()
      return nextHandle
    }
  }

  @Test func aNewSessionSweepsOutTheRoomsOfAnEarlierHubAndIsThenUp() {
    let bench = Bench()
    #expect(bench.session.wantsLine(nowMs: 0) && !bench.session.wantsLine(nowMs: 0))
    bench.session.opened(nowMs: 0)
    bench.flush()
    #expect(bench.sent.first?["janus"]?.text == "create")
    #expect(bench.sent.first?["token"]?.text?.hasPrefix("1795000600,janus,janus.plugin.audiobridge") == true)
    bench.answer()
    #expect(bench.events == [.isUp(true)] && bench.session.isUp)
    #expect(bench.destroyed == [77, 77])
  }

  @Test func anOfferBecomesAJoinWithTheMuteAndTheCandidatesThatCameBefore() throws {
    let bench = Bench()
    bench.up()
    bench.obey(.open(room: 1, .mixed))
    let create = try #require(bench.sent.first?["body"])
    #expect(create["allowed"]?.items?.count == 1 && create["secret"]?.text?.count == 64)
    #expect(create["is_private"]?.flag == true)
    bench.answer()
    let handle = bench.join(5)
    bench.obey(.candidate(link: 5, "candidate:a", mid: "0"))
    #expect(bench.sent.isEmpty)
    bench.obey(.description(link: 5, type: "offer", sdp: "v=0"), .candidate(link: 5, nil, mid: nil))
    let join = try #require(bench.sent.first)
    #expect(join["handle_id"]?.number == handle && join["jsep"]?["sdp"]?.text == "v=0")
    #expect(join["body"]?["muted"]?.flag == true && join["body"]?["token"] == create["allowed"]?.items?[0])
    #expect(bench.sent.dropFirst().map { $0["candidate"]?["candidate"]?.text } == ["candidate:a", nil])
    #expect(bench.sent.last?["candidate"]?["completed"]?.flag == true)
    bench.answer()
    // What comes back is of that connection.
    bench.say(#"{"janus":"event","sender":\#(handle),"jsep":{"type":"answer","sdp":"x"}}"#)
    bench.say(#"{"janus":"trickle","sender":\#(handle),"candidate":{"candidate":"c","sdpMid":"0"}}"#)
    bench.say(#"{"janus":"webrtcup","sender":\#(handle)}"#)
    bench.say(#"{"janus":"webrtcup","sender":4711}"#)
    #expect(
      bench.events.dropFirst() == [
        .description(link: 5, type: "answer", sdp: "x"), .candidate(link: 5, "c", mid: "0"), .ready(link: 5),
      ])
    // Heard from now on; another offer changes how they are connected; then they leave.
    bench.obey(.speaks(link: 5, true), .description(link: 5, type: "offer", sdp: "v=1"))
    #expect(bench.sent.map { $0["body"]?["request"]?.text } == ["configure", "configure"])
    #expect(bench.sent.allSatisfy { $0["body"]?["muted"]?.flag == false })
    bench.answer()
    bench.obey(.leave(link: 5))
    #expect(bench.sent.first?["janus"]?.text == "detach")
    bench.say(#"{"janus":"hangup","sender":\#(handle),"reason":"Close PC"}"#)
    #expect(bench.events.count == 4)
  }

  @Test func aListenerIsBroughtWhomTheyShallHearAndAnswers() throws {
    let bench = Bench()
    bench.up()
    bench.obey(.open(room: 1, .positional), .listen(link: 6, room: 1), .listen(link: 8, room: 9))
    #expect(bench.sent.count == 2)
    bench.answer()
    bench.obey(.hear(link: 6, [5, 4]))
    let handle = try #require(bench.sent.first?["handle_id"]?.number)
    let join = try #require(bench.sent.first?["body"])
    #expect(join["request"]?.text == "join" && join["ptype"]?.text == "subscriber")
    #expect(join["streams"]?.items?.map { $0["feed"]?.number } == [4, 5])
    bench.answer()
    bench.say(
      #"{"janus":"event","sender":\#(handle),"plugindata":{"plugin":"p","data":{"videoroom":"attached","streams":[{"mid":"0","active":true,"feed_id":4},{"mid":"1","active":false}]}},"jsep":{"type":"offer","sdp":"x"}}"#
    )
    #expect(bench.events.last == .offer(link: 6, sdp: "x", streams: ["0": 4]))
    bench.obey(
      .description(link: 6, type: "answer", sdp: "y"), .hear(link: 6, [5, 7]), .hear(link: 6, [7, 5]))
    #expect(bench.sent.map { $0["body"]?["request"]?.text } == ["start", "update"])
    #expect(bench.sent[0]["jsep"]?["type"]?.text == "answer")
    #expect(bench.sent[1]["body"]?["subscribe"]?.items?.map { $0["feed"]?.number } == [7])
    #expect(bench.sent[1]["body"]?["unsubscribe"]?.items?.map { $0["feed"]?.number } == [4])
  }

  @Test func whoJanusRefusesOrLosesIsGoneAndAServerThatOpensNoRoomsIsLost() {
    let bench = Bench()
    bench.up()
    bench.obey(.open(room: 1, .mixed))
    bench.answer()
    _ = bench.join(5)
    bench.obey(.description(link: 5, type: "offer", sdp: "v=0"))
    bench.answer(refusing: "join")
    #expect(bench.events.last == .gone(link: 5))
    let handle = bench.join(6)
    bench.say(#"{"janus":"hangup","sender":\#(handle)}"#)
    #expect(bench.events.last == .gone(link: 6))
    // No answer to a join is as good as none.
    bench.obey(.join(link: 7, room: 1, speaks: true))
    bench.pass(4000)
    #expect(bench.events.contains(.gone(link: 7)))
    bench.answer()
    bench.obey(.open(room: 2, .mixed))
    bench.answer(refusing: "create")
    #expect(bench.events.last == .isUp(false) && bench.session.wantsClosing)
    bench.session.closed(nowMs: bench.nowMs)
    #expect(!bench.session.wantsLine(nowMs: bench.nowMs + 9000))
    #expect(bench.session.wantsLine(nowMs: bench.nowMs + 10_000))
  }

  @Test func aCutLineIsClaimedAgainAndNobodyNotices() {
    let bench = Bench()
    bench.up()
    bench.session.closed(nowMs: bench.nowMs)
    bench.pass(500)
    bench.obey(.open(room: 1, .mixed))
    #expect(bench.session.wantsLine(nowMs: bench.nowMs))
    bench.session.opened(nowMs: bench.nowMs)
    bench.flush()
    // The claim comes before what was ordered meanwhile.
    #expect(bench.sent.first?["janus"]?.text == "claim")
    #expect(bench.sent.last?["body"]?["request"]?.text == "create")
    bench.answer()
    bench.pass(4000)
    #expect(bench.events == [.isUp(true)] && bench.session.isUp)
  }

  @Test func aServerThatDoesNotAnswerOrStaysAwayIsLostWithinTenSeconds() {
    for isCut in [true, false] {
      let bench = Bench()
      bench.up()
      if isCut { bench.session.closed(nowMs: bench.nowMs) }
      var ms = 0
      while bench.events.last != .isUp(false), ms < 20_000 {
        bench.pass(50)
        ms += 50
      }
      #expect(ms < 10_000)
    }
  }

  @Test(arguments: [
    "", "{", "[]", #"{"janus":"\u0000"}"#, "null", #"{"janus":1}"#, #"{"janus":"event","sender":"x"}"#,
    #"{"janus":"success","transaction":"1","data":[]}"#, #"{"janus":"event","plugindata":{"data":7}}"#,
  ])
  func whatIsNoJanusEndsTheSession(_ text: String) {
    let bench = Bench()
    bench.up()
    bench.say(text)
    #expect(bench.events.last == .isUp(false))
  }

  @Test(arguments: [
    #"{"janus":"slowlink"}"#, #"{"janus":"webrtcup"}"#, #"{"janus":"trickle","sender":1}"#,
    #"{"janus":"success","transaction":"99999999999999999999"}"#, #"{"janus":"error"}"#,
    #"{"janus":"event","jsep":{"type":"offer","sdp":""}}"#,
  ])
  func whatMeansNothingHereIsPassedOver(_ text: String) {
    let bench = Bench()
    bench.up()
    bench.say(text)
    #expect(bench.events == [.isUp(true)] && bench.session.isUp)
  }

  @Test func ordersToAServerThatIsNotThereGoNowhere() {
    let bench = Bench()
    bench.obey(
      .open(room: 1, .mixed), .join(link: 1, room: 1, speaks: true), .leave(link: 9), .close(room: 4))
    #expect(bench.sent.isEmpty)
    bench.up()
    bench.obey(.join(link: 1, room: 1, speaks: true), .candidate(link: 3, nil, mid: nil), .close(room: 1))
    #expect(bench.sent.isEmpty)
  }

  @Test func secretsAreReadFromTheirFileAndNeverShown() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("janus-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("token_auth_secret = 0123456789abcdef=\nadmin_key = fedcba9876543210\n".utf8).write(
      to: URL(fileURLWithPath: path))
    let secrets = try JanusSecrets.read(path: path)
    #expect(secrets.adminKey == "fedcba9876543210" && "\(secrets)" == "***")
    for text in [
      "", "admin_key = fedcba9876543210\n", "token_auth_secret = short\nadmin_key = fedcba9876543210",
    ] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: StartupError.self) { try JanusSecrets.read(path: path) }
    }
    #expect(throws: StartupError.self) { try JanusSecrets.read(path: path + "-not-there") }
  }

  @Test(arguments: [
    "ws://example.org:8188/", "wss://127.0.0.1:1/", "ws://127.0.0.1:0/", "ws://127.0.0.1:8188/x", "x",
  ])
  func janusIsOnThisMachine(_ url: String) {
    #expect(throws: ConfigInvalid.self) {
      try ServerConfig(commandLine: [.janus: [url], .janusSecrets: ["f"]])
    }
    #expect(throws: ConfigInvalid.self) { try ServerConfig(commandLine: [.janus: ["ws://127.0.0.1:8188/"]]) }
  }
}
