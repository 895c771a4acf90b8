public import HubKernel

/// Figures of the movement rules beyond the body's shape.
enum MovementRules {
  /// Position steps in a tick at full speed (6 m/s).
  static let stepsPerTick = 120.0
  /// Ticks of unused distance that a body may catch up after its messages were held up.
  static let allowanceTicksMax = 8.0
  static let elapsedTicksMax = 20
  /// The way is looked at in pieces of this many metres, so that ground and steps are met one by one.
  static let pieceMeters = 0.25
  /// A body this close above the ground stands on it.
  static let groundedMeters = 0.06
  /// Seconds at which the highest jump may still be at its top; then it falls.
  static let hangSeconds = 0.75
  static let gravity = 9.81
  /// A pose below the ground by more than this is refused; by less, it is lifted without a word.
  static let sunkenMeters = 0.45
}

extension CollisionMap {
  /// Decides a move. The body is an upright cylinder (``BodyShape``) swept along the straight line between
  /// the two positions: nothing is passed, however thin. No allocation; about a microsecond for a step.
  ///
  /// A refused move comes back as the nearest legal one: shortened to the speed allowed, kept in the bounds,
  /// slid along what is in the way, set on the ground. Feet a little under the ground are lifted and not
  /// refused.
  /// - Parameters:
  ///   - from: the last legal pose.
  ///   - elapsedTicks: since `from`; counted up to 20, so a moving client sends at least once a second.
  ///   - body: what is remembered of this body; updated.
  ///   - barred: the areas this body may not enter (one already inside may move about and leave).
  public func check(
    from: Pose, to: Pose, elapsedTicks: Int, body: inout BodyState, barred: borrowing AreaSet
  ) -> MoveVerdict {
    var refusal: MoveRefusal?
    let elapsed = min(max(elapsedTicks, 0), MovementRules.elapsedTicksMax)
    let start = Vector3(from)
    var goal = Vector3(to)

    // Speed: a bucket of distance.
    let wanted = ((goal.x - start.x) * (goal.x - start.x) + (goal.z - start.z) * (goal.z - start.z))
      .squareRoot()
    let budget =
      (Double(body.allowance) + Double(elapsed) * MovementRules.stepsPerTick) / Double(Units.stepsPerMeter)
    if wanted > budget + 0.01 {
      refusal = .speed
      goal.x = start.x + (goal.x - start.x) * (budget / wanted)
      goal.z = start.z + (goal.z - start.z) * (budget / wanted)
    }

    // Bounds.
    let radius = BodyShape.radius
    let inside = Vector3(
      min(max(goal.x, boundsMin.x + radius), boundsMax.x - radius),
      min(max(goal.y, boundsMin.y), boundsMax.y - BodyShape.height),
      min(max(goal.z, boundsMin.z + radius), boundsMax.z - radius))
    if inside != goal {
      if refusal == nil { refusal = .bounds }
      goal = inside
    }

    // Walls: first as proposed; when something is in the way, again with sliding.
    var walk = Walk(start: start, body: body, elapsedTicks: elapsed)
    if let obstacle = advance(&walk, to: goal, slides: false, radius: radius - BodyShape.skin, barred) {
      if refusal == nil { refusal = obstacle }
      walk = Walk(start: start, body: body, elapsedTicks: elapsed)
      _ = advance(&walk, to: goal, slides: true, radius: radius, barred)
    }

    var pose = to
    if refusal != nil {
      pose.x = Units.steps(meters: walk.x)
      pose.z = Units.steps(meters: walk.z)
      // Rounding to position steps must not bring it nearer to a wall than it may be.
      if !isKept(from: from, to: pose, walk: walk, barred) {
        pose.x = from.x
        pose.z = from.z
        walk = Walk(start: start, body: body, elapsedTicks: elapsed)
        settle(&walk, x: start.x, z: start.z, proposedY: goal.y)
      }
      (pose.velocityX, pose.velocityZ) = (0, 0)
    }

    // Height: what the walk made of it.
    let proposed = Units.meters(steps: to.y)
    let legal = walk.y
    if proposed > legal + 0.01 || proposed < legal - MovementRules.sunkenMeters {
      if refusal == nil { refusal = .height }
    }
    pose.y = proposed > legal + 0.01 || proposed < legal ? Units.steps(meters: legal) : to.y

    body.supportY = Units.steps(meters: walk.support)
    body.airborneTicks = UInt16(min(walk.airborneTicks, 60_000))
    let moved = Self.distance(from, pose)
    body.allowance = UInt16(
      max(
        0,
        min(
          MovementRules.allowanceTicksMax * MovementRules.stepsPerTick,
          (budget - moved) * Double(Units.stepsPerMeter))))
    return MoveVerdict(pose: pose, refusal: refusal)
  }

