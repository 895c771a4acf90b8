import HubKernel
import HubReplication
import HubWire

/// What building a frame gave.
struct BuiltFrame {
  let result: FrameResult
  /// Empty when nothing was written.
  let bytes: [UInt8]

  var isWritten: Bool { !bytes.isEmpty }
}

/// A space with its readers, stepped by hand.
struct Scene: ~Copyable {
  var space: SpaceReplicator
  var views: ClientViews
  var buffer: [UInt8]
  var tick: Tick = 0

  /// A square space of `meters`, one band high, with 8 m cells.
  init(
    meters: Int32 = 40, cellSteps: Int32 = 3200, entities: Int = 64, views: Int = 2,
    parameters: ReplicationParameters = ReplicationParameters()
  ) throws {
    let grid = try SpaceGrid(
      minimum: (0, 0, 0), maximum: (meters * 400, 3200, meters * 400), cellSteps: cellSteps)
    space = SpaceReplicator(grid: grid, entityCapacity: entities, parameters: parameters)
    self.views = ClientViews(capacity: views, parameters: parameters)
    buffer = [UInt8](repeating: 0, count: parameters.frameBytesMax)
  }

  static func at(_ x: Double, _ z: Double, velocityX: Int16 = 0) -> Pose {
    Pose(x: Units.steps(meters: x), y: 0, z: Units.steps(meters: z), velocityX: velocityX)
  }

  mutating func add(_ id: Int, _ pose: Pose) -> Bool {
    space.insert(EntityID(rawValue: UInt16(id)), pose: pose)
  }

  /// View 0's wish for focus.
  mutating func focus(_ ids: [Int]) {
    let wanted = ids.map { EntityID(rawValue: UInt16($0)) }
    views.setFocus(0, wanted.span)
  }

  mutating func step(_ ticks: Tick = 1) {
    tick += ticks
    space.step(tick: tick)
  }

  /// Builds a frame; acknowledges it at once unless told otherwise.
  mutating func frame(_ view: Int = 0, from viewer: Pose, acks: Bool = true) -> BuiltFrame {
    let request = FrameRequest(
      view: view, viewer: viewer, serverMs: UInt16(truncatingIfNeeded: tick * 50), ackedInput: 0)
    let result = build(request)
    guard case .written(let stats) = result else { return BuiltFrame(result: result, bytes: []) }
    if acks { views.ack(view, tick16: UInt16(truncatingIfNeeded: tick)) }
    return BuiltFrame(result: result, bytes: Array(buffer[..<stats.bytes]))
  }

  private mutating func build(_ request: FrameRequest) -> FrameResult {
    let count = buffer.count
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    defer { memory.deallocate() }
    let result = space.buildFrame(request, &views, into: memory)
    if case .written(let stats) = result {
      for index in 0..<stats.bytes { buffer[index] = memory[index] }
    }
    return result
  }
}

/// A replica's whole state as text, to compare before and after.
func dump(_ replica: borrowing Replica) -> String { ReplicaVectors.state(replica).text(depth: 0) }

/// The simulation's plainest bodies: straight lines with random turns, in integers, from a seed.
struct LineWalkers {
  var random: SeededRandom
  var poses: [Pose]
  let extent: Int32

  init(seed: UInt64, count: Int, meters: Int32) {
    random = SeededRandom(seed: seed)
    extent = meters * 400
    poses = []
    for _ in 0..<count {
      var pose = Pose(
        x: Int32(random.below(Int(extent))), y: 0, z: Int32(random.below(Int(extent))),
        yaw: UInt16(random.below(65536)), animation: Animation.walk)
      Self.turn(&pose, &random)
      poses.append(pose)
    }
  }

  private static func turn(_ pose: inout Pose, _ random: inout SeededRandom) {
    pose.velocityX = Int16(random.below(91) - 45)
    pose.velocityZ = Int16(random.below(91) - 45)
  }

  mutating func step() {
    for index in poses.indices {
      if random.below(40) == 0 { Self.turn(&poses[index], &random) }
      if random.below(80) == 0 { poses[index].yaw = UInt16(random.below(65536)) }
      poses[index].x = min(max(poses[index].x + (Int32(poses[index].velocityX) * 5) >> 3, 0), extent - 1)
      poses[index].z = min(max(poses[index].z + (Int32(poses[index].velocityZ) * 5) >> 3, 0), extent - 1)
    }
  }
}

/// A value for `#expect` when it comes from a call on a type that can't be copied, which the macro can't take apart.
func holds(_ value: Bool) -> Bool { value }
