import Glibc
import HubNet
import Testing

@Suite struct HTTPTests {
  private func get(_ path: String, _ extra: String = "", method: String = "GET") -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: hub.example\r\n\(extra)\r\n"
  }

  @Test func anAnswerHasItsHeadersAndBody() throws {
    let fixture = try Fixture()
    var seen: HTTPRequest?
    fixture.script.onHTTP = { _, request in
      seen = request
      return HTTPResponse(
        status: 200,
        headers: [
          ("content-type", "text/css"), ("etag", "\"1\""), ("content-security-policy", "default-src 'none'"),
          ("set-cookie", "a=1"), ("set-cookie", "b=2"),
        ], body: Array("body{}".utf8))
    }
    let request = get("/a%20b/c?x=1&y=%C3%BC&z", "If-None-Match: \"0\"\r\nAuthorization: Bearer t\r\n")
    let answer = try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(request)
      return try client.answer()
    }
    #expect(answer.status == 200 && answer.text == "body{}")
    #expect(answer.header("content-type") == "text/css" && answer.header("content-length") == "6")
    #expect(answer.header("content-security-policy") == "default-src 'none'")
    #expect(answer.header("date")?.hasSuffix(" GMT") == true && answer.header("connection") == "keep-alive")
    #expect(answer.head.contains("a=1") && answer.head.contains("b=2"))
    #expect(seen?.path == "/a b/c" && seen?.method == .get && seen?.address == "127.0.0.1")
    #expect(seen?.value(of: "x") == "1" && seen?.value(of: "y") == "ü" && seen?.value(of: "z") == "")
    #expect(seen?.headers[.ifNoneMatch] == "\"0\"" && seen?.headers[.authorization] == "Bearer t")
    #expect(seen?.headers[.host] == "hub.example" && seen?.headers[.cookie] == nil)
  }

  @Test func aConnectionServesManyRequests() throws {
    let fixture = try Fixture()
    fixture.script.onHTTP = { _, request in .text(200, request.path) }
    let paths = (0..<20).map { "/p\($0)" }
    let requests = paths.map { get($0) }
    let answers = try fixture.run { port in
      let client = try RawClient(port: port)
      return try requests.map { request in
        client.write(request)
        return try client.answer().text
      }
    }
    #expect(answers == paths)
  }

  @Test func headHasLengthButNoBody() throws {
    let fixture = try Fixture()
    fixture.script.onHTTP = { _, request in
      #expect([.head, .get].contains(request.method))
      return .text(200, "12345")
    }
    let (head, next) = (get("/", method: "HEAD"), get("/"))
    let (first, second) = try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(head)
      let first = try client.answer(hasBody: false)
      client.write(next)
      return (first, try client.answer())
    }
    #expect(first.header("content-length") == "5" && first.body.isEmpty)
    #expect(second.text == "12345")
  }

  @Test func notModifiedSaysNothingOfABody() throws {
    let fixture = try Fixture()
    fixture.script.onHTTP = { _, _ in HTTPResponse(status: 304, headers: [("etag", "\"1\"")]) }
    let request = get("/")
    let answer = try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(request)
      return try client.answer(hasBody: false)
    }
    #expect(
      answer.status == 304 && answer.header("content-length") == nil && answer.header("etag") == "\"1\"")
  }

  @Test(arguments: [0, 1, 65_000, 65_536, 1_000_000, 5_000_000])
  func bodiesOfEverySizeArriveWhole(count: Int) throws {
    let fixture = try Fixture()
    let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    fixture.script.onHTTP = { _, _ in HTTPResponse(status: 200, body: body) }
    let request = get("/")
    let got = try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(request)
      return try client.answer().body
    }
    #expect(got == body)
  }

  @Test func aBodyIsReadWhole() throws {
    let fixture = try Fixture()
    fixture.script.onHTTP = { _, request in
      .text(200, "\(request.method.rawValue) \(request.body.count) \(request.body.last ?? 0)")
    }
    let answers = try fixture.run { port in
      let client = try RawClient(port: port)
      var answers: [String] = []
      for (method, count) in [
        ("POST", 0), ("POST", 1), ("PUT", 30_000), ("PUT", 0), ("POST", 65_536), ("GET", 5),
      ] {
        client.write("\(method) /api HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n")
        client.write([UInt8](repeating: 65, count: count))
        answers.append(try client.answer().text)
      }
      return answers
    }
    #expect(answers == ["POST 0 0", "POST 1 65", "PUT 30000 65", "PUT 0 0", "POST 65536 65", "GET 5 65"])
  }

  @Test(arguments: [
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: x\r\n\r\n", 411),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    ("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
  ])
  func badRequestsAreAnsweredAndEnded(text: String, status: Int) throws {
    let fixture = try Fixture()
    var asked = 0
    fixture.script.onHTTP = { _, _ in
      asked += 1
      return .text(200, "")
    }
    let answer = try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(text)
      let answer = try client.answer()
      #expect(client.readToEnd().isEmpty)
      return answer
    }
    #expect(answer.status == status && asked == 0 && answer.header("connection") == "close")
  }

  @Test(arguments: [
    "BREW / HTTP/1.1\r\n\r\n", "CONNECT x:80 HTTP/1.1\r\n\r\n", "\0\u{1}\u{2}\u{3}\r\n\r\n",
    "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "GET / HTTP/1.1\r\nUpgrade: nonsense\r\nConnection: Upgrade\r\n\r\n",
  ])
  func whatIsNotHTTPIsHungUpOn(text: String) throws {
    let fixture = try Fixture { $0.handshakeSecondsMax = 1 }
    fixture.script.onHTTP = { _, _ in .text(200, "served") }
    let got = try fixture.run { port in
      let client = try RawClient(port: port)
      // Also as a second request: then the library has an answered one behind it.
      client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = try client.answer()
      client.write(text)
      return String(decoding: client.readToEnd(), as: UTF8.self)
    }
    #expect(!got.contains("served") && !got.contains("101"))
  }

  @Test(arguments: ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n"])
  func halfARequestIsHungUpOn(text: String) throws {
    let fixture = try Fixture { $0.handshakeSecondsMax = 1 }
    let rest = try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(text)
      return client.readToEnd()
    }
    #expect(rest.isEmpty)
  }

  @Test func anAnswerMayComeLater() throws {
    let fixture = try Fixture()
    var waiting: [ConnectionID] = []
    fixture.script.onHTTP = { id, _ in
      waiting.append(id)
      return nil
    }
    fixture.script.onTick = { _ in
      for id in waiting { fixture.loop.respond(id, .text(200, "later")) }
    }
    let request = get("/")
    let answers = try fixture.run { port in
      let client = try RawClient(port: port)
      return try (0..<2).map { _ in
        client.write(request)
        return try client.answer().text
      }
    }
    // The first id was answered again on later ticks: it must not have reached the second exchange.
    #expect(answers == ["later", "later"])
    #expect(Set(waiting).count == 2)
  }

  @Test func anAbandonedRequestIsTold() throws {
    let fixture = try Fixture()
    var asked: ConnectionID?
    var abandoned: ConnectionID?
    let wasAsked = Flag()
    fixture.script.onHTTP = { id, _ in
      asked = id
      wasAsked.set()
      return nil
    }
    fixture.script.onAbandoned = { id in
      abandoned = id
      fixture.loop.stop()
    }
    let request = get("/")
    try fixture.run { port in
      let client = try RawClient(port: port)
      client.write(request)
      wasAsked.wait()
    }
    #expect(asked != nil && abandoned == asked)
  }
}
