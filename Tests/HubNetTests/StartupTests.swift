import Foundation
import HubNet
import Testing

@Suite struct StartupTests {
  private func start(_ listener: Listener) throws(SocketLoopError) -> SocketLoop {
    var configuration = SocketLoopConfiguration()
    configuration.listeners = [listener]
    configuration.connectionsMax = 8
    return try SocketLoop(configuration, handler: Script())
  }

  @Test func aTakenPortIsAnError() throws {
    let first = try start(Listener(name: "a", host: "127.0.0.1", port: 0))
    let port = first.boundPorts[0]
    #expect(port > 0)
    #expect(throws: SocketLoopError.portTaken(host: "127.0.0.1", port: port)) {
      try start(Listener(name: "b", host: "127.0.0.1", port: port))
    }
    #expect(throws: SocketLoopError.portTaken(host: "*", port: port)) {
      try start(Listener(name: "b", host: "*", port: port))
    }
    withExtendedLifetime(first) {}
  }

  @Test func aPortIsFreeAgainAfterALoop() throws {
    let port = try start(Listener(name: "a", host: "127.0.0.1", port: 0)).boundPorts[0]
    #expect(try start(Listener(name: "b", host: "127.0.0.1", port: port)).boundPorts == [port])
  }

  @Test(arguments: ["192.0.2.1", "no-such-host.invalid", "", "127.0.0.1.5"])
  func anAddressOfSomebodyElseIsAnError(host: String) {
    #expect(throws: SocketLoopError.addressNotAvailable(host: host)) {
      try start(Listener(name: "a", host: host, port: 0))
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost", "::1", "*"])
  func hostsCanBeNamedInSeveralWays(host: String) throws {
    #expect(try start(Listener(name: "a", host: host, port: 0)).boundPorts[0] > 0)
  }

  @Test func moreConnectionsThanDescriptorsIsAnError() {
    var configuration = SocketLoopConfiguration()
    configuration.connectionsMax = 100_000_000
    do {
      _ = try SocketLoop(configuration, handler: Script())
      Issue.record("started")
    } catch {
      guard case .descriptorLimit(let needed, let allowed) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(needed > 100_000_000 && allowed > 0 && allowed < needed)
      #expect(error.description.contains("ulimit -n"))
    }
  }

  @Test func missingAndWrongCertificatesAreDifferentErrors() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let broken = folder.appendingPathComponent("broken.pem").path
    try "not a certificate".write(toFile: broken, atomically: true, encoding: .utf8)
    let missing = folder.appendingPathComponent("missing.pem").path
    func listener(_ certificate: String) -> Listener {
      Listener(
        name: "tls", host: "127.0.0.1", port: 0, tls: TLSFiles(certificatePath: certificate, keyPath: broken))
    }
    #expect(throws: SocketLoopError.fileUnreadable(path: missing, reason: "No such file or directory")) {
      try start(listener(missing))
    }
    do {
      _ = try start(listener(broken))
      Issue.record("started")
    } catch {
      guard case .tlsRejected = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func echoOverTLS() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (certificate, key) = (
      folder.appendingPathComponent("c.pem").path, folder.appendingPathComponent("k.pem").path
    )
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    openssl.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
      "-subj",
      "/CN=localhost", "-keyout", key, "-out", certificate,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    let fixture = try Fixture {
      $0.listeners[0].tls = TLSFiles(certificatePath: certificate, keyPath: key)
      $0.clientUsesTLS = true
    }
    let script = fixture.script
    let message = [UInt8](repeating: 7, count: 3000)
    var echoed: [UInt8] = []
    script.onOpened = { id, isServer in if !isServer { script.send(id, .binary, message) } }
    script.onReceived = { id, _, bytes in
      if script.accepted.contains(id) { return script.send(id, .binary, bytes) }
      echoed = bytes
      fixture.loop.stop()
    }
    var refused: ConnectionEnd?
    script.onClosed = { id, end in if echoed.isEmpty { refused = end } }
    var target = ClientTarget(host: "localhost", port: fixture.port)
    target.tls = .unverified
    _ = try fixture.loop.connect(target)
    fixture.loop.run()
    #expect(echoed == message && refused == nil)
  }
}
