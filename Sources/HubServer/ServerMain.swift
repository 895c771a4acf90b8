import Foundation
import HubEngine
import HubJSON
import HubKernel
import HubNet
public import HubReplication
import HubScene

/// What `hub serve` was told.
public struct ServeOptions: Sendable {
  public var worldPath = "worlds/innovation-hub.json"
  public var host = "127.0.0.1"
  public var port = 8080
  public var adminHost = "127.0.0.1"
  public var adminPort: Int?
  public var replication = ReplicationMode.tiers
  public var allowedOrigins: [String] = []
  public var moderatorKeyPath: String?
  public var webPath: String?
  public var threePath = "/usr/share/javascript/three"
  public init() {}
}

/// Runs the server until it is told to stop.
public enum HubServer {
  /// - Throws: what kept it from starting, as text for the operator.
  public static func run(_ options: ServeOptions) throws {
    let loaded = try WorldLoader.load(path: options.worldPath)
    let moderatorKey = try options.moderatorKeyPath.map(readModeratorKey)
    let worldName = URL(fileURLWithPath: loaded.path).lastPathComponent
    var config = EngineConfig()
    config.worldURL = "/worlds/\(worldName)"
    config.seed = UInt64.random(in: .min ... .max)
    let engine = Engine(world: loaded.world, replication: options.replication, config: config)
    let web = options.webPath ?? webClientFolder()
    var roots: [(prefix: String, folder: String)] = [
      ("/", web), ("/three/", options.threePath),
      ("/worlds/", URL(fileURLWithPath: loaded.path).deletingLastPathComponent().path),
    ]
    if let assets = loaded.assetsFolder { roots.append(("/assets/", assets)) }
    let router = HTTPRouter(
      files: StaticFiles(roots: roots), world: loaded.world.definition, worldPath: config.worldURL,
      allowedOrigins: options.allowedOrigins, adminListener: 1)
    let shell = HubShell(engine: engine, metrics: HubMetrics(), router: router, moderatorKey: moderatorKey)
    var loopConfig = SocketLoopConfiguration()
    let adminPort = options.adminPort ?? (options.port == 0 ? 0 : options.port + 1)
    loopConfig.listeners = [
      Listener(
        name: "public", host: options.host, port: options.port,
        webSocket: WebSocketEndpoint(path: "/ws", subprotocol: "hub.v1")),
      Listener(name: "admin", host: options.adminHost, port: adminPort),
    ]
    loopConfig.handlesSignals = true
    loopConfig.connectionsMax = config.limits.connectionsMax
    let loop = try SocketLoop(loopConfig, handler: shell)
    shell.attach(loop)
    print(
      "hub ready http://\(options.host):\(loop.boundPorts[0]) admin http://\(options.adminHost):\(loop.boundPorts[1])"
    )
    fflush(nil)
    loop.run()
  }

  private static func readModeratorKey(_ path: String) throws -> [UInt8] {
    let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard text.utf8.count >= 16 else {
      throw StartupError("the moderator key in \(path) has fewer than 16 characters")
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
