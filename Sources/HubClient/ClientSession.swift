import HubJSON
public import HubKernel
public import HubReplication
public import HubWire

/// One participant's stay, over any number of connections: events in, directives out, no I/O (docs/PROTOCOL.md).
///
/// All times are local monotonic milliseconds that the shell passes in. Frames are acknowledged from
/// ``received(frame:nowMs:)`` or ``poll(nowMs:)``, whichever comes first, so poll at least every 50 ms.
public final class ClientSession {
  public enum Phase: Sendable, Equatable { case idle, greeting, joined, over }

  public let configuration: ClientConfiguration
  public private(set) var phase = Phase.idle
  /// The newest `welcome`.
  public private(set) var welcome: Welcome?
  /// The newest `space`.
  public private(set) var place: SpaceEntered?
  /// Whom the hub walks our avatar behind. Meanwhile no MOVE goes out, as one that steps would end it: send `unfollow`
  /// first to walk by oneself.
  public private(set) var following: String?
  /// Corrections and changes of space obeyed; MOVE carries its low 8 bits.
  public private(set) var epoch: UInt32 = 0
  public private(set) var clock = ClockSync()
  /// What we have been told about everybody near: see ``withReplica(_:)``.
  private var replica: Replica?
  /// Header and tick of the newest frame; nil before the first in this space.
  public private(set) var frameHeader: FrameHeader?
  public private(set) var frameTick: Tick?
  /// Frames and messages since the beginning.
  public private(set) var framesReceived = 0
  public private(set) var textsReceived = 0
  /// MOVEs sent in all; the low 8 bits of the last one's number are its `seq`.
  public private(set) var movesSent = 0

  private var uplink = UplinkPredictor()
  private var owedSinceMs: Double?
  private var nextPingMs = Double.infinity
  private var pings: [(n: Int, sentMs: Double)] = []
  private var pingCount = 0
  private var resumeTicket: String?
  private var reconnect = ReconnectPolicy()
  private var announcedRetryMs: Int?
  private var saidBye = false

  public init(_ configuration: ClientConfiguration) { self.configuration = configuration }

  /// Looks at the replica without copying it; nil without one.
  public func withReplica<T>(_ body: (borrowing Replica) throws -> T) rethrows -> T? {
    guard replica != nil else { return nil }
    return try body(replica!)
  }

  // MARK: Connection

  /// The WebSocket is open: says `hello`, with the ticket of the former connection if there was one.
  public func opened(nowMs: Double) -> ClientDirectives {
    phase = .greeting
    forgetConnection()
    guard configuration.saysHello else { return ClientDirectives() }
    var hello = configuration.hello
    hello.resume = resumeTicket
    var out = ClientDirectives()
    out.texts.append(ClientRequest.hello(hello))
    return out
  }

  /// Leaves for good.
  public func bye() -> ClientDirectives {
    var out = ClientDirectives()
    guard phase == .joined || phase == .greeting else { return out }
    phase = .over
    saidBye = true
    out.texts.append(ClientRequest.bye())
    return out
  }

  /// The connection ended. Returns after how many ms to connect again, or nil: not by itself.
  /// - Parameter code: of the hub's close frame; nil if it broke without one.
  public func closed(code: UInt16?, random: inout SeededRandom) -> Double? {
    let retry = announcedRetryMs
    announcedRetryMs = nil
    forgetConnection()
    phase = .over
    guard !saidBye else { return nil }
    return reconnect.delayMs(code: code, retryAfterMs: retry, random: &random)
  }

  private func forgetConnection() {
    owedSinceMs = nil
    nextPingMs = .infinity
    pings.removeAll(keepingCapacity: true)
    pingCount = 0
    uplink.reset()
    following = nil
    frameHeader = nil
    frameTick = nil
  }

  // MARK: Messages

  /// A text message. Throws where the hub breaks the protocol: close with 4000 then.
  public func received(text: RawSpan, nowMs: Double) throws(ClientError) -> ClientDirectives {
    textsReceived += 1
    var out = ClientDirectives()
    if !configuration.readsEverything, let type = MessageType.peek(text), !Self.isNeeded(type, text),
      !configuration.readsVoice || !MessageType.matches(type, in: text, "voice")
    {
      return out
    }
    let message: ServerMessage
    do throws(JSONError) {
      message = try JSON.decode(ServerMessage.self, from: text)
    } catch {
      throw .badMessage(error.description)
    }
    switch message {
    case .welcome(let welcome): try enter(welcome, nowMs)
    case .ticket(let resume): resumeTicket = resume
    case .space(let place): try enter(place, nowMs)
    case .correct(let correction):
      epoch = correction.epoch
      uplink.reset()
    case .pong(let n, let serverMs):
      if let index = pings.firstIndex(where: { $0.n == n }) {
        clock.note(sentMs: pings[index].sentMs, receivedMs: nowMs, serverMs: serverMs)
        pings.remove(at: index)
      }
    case .following(let person, _):
      following = person
      uplink.reset()
    case .nodes(let list):
      let ids = list.map { EntityID(rawValue: $0.id) }
      replica?.setNodes(ids.span)
    case .closing(let retryAfterMs, _): announcedRetryMs = retryAfterMs
    default: break
    }
    out.news = message
    return out
  }

  private static func isNeeded(_ type: MessageType.Slice, _ text: RawSpan) -> Bool {
    MessageType.matches(type, in: text, "pong") || MessageType.matches(type, in: text, "correct")
      || MessageType.matches(type, in: text, "space") || MessageType.matches(type, in: text, "error")
      || MessageType.matches(type, in: text, "welcome")
      || MessageType.matches(type, in: text, "following") || MessageType.matches(type, in: text, "nodes")
      || MessageType.matches(type, in: text, "closing") || MessageType.matches(type, in: text, "ticket")
  }

