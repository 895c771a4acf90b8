import HubKernel

/// A body of the simulation: integer motion from a seed, made to hit the corners of the rules.
struct Walker {
  enum Gait: CaseIterable { case walk, drift, borderJitter, fast, rest, crowd, edgeStop }

  var pose: Pose
  var gait: Gait
  var ticksLeft = 0
  /// Where a crowd gathers, or the border around which a body jitters.
  var anchorX: Int32 = 0
  var anchorZ: Int32 = 0
  /// Fractions of a step, in 1/8, not yet walked.
  var restX: Int32 = 0
  var restZ: Int32 = 0

  init(_ random: inout SeededRandom, extent: Int32, height: Int32) {
    pose = Pose(
      x: Int32(random.below(Int(extent))), y: Int32(random.below(Int(height))),
      z: Int32(random.below(Int(extent))))
    gait = .rest
  }

  /// One tick; `ticks` of real time may have passed.
  mutating func step(
    _ random: inout SeededRandom, ticks: Tick, extent: Int32, height: Int32, crowd: (Int32, Int32)?
  ) {
    ticksLeft -= Int(ticks)
    if ticksLeft <= 0 { choose(&random, extent: extent, crowd: crowd) }
    switch gait {
    case .rest: break
    case .walk:
      if random.below(12) == 0 { turn(&random, speed: 45) }
      advance(ticks)
    case .drift: advance(ticks)
    case .fast:
      if random.below(30) == 0 { turn(&random, speed: 304) }
      advance(ticks)
    case .borderJitter:
      pose.x = anchorX + Int32(random.below(960)) - 480
      pose.z = anchorZ + Int32(random.below(960)) - 480
      pose.velocityX = Int16(random.below(64) - 32)
      pose.velocityZ = Int16(random.below(64) - 32)
    case .crowd:
      pose.velocityX = Int16(clamping: (anchorX - pose.x) / 16)
      pose.velocityZ = Int16(clamping: (anchorZ - pose.z) / 16)
      advance(ticks)
    case .edgeStop:
      // Walks outwards and stops just inside the 1 m outside its cell, where predictions overshoot the coded range.
      advance(ticks)
      if abs(pose.x - anchorX) < 4 + Int32(abs(pose.velocityX)) {
        pose.velocityX = 0
        pose.x = anchorX
      }
    }
    if random.below(60) == 0 { pose.yaw = UInt16(truncatingIfNeeded: random.next()) }
    if random.below(90) == 0 { pose.animation = UInt8(random.below(64)) }
    if random.below(120) == 0 { pose.flags = PoseFlags(rawValue: UInt8(random.below(64))) }
    if random.below(200) == 0 { pose.y = Int32(random.below(Int(height))) }
    if random.below(150) == 0, gait != .drift {
      pose.x = Int32(random.below(Int(extent)))
      pose.z = Int32(random.below(Int(extent)))
      pose.flags.insert(.snap)
    } else {
      pose.flags.remove(.snap)
    }
  }

  private mutating func choose(_ random: inout SeededRandom, extent: Int32, crowd: (Int32, Int32)?) {
    gait = Gait.allCases[random.below(Gait.allCases.count)]
    ticksLeft = 20 + random.below(80)
    pose.velocityX = 0
    pose.velocityZ = 0
    let edge: Int32 = 3200
    switch gait {
    case .walk: turn(&random, speed: 45)
    case .fast: turn(&random, speed: 304)
    case .drift:
      // 12 cm/s: a predictor that stays silent for many seconds inside one coded range.
      pose.velocityX = random.below(2) == 0 ? 4 : -4
      ticksLeft = 500
    case .borderJitter:
      anchorX = edge * Int32(1 + random.below(2)) + (random.below(2) == 0 ? 400 : -400)
      anchorZ = edge * Int32(random.below(3)) + 1600
    case .crowd:
      if let crowd { (anchorX, anchorZ) = crowd } else { gait = .rest }
    case .edgeStop:
      let cell = Int32(random.below(2))
      pose.x = edge * cell + 2000
      anchorX = edge * (cell + 1) + 330 + Int32(random.below(70))
      pose.velocityX = Int16(20 + random.below(90))
    case .rest: break
    }
  }

  private mutating func turn(_ random: inout SeededRandom, speed: Int) {
    pose.velocityX = Int16(random.below(2 * speed + 1) - speed)
    pose.velocityZ = Int16(random.below(2 * speed + 1) - speed)
  }

  /// 1/32 m/s for one tick is 5/8 step.
  private mutating func advance(_ ticks: Tick) {
    let x = Int32(pose.velocityX) * 5 * Int32(min(ticks, 50)) + restX
    let z = Int32(pose.velocityZ) * 5 * Int32(min(ticks, 50)) + restZ
    pose.x += x >> 3
    pose.z += z >> 3
    restX = x & 7
    restZ = z & 7
  }

  mutating func clamp(extent: Int32, height: Int32) {
    if pose.x < 0 || pose.x >= extent { pose.velocityX = 0 - pose.velocityX }
    if pose.z < 0 || pose.z >= extent { pose.velocityZ = 0 - pose.velocityZ }
    pose.x = min(max(pose.x, 0), extent - 1)
    pose.z = min(max(pose.z, 0), extent - 1)
    pose.y = min(max(pose.y, 0), height - 1)
  }
}
