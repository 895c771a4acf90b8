public import HubKernel

/// A box that bodies meet.
public struct Collider: Sendable, BitwiseCopyable {
  public enum Kind: UInt8, Sendable, BitwiseCopyable { case solid, floor, ramp }
  public var box: OrientedBox
  public var kind: Kind
  /// Index in ``Space/dynamics`` of the door it belongs to, -1 for none.
  public var door: Int32

  public init(box: OrientedBox, kind: Kind, door: Int32 = -1) {
    self.box = box
    self.kind = kind
    self.door = door
  }

  /// Height of the top over a point inside the footprint, given in the box's own z.
  @inline(__always) func top(localZ: Double) -> Double {
    guard kind == .ramp else { return box.base.y + box.height }
    let rise = (box.halfDepth - localZ) / (2 * box.halfDepth)
    return box.base.y + box.height * min(max(rise, 0), 1)
  }
}

/// What bodies meet in a space: bounds, colliders, doors, areas that may be barred, ground. `docs/WORLDS.md`
/// states the same rules for clients. Doubles and operations that IEEE 754 rounds exactly, so every CPU
/// decides alike.
public struct CollisionMap: Sendable {
  public let colliders: [Collider]
  let index: GroundIndex
  let areaBoxes: [OrientedBox]
  let boundsMin: Vector3
  let boundsMax: Vector3
  /// By index of the dynamic node; only doors' entries matter.
  var isDoorClosed: [Bool]

  public init(
    colliders: [Collider], areas: [OrientedBox] = [], boundsMin: Vector3, boundsMax: Vector3,
    dynamics: Int = 0
  ) {
    self.colliders = colliders
    index = GroundIndex(
      colliders.map(\.box), margin: BodyShape.radius, boundsMin: boundsMin, boundsMax: boundsMax)
    areaBoxes = areas
    self.boundsMin = boundsMin
    self.boundsMax = boundsMax
    isDoorClosed = Array(repeating: true, count: dynamics)
  }

  /// Makes a door solid or passable.
  public mutating func setDoor(_ dynamic: Int, closed: Bool) { isDoorClosed[dynamic] = closed }

  // MARK: - Ground

  /// Height in metres of the highest ground that is at most a step (0.4 m) above `nearY`; the base ground is
  /// 0. Tops of all colliders are ground, except doors'.
  public func groundHeight(x: Double, z: Double, nearY: Double) -> Double {
    guard let cell = index.cell(x: x, z: z) else { return 0 }
    let limit = nearY + BodyShape.stepHeight + 1e-6
    var ground = 0.0
    for at in index.items(of: cell) {
      let collider = colliders[Int(index.items[at])]
      guard collider.door < 0, collider.box.base.y <= limit else { continue }
      let local = collider.box.local(x: x, z: z)
      guard local.x.magnitude <= collider.box.halfWidth, local.z.magnitude <= collider.box.halfDepth else {
        continue
      }
      let top = collider.top(localZ: local.z)
      if top <= limit, top > ground { ground = top }
    }
    return ground
  }

  // MARK: - What blocks

  /// The part of a collider that blocks a body with its feet at `feet`, or nil when it steps over or walks
  /// under it.
  /// - Parameter support: height of the ground last stood on. Solids are not jumped over, however low, and a
  ///   jump never hits a ceiling that leaves room to walk.
  @inline(__always) func blockingBox(_ collider: Collider, feet: Double, support: Double) -> OrientedBox? {
    var box = collider.box
    let standing = min(feet, support)
    guard box.base.y < standing + BodyShape.height else { return nil }
    let top = box.base.y + box.height
    switch collider.kind {
    case .solid:
      guard top > standing + 0.02 else { return nil }
      if collider.door >= 0, !isDoorClosed[Int(collider.door)] { return nil }
    case .floor:
      guard top > feet + BodyShape.stepHeight + 1e-6 else { return nil }
    case .ramp:
      let rise = (feet + BodyShape.stepHeight + 1e-6 - box.base.y) / box.height
      guard rise < 1 else { return nil }
      if rise > 0 {
        // Only the part towards -z that is higher than a step where the body's middle is, not its rim: who
        // walks up meets nothing, who comes from behind meets the high end.
        let depth = max(0.01, box.halfDepth * (1 - rise) - BodyShape.radius / 2)
        let shift = -box.halfDepth + depth
        box.base.x += -box.axisZ * shift
        box.base.z += box.axisX * shift
        box.halfDepth = depth
      }
    }
    return box
  }

  /// Whether a body can stand there: inside the bounds, its disc free of everything that blocks.
  /// - Parameter touching: as deep into a wall as a walk may end, by ``BodyShape/skin``.
  public func isFree(x: Double, y: Double, z: Double, touching: Bool = false) -> Bool {
    let radius = BodyShape.radius - (touching ? BodyShape.skin : 0)
    guard x - radius >= boundsMin.x, x + radius <= boundsMax.x, z - radius >= boundsMin.z,
      z + radius <= boundsMax.z, y >= boundsMin.y, y + BodyShape.height <= boundsMax.y
    else { return false }
    return clearance(x: x, y: y, z: z) >= radius
  }

  /// Distance from a standing body's middle to the nearest thing that blocks it, metres, negative inside one;
  /// exact up to the body's radius, infinite or any larger value beyond.
  public func clearance(x: Double, y: Double, z: Double) -> Double {
    guard let cell = index.cell(x: x, z: z) else { return -.infinity }
    var nearest = Double.infinity
    for at in index.items(of: cell) {
      guard let box = blockingBox(colliders[Int(index.items[at])], feet: y, support: y) else {
        continue
      }
      nearest = min(nearest, Sweep.distance(x, z, to: box))
    }
    return nearest
  }

  /// A free standing place, uniform in the disc of `radius` metres around a point; at most 32 are tried.
  public func freeSpot(near point: Vector3, radius: Double, random: inout SeededRandom) -> Vector3? {
    for attempt in 0..<32 {
      var (x, z) = (point.x, point.z)
      if radius > 0, attempt < 31 {
        let distance = radius * random.unit().squareRoot()
        let (sin, cos) = Trigonometry.sinCos(degrees: 360 * random.unit())
        x += distance * cos
        z += distance * sin
      }
      // On the grid of poses, so that the spot found is the spot stood on.
      x = Units.meters(steps: Units.steps(meters: x))
      z = Units.meters(steps: Units.steps(meters: z))
      let y = groundHeight(x: x, z: z, nearY: point.y)
      if isFree(x: x, y: y, z: z) { return Vector3(x, y, z) }
    }
    return nil
  }
}