  private static func distance(_ a: Pose, _ b: Pose) -> Double {
    let dx = Units.meters(steps: a.x) - Units.meters(steps: b.x)
    let dz = Units.meters(steps: a.z) - Units.meters(steps: b.z)
    return (dx * dx + dz * dz).squareRoot()
  }

  // MARK: - The walk

  /// A body on its way along a move.
  struct Walk {
    var x: Double
    var y: Double
    var z: Double
    /// Ground last stood on.
    var support: Double
    var airborneTicks: Int

    init(start: Vector3, body: BodyState, elapsedTicks: Int) {
      (x, y, z) = (start.x, start.y, start.z)
      support = Units.meters(steps: body.supportY)
      airborneTicks = Int(body.airborneTicks) + elapsedTicks
    }

    /// The highest the feet can be: a jump's height above the ground last stood on, then falling.
    var ceiling: Double {
      let seconds = Double(airborneTicks) / Double(Units.ticksPerSecond) - MovementRules.hangSeconds
      return support + BodyShape.jumpHeight + 0.01
        - (seconds > 0 ? MovementRules.gravity / 2 * seconds * seconds : 0)
    }
  }

  /// Sets the feet at (x, z): on or above the ground there, not above what a jump reaches.
  private func settle(_ walk: inout Walk, x: Double, z: Double, proposedY: Double) {
    let reached = min(proposedY, walk.ceiling)
    let ground = groundHeight(x: x, z: z, nearY: max(walk.y, reached))
    walk.x = x
    walk.z = z
    walk.y = max(reached, ground)
    if walk.y <= ground + MovementRules.groundedMeters {
      walk.support = ground
      walk.airborneTicks = 0
    }
  }

  /// Walks to `goal` piece by piece. Without `slides` it stops at the first obstacle and names it.
  private func advance(
    _ walk: inout Walk, to goal: Vector3, slides: Bool, radius: Double, _ barred: borrowing AreaSet
  ) -> MoveRefusal? {
    let (dx, dz) = (goal.x - walk.x, goal.z - walk.z)
    let startY = walk.y
    let length = (dx * dx + dz * dz).squareRoot()
    guard length > 0 else {
      settle(&walk, x: goal.x, z: goal.z, proposedY: goal.y)
      return nil
    }
    let pieces = max(1, Int((length / MovementRules.pieceMeters).rounded(.up)))
    for piece in 1...pieces {
      let share = Double(piece) / Double(pieces)
      let proposedY = startY + (goal.y - startY) * share
      let feet = max(walk.y, min(proposedY, walk.ceiling))
      var (stepX, stepZ) = (dx / Double(pieces), dz / Double(pieces))
      var (x, z) = (walk.x, walk.z)
      if !slides {
        if let hit = firstHit(x, z, stepX, stepZ, feet, walk.support, radius, barred) { return hit.refusal }
        (x, z) = piece == pieces ? (goal.x, goal.z) : (x + stepX, z + stepZ)
      } else {
        var lastNormal = (x: 0.0, z: 0.0)
        for _ in 0..<4 {
          guard let hit = firstHit(x, z, stepX, stepZ, feet, walk.support, radius, barred) else {
            x += stepX
            z += stepZ
            break
          }
          // Up to a tenth of a millimetre before the contact, then on along it.
          let stepLength = (stepX * stepX + stepZ * stepZ).squareRoot()
          let free = max(0, hit.hit.time - 1e-4 / stepLength)
          x += stepX * free
          z += stepZ * free
          stepX *= 1 - free
          stepZ *= 1 - free
          let into = stepX * hit.hit.normalX + stepZ * hit.hit.normalZ
          stepX -= hit.hit.normalX * into
          stepZ -= hit.hit.normalZ * into
          // Two walls that lean towards each other: a corner, the end of the way.
          if stepX * lastNormal.x + stepZ * lastNormal.z < 0 || stepX * stepX + stepZ * stepZ < 1e-10 {
            break
          }
          lastNormal = (hit.hit.normalX, hit.hit.normalZ)
        }
        x = min(max(x, boundsMin.x + BodyShape.radius), boundsMax.x - BodyShape.radius)
        z = min(max(z, boundsMin.z + BodyShape.radius), boundsMax.z - BodyShape.radius)
      }
      settle(&walk, x: x, z: z, proposedY: proposedY)
    }
    return nil
  }

