import Foundation
import HubNet
import Testing

@Suite struct AdmissionTests {
  @Test func theHandlerSeesWhoComesAndMayRefuse() throws {
    let fixture = try Fixture()
    var seen: [UpgradeRequest] = []
    fixture.script.onAdmit = { request in
      seen.append(request)
      return request.origin == "https://evil.example" ? UpgradeRefusal(httpStatus: 403) : nil
    }
    let (good, bad) = try fixture.run { port in
      let good = try RawClient(port: port).upgrade(origin: "https://hub.example")
      let evil = try RawClient(port: port)
      let bad = try evil.upgrade(origin: "https://evil.example")
      #expect(evil.readToEnd().isEmpty)
      return (good, bad)
    }
    #expect(good.status == 101 && good.header("sec-websocket-protocol") == "hub.v1")
    #expect(good.header("sec-websocket-extensions") == nil)
    #expect(bad.status == 403)
    #expect(seen.map(\.origin) == ["https://hub.example", "https://evil.example"])
    #expect(seen.allSatisfy { $0.address == "127.0.0.1" && $0.path == "/ws" && $0.host == "x" })
    #expect(fixture.script.accepted.count == 1 && fixture.script.turned == [.refused])
  }

  @Test func onlyTheEndpointUpgrades() throws {
    let fixture = try Fixture()
    let statuses = try fixture.run { port -> [Int?] in
      [
        try RawClient(port: port).upgrade(path: "/wss").status,
        try RawClient(port: port).upgrade(subprotocol: nil).status,
        // Names the loop uses inside lead nowhere.
        try RawClient(port: port).upgrade(subprotocol: "hubnet-http").status,
        try RawClient(port: port).upgrade(subprotocol: "hubnet-descriptor").status,
        try? RawClient(port: port).upgrade(subprotocol: "hub.v2").status,
        try RawClient(port: port).upgrade(subprotocol: "hub.v2, hub.v1").status,
      ]
    }
    #expect(statuses == [404, 400, 400, 400, nil, 101])
    #expect(fixture.script.accepted.count == 1)
  }

  @Test func aListenerWithoutEndpointUpgradesNobody() throws {
    let fixture = try Fixture { $0.listeners.append(Listener(name: "admin", host: "127.0.0.1", port: 0)) }
    var listeners: [Int] = []
    fixture.script.onHTTP = { _, request in
      listeners.append(request.listener)
      return .text(200, "")
    }
    let admin = fixture.loop.boundPorts[1]
    let status = try fixture.run { port -> Int? in
      for port in [port, admin] {
        let client = try RawClient(port: port)
        client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try client.answer()
      }
      return try? RawClient(port: admin).upgrade().status
    }
    #expect(status == 404)
    #expect(listeners == [0, 1])
    #expect(fixture.script.accepted.isEmpty)
  }

  @Test func clientsLearnWhyTheyWereNotLetIn() throws {
    let fixture = try Fixture()
    fixture.script.onAdmit = { _ in UpgradeRefusal(httpStatus: 503) }
    var ends: [ConnectionEnd] = []
    fixture.script.onClosed = { _, end in
      ends.append(end)
      if ends.count == 2 { fixture.loop.stop() }
    }
    _ = try fixture.connect()
    // Nobody listens on port 1.
    _ = try fixture.loop.connect(ClientTarget(host: "127.0.0.1", port: 1))
    fixture.loop.run()
    #expect(ends.allSatisfy { if case .connectFailed = $0 { true } else { false } })
  }

  @Test func aFullHubSays503() throws {
    let fixture = try Fixture { $0.connectionsMax = 2 }
    fixture.script.onHTTP = { _, _ in .text(200, "in") }
    let (inside, outside, again) = try fixture.run { port -> (Int, Int, Int) in
      let (a, b) = (try RawClient(port: port), try RawClient(port: port))
      for client in [a, b] { client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
      let inside = try a.answer().status
      _ = try b.answer()
      let outside = try RawClient(port: port).answer().status
      a.shutdown()
      var again = 503
      while again == 503 {
        let client = try RawClient(port: port)
        client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        again = (try? client.answer().status) ?? 503
      }
      return (inside, outside, again)
    }
    #expect(inside == 200 && outside == 503 && again == 200)
    #expect(fixture.script.turned.contains(.connectionsFull))
  }

  @Test func anAddressCanBeTurnedAwayBeforeItSpeaks() throws {
    let fixture = try Fixture()
    fixture.script.onAdmits = { $0 != "127.0.0.1" }
    let bytes = try fixture.run { port in try RawClient(port: port).readToEnd() }
    #expect(bytes.isEmpty && fixture.script.turned == [.refused] && fixture.loop.connectionCount == 0)
  }

  @Test func clientConnectionsAreBounded() throws {
    let fixture = try Fixture { $0.clientConnectionsMax = 1 }
    _ = try fixture.connect()
    #expect(throws: SocketLoopError.descriptorLimit(needed: 2, allowed: 1)) { try fixture.connect() }
  }
}
