public import HubKernel

/// The fields of one word as they lie on the wire, before a page's origin gives them a place.
public struct Word: Equatable, Sendable, BitwiseCopyable {
  public var slot: UInt8
  public var x: UInt16
  public var z: UInt16
  public var y: UInt16
  /// Signed coded velocity.
  public var velocityX: Int16
  public var velocityZ: Int16
  public var yaw: UInt8
  public var animation: UInt8
  public var flags: UInt8

  @inlinable public init(
    slot: UInt8, x: UInt16, z: UInt16, y: UInt16, velocityX: Int16, velocityZ: Int16, yaw: UInt8,
    animation: UInt8,
    flags: UInt8
  ) {
    self.slot = slot
    self.x = x
    self.z = z
    self.y = y
    self.velocityX = velocityX
    self.velocityZ = velocityZ
    self.yaw = yaw
    self.animation = animation
    self.flags = flags
  }
}

/// Nearest coded position, half a step rounding up; outside the range it saturates.
@inlinable @inline(__always) func coded(_ offset: Int64, shift: Int, bits: Int) -> UInt16 {
  let half = (Int64(1) << shift) >> 1
  return UInt16(truncatingIfNeeded: min(max((offset + half) >> shift, 0), (1 << bits) - 1))
}

/// Whether rounding `offset` stays inside the coded range.
@inlinable @inline(__always) func isCodable(_ offset: Int64, shift: Int, bits: Int) -> Bool {
  let index = (offset + ((Int64(1) << shift) >> 1)) >> shift
  return index >= 0 && index < (1 << bits)
}

/// Nearest coded velocity, half a step rounding up; saturates at the two's-complement range.
@inlinable @inline(__always) func coded(velocity: Int16, layout: WordLayout) -> Int16 {
  let half = (1 << layout.velocityShift) >> 1
  let limit = 1 << (layout.velocityBits - 1)
  return Int16(
    truncatingIfNeeded: min(max((Int(velocity) + half) >> layout.velocityShift, -limit), limit - 1))
}

/// Nearest coded heading, half a step rounding up; wraps.
@inlinable @inline(__always) func coded(yaw: UInt16, layout: WordLayout) -> UInt8 {
  let half = (1 << layout.yawShift) >> 1
  return UInt8(truncatingIfNeeded: ((Int(yaw) + half) >> layout.yawShift) & ((1 << layout.yawBits) - 1))
}

extension WordLayout {
  /// ``PoseFlags/ext``, as a literal that the optimiser sees.
  @inlinable static var extFlag: UInt8 { 2 }

  /// The animation this tier shows: numbers that don't fit become 0 (idle), never another animation.
  @inlinable @inline(__always) public func shown(animation: UInt8) -> UInt8 {
    Int(animation) < 1 << animationBits ? animation : 0
  }

  /// The flags this tier shows: the low bits, without ``PoseFlags/ext``, which is reserved and sent as 0.
  @inlinable @inline(__always) public func shown(flags: PoseFlags) -> UInt8 {
    flags.rawValue & UInt8((1 << flagBits) - 1) & ~Self.extFlag
  }

  /// Whether a position can be said relative to `origin` without saturating.
  @inlinable @inline(__always) public func holds(x: Int64, y: Int64, z: Int64, origin: CodedOrigin) -> Bool {
    isCodable(x - Int64(origin.x), shift: xzShift, bits: xzBits)
      && isCodable(z - Int64(origin.z), shift: xzShift, bits: xzBits)
      && isCodable(y - Int64(origin.y), shift: yShift, bits: yBits)
  }

  /// Rounds a position with the rest of a pose into a word.
  @inlinable @inline(__always) public func word(
    slot: UInt8, x: Int64, y: Int64, z: Int64, velocityX: Int16, velocityZ: Int16, yaw: UInt16,
    animation: UInt8,
    flags: PoseFlags, origin: CodedOrigin
  ) -> Word {
    Word(
      slot: slot, x: coded(x - Int64(origin.x), shift: xzShift, bits: xzBits),
      z: coded(z - Int64(origin.z), shift: xzShift, bits: xzBits),
      y: coded(y - Int64(origin.y), shift: yShift, bits: yBits),
      velocityX: coded(velocity: velocityX, layout: self),
      velocityZ: coded(velocity: velocityZ, layout: self),
      yaw: coded(yaw: yaw, layout: self), animation: shown(animation: animation), flags: shown(flags: flags))
  }

  /// The word of a true pose.
  @inlinable @inline(__always) public func word(slot: UInt8, pose: Pose, origin: CodedOrigin) -> Word {
    word(
      slot: slot, x: Int64(pose.x), y: Int64(pose.y), z: Int64(pose.z), velocityX: pose.velocityX,
      velocityZ: pose.velocityZ, yaw: pose.yaw, animation: pose.animation, flags: pose.flags, origin: origin)
  }

  /// The word that says where a predictor is at `tick`.
  @inlinable @inline(__always) public func word(
    slot: UInt8, predictor: Predictor, at tick: Tick, origin: CodedOrigin
  ) -> Word {
    word(
      slot: slot, x: predictor.x(at: tick), y: Int64(predictor.y), z: predictor.z(at: tick),
      velocityX: predictor.velocityX, velocityZ: predictor.velocityZ, yaw: predictor.yaw,
      animation: predictor.animation, flags: predictor.flags, origin: origin)
  }

  /// What a reader makes of a word: exact, no rounding. Saturates where a hostile origin would overflow.
  @inlinable @inline(__always) public func predictor(_ word: Word, origin: CodedOrigin, base: Tick)
    -> Predictor
  {
    Predictor(
      x: Int32(clamping: Int64(origin.x) + Int64(word.x) << xzShift),
      y: Int32(clamping: Int64(origin.y) + Int64(word.y) << yShift),
      z: Int32(clamping: Int64(origin.z) + Int64(word.z) << xzShift), base: base,
      velocityX: word.velocityX << velocityShift, velocityZ: word.velocityZ << velocityShift,
      yaw: UInt16(word.yaw) << yawShift, animation: word.animation, flags: PoseFlags(rawValue: word.flags))
  }
}
