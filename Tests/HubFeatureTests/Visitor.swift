import HubClient
import HubKernel
import HubNet
import HubReplication
import HubWire

/// Somebody in the hub. Everything here happens on the crowd's thread: reach it through ``Crowd/on(_:)`` and
/// ``Crowd/until(_:_:)`` only, which is why sharing it is sound.
final class Visitor: ClientOwner, @unchecked Sendable {
  let pool: ClientPool
  var client: PooledClient!
  private(set) var messages: [ServerMessage] = []
  private(set) var ends: [ConnectionEnd] = []
  private(set) var failures: [ClientError] = []
  private(set) var frames = 0
  var comesBack = true
  /// Asked after each message, on the pool's thread: what holds for seconds only is not missed, however late the test looks.
  var witness: (() -> Bool)?
  private(set) var hasWitnessed = false
  private var from: (x: Double, z: Double, ms: Double)?
  private var to: (x: Double, z: Double)?
  private var standing = Pose(x: 0, y: 0, z: 0)

  init(_ pool: ClientPool) { self.pool = pool }

  var id: UInt16? { client.session.welcome?.id }
  var person: String? { client.session.welcome?.person }
  var space: String? { client.session.place?.space }
  var isIn: Bool { client.session.phase == .joined && client.session.place != nil && client.isConnected }

  // MARK: Doing

  func send(_ text: [UInt8]) { pool.send(text, client) }
  func send(_ text: String) { pool.send(Array(text.utf8), client) }

  /// Walks straight at 1.4 m/s.
  func walk(toX x: Double, z: Double) {
    let here = position(MonotonicClock.nowMs())
    from = (here.x, here.z, MonotonicClock.nowMs())
    to = (x, z)
  }

  /// Appears somewhere, as a cheat would.
  func jump(toX x: Double, z: Double) {
    (from, to) = (nil, nil)
    standing.x = Units.steps(meters: x)
    standing.z = Units.steps(meters: z)
  }

  func position(_ nowMs: Double) -> (x: Double, z: Double, vx: Double, vz: Double) {
    guard let from, let to else {
      return (Units.meters(steps: standing.x), Units.meters(steps: standing.z), 0, 0)
    }
    let (dx, dz) = (to.x - from.x, to.z - from.z)
    let length = (dx * dx + dz * dz).squareRoot()
    let walked = (nowMs - from.ms) / 1000 * 1.4
    guard length > 0, walked < length else { return (to.x, to.z, 0, 0) }
    let k = walked / length
    return (from.x + dx * k, from.z + dz * k, dx / length * 1.4, dz / length * 1.4)
  }

  // MARK: Seeing

  /// Where this visitor sees another now, metres; nil if it does not.
  func sight(of other: Visitor) -> (x: Double, z: Double)? {
    guard let id = other.id else { return nil }
    let tick = client.session.clock.tick(atMs: MonotonicClock.nowMs())
    let seen = client.session.withReplica {
      $0.entity(EntityID(rawValue: id))?.predictor.meters(atTick: tick)
    }
    guard let seen, let seen else { return nil }
    return (seen.x, seen.z)
  }

  /// How far what this visitor sees of another is from where that one is, metres.
  func error(of other: Visitor) -> Double? {
    guard let seen = sight(of: other) else { return nil }
    let there = other.position(MonotonicClock.nowMs())
    return ((seen.x - there.x) * (seen.x - there.x) + (seen.z - there.z) * (seen.z - there.z)).squareRoot()
  }

  var errors: [ServerError] { messages.compactMap { if case .error(let e) = $0 { e } else { nil } } }
  var errorCodes: [String] { errors.map(\.code) }
  var chats: [Chat] { messages.compactMap { if case .chat(let c) = $0 { c } else { nil } } }
  var corrections: [Correction] { messages.compactMap { if case .correct(let c) = $0 { c } else { nil } } }
  var arrivals: [SpaceEntered] { messages.compactMap { if case .space(let s) = $0 { s } else { nil } } }

  /// The newest entry about somebody in `people`, unless they have gone since.
  func entry(of other: Visitor) -> Person? {
    var newest: Person?
    for message in messages {
      switch message {
      case .people(let list): for person in list where person.id == other.id { newest = person }
      case .changed(let list):
        for change in list {
          if var known = newest, change.ids.contains(known.id) {
            change.apply(to: &known)
            newest = known
          }
        }
      case .gone(let ids, _): if let id = other.id, ids.contains(id) { newest = nil }
      case .space: newest = nil
      default: break
      }
    }
    return newest
  }

  var closeCode: UInt16? {
    for end in ends {
      if case .closedByPeer(let code, _) = end { return code }
    }
    return nil
  }

  // MARK: ClientOwner

  func pose(_ client: PooledClient, nowMs: Double) -> Pose? {
    guard client.session.place != nil else { return nil }
    let at = position(nowMs)
    var pose = standing
    pose.x = Units.steps(meters: at.x)
    pose.z = Units.steps(meters: at.z)
    pose.velocityX = Int16((at.vx * 32).rounded())
    pose.velocityZ = Int16((at.vz * 32).rounded())
    pose.animation = at.vx == 0 && at.vz == 0 ? Animation.idle : Animation.walk
    return pose
  }

  func applied(_ client: PooledClient, frame: RawSpan, nowMs: Double) { frames += 1 }

  func heard(_ client: PooledClient, _ message: ServerMessage, nowMs: Double) {
    messages.append(message)
    switch message {
    case .space(let place): stand(place.pose.pose)
    case .correct(let correction): stand(correction.pose.pose)
    default: break
    }
    if witness?() == true { hasWitnessed = true }
  }

  private func stand(_ pose: Pose) {
    standing = pose
    (from, to) = (nil, nil)
  }

  func failed(_ client: PooledClient, _ error: ClientError) { failures.append(error) }

  func ended(_ client: PooledClient, _ end: ConnectionEnd, retryMs: Double?, nowMs: Double) -> Double? {
    ends.append(end)
    return comesBack ? retryMs.map { min($0, 200) } : nil
  }
}
