import Foundation
import HubEngine
import HubJSON
import HubKernel
import HubNet
import HubReplication
import HubScene
import HubStore
import Logging

/// Runs the server until it is told to stop.
public enum HubServer {
  /// - Throws: what kept it from starting, as text for the operator.
  public static func run(_ options: ServerConfig) throws {
    let log = Logger(label: "hub") { _ in HubLogHandler(level: options.logLevel, format: options.logFormat) }
    LibraryLog.setReceiver { level, line in
      log.log(level: level == .error ? .warning : .info, "library", metadata: ["text": "\(line)"])
    }
    let loaded = try WorldLoader.load(path: options.worldPath)
    let moderatorKey =
      try options.moderatorKey.map { Array($0.exposed.utf8) }
      ?? options.moderatorKeyPath.map(readModeratorKey)
    let worldName = URL(fileURLWithPath: loaded.path).lastPathComponent
    var config = EngineConfig()
    config.worldURL = "/worlds/\(worldName)"
    config.limits.sessionsMax = options.sessionsMax
    config.limits.bytesPerSecondPerClient = options.clientBytesPerSecond
    config.limits.connectionsMax = options.connectionsMax
    config.voice.relay = options.voiceRelay
    config.voice.meshMax = options.voiceMeshMax
    config.voice.hasSFU = options.janus != nil
    config.seed = UInt64.random(in: .min ... .max)
    config.firstChat = UInt64(max(1, WallClock.unixMilliseconds()))
    let engine = Engine(world: loaded.world, replication: options.replication, config: config)
    let folder = try options.dataPath.map { path in
      do { return try DataFolder(path) } catch LogError.busy {
        throw StartupError("another hub runs on \(path)")
      }
    }
    let spaceLog: any SpaceLog =
      if let folder { try SQLiteLog(path: folder.logPath) } else { MemoryLog() }
    let restored = try NoteLoading.restore(from: spaceLog, into: engine)
    let images = try ImageLoading.restore(from: spaceLog, into: engine)
    if let folder {
      log.info(
        "data",
        metadata: [
          "folder": "\(folder.path)", "notesOpsReplayed": "\(restored)", "images": "\(images.count)",
        ])
    } else {
      log.notice("no --data: notes are kept in memory only and end with the hub")
    }
    let web = options.webPath ?? webClientFolder()
    var roots: [(prefix: String, folder: String)] = [
      ("/", web), ("/three/", options.threePath),
      ("/worlds/", URL(fileURLWithPath: loaded.path).deletingLastPathComponent().path),
    ]
    if let assets = loaded.assetsFolder { roots.append(("/assets/", assets)) }
    let router = HTTPRouter(
      files: StaticFiles(roots: roots), world: loaded.world.definition, worldPath: config.worldURL,
      adminListener: 1, usesTLS: options.tls != nil)
    let shell = HubShell(
      engine: engine, metrics: HubMetrics(), router: router, moderatorKey: moderatorKey, edge: options.edge,
      adminHost: options.adminHost,
      tickets: try TicketOffice(
        keyPath: try ticketKeyPath(options), nowUnixMs: WallClock.unixMilliseconds()))
    for image in images { shell.pictures[image.sha256] = (image.mediaType, image.bytes) }
    var loopConfig = SocketLoopConfiguration()
    loopConfig.listeners = [
      Listener(
        name: "public", host: options.host, port: options.port,
        tls: options.tls.map { TLSFiles(certificatePath: $0.certificatePath, keyPath: $0.keyPath) },
        webSocket: WebSocketEndpoint(path: "/ws", subprotocol: "hub.v1")),
      Listener(name: "admin", host: options.adminHost, port: options.adminPort),
    ]
    loopConfig.handlesSignals = true
    loopConfig.connectionsMax = config.limits.connectionsMax
    loopConfig.clientConnectionsMax = options.janus == nil ? 0 : HubShell.clientConnectionsMax
    loopConfig.receivedBytesPerSecondMax = config.limits.receivedBytesPerSecondMax
    loopConfig.receivedBurstBytesMax = config.limits.receivedBurstBytesMax
    loopConfig.phasesPerTick = HubShell.sendPhases
    // Reads need not come more often than phases of sending: inputs count at the next tick.
    loopConfig.batchMicroseconds = 50_000 / HubShell.sendPhases
    let loop = try SocketLoop(loopConfig, handler: shell)
    let writer = StoreWriter(spaceLog, loop.handle, log: log)
    shell.attach(loop, writer)
    var journal: AdministrationJournal?
    if let path = options.administrationPath ?? folder?.administrationPath {
      let opened = try AdministrationJournal(path: path, unixMs: WallClock.unixMilliseconds()) { error in
        log.error("an administrative record was not written", metadata: ["error": "\(error)"])
      }
      engine.handle(.restored(opened.restored))
      shell.onRecord = opened.write
      journal = opened
    }
    let loginKey = try options.login.map { _ in try SigningKey.generate() }
    var keys = loginKey.map(KeySet.init)
    if let path = options.tokenKeysPath {
      guard let text = FileManager.default.contents(atPath: path) else {
        throw StartupError("can't read the key file \(path)")
      }
      let own = try KeySet(document: [UInt8](text))
      keys = keys?.adding(own) ?? own
    }
    if let keys {
      guard let pseudonymKey = journal?.pseudonymKey ?? SystemRandom.bytes(32) else {
        throw StartupError("the system gives no random bytes")
      }
      shell.desk = IdentityDesk(
        tokens: InvitationTokens(keys: keys, audience: loaded.world.definition.id),
        pseudonymKey: pseudonymKey, handle: loop.handle)
    }
    if let login = options.login, let loginKey {
      shell.login = LoginDesk(
        try login.reading(options.loginSecretPath),
        signer: InvitationTokens(keys: KeySet(loginKey), audience: loaded.world.definition.id),
        security: router.security, handle: loop.handle, log: log)
    }
    if let path = options.turnSecretPath {
      shell.voiceServers = try VoiceServers(
        urls: options.turnURLs, secretPath: path, unixSeconds: WallClock.unixMilliseconds() / 1000,
        log: log)
    }
    if let janus = options.janus {
      shell.sfu = JanusDesk(janus.target, try JanusSecrets.read(path: janus.secretsPath), log: log)
    }
    if let path = options.bookingsPath {
      shell.bookings = try bookingDesk(
        path, loaded.world.definition, options, loop.handle, log,
        pseudonym: shell.desk?.pseudonym)
    }
    log.info(
      "started",
      metadata: [
        "port": "\(loop.boundPorts[0])", "adminPort": "\(loop.boundPorts[1])", "world": "\(worldName)",
        "replication": "\(options.replication.rawValue)", "tls": "\(options.tls != nil)",
      ])
    let scheme = options.tls == nil ? "http" : "https"
    // Programs that start a hub wait for this line.
    print(
      "hub ready \(scheme)://\(options.host):\(loop.boundPorts[0]) admin http://\(options.adminHost):\(loop.boundPorts[1])"
    )
    fflush(nil)
    shell.bookings?.start()
    loop.run()
    shell.bookings?.stop()
    journal?.flush()
    writer.finish()
    log.info("stopped", metadata: ["uptimeSeconds": "\(loop.elapsedMicroseconds / 1_000_000)"])
  }

