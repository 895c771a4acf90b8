/// How exactly a page of avatars is told to one reader. The raw value is the one on the wire.
public enum Tier: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
  /// Near: 80-bit words, 2.5 mm.
  case s0 = 0
  /// Middle distance: 64-bit words, 1 cm.
  case s1 = 1
  /// Far: 56-bit words, 2 cm.
  case s2 = 2

  /// Number of tiers.
  public static let count = 3
  /// Near to far. One array for all: the one the compiler would write is made anew at each use without optimisation.
  public static let allCases: [Tier] = [.s0, .s1, .s2]
}

/// Widths and steps of one tier's word. Writer, reader, document and protocol hash all come from these numbers.
///
/// Fields lie in the word from the lowest bit up, in the order slot, x, z, y, velocity x, velocity z, yaw,
/// animation, flags; the word is stored little-endian.
public struct WordLayout: Sendable, Equatable, BitwiseCopyable {
  public let xzBits: Int
  public let yBits: Int
  public let velocityBits: Int
  public let yawBits: Int
  public let animationBits: Int
  public let flagBits: Int
  /// One coded step of x and z is `1 << xzShift` position steps.
  public let xzShift: Int
  /// One coded step of y is `1 << yShift` position steps.
  public let yShift: Int
  /// One coded step of velocity is `1 << velocityShift` velocity steps.
  public let velocityShift: Int

  public static let slotBits = 8
  @inlinable public var yawShift: Int { 16 - yawBits }
  @inlinable public var bits: Int {
    Self.slotBits + 2 * xzBits + yBits + 2 * velocityBits + yawBits + animationBits + flagBits
  }
  @inlinable public var byteCount: Int { bits / 8 }

  @inlinable init(
    xzBits: Int, yBits: Int, velocityBits: Int, yawBits: Int, animationBits: Int, flagBits: Int, xzShift: Int,
    yShift: Int, velocityShift: Int
  ) {
    self.xzBits = xzBits
    self.yBits = yBits
    self.velocityBits = velocityBits
    self.yawBits = yawBits
    self.animationBits = animationBits
    self.flagBits = flagBits
    self.xzShift = xzShift
    self.yShift = yShift
    self.velocityShift = velocityShift
  }

  @inlinable static var s0: WordLayout {
    WordLayout(
      xzBits: 12, yBits: 10, velocityBits: 9, yawBits: 8, animationBits: 6, flagBits: 6, xzShift: 0,
      yShift: 2,
      velocityShift: 0)
  }
  @inlinable static var s1: WordLayout {
    WordLayout(
      xzBits: 10, yBits: 7, velocityBits: 8, yawBits: 6, animationBits: 5, flagBits: 2, xzShift: 2, yShift: 5,
      velocityShift: 1)
  }
  @inlinable static var s2: WordLayout {
    WordLayout(
      xzBits: 9, yBits: 5, velocityBits: 7, yawBits: 5, animationBits: 4, flagBits: 2, xzShift: 3, yShift: 7,
      velocityShift: 2)
  }

  @inlinable public static func of(_ tier: Tier) -> WordLayout {
    switch tier {
    case .s0: s0
    case .s1: s1
    case .s2: s2
    }
  }
}

/// Fixed numbers of the coded volume, in position steps of 2.5 mm.
public enum CodedVolume {
  /// What a page's words can say along x, y and z: 10.24 m.
  public static let rangeSteps: Int32 = 4096
  /// The coded range starts this far below the cell's edge on x and z: 1.12 m.
  public static let marginSteps: Int32 = 448
  /// Height of a floor band: 8 m.
  public static let bandSteps: Int32 = 3200
  /// How far an avatar may stand outside its cell before it changes to another: 1 m.
  public static let hysteresisSteps: Int32 = 400
  /// Grid origins are multiples of the coarsest coded steps: 2 cm on x and z, 32 cm on y.
  public static let originMultipleXZ: Int32 = 8
  public static let originMultipleY: Int32 = 128
}

/// The corner from which a page's words count, in position steps of the space.
public struct CodedOrigin: Sendable, Equatable, BitwiseCopyable {
  public var x: Int32
  public var y: Int32
  public var z: Int32
  @inlinable public init(x: Int32, y: Int32, z: Int32) {
    self.x = x
    self.y = y
    self.z = z
  }
}