  private struct Obstacle {
    var hit: Sweep.Hit
    var refusal: MoveRefusal
  }

  /// The first thing that a body meets on a short straight way.
  private func firstHit(
    _ x: Double, _ z: Double, _ dx: Double, _ dz: Double, _ feet: Double, _ support: Double, _ radius: Double,
    _ barred: borrowing AreaSet
  ) -> Obstacle? {
    var best: Obstacle?
    if let range = index.cells(from: (x, z), to: (x + dx, z + dz)) {
      for row in range.rows {
        for column in range.columns {
          for at in index.items(of: row * range.stride + column) {
            let collider = colliders[Int(index.items[at])]
            guard let box = blockingBox(collider, feet: feet, support: support),
              let hit = Sweep.disc(x, z, by: dx, dz, radius: radius, against: box)
            else { continue }
            if let old = best, old.hit.time <= hit.time { continue }
            best = Obstacle(hit: hit, refusal: collider.door >= 0 ? .door : .wall)
          }
        }
      }
    }
    // The body's middle counts; a little room, so that rounding to position steps never lands inside.
    let areaSkin = radius < BodyShape.radius ? 0.002 : 0.01
    barred.visit { area in
      guard area < areaBoxes.count, let box = barring(area, feet: feet), Sweep.distance(x, z, to: box) >= 0,
        let hit = Sweep.disc(x, z, by: dx, dz, radius: areaSkin, against: box)
      else { return }
      if let old = best, old.hit.time <= hit.time { return }
      best = Obstacle(hit: hit, refusal: .lockedArea)
    }
    return best
  }

  /// A barred area's box, where the feet are in its height.
  private func barring(_ area: Int, feet: Double) -> OrientedBox? {
    let box = areaBoxes[area]
    return feet >= box.base.y - 0.05 && feet <= box.base.y + box.height ? box : nil
  }

  /// Whether a rounded position is no nearer to anything than the rules allow.
  private func isKept(from: Pose, to: Pose, walk: Walk, _ barred: borrowing AreaSet) -> Bool {
    let a = Vector3(from)
    let b = Vector3(to)
    guard let cell = index.cell(x: b.x, z: b.z) else { return false }
    for at in index.items(of: cell) {
      guard let box = blockingBox(colliders[Int(index.items[at])], feet: walk.y, support: walk.support) else {
        continue
      }
      let allowed = min(BodyShape.radius - BodyShape.skin, Sweep.distance(a.x, a.z, to: box))
      if Sweep.distance(b.x, b.z, to: box) < allowed - 1e-9 { return false }
    }
    var kept = true
    barred.visit { area in
      guard area < areaBoxes.count, let box = barring(area, feet: walk.y) else { return }
      if Sweep.distance(a.x, a.z, to: box) >= 0, Sweep.distance(b.x, b.z, to: box) < 0 { kept = false }
    }
    return kept
  }
}
