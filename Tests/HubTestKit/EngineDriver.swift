public import HubEngine
public import HubJSON
public import HubKernel
public import HubWire

/// Drives an engine by hand: clients without sockets, ticks without a clock.
public final class EngineDriver {
  public let engine: Engine
  public private(set) var tick: Tick = 0
  /// Messages by connection, in order, as they would go out.
  public private(set) var sent: [ConnectionKey: [JSONValue]] = [:]
  public private(set) var sessions: [ConnectionKey: SessionID] = [:]
  public private(set) var closed: [ConnectionKey: CloseCode] = [:]
  public private(set) var records: [AdministrativeRecord] = []
  private var connections: [SessionID: ConnectionKey] = [:]
  /// Commits the engine asked for and nobody has answered.
  public private(set) var commits: [NoteCommit] = []
  /// Account to author, as the engine wants it kept.
  public private(set) var authors: [String: String] = [:]
  public private(set) var snapshots: [(space: String, sequence: UInt64, state: [UInt8])] = []
  /// How often each session was to get a ticket at once.
  public private(set) var ticketsDue: [SessionID: Int] = [:]
  /// Sessions that were to get servers for voice.
  public private(set) var voiceServers: [SessionID] = []
  /// What was ordered of the media server.
  public private(set) var sfuOrders: [SFUOrder] = []
  private var nextSecret: UInt64 = 1
  private var nextConnection: ConnectionKey = 1

  /// - Parameter firstTick: whether tick 1 is run at once, so that frames can be written.
  public init(_ engine: Engine, firstTick: Bool = true) {
    self.engine = engine
    if firstTick { step() }
  }

  /// Joins and gives the connection's key.
  @discardableResult public func join(
    _ name: String, role: Role = .guest, credentials: Credentials? = nil,
    change: (inout Hello) -> Void = { _ in }
  ) -> ConnectionKey {
    var hello = Hello(name: name)
    change(&hello)
    let connection = nextConnection
    nextConnection += 1
    nextSecret += 1
    engine.handle(
      .hello(
        connection, hello, credentials ?? Credentials(Grant(role)),
        secret: ResumeSecret(high: 7, low: nextSecret)
      ))
    obey()
    return connection
  }

  /// A ticket to go on with this connection's session.
  public func ticket(_ connection: ConnectionKey) -> SessionTicket {
    guard let session = sessions[connection],
      let ticket = engine.ticket(of: session, expiresUnixMs: 1_795_000_000_000)
    else { preconditionFailure("no session") }
    return ticket
  }

  /// Comes back with a ticket.
  @discardableResult public func comeBack(
    _ ticket: SessionTicket, change: (inout Hello) -> Void = { _ in }
  ) -> ConnectionKey {
    var credentials = Credentials()
    credentials.ticket = ticket
    return join("anything", credentials: credentials, change: change)
  }

  /// Applies an event that is nobody's message.
  public func handle(_ event: Event) {
    engine.handle(event)
    obey()
  }

  public func send(_ connection: ConnectionKey, _ message: ClientMessage) {
    guard let session = sessions[connection] else { preconditionFailure("no session") }
    engine.handle(.message(session, message))
    obey()
  }

  /// A MOVE to a pose, with the newest epoch unless told otherwise, that holds `lateMs` before the tick that takes it.
  public func move(_ connection: ConnectionKey, to pose: Pose, epoch: UInt8? = nil, lateMs: Int = 0) {
    guard let session = sessions[connection] else { preconditionFailure("no session") }
    let newest = UInt8(truncatingIfNeeded: lastEpoch(connection))
    let move = MoveMessage(
      sequence: 1, ackTick: UInt16(truncatingIfNeeded: tick), epoch: epoch ?? newest, pose: pose,
      atMs: UInt16(truncatingIfNeeded: (Int(tick) + 1) * Units.tickMilliseconds - lateMs))
    engine.handle(.move(session, move))
    obey()
  }