  private static func bookingDesk(
    _ path: String, _ world: WorldDefinition, _ options: ServerConfig, _ handle: LoopHandle, _ log: Logger,
    pseudonym: ((String) -> String)?
  ) throws -> BookingDesk {
    let config = try BookingsConfig.load(path: path)
    let problems = config.problems(in: world)
    guard problems.isEmpty else { throw StartupError(problems.joined(separator: "\n")) }
    let desk = try BookingDesk(
      config, start: world.start.space, ledgerFolder: options.dataPath,
      environment: ProcessInfo.processInfo.environment, pseudonym: pseudonym, handle: handle, log: log)
    log.info(
      "bookings", metadata: ["rooms": "\(config.rooms.count)", "writable": "\(options.dataPath != nil)"])
    return desk
  }

  /// Where it was said to be, else in the data folder.
  private static func ticketKeyPath(_ options: ServerConfig) throws -> String? {
    if let path = options.ticketKeyPath { return path }
    guard let folder = options.dataPath else { return nil }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder + "/ticket.key"
  }

  private static func readModeratorKey(_ path: String) throws -> [UInt8] {
    let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard text.unicodeScalars.count >= ServerConfig.moderatorKeyScalarsMin else {
      throw StartupError(
        "the moderator key in \(path) has fewer than \(ServerConfig.moderatorKeyScalarsMin) characters")
    }
    return Array(text.utf8)
  }

  /// The pages lie beside the executable, where the package manager puts resources.
  private static func webClientFolder() -> String {
    let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return executable.deletingLastPathComponent().appendingPathComponent("hub_HubServer.resources/WebClient")
      .path
  }
}

/// Why the server did not start, for the operator.
public struct StartupError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
