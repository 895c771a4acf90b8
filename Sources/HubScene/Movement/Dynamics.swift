public import HubKernel

/// The nodes of a space that move by themselves, by dense index. Everything is integers: doors are stepped,
/// turntables and paths are closed forms of the tick, so a late start or a skipped tick changes nothing for
/// them.
public struct Dynamics: Sendable {
  /// What does not change about one of them.
  public struct Item: Sendable {
    public var nodeID: String
    public var title: LocalizedText?
    public var alt: LocalizedText?
    public var motion: DynamicComponent
    /// Where it stands at rest.
    public var rest: Pose
  }

  public enum DoorState: UInt8, Sendable { case closed, opening, open, closing }

  public let items: [Item]
  public var count: Int { items.count }
  /// The tick of the last ``step(to:bodies:)``.
  public private(set) var tick: Tick = 0

  private var doors: [Door?]
  private let paths: [PathCourse?]

  init(_ sources: [Source]) {
    items = sources.map(\.item)
    doors = sources.map { source in
      guard case .door(let motion) = source.item.motion else { return nil }
      return Door(motion, rest: source.item.rest, frame: source.world, sensor: source.sensor)
    }
    paths = sources.map { source in
      guard case .path(let motion) = source.item.motion else { return nil }
      return PathCourse(motion, frame: source.parentWorld)
    }
  }

  /// What a space knows about a dynamic node when it is built.
  struct Source {
    var item: Item
    var world: Affine
    var parentWorld: Affine
    /// Middle of the doorway on the ground.
    var sensor: Vector3
  }

  // MARK: - Stepping

  /// Moves everything on to `tick`. Doors open for bodies near them. O(doors × bodies), no allocation.
  public mutating func step(to tick: Tick, bodies: Span<Pose>) {
    self.tick = tick
    for index in doors.indices where doors[index] != nil {
      let isNear = doors[index]?.senses(bodies) ?? false
      doors[index]?.step(isNear: isNear)
    }
  }

  /// Nil for what is no door.
  public func doorState(_ index: Int) -> DoorState? { doors[index]?.state }
  public func isLocked(_ index: Int) -> Bool { doors[index]?.isLocked ?? false }
  /// Locks or unlocks a door; one that stands open closes when nobody is near.
  public mutating func setLocked(_ index: Int, _ locked: Bool) { doors[index]?.isLocked = locked }
  /// Somebody asks a door to open or to close; a lock is the caller's to mind.
  mutating func request(_ index: Int, open: Bool) { doors[index]?.request(open: open) }
  /// Index of the dynamic node with this id.
  public func index(of nodeID: String) -> Int? { items.firstIndex { $0.nodeID == nodeID } }

  // MARK: - Where they are

  /// Where it is now, to replicate like an avatar. The animation is the ``DoorState`` of a door, 1 for a
  /// vehicle on its way, else 0.
  public func pose(_ index: Int) -> Pose {
    if let door = doors[index] { return door.pose }
    if let path = paths[index] { return path.pose(at: tick) }
    var pose = items[index].rest
    if case .turntable(let secondsPerTurn) = items[index].motion {
      let period = UInt64(max(1, Ticks.from(seconds: secondsPerTurn)))
      pose.yaw &+= UInt16(truncatingIfNeeded: (UInt64(tick) % period) * 65536 / period)
    }
    return pose
  }
}

/// Seconds of a world file as whole ticks.
enum Ticks {
  static func from(seconds: Double) -> Int {
    Int((seconds * Double(Units.ticksPerSecond)).rounded(.toNearestOrAwayFromZero))
  }
}

/// A door: closed, opening, open, closing. Bodies pass unless it is closed.
struct Door: Sendable {
  private(set) var state = Dynamics.DoorState.closed
  var isLocked: Bool
  private let rest: Pose
  private let slide: (x: Int32, y: Int32, z: Int32)
  /// 1/65536 turn, more than a half turn included.
  private let swing: Int32
  private let openTicks: Int32
  private let holdTicks: Int32
  private let sensor: (x: Int64, y: Int64, z: Int64)
  private let reach: Int64
  /// 0 closed ... openTicks open.
  private var progress: Int32 = 0
  private var hold: Int32 = 0

  init(_ motion: DoorMotion, rest: Pose, frame: Affine, sensor: Vector3) {
    isLocked = motion.locked
    self.rest = rest
    openTicks = Int32(max(1, Ticks.from(seconds: motion.secondsToOpen)))
    holdTicks = Int32(max(1, Ticks.from(seconds: motion.holdSeconds)))
    switch motion.way {
    case .slide(let way):
      let moved = frame.direction(way)
      slide = (Units.steps(meters: moved.x), Units.steps(meters: moved.y), Units.steps(meters: moved.z))
      swing = 0
    case .swing(let degrees):
      slide = (0, 0, 0)
      swing = Int32((degrees / 360 * 65536).rounded(.toNearestOrAwayFromZero))
    }
    self.sensor = (
      Int64(Units.steps(meters: sensor.x)), Int64(Units.steps(meters: sensor.y)),
      Int64(Units.steps(meters: sensor.z))
    )
    reach = Int64(Units.steps(meters: motion.sensorMeters))
  }

  /// Whether anybody is within the sensor's reach on the ground and within 3 m of its height.
  func senses(_ bodies: Span<Pose>) -> Bool {
    for index in bodies.indices {
      let body = bodies[index]
      let (dx, dz) = (Int64(body.x) - sensor.x, Int64(body.z) - sensor.z)
      if dx * dx + dz * dz <= reach * reach, (Int64(body.y) - sensor.y).magnitude <= 1200 { return true }
    }
    return false
  }

  /// Asked to open, it opens and holds; asked to close, it closes as soon as nobody stands near.
  mutating func request(open: Bool) {
    switch (state, open) {
    case (.closed, true), (.closing, true): state = .opening
    case (.open, true): hold = holdTicks
    case (.open, false): hold = 0
    default: break
    }
  }

  /// One tick.
  mutating func step(isNear: Bool) {
    let wanted = isNear && !isLocked
    switch state {
    case .closed:
      if wanted { state = .opening }
    case .opening:
      progress += 1
      if progress >= openTicks { (state, hold) = (.open, holdTicks) }
    case .open:
      // A locked door, too, waits until nobody stands in it.
      hold = isNear ? holdTicks : hold - 1
      if hold <= 0 { state = .closing }
    case .closing:
      if isNear {
        state = .opening
      } else {
        progress -= 1
        if progress <= 0 { state = .closed }
      }
    }
  }

  var pose: Pose {
    var pose = rest
    pose.x += slide.x * progress / openTicks
    pose.y += slide.y * progress / openTicks
    pose.z += slide.z * progress / openTicks
    pose.yaw &+= UInt16(truncatingIfNeeded: swing * progress / openTicks)
    pose.animation = state.rawValue
    let sign: Int32 = state == .opening ? 1 : state == .closing ? -1 : 0
    pose.velocityX = Velocity.steps(moved: slide.x * sign, ticks: openTicks)
    pose.velocityZ = Velocity.steps(moved: slide.z * sign, ticks: openTicks)
    return pose
  }
}

enum Velocity {
  /// Velocity steps (1/32 m/s) of something that moves so many position steps in so many ticks.
  static func steps(moved: Int32, ticks: Int32) -> Int16 {
    let perSecond = Int64(moved) * Int64(Units.ticksPerSecond) * Int64(Units.velocityStepsPerMeterPerSecond)
    return Int16(clamping: perSecond / (Int64(ticks) * Int64(Units.stepsPerMeter)))
  }
}
