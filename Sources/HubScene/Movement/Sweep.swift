/// A disc moving against an upright box, seen from above: the plane geometry under all movement.
///
/// With f = the signed distance from the disc's middle to the rectangle (negative inside), a move along a
/// segment is free when f never falls below min(radius, f at the start): who stands outside stays outside,
/// and who is already too close (a door closed on them, they walked off a ledge) may move along or away but
/// never deeper. f is convex, so "not deeper" is decided by its slope at the start.
enum Sweep {
  struct Hit {
    /// Part of the segment that is free, 0...1.
    var time: Double
    /// Unit vector away from the box at the contact, in the space's axes.
    var normalX: Double
    var normalZ: Double
  }

  /// The first contact of a disc moving from (x, z) by (dx, dz), or nil when the way is free.
  static func disc(
    _ x: Double, _ z: Double, by dx: Double, _ dz: Double, radius: Double, against box: OrientedBox
  ) -> Hit? {
    // Far away, along the axes of the space: the common case.
    let reach = box.reach
    let px = x - box.base.x
    let pz = z - box.base.z
    if min(px, px + dx) > reach.x + radius || max(px, px + dx) < -reach.x - radius
      || min(pz, pz + dz) > reach.z + radius || max(pz, pz + dz) < -reach.z - radius
    {
      return nil
    }
    let (lx, lz) = box.local(x: x, z: z)
    let ldx = dx * box.axisX + dz * box.axisZ
    let ldz = dz * box.axisX - dx * box.axisZ
    guard let hit = local(lx, lz, ldx, ldz, radius, box.halfWidth, box.halfDepth) else { return nil }
    return Hit(
      time: hit.time, normalX: hit.normalX * box.axisX - hit.normalZ * box.axisZ,
      normalZ: hit.normalX * box.axisZ + hit.normalZ * box.axisX)
  }

  /// Signed distance from a point to a box's sides, metres; negative inside.
  static func distance(_ x: Double, _ z: Double, to box: OrientedBox) -> Double {
    let (lx, lz) = box.local(x: x, z: z)
    return gradient(lx, lz, box.halfWidth, box.halfDepth).distance
  }

  private static func local(
    _ x: Double, _ z: Double, _ dx: Double, _ dz: Double, _ radius: Double, _ w: Double, _ d: Double
  ) -> Hit? {
    let start = gradient(x, z, w, d)
    if start.distance < radius {
      guard start.x * dx + start.z * dz < -1e-12 else { return nil }
      return Hit(time: 0, normalX: start.x, normalZ: start.z)
    }
    // The rounded rectangle is two rectangles and four discs, all convex: the first entry into any of them.
    var time = Double.infinity
    if let t = enterRectangle(x, z, dx, dz, w + radius, d) { time = min(time, t) }
    if let t = enterRectangle(x, z, dx, dz, w, d + radius) { time = min(time, t) }
    if radius > 0 {
      if let t = enterDisc(x - w, z - d, dx, dz, radius) { time = min(time, t) }
      if let t = enterDisc(x + w, z - d, dx, dz, radius) { time = min(time, t) }
      if let t = enterDisc(x - w, z + d, dx, dz, radius) { time = min(time, t) }
      if let t = enterDisc(x + w, z + d, dx, dz, radius) { time = min(time, t) }
    }
    guard time <= 1 else { return nil }
    let contact = gradient(x + dx * time, z + dz * time, w, d)
    // Touching on the way out, or passing along.
    guard contact.x * dx + contact.z * dz < -1e-12 else { return nil }
    return Hit(time: time, normalX: contact.x, normalZ: contact.z)
  }

  /// Signed distance to a rectangle about the origin, and the direction in which it grows.
  private static func gradient(_ x: Double, _ z: Double, _ w: Double, _ d: Double) -> (
    distance: Double, x: Double, z: Double
  ) {
    let ox = x.magnitude - w
    let oz = z.magnitude - d
    let sx = x < 0 ? -1.0 : 1.0
    let sz = z < 0 ? -1.0 : 1.0
    if ox > 0, oz > 0 {
      let distance = (ox * ox + oz * oz).squareRoot()
      return (distance, sx * ox / distance, sz * oz / distance)
    }
    // Right in the middle of a box both ways out are as near: neither is deeper.
    if ox > oz { return (ox, ox < 0 && x.magnitude < 1e-6 ? 0 : sx, 0) }
    return (oz, 0, oz < 0 && z.magnitude < 1e-6 ? 0 : sz)
  }

  private static func enterRectangle(
    _ x: Double, _ z: Double, _ dx: Double, _ dz: Double, _ w: Double, _ d: Double
  ) -> Double? {
    var from = 0.0
    var to = 1.0
    if dx == 0 {
      guard x.magnitude <= w else { return nil }
    } else {
      let a = (-w - x) / dx
      let b = (w - x) / dx
      from = max(from, min(a, b))
      to = min(to, max(a, b))
    }
    if dz == 0 {
      guard z.magnitude <= d else { return nil }
    } else {
      let a = (-d - z) / dz
      let b = (d - z) / dz
      from = max(from, min(a, b))
      to = min(to, max(a, b))
    }
    return from <= to ? from : nil
  }

  private static func enterDisc(
    _ x: Double, _ z: Double, _ dx: Double, _ dz: Double, _ radius: Double
  ) -> Double? {
    let a = dx * dx + dz * dz
    let b = x * dx + z * dz
    let c = x * x + z * z - radius * radius
    guard b < 0, a > 0 else { return nil }
    let q = b * b - a * c
    guard q >= 0 else { return nil }
    let t = (-b - q.squareRoot()) / a
    return t <= 1 ? max(0, t) : nil
  }
}
