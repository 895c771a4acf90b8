import HubClient
import HubKernel
import HubReplication
import HubWire
import Testing

/// A session that has been let in, without any socket.
func joinedSession(keepsReplica: Bool = true, readsEverything: Bool = true) throws -> ClientSession {
  var configuration = ClientConfiguration(hello: Hello(name: "Aylin"))
  configuration.keepsReplica = keepsReplica
  configuration.readsEverything = readsEverything
  let session = ClientSession(configuration)
  _ = session.opened(nowMs: 0)
  _ = try session.received(text: welcome().utf8Array.span.bytes, nowMs: 10)
  _ = try session.received(text: space().utf8Array.span.bytes, nowMs: 10)
  return session
}

func welcome(hash: String = WireProtocol.hashHex, resumed: Bool = false) -> String {
  """
  {"t":"welcome","protocol":1,"hash":"\(hash)","person":"p1","id":7,"role":"guest",\
  "resumed":\(resumed),"world":{"id":"w","title":{"de":"W","en":"W"},"url":"/worlds/w.json"},"tick":200,"serverMs":10010,"limits":{}}
  """
}

func space(epoch: Int = 3) -> String {
  """
  {"t":"space","space":"foyer","pose":{"x":0,"y":0,"z":0,"yaw":0},"epoch":\(epoch),"reason":"join",\
  "grid":{"origin":[-8000,0,-8000],"cell":3200,"band":3200,"cells":[5,1,5]}}
  """
}

extension String { var utf8Array: [UInt8] { Array(utf8) } }

func emptyFrame(_ tick: UInt16) -> [UInt8] { FrameHeader(tick: tick, serverMs: 0, ackedInput: 0).bytes() }

@Suite struct ClientSessionTests {
  @Test func saysHelloFirstAndResumesWithTheTicket() throws {
    let session = try joinedSession()
    for ticket in ["first", "secret"] {
      _ = try session.received(
        text: "{\"t\":\"ticket\",\"resume\":\"\(ticket)\"}".utf8Array.span.bytes, nowMs: 20)
    }
    var random = SeededRandom(seed: 1)
    #expect(session.closed(code: 4006, random: &random).map { $0 <= 1000 } == true)
    let again = session.opened(nowMs: 50)
    #expect(again.texts.count == 1)
    #expect(String(decoding: again.texts[0], as: UTF8.self).contains("\"resume\":\"secret\""))
  }