  private func enter(_ welcome: Welcome, _ nowMs: Double) throws(ClientError) {
    guard welcome.hash == WireProtocol.hashHex else {
      throw .layouts(ours: WireProtocol.hashHex, theirs: welcome.hash)
    }
    self.welcome = welcome
    phase = .joined
    reconnect.succeeded()
    clock.assume(serverMs: welcome.serverMs, atMs: nowMs)
    nextPingMs = nowMs
  }

  private func enter(_ place: SpaceEntered, _ nowMs: Double) throws(ClientError) {
    guard let welcome else { throw .outOfOrder("space before welcome") }
    guard place.grid.origin.count == 3, place.grid.cells.count == 3 else {
      throw .outOfOrder("grid of a space")
    }
    let (origin, cells) = (place.grid.origin, place.grid.cells)
    let grid: SpaceGrid
    do {
      grid = try SpaceGrid(
        origin: (origin[0], origin[1], origin[2]), cellSteps: place.grid.cell,
        counts: (cells[0], cells[1], cells[2]))
    } catch {
      throw .outOfOrder("grid of a space: \(error)")
    }
    self.place = place
    epoch = place.epoch
    uplink.reset()
    owedSinceMs = nil
    frameHeader = nil
    frameTick = nil
    guard configuration.keepsReplica else { return }
    let own = EntityID(rawValue: welcome.id)
    let hint = Tick(max(clock.tick(atMs: nowMs), 0))
    if replica == nil { replica = Replica(grid: grid, ownID: own, tickHint: hint) }
    replica?.reset(grid: grid, ownID: own, tickHint: hint)
  }

  /// A binary message: brings the replica to the frame's tick and acknowledges it when that is due.
  public func received(frame: RawSpan, nowMs: Double) throws(ClientError) -> ClientDirectives {
    try note(header: frame, nowMs)
    if configuration.keepsReplica {
      do throws(ReplicaError) { try replica?.apply(frame) } catch { throw .badFrame("\(error)") }
    }
    framesReceived += 1
    var out = ClientDirectives()
    let owed = owedSinceMs ?? nowMs
    owedSinceMs = owed
    // The next frame may be 50 ms away: then this is the last message handler before the time is over.
    if nowMs - owed >= configuration.acknowledgeWithinMs - 20 { out.pose = acknowledgement() }
    return out
  }

  private func note(header frame: RawSpan, _ nowMs: Double) throws(ClientError) {
    guard place != nil else { throw .outOfOrder("frame before space") }
    do throws(WireError) {
      let reader = try FrameReader(frame)
      frameHeader = reader.header
      let near = frameTick ?? Tick(max(clock.tick(atMs: nowMs), 0))
      let distance = Int64(Int16(bitPattern: reader.header.tick &- UInt16(truncatingIfNeeded: near)))
      frameTick = Tick(truncatingIfNeeded: max(Int64(near) + distance, 0))
    } catch {
      throw .badFrame("\(error)")
    }
  }

  /// Keeps the clock as it is, until this connection ends.
  public func pingNoMore() { nextPingMs = .infinity }

  /// Frames that were received but not looked into, with the newest one's bytes: acknowledges it.
  public func drained(frames: Int, newest: RawSpan, nowMs: Double) throws(ClientError) -> ClientDirectives {
    try note(header: newest, nowMs)
    framesReceived += frames
    var out = ClientDirectives()
    out.pose = acknowledgement()
    return out
  }

  private func acknowledgement() -> ClientPoseMessage? {
    guard let frameHeader else { return nil }
    owedSinceMs = nil
    return .ack(AckMessage(ackTick: frameHeader.tick))
  }

  // MARK: Time

  /// Pings and late acknowledgements. Call at least every 50 ms.
  public func poll(nowMs: Double) -> ClientDirectives {
    var out = ClientDirectives()
    guard phase == .joined else { return out }
    if nowMs >= nextPingMs {
      pingCount += 1
      if pings.count >= 8 { pings.removeFirst() }
      pings.append((pingCount, nowMs))
      out.texts.append(ClientRequest.ping(n: pingCount))
      nextPingMs = nowMs + (pingCount < configuration.pingsAtFirst ? 250 : configuration.pingIntervalMs)
    }
    if let owedSinceMs, nowMs - owedSinceMs >= configuration.acknowledgeWithinMs {
      out.pose = acknowledgement()
    }
    return out
  }

  /// The tick whose step will take a MOVE sent now, when a message travels `leadMs` at most.
  public func moveTick(nowMs: Double, leadMs: Double) -> Tick {
    Tick(max(clock.tick(atMs: nowMs + leadMs).rounded(.down) + 1, 0))
  }

  /// Where the avatar will be at `tick`. Returns the MOVE if the hub needs one.
  public func offer(_ pose: Pose, at tick: Tick) -> MoveMessage? {
    guard phase == .joined, place != nil, following == nil, uplink.wants(pose, at: tick) else { return nil }
    uplink.note(pose, at: tick)
    movesSent += 1
    owedSinceMs = nil
    return MoveMessage(
      sequence: UInt8(truncatingIfNeeded: movesSent), ackTick: frameHeader?.tick ?? 0,
      epoch: UInt8(truncatingIfNeeded: epoch), pose: pose,
      atMs: UInt16(truncatingIfNeeded: tick &* Tick(Units.tickMilliseconds)))
  }
}
