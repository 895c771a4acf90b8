/// A place to listen.
public struct Listener: Sendable, Equatable {
  /// For logs and errors.
  public var name: String
  /// A numeric address, a host name (its first address is used), or `*` for every address.
  public var host: String
  /// 0 lets the system choose; ``SocketLoop/boundPorts`` tells what it chose.
  public var port: Int
  public var tls: TLSFiles?
  /// Nil: HTTP only.
  public var webSocket: WebSocketEndpoint?

  public init(
    name: String, host: String, port: Int, tls: TLSFiles? = nil, webSocket: WebSocketEndpoint? = nil
  ) {
    self.name = name
    self.host = host
    self.port = port
    self.tls = tls
    self.webSocket = webSocket
  }
}

/// PEM files; the key without a passphrase.
public struct TLSFiles: Sendable, Equatable {
  public var certificatePath: String
  public var keyPath: String
  public init(certificatePath: String, keyPath: String) {
    self.certificatePath = certificatePath
    self.keyPath = keyPath
  }
}

/// Where WebSocket upgrades are answered.
public struct WebSocketEndpoint: Sendable, Equatable {
  /// E.g. `/ws`.
  public var path: String
  /// E.g. `hub.v1`. A client that does not offer it is refused.
  public var subprotocol: String
  /// A client that offers no subprotocol at all is let in too: for conformance suites.
  public var isAssumed = false
  public init(path: String, subprotocol: String) {
    self.path = path
    self.subprotocol = subprotocol
  }
}

/// Everything a ``SocketLoop`` is told before it starts.
public struct SocketLoopConfiguration: Sendable {
  public var listeners: [Listener] = []
  /// Sockets open at once, HTTP ones included, client connections not. Above it: 503.
  public var connectionsMax = 5120
  /// Client connections this loop may open with ``SocketLoop/connect(_:)``.
  public var clientConnectionsMax = 0
  /// Descriptors the rest of the process may need (files, logs, libraries).
  public var descriptorsForOthers = 64
  /// The largest message we send; one message is one `lws_write`.
  public var frameBytesMax = 65_536
  /// The cap on a received message, all fragments together, until ``SocketLoop/setMessageBytesMax(_:_:)``.
  public var messageBytesMaxAtFirst = 4096
  /// Frames one message may be cut into.
  public var fragmentsMax = 16
  /// Bytes one WebSocket connection may send in a second, and at once; everything on the wire counts, also what never
  /// becomes a message: pings, empty fragments, TLS records. Nil: any number.
  public var receivedBytesPerSecondMax: Int?
  public var receivedBurstBytesMax = 512 * 1024
  /// The cap on the body of a request where the handler doesn't know better.
  public var requestBodyBytesMax = 65_536
  /// Liveness (RFC 6455, section 5.5.2): a ping after so much silence, the end after so much more of it. Any message or pong counts.
  public var pingSeconds = 20
  public var hangUpSeconds = 45
  /// Half a request, half a handshake, an idle keep-alive connection.
  public var handshakeSecondsMax = 5
  /// How long a closing connection may take to drain before it is cut.
  public var closeSecondsMax = 5
  /// Period of the tick in microseconds; nil: no ticks.
  public var tickMicroseconds: Int? = 50_000
  /// ``SocketHandler/phase(_:latenessMicroseconds:)`` is called so often per tick, evenly spread.
  public var phasesPerTick = 1
  /// After sockets were served the loop pauses this long, so that reads come in batches; 0: no pause.
  public var batchMicroseconds = 2000
  /// SIGTERM and SIGINT go to the handler. They are blocked in the calling thread; start other threads afterwards.
  public var handlesSignals = false
  /// Whether client connections may use `wss`; costs memory for the authorities' certificates.
  public var clientUsesTLS = false
  /// PEM file of trusted authorities for `wss` client connections; nil: the system's.
  public var clientAuthoritiesPath: String?

  public init() {}
}

/// Where a client connection goes.
public struct ClientTarget: Sendable, Equatable {
  public var host: String
  public var port: Int
  public var path: String
  public var subprotocol: String
  /// Sent as `Origin`; nil: none, as programs do.
  public var origin: String?
  public var tls: ClientTLS = .none
  public init(host: String, port: Int, path: String = "/ws", subprotocol: String = "hub.v1") {
    self.host = host
    self.port = port
    self.path = path
    self.subprotocol = subprotocol
  }
}

public enum ClientTLS: Sendable, Equatable {
  case none
  case verified
  /// For tests with self-signed certificates: nothing is checked.
  case unverified
}

/// Why a loop can't start.
public enum SocketLoopError: Error, Sendable, Equatable, CustomStringConvertible {
  case portTaken(host: String, port: Int)
  case portForbidden(host: String, port: Int)
  case addressNotAvailable(host: String)
  case fileUnreadable(path: String, reason: String)
  case tlsRejected(certificatePath: String, keyPath: String, reason: String)
  case descriptorLimit(needed: Int, allowed: Int)
  case system(call: String, errno: Int32)
  case library(String)

  public var description: String {
    switch self {
    case .portTaken(let host, let port):
      "port \(port) on \(host) is taken by another program; choose another with --port, or stop that program"
    case .portForbidden(let host, let port):
      "no permission to listen on port \(port) of \(host); ports below 1024 need a privilege"
    case .addressNotAvailable(let host): "\(host) is not an address of this machine"
    case .fileUnreadable(let path, let reason): "can't read \(path): \(reason)"
    case .tlsRejected(let certificate, let key, let reason):
      "certificate \(certificate) and key \(key) can't be used: \(reason)"
    case .descriptorLimit(let needed, let allowed):
      "needs \(needed) file descriptors, but the limit is \(allowed); raise it (ulimit -n, LimitNOFILE=) or allow fewer connections"
    case .system(let call, let code): "\(call): \(systemMessage(code))"
    case .library(let text): "libwebsockets: \(text)"
    }
  }
}