  @Test func anotherLayoutIsRefused() {
    let session = ClientSession(ClientConfiguration(hello: Hello(name: "A")))
    _ = session.opened(nowMs: 0)
    #expect(throws: ClientError.layouts(ours: WireProtocol.hashHex, theirs: "0")) {
      _ = try session.received(text: welcome(hash: "0").utf8Array.span.bytes, nowMs: 1)
    }
  }

  @Test func framesAreAcknowledgedWithin250MsByHandlerOrPoll() throws {
    let session = try joinedSession()
    #expect(try session.received(frame: emptyFrame(201).span.bytes, nowMs: 100).pose == nil)
    #expect(session.poll(nowMs: 299).pose == nil)
    #expect(session.poll(nowMs: 300).pose == .ack(AckMessage(ackTick: 201)))
    for (tick, ms) in [(UInt16(202), 310.0), (203, 360), (204, 410), (205, 460)] {
      #expect(try session.received(frame: emptyFrame(tick).span.bytes, nowMs: ms).pose == nil)
    }
    let due = try session.received(frame: emptyFrame(206).span.bytes, nowMs: 510)
    #expect(due.pose == .ack(AckMessage(ackTick: 206)))
  }

  @Test func aMoveCarriesEpochSequenceAndAcknowledgement() throws {
    let session = try joinedSession()
    _ = try session.received(frame: emptyFrame(201).span.bytes, nowMs: 100)
    let move = try #require(session.offer(Pose(x: 1, y: 2, z: 3), at: 205))
    #expect(move.sequence == 1 && move.epoch == 3 && move.ackTick == 201)
    #expect(session.poll(nowMs: 400).pose == nil)
    _ = try session.received(
      text:
        "{\"t\":\"correct\",\"epoch\":260,\"pose\":{\"x\":0,\"y\":0,\"z\":0,\"yaw\":0},\"reason\":\"wall\"}"
        .utf8Array.span.bytes,
      nowMs: 410)
    let after = try #require(session.offer(Pose(x: 1, y: 2, z: 3), at: 206))
    #expect(after.epoch == 4 && after.sequence == 2)
  }

  @Test func movesAreMeantForTheNextTickThatTheyCanReach() throws {
    let session = try joinedSession()  // tick 200 was at 10 ms, less a possible half way
    #expect(session.moveTick(nowMs: 20, leadMs: 6) == 201)
    #expect(session.moveTick(nowMs: 45, leadMs: 6) == 202)
  }

  @Test func aBadFrameNamesItself() throws {
    let session = try joinedSession()
    #expect(throws: ClientError.self) { _ = try session.received(frame: [9, 9].span.bytes, nowMs: 20) }
    #expect(throws: ClientError.self) {
      // An update in a page that was never told.
      _ = try session.received(frame: (emptyFrame(201) + [0, 0, 0, 0]).span.bytes, nowMs: 20)
    }
  }

  @Test(arguments: [
    "", "{", "[]", "{\"t\":7}", "{\"t\":\"welcome\"}", "{\"t\":\"gone\",\"ids\":[70000],\"reason\":\"left\"}",
  ])
  func malformedControlMessagesAreErrors(_ text: String) throws {
    let session = try joinedSession()
    #expect(throws: ClientError.self) { _ = try session.received(text: text.utf8Array.span.bytes, nowMs: 20) }
  }

  @Test func unknownMessagesAndKeysAreIgnored() throws {
    let session = try joinedSession()
    let out = try session.received(text: "{\"t\":\"fireworks\",\"n\":1}".utf8Array.span.bytes, nowMs: 20)
    #expect(out.news == .unknown(type: "fireworks"))
    let pong = try session.received(
      text: "{\"t\":\"pong\",\"n\":1,\"serverMs\":5,\"mood\":\"good\"}".utf8Array.span.bytes, nowMs: 20)
    #expect(pong.news == .pong(n: 1, serverMs: 5))
  }

  @Test func aBotReadsNoListsOfPeople() throws {
    let session = try joinedSession(keepsReplica: false, readsEverything: false)
    let out = try session.received(
      text: "{\"t\":\"people\",\"list\":[this is not read".utf8Array.span.bytes, nowMs: 20)
    #expect(out.isEmpty)
  }

  @Test func pingsComeQuicklyAtFirstThenSeldom() throws {
    let session = try joinedSession()
    var times: [Double] = []
    var ms = 10.0
    while ms < 13_000 {
      if !session.poll(nowMs: ms).texts.isEmpty { times.append(ms) }
      ms += 50
    }
    #expect(times.count == 10)
    #expect(times[7] - times[0] == 7 * 250)
    #expect(times[9] - times[8] == 5000)
  }

  @Test(arguments: [
    (UInt16(1000), true), (4000, true), (4003, true), (4008, true), (4011, true), (4005, false),
    (4009, false),
  ])
  func someClosesForbidComingBack(_ code: UInt16, _ isFinal: Bool) throws {
    let session = try joinedSession()
    var random = SeededRandom(seed: 4)
    #expect((session.closed(code: code, random: &random) == nil) == isFinal)
  }

  @Test func theServersRetryTimeIsObeyedWithJitter() throws {
    let session = try joinedSession()
    _ = try session.received(
      text: "{\"t\":\"closing\",\"retryAfterMs\":8000,\"reason\":\"restart\"}".utf8Array.span.bytes, nowMs: 20
    )
    var random = SeededRandom(seed: 4)
    let wait = try #require(session.closed(code: 4009, random: &random))
    #expect(wait >= 4000 && wait <= 12_000)
  }

  @Test func noMoveDisturbsTheHubWhileItWalksTheAvatar() throws {
    let session = try joinedSession()
    _ = try session.received(text: "{\"t\":\"following\",\"person\":\"p2\"}".utf8Array.span.bytes, nowMs: 20)
    #expect(session.offer(Pose(x: 1, y: 0, z: 0), at: 205) == nil)
    _ = try session.received(text: "{\"t\":\"following\",\"person\":null}".utf8Array.span.bytes, nowMs: 30)
    #expect(session.offer(Pose(x: 1, y: 0, z: 0), at: 206) != nil)
  }
}
