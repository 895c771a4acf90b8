import HubServer
import Logging
import Testing

@Suite struct ServerConfigTests {
  private func problems(
    _ commandLine: [ConfigOption: [String]] = [:], _ environment: [String: String] = [:], file: String? = nil
  ) -> [String] {
    do {
      _ = try ServerConfig(
        commandLine: commandLine, environment: environment, file: file.map { ("hub.json", Array($0.utf8)) })
      return []
    } catch {
      return error.problems
    }
  }

  @Test func defaultsAreLoopbackAndComplete() throws {
    let config = try ServerConfig()
    #expect(config.host == "127.0.0.1" && config.port == 8080)
    #expect(config.adminHost == "127.0.0.1" && config.adminPort == 8081)
    #expect("\(config.replication)" == "tiers" && config.tls == nil && config.moderatorKey == nil)
    #expect(config.sessionsMax < config.connectionsMax && config.allowedOrigins.isEmpty)
    #expect(config.logLevel == .info && config.logFormat == .logfmt)
    #expect(
      Set(config.shown.map(\.option)) == Set(ConfigOption.allCases))
    #expect(config.shown.allSatisfy { $0.source == .standard })
  }

  @Test func theCommandLineWinsOverEnvironmentOverFile() throws {
    let file = #"{"port": 1, "host": "f", "logLevel": "debug", "sessionsMax": 7}"#
    let config = try ServerConfig(
      commandLine: [.port: ["3"]], environment: ["HUB_PORT": "2", "HUB_HOST": "e", "PATH": "/bin"],
      file: ("hub.json", Array(file.utf8)))
    #expect(config.port == 3 && config.host == "e" && config.logLevel == .debug && config.sessionsMax == 7)
    let sources = Dictionary(uniqueKeysWithValues: config.shown.map { ($0.option, $0.source) })
    #expect(sources[.port] == .commandLine && sources[.host] == .environment)
    #expect(sources[.logLevel] == .file("hub.json") && sources[.world] == .standard)
    let line = config.render().split(separator: "\n").first { $0.hasPrefix("--log-level") }
    #expect(line?.contains("debug") == true && line?.contains("(file hub.json)") == true)
  }

  @Test func adminFollowsThePublicPort() throws {
    #expect(try ServerConfig(commandLine: [.port: ["9000"]]).adminPort == 9001)
    #expect(try ServerConfig(commandLine: [.port: ["0"]]).adminPort == 0)
    let given = try ServerConfig(commandLine: [.admin: ["[::1]:99"]])
    #expect(given.adminHost == "::1" && given.adminPort == 99)
    // No port follows the last one: it must be said.
    #expect(problems([.port: ["65535"]]).count == 1)
  }

  @Test func secretsAreNeverShown() throws {
    let config = try ServerConfig(environment: ["HUB_MODERATOR_KEY": "correct horse battery"])
    #expect(config.moderatorKey?.exposed == "correct horse battery")
    var dumped = ""
    dump(config, to: &dumped)
    for text in [config.render(), "\(config)", dumped, String(reflecting: config.moderatorKey)] {
      #expect(!text.contains("horse"))
    }
    #expect(config.render().contains("***"))
  }

  @Test(arguments: [
    (ConfigOption.port, "70000"), (.port, "-1"), (.port, "80a"), (.port, ""), (.admin, "nine"),
    (.admin, ":9"),
    (.admin, "::1:9"), (.admin, "h:70000"), (.replication, "fast"), (.logLevel, "loud"), (.logFormat, "xml"),
    (.allowedOrigin, "hub.example"), (.allowedOrigin, "https://"), (.allowedOrigin, "https://a/b"),
    (.sessionsMax, "0"), (.sessionsMax, "1000000"), (.connectionsMax, "4096"), (.moderatorKey, "short"),
    (.tlsCert, "c.pem"), (.tlsKey, "k.pem"), (.world, ""),
  ])
  func aBadValueNamesItsOptionAndSource(option: ConfigOption, text: String) {
    let found = problems([:], [:], file: "{\"\(option.fileKey)\": \"\(text)\"}")
    #expect(found.count == 1 && found[0].hasPrefix("\(option.shownName) (file hub.json): "), "\(found)")
  }

  @Test func allProblemsComeAtOnce() {
    let found = problems(
      [.port: ["x"], .host: ["a", "b"]], ["HUB_REPLICATION": "y"], file: #"{"logFormat": "z"}"#)
    #expect(found.count == 4)
  }

  @Test(arguments: [
    ("{\"prot\": 1}", "unknown option"), ("[]", "expected an object"), ("{", "file hub.json"),
    ("{\"port\": 1.5}", "expected a string or an integer"), ("{\"allowedOrigin\": [1]}", "array of strings"),
    ("{\"port\": [1]}", "found array"),
  ])
  func aBadFileIsRefused(text: String, expected: String) {
    let found = problems(file: text)
    #expect(found.count == 1 && found[0].contains(expected), "\(found)")
  }

  @Test func aMisspeltVariableIsNoticed() {
    #expect(problems([:], ["HUB_TLSCERT": "c.pem"]).first?.contains("HUB_TLS_CERT") == true)
    #expect(problems([:], ["HUB_BINARY": "somebody else's"]).isEmpty)
  }

  @Test func originsComeAsAListFromEverywhere() throws {
    let both = ["https://a.example", "http://b.example:8080"]
    #expect(try ServerConfig(commandLine: [.allowedOrigin: both]).allowedOrigins == both)
    #expect(
      try ServerConfig(environment: ["HUB_ALLOWED_ORIGIN": "https://A.example,http://b.example:8080"])
        .allowedOrigins
        == both)
    let file = #"{"allowedOrigin": ["https://a.example", "http://b.example:8080"]}"#
    #expect(try ServerConfig(file: ("f", Array(file.utf8))).allowedOrigins == both)
  }
}