  /// Walks straight to (x, z) in metres at 1.5 m/s, a MOVE a tick.
  public func walk(_ connection: ConnectionKey, toX x: Double, z: Double) {
    for _ in 0..<2000 {
      let from = pose(connection)
      let dx = Units.steps(meters: x) - from.x
      let dz = Units.steps(meters: z) - from.z
      let distance = (Double(dx) * Double(dx) + Double(dz) * Double(dz)).squareRoot()
      guard distance > 2 else { return }
      let scale = min(1, 30 / distance)
      var to = from
      to.x += Int32((Double(dx) * scale).rounded())
      to.z += Int32((Double(dz) * scale).rounded())
      to.animation = Animation.walk
      let corrections = messages(connection, "correct").count + messages(connection, "space").count
      move(connection, to: to)
      step()
      guard messages(connection, "correct").count + messages(connection, "space").count == corrections else {
        return
      }
    }
  }

  /// Ticks; every connected client acknowledges unless it is among `silent`.
  public func step(_ count: Int = 1, silent: Set<ConnectionKey> = []) {
    for _ in 0..<count {
      tick += 1
      engine.step(tick: tick, unixMs: 1_795_000_000_000 + Int64(tick) * 50)
      obey()
      for (connection, session) in sessions.sorted(by: { $0.key < $1.key }) where !silent.contains(connection)
      {
        engine.handle(.ack(session, tick: UInt16(truncatingIfNeeded: tick)))
      }
    }
  }

  /// Answers the oldest commit, as the log would.
  public func answerCommit(_ outcome: CommitOutcome = .stored) {
    precondition(!commits.isEmpty, "no commit waits")
    engine.handle(.committed(id: commits.removeFirst().id, outcome))
    obey()
  }

  public func disconnect(_ connection: ConnectionKey) {
    guard let session = sessions.removeValue(forKey: connection) else { return }
    connections[session] = nil
    engine.handle(.disconnected(session))
    obey()
  }

  /// Messages of a type that a connection got, oldest first.
  public func messages(_ connection: ConnectionKey, _ type: String) -> [JSONValue] {
    (sent[connection] ?? []).filter { $0["t"]?.text == type }
  }

  public func tell(_ event: SFUEvent) {
    engine.handle(.sfu(event))
    obey()
  }

  public func forget() { sent.removeAll() }

  /// Where the hub last told this client it is: the truth as its client knows it, moved by accepted steps.
  public func pose(_ connection: ConnectionKey) -> Pose {
    guard let session = sessions[connection], let pose = engine.truth(of: session) else {
      preconditionFailure("no session")
    }
    return pose
  }

  public func lastEpoch(_ connection: ConnectionKey) -> Int {
    (sent[connection] ?? []).last { $0["epoch"] != nil }?["epoch"]?.number ?? epochs[connection] ?? 0
  }
  private var epochs: [ConnectionKey: Int] = [:]
  /// Leaves to upload that were given, and images that were given up.
  public var uploads: [ImageUpload] = []
  public private(set) var droppedImages: [String] = []
  /// What people asked of the calendars.
  public private(set) var bookings: [(SessionID, BookingMessage)] = []

  private func obey() {
    engine.drainDirectives { directive in
      switch directive {
      case .accepted(let connection, let session):
        sessions[connection] = session
        connections[session] = connection
      case .send(let session, let bytes, _):
        guard let connection = connections[session] else { return }
        guard let value = try? JSON.parse(bytes) else {
          preconditionFailure("the engine wrote no JSON: \(String(decoding: bytes, as: UTF8.self))")
        }
        if let epoch = value["epoch"]?.number { epochs[connection] = epoch }
        sent[connection, default: []].append(value)
      case .reject(let connection, let message, let code):
        if let message, let value = try? JSON.parse(message) { sent[connection, default: []].append(value) }
        closed[connection] = code
      case .close(let session, let code):
        guard let connection = connections[session] else { return }
        closed[connection] = code
      case .wait(let connection, let bytes):
        if let value = try? JSON.parse(bytes) { sent[connection, default: []].append(value) }
      case .record(let record): records.append(record)
      case .booking(let session, let message, _, _): bookings.append((session, message))
      case .release(let connection, let code):
        closed[connection] = code
        if let session = sessions.removeValue(forKey: connection) { connections[session] = nil }
      case .author(let id, let account): authors[account] = id
      case .ticket(let session): ticketsDue[session, default: 0] += 1
      case .voiceServers(let session): voiceServers.append(session)
      case .sfu(let order): sfuOrders.append(order)
      case .commit(let commit): commits.append(commit)
      case .upload(_, let upload): uploads.append(upload)
      case .dropImages(let images): droppedImages += images
      case .snapshot(let space, let sequence, let state): snapshots.append((space, sequence, state))
      }
    }
  }
}
