import ArgumentParser
import Foundation
import HubServer

/// `hub serve`
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve a world.",
    discussion: """
      Every option can also come from the environment (--tls-cert as HUB_TLS_CERT) or from a JSON config file ("tlsCert"). The command \
      line wins over the environment, the environment over the file. HUB_MODERATOR_KEY holds the moderators' key itself.
      """)

  @Option(help: "The world file (default: worlds/innovation-hub.json).", completion: .file()) var world:
    String?
  @Option(
    help: "Folder for what is kept (default: none, notes are kept in memory only).", completion: .directory)
  var data: String?
  @Option(help: "The rooms' calendars, bookings.json.", completion: .file()) var bookings: String?
  @Option(help: "Address to listen on, * for all (default: 127.0.0.1).") var host: String?
  @Option(help: "Port, 0 takes a free one (default: 8080).") var port: String?
  @Option(help: "The operator's HOST:PORT (default: loopback, the port after).") var admin: String?
  @Option(help: "Certificate chain, PEM.", completion: .file()) var tlsCert: String?
  @Option(help: "Its private key, PEM.", completion: .file()) var tlsKey: String?
  @Option(help: "broadcast, grid or tiers (default: tiers).") var replication: String?
  @Option(help: "A browser origin that may connect; may be repeated (default: the hub's own).")
  var allowedOrigin: [String] = []
  @Option(help: "A name under which the hub is reached; may be repeated (default: from origins and address).")
  var allowedHost: [String] = []
  @Option(help: "A proxy whose X-Forwarded-For is believed, address or range; may be repeated.")
  var trustedProxy: [String] = []
  @Option(help: "Who may connect without an Origin: loopback or any (default: loopback).")
  var missingOrigin: String?
  @Option(help: "Connections of one address that have not joined (default: 512).") var waitingPerAddress:
    String?
  @Option(help: "File of the key for resume tickets; made if missing.", completion: .file())
  var ticketKey: String?
  @Option(help: "File with the moderators' key.", completion: .file()) var moderatorKeyFile: String?
  @Option(help: "File of the keys that invitations are signed with (hub token key).", completion: .file())
  var tokenKeys: String?
  @Option(
    help:
      "File for bans, revoked invitations and the audit log (default: in the folder of --data; without one, in memory).",
    completion: .file())
  var administration: String?
  @Option(help: "Provider of accounts (OpenID Connect): its issuer, https://… (default: none).")
  var oidcIssuer: String?
  @Option(help: "The hub's client id there.") var oidcClient: String?
  @Option(help: "File of the client's secret (default: a public client).", completion: .file())
  var oidcSecretFile: String?
  @Option(help: "File of the provider's keys, a JWK set (default: asked for).", completion: .file())
  var oidcKeys: String?
  @Option(help: "What is asked for (default: openid profile).") var oidcScope: String?
  @Option(help: "The claim with the roles, a.b for one inside another (default: roles).")
  var oidcRoleClaim: String?
  @Option(help: "VALUE=ROLE, * for everybody else; may be repeated (default: *=participant).")
  var oidcRole: [String] = []
  @Option(help: "Where people find this hub, https://…; needed for accounts.") var publicUrl: String?
  @Option(help: "Address of a relay for voice, turn:HOST:PORT; may be repeated (default: none).")
  var turnUrl: [String] = []
  @Option(help: "File of the secret shared with the relay.", completion: .file()) var turnSecretFile: String?
  @Option(
    help: "Who speaks through the relay only: never, guests or always (default: guests, if there is one).")
  var voiceRelay: String?
  @Option(
    help:
      "Janus on this machine, for voice of more people than a mesh takes: ws://127.0.0.1:PORT/ (default: none)."
  )
  var janus: String?
  @Option(help: "File with Janus' token_auth_secret and admin_key.")
  var janusSecrets: String?
  @Option(help: "People who speak with each other over direct connections, 1 to 8 (default: 4).")
  var voiceMeshMax: String?
  @Option(help: "Participants at once (default: 4096).") var sessionsMax: String?
  @Option(help: "Sockets at once (default: a quarter more).") var connectionsMax: String?
  @Option(help: "Bytes a second that each client may be sent in frames (default: 64000).")
  var clientBytesPerSecond: String?
  @Option(help: "Folder of the pages.", completion: .directory) var web: String?
  @Option(help: "Folder of three.js (default: /usr/share/javascript/three).", completion: .directory)
  var three: String?
  @Option(help: "trace, debug, info, notice, warning, error or critical (default: info).") var logLevel:
    String?
  @Option(help: "logfmt or json (default: logfmt).") var logFormat: String?
  @Option(help: "Config file, JSON (HUB_CONFIG).", completion: .file()) var config: String?
  @Flag(help: "Show every option, its value and where it came from, and exit.") var printConfig = false

  func run() throws {
    do {
      let config = try resolve()
      if printConfig {
        print(config.render(), terminator: "")
      } else {
        try HubServer.run(config)
      }
    } catch {
      for line in "\(error)".split(separator: "\n") {
        FileHandle.standardError.write(Data("hub: \(line)\n".utf8))
      }
      throw ExitCode(1)
    }
  }

  private func resolve() throws -> ServerConfig {
    let environment = ProcessInfo.processInfo.environment
    let single: [(ConfigOption, String?)] = [
      (.world, world), (.data, data), (.bookings, bookings), (.host, host), (.port, port), (.admin, admin),
      (.tlsCert, tlsCert), (.tlsKey, tlsKey),
      (.replication, replication), (.moderatorKeyFile, moderatorKeyFile), (.tokenKeys, tokenKeys),
      (.oidcIssuer, oidcIssuer), (.oidcClient, oidcClient), (.oidcSecretFile, oidcSecretFile),
      (.oidcKeys, oidcKeys), (.oidcScope, oidcScope), (.oidcRoleClaim, oidcRoleClaim),
      (.publicUrl, publicUrl),
      (.administration, administration),
      (.turnSecretFile, turnSecretFile), (.voiceRelay, voiceRelay), (.janus, janus),
      (.janusSecrets, janusSecrets), (.voiceMeshMax, voiceMeshMax), (.sessionsMax, sessionsMax),
      (.connectionsMax, connectionsMax), (.clientBytesPerSecond, clientBytesPerSecond), (.web, web),
      (.three, three), (.logLevel, logLevel), (.logFormat, logFormat), (.missingOrigin, missingOrigin),
      (.waitingPerAddress, waitingPerAddress), (.ticketKey, ticketKey),
    ]
    var given: [ConfigOption: [String]] = [
      .allowedOrigin: allowedOrigin, .allowedHost: allowedHost, .trustedProxy: trustedProxy,
      .turnUrl: turnUrl, .oidcRole: oidcRole,
    ]
    for (option, text) in single { given[option] = text.map { [$0] } ?? [] }
    let path = config ?? environment["HUB_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    let file = try path.map { path in
      guard let data = FileManager.default.contents(atPath: path) else {
        throw StartupError("can't read the config file \(path)")
      }
      return (path: path, bytes: [UInt8](data))
    }
    return try ServerConfig(commandLine: given, environment: environment, file: file)
  }
}
