import HubEngine
import HubNet
import HubScene
import HubWire

/// What each listener answers: pages, world and assets for everybody; health and metrics for the operator.
final class HTTPRouter {
  private let files: StaticFiles
  private let worldPath: String
  private let world: WorldDefinition
  private let adminListener: Int
  /// Headers of every answer to the public.
  let security: [(name: String, value: String)]

  init(
    files: StaticFiles, world: WorldDefinition, worldPath: String, adminListener: Int, usesTLS: Bool
  ) {
    self.files = files
    self.world = world
    self.worldPath = worldPath
    self.adminListener = adminListener
    // A browser that came by TLS once never comes without it again (RFC 6797).
    security = Self.always + (usesTLS ? [("Strict-Transport-Security", "max-age=31536000")] : [])
  }

  /// Nil: later, by whoever has taken the request over.
  func respond(_ id: ConnectionID, _ request: HTTPRequest, shell: HubShell) -> HTTPResponse? {
    guard
      (request.listener == adminListener ? shell.adminRules : shell.gate.rules).allows(
        host: request.headers[.host])
    else {
      shell.metrics.refused("host")
      return plain(421, "this hub goes by another name")
    }
    if request.listener != adminListener, let login = shell.login, login.owns(request.path) {
      return login.answer(id, request, shell)
    }
    if request.listener != adminListener, request.path.hasPrefix(UploadDesk.prefix) {
      return shell.takeUpload(id, request, self)
    }
    guard request.method == .get || request.method == .head else {
      return plain(405, "method not allowed", [("Allow", "GET, HEAD")])
    }
    if request.listener == adminListener { return admin(request, shell) }
    switch request.path {
    case "/": return file("/index.html", request)
    case "/api/hub": return json(hub(shell))
    default:
      if request.path == "/api/rooms" || request.path.hasPrefix("/api/rooms/") {
        return rooms(request, shell)
      }
      if request.path.hasPrefix("/images/") { return image(request, shell) }
      // One page for every door: it asks for its room by its own address.
      if request.path.hasPrefix("/door/"), shell.bookings?.room(request.path.dropFirst(6)) != nil {
        return file("/door.html", request)
      }
      return file(request.path, request)
    }
  }

  private func rooms(_ request: HTTPRequest, _ shell: HubShell) -> HTTPResponse {
    switch shell.bookings?.answer(request) {
    case .json(let body): json(body)
    case .calendar(let body):
      HTTPResponse(
        status: 200,
        headers: security + [
          ("Content-Type", "text/calendar; charset=utf-8"), ("Cache-Control", "no-cache"),
        ],
        body: body)
    case .badRequest(let why): plain(400, why)
    case .none: plain(404, "not found")
    }
  }

  private func admin(_ request: HTTPRequest, _ shell: HubShell) -> HTTPResponse {
    switch request.path {
    case "/healthz": plain(200, "ok")
    case "/readyz": shell.isStopping ? plain(503, "draining") : plain(200, "ready")
    case "/metrics":
      HTTPResponse(
        status: 200,
        headers: [
          ("Content-Type", "text/plain; version=0.0.4; charset=utf-8"), ("Cache-Control", "no-store"),
        ],
        body: Array(
          (shell.metrics.render(engine: shell.engine, connections: shell.connectionCount)
            + (shell.bookings?.metrics() ?? "")).utf8))
    default: plain(404, "not found")
    }
  }

  /// The name is the content's hash, so it never changes; but a cache shared by many would keep what was taken down.
  private func image(_ request: HTTPRequest, _ shell: HubShell) -> HTTPResponse {
    let sha256 = String(request.path.dropFirst("/images/".count))
    guard let image = shell.image(sha256) else { return plain(404, "not found") }
    let tag = "\"\(sha256.prefix(32))\""
    let headers =
      security + [("ETag", tag), ("Cache-Control", "private, max-age=31536000, immutable")]
    if let known = request.headers[.ifNoneMatch], EntityTag.matches(known, tag) {
      return HTTPResponse(status: 304, headers: headers)
    }
    return HTTPResponse(
      status: 200, headers: headers + [("Content-Type", image.mediaType)], body: image.bytes)
  }

  private func file(_ path: String, _ request: HTTPRequest) -> HTTPResponse {
    guard let file = files.file(path) else { return plain(404, "not found") }
    var headers = security + [("ETag", file.tag), ("Cache-Control", "no-cache")]
    if let known = request.headers[.ifNoneMatch], EntityTag.matches(known, file.tag) {
      return HTTPResponse(status: 304, headers: headers)
    }
    headers.append(("Content-Type", file.mediaType))
    return HTTPResponse(status: 200, headers: headers, body: file.bytes)
  }

  /// Who is where before entering: head counts, never names.
  private func hub(_ shell: HubShell) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("protocol", ProtocolVersion.current)
    json.field("hash", WireProtocol.hashHex)
    json.key("world")
    json.beginObject()
    json.field("id", world.id)
    localized("title", world.title, &json)
    localized("description", world.description, &json)
    json.field("url", worldPath)
    json.endObject()
    json.field("start", world.start.space)
    if !world.admitsGuests {
      json.key("guests")
      json.bool(false)
    }
    if shell.login != nil {
      json.key("login")
      json.bool(true)
    }
    json.key("spaces")
    json.beginArray()
    for (space, people) in shell.engine.occupancy() {
      json.beginObject()
      json.field("id", space.id)
      localized("title", space.title, &json)
      json.field("people", people)
      json.field("capacity", space.capacity * (1 + space.overflow))
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  private func localized(_ key: StaticString, _ text: LocalizedText, _ json: inout JSONWriter) {
    json.key(key)
    json.beginObject()
    json.field("de", text.de)
    json.field("en", text.en)
    json.endObject()
  }

  private func json(_ body: [UInt8]) -> HTTPResponse {
    HTTPResponse(
      status: 200,
      headers: security + [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
      body: body)
  }

  func plain(_ status: Int, _ text: String, _ headers: [(String, String)] = []) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: security + headers + [("Content-Type", "text/plain; charset=utf-8")],
      body: Array((text + "\n").utf8))
  }

  /// Nothing but our own files and our own socket (CSP level 3), no framing, no sniffing, no referrer.
  private static let always: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' blob:; "
        + "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(self)"),
  ]
}
