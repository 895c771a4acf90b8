public import HubKernel

/// A point or a direction: metres, y up, right-handed. Doubles, and only operations that IEEE 754 rounds
/// exactly.
public struct Vector3: Sendable, Equatable, BitwiseCopyable {
  public var x: Double
  public var y: Double
  public var z: Double

  @inlinable public init(_ x: Double, _ y: Double, _ z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }

  public static let zero = Vector3(0, 0, 0)
  public static let one = Vector3(1, 1, 1)

  @inlinable public static func + (a: Vector3, b: Vector3) -> Vector3 {
    Vector3(a.x + b.x, a.y + b.y, a.z + b.z)
  }
  @inlinable public static func - (a: Vector3, b: Vector3) -> Vector3 {
    Vector3(a.x - b.x, a.y - b.y, a.z - b.z)
  }
  @inlinable public static func * (a: Vector3, k: Double) -> Vector3 { Vector3(a.x * k, a.y * k, a.z * k) }
  @inlinable public func dot(_ b: Vector3) -> Double { x * b.x + y * b.y + z * b.z }
  @inlinable public var length: Double { dot(self).squareRoot() }
  @inlinable public var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}

/// A unit quaternion (x, y, z, w), three.js order.
public struct Quaternion: Sendable, Equatable, BitwiseCopyable {
  public var x: Double
  public var y: Double
  public var z: Double
  public var w: Double

  @inlinable public init(_ x: Double, _ y: Double, _ z: Double, _ w: Double) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }

  public static let identity = Quaternion(0, 0, 0, 1)

  @inlinable public var lengthSquared: Double { x * x + y * y + z * z + w * w }
}

/// Where a node stands in its parent: scaled, then turned, then moved.
public struct Transform: Sendable, Equatable, BitwiseCopyable {
  public var position: Vector3
  public var rotation: Quaternion
  /// Factors above 0.
  public var scale: Vector3

  @inlinable public init(position: Vector3 = .zero, rotation: Quaternion = .identity, scale: Vector3 = .one) {
    self.position = position
    self.rotation = rotation
    self.scale = scale
  }

  public static let identity = Transform()
}

/// A node's transform in its space: the images of the three axes, and the origin. Exactly the matrix that
/// three.js composes, shear of turned children under uneven scale included.
public struct Affine: Sendable, Equatable, BitwiseCopyable {
  public var axisX: Vector3
  public var axisY: Vector3
  public var axisZ: Vector3
  public var origin: Vector3

  @inlinable public init(axisX: Vector3, axisY: Vector3, axisZ: Vector3, origin: Vector3) {
    self.axisX = axisX
    self.axisY = axisY
    self.axisZ = axisZ
    self.origin = origin
  }

  public static let identity = Affine(
    axisX: Vector3(1, 0, 0), axisY: Vector3(0, 1, 0), axisZ: Vector3(0, 0, 1), origin: .zero)

  public init(_ t: Transform) {
    let q = t.rotation
    let s = t.scale
    axisX =
      Vector3(1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y + q.w * q.z), 2 * (q.x * q.z - q.w * q.y)) * s.x
    axisY =
      Vector3(2 * (q.x * q.y - q.w * q.z), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z + q.w * q.x)) * s.y
    axisZ =
      Vector3(2 * (q.x * q.z + q.w * q.y), 2 * (q.y * q.z - q.w * q.x), 1 - 2 * (q.x * q.x + q.y * q.y)) * s.z
    origin = t.position
  }

  @inlinable public func direction(_ v: Vector3) -> Vector3 { axisX * v.x + axisY * v.y + axisZ * v.z }
  @inlinable public func point(_ v: Vector3) -> Vector3 { origin + direction(v) }
  /// This frame with `child` expressed in it.
  @inlinable public func appending(_ child: Affine) -> Affine {
    Affine(
      axisX: direction(child.axisX), axisY: direction(child.axisY), axisZ: direction(child.axisZ),
      origin: point(child.origin))
  }
}

/// An upright box turned about the vertical: what areas and colliders are. `base` is the middle of its
/// underside.
public struct OrientedBox: Sendable, Equatable, BitwiseCopyable {
  public var base: Vector3
  /// Half width along the box's own x, half depth along its own z, full height.
  public var halfWidth: Double
  public var halfDepth: Double
  public var height: Double
  /// The box's own x axis on the ground, a unit vector; its z axis is (-axisZ, axisX).
  public var axisX: Double
  public var axisZ: Double

  @inlinable public init(
    base: Vector3, halfWidth: Double, halfDepth: Double, height: Double, axisX: Double = 1, axisZ: Double = 0
  ) {
    self.base = base
    self.halfWidth = halfWidth
    self.halfDepth = halfDepth
    self.height = height
    self.axisX = axisX
    self.axisZ = axisZ
  }

  /// A point of the space on the ground in the box's own axes.
  @inlinable public func local(x: Double, z: Double) -> (x: Double, z: Double) {
    let dx = x - base.x
    let dz = z - base.z
    return (dx * axisX + dz * axisZ, dz * axisX - dx * axisZ)
  }

  /// Closed in every direction.
  @inlinable public func contains(_ p: Vector3) -> Bool {
    let l = local(x: p.x, z: p.z)
    return l.x.magnitude <= halfWidth && l.z.magnitude <= halfDepth && p.y >= base.y && p.y <= base.y + height
  }

  /// Half the extent of its bounding box on the ground.
  @inlinable public var reach: (x: Double, z: Double) {
    (
      axisX.magnitude * halfWidth + axisZ.magnitude * halfDepth,
      axisZ.magnitude * halfWidth + axisX.magnitude * halfDepth
    )
  }
}

extension Vector3 {
  /// The position of a pose, metres.
  @inlinable public init(_ pose: Pose) {
    self.init(Units.meters(steps: pose.x), Units.meters(steps: pose.y), Units.meters(steps: pose.z))
  }
}

extension Affine {
  /// The heading of an upright frame, 1/65536 turn.
  public var yaw: UInt16 { Trigonometry.yaw(facingX: -axisZ.x, z: -axisZ.z) }
}

extension Quaternion {
  /// A turn about the vertical; positive turns left.
  public init(yawDegrees: Double) {
    let (sin, cos) = Trigonometry.sinCos(degrees: yawDegrees / 2)
    self.init(0, sin, 0, cos)
  }
}
