import HubKernel

/// Visitors of a hall: walks of 2 to 8 s at 1.4 m/s (one in six jogs at 3.5), pauses of 2 to 12 s, looks around.
/// Integers from a seed: every run of every mode sees the same motion.
struct Walkers {
  static let extent: Int32 = 40 * 400
  private var random: SeededRandom
  private(set) var poses: [Pose] = []
  private var ticksLeft: [Int] = []
  /// Eighths of a step not yet walked.
  private var rest: [(x: Int32, z: Int32)] = []

  init(count: Int, seed: UInt64) {
    random = SeededRandom(seed: seed)
    for _ in 0..<count {
      poses.append(
        Pose(
          x: Int32(random.below(Int(Self.extent))), y: 0, z: Int32(random.below(Int(Self.extent))),
          yaw: UInt16(random.below(65536))))
      ticksLeft.append(random.below(200))
      rest.append((0, 0))
    }
  }

  mutating func step() {
    for index in poses.indices {
      ticksLeft[index] -= 1
      if ticksLeft[index] <= 0 { choose(index) }
      if poses[index].animation == Animation.idle {
        if random.below(66) == 0 {
          poses[index].yaw &+= UInt16(truncatingIfNeeded: random.below(18_000) - 9_000)
        }
        continue
      }
      let x = Int32(poses[index].velocityX) * 5 + rest[index].x
      let z = Int32(poses[index].velocityZ) * 5 + rest[index].z
      poses[index].x += x >> 3
      poses[index].z += z >> 3
      rest[index] = (x & 7, z & 7)
      if poses[index].x < 0 || poses[index].x >= Self.extent || poses[index].z < 0
        || poses[index].z >= Self.extent
      {
        poses[index].x = min(max(poses[index].x, 0), Self.extent - 1)
        poses[index].z = min(max(poses[index].z, 0), Self.extent - 1)
        stand(index)
      }
    }
  }

  private mutating func choose(_ index: Int) {
    guard poses[index].animation == Animation.idle else { return stand(index) }
    let jogs = random.below(6) == 0
    let speed = jogs ? 112.0 : 45.0
    // A direction without libm: a point of the square, scaled to the circle.
    let x = random.double(in: -1...1)
    let z = random.double(in: -1...1)
    let length = max((x * x + z * z).squareRoot(), 0.001)
    poses[index].velocityX = Int16((x / length * speed).rounded())
    poses[index].velocityZ = Int16((z / length * speed).rounded())
    poses[index].yaw = UInt16(truncatingIfNeeded: Int(random.below(65536)))
    poses[index].animation = jogs ? Animation.run : Animation.walk
    ticksLeft[index] = 40 + random.below(120)
  }

  private mutating func stand(_ index: Int) {
    poses[index].velocityX = 0
    poses[index].velocityZ = 0
    poses[index].animation = Animation.idle
    ticksLeft[index] = 40 + random.below(200)
  }
}
