public import HubKernel

/// Where a client says its avatar is: the one binary message that asks for a change. 27 bytes.
public struct MoveMessage: WireMessage, Equatable {
  public static let typeByte: UInt8 = 2
  public static let wireName = "MOVE"

  /// Counts the client's MOVEs; a frame's `ackedInput` is the newest one the hub has applied.
  public var sequence: UInt8 = 0
  /// Low 16 bits of the newest frame tick the client has applied.
  public var ackTick: UInt16 = 0
  /// The correction the client has obeyed (low 8 bits of `epoch`); the hub ignores a MOVE of an older one.
  public var epoch: UInt8 = 0
  public var animation: UInt8 = 0
  /// Position in steps of 2.5 mm.
  public var x: Int32 = 0
  public var y: Int32 = 0
  public var z: Int32 = 0
  /// Velocity in steps of 1/32 m/s.
  public var velocityX: Int16 = 0
  public var velocityZ: Int16 = 0
  /// Heading in 1/65536 turn.
  public var yaw: UInt16 = 0
  public var flags = PoseFlags()
  /// Low 16 bits of the hub's clock in ms at which the pose holds, as the client knows that clock. The hub carries the pose on from
  /// there, so that a message's way through the network does not shift anybody.
  public var atMs: UInt16 = 0

  public init() {}

  public init(sequence: UInt8, ackTick: UInt16, epoch: UInt8, pose: Pose, atMs: UInt16) {
    self.atMs = atMs
    self.sequence = sequence
    self.ackTick = ackTick
    self.epoch = epoch
    animation = pose.animation
    (x, y, z) = (pose.x, pose.y, pose.z)
    (velocityX, velocityZ, yaw, flags) = (pose.velocityX, pose.velocityZ, pose.yaw, pose.flags)
  }

  public var pose: Pose {
    Pose(
      x: x, y: y, z: z, velocityX: velocityX, velocityZ: velocityZ, yaw: yaw, animation: animation,
      flags: flags)
  }

  public static let fields: [WireField<MoveMessage>] = [
    WireField("seq", .u8, { Int64($0.sequence) }, { $0.sequence = UInt8(truncatingIfNeeded: $1) }),
    WireField("ackTick", .u16, { Int64($0.ackTick) }, { $0.ackTick = UInt16(truncatingIfNeeded: $1) }),
    WireField("epoch", .u8, { Int64($0.epoch) }, { $0.epoch = UInt8(truncatingIfNeeded: $1) }),
    WireField("animation", .u8, { Int64($0.animation) }, { $0.animation = UInt8(truncatingIfNeeded: $1) }),
    WireField("x", .i32, { Int64($0.x) }, { $0.x = Int32(truncatingIfNeeded: $1) }),
    WireField("y", .i32, { Int64($0.y) }, { $0.y = Int32(truncatingIfNeeded: $1) }),
    WireField("z", .i32, { Int64($0.z) }, { $0.z = Int32(truncatingIfNeeded: $1) }),
    WireField("vx", .i16, { Int64($0.velocityX) }, { $0.velocityX = Int16(truncatingIfNeeded: $1) }),
    WireField("vz", .i16, { Int64($0.velocityZ) }, { $0.velocityZ = Int16(truncatingIfNeeded: $1) }),
    WireField("yaw", .u16, { Int64($0.yaw) }, { $0.yaw = UInt16(truncatingIfNeeded: $1) }),
    WireField(
      "flags", .u8, { Int64($0.flags.rawValue) },
      { $0.flags = PoseFlags(rawValue: UInt8(truncatingIfNeeded: $1)) }),
    WireField("atMs", .u16, { Int64($0.atMs) }, { $0.atMs = UInt16(truncatingIfNeeded: $1) }),
  ]
}

/// Acknowledges a frame when there is no MOVE to carry it. 3 bytes.
public struct AckMessage: WireMessage, Equatable {
  public static let typeByte: UInt8 = 3
  public static let wireName = "ACK"
  /// Low 16 bits of the newest frame tick the client has applied.
  public var ackTick: UInt16 = 0

  public init() {}
  public init(ackTick: UInt16) { self.ackTick = ackTick }

  public static let fields: [WireField<AckMessage>] = [
    WireField("ackTick", .u16, { Int64($0.ackTick) }, { $0.ackTick = UInt16(truncatingIfNeeded: $1) })
  ]
}

/// A binary message from a client.
public enum ClientPoseMessage: Equatable, Sendable {
  case move(MoveMessage)
  case ack(AckMessage)

  /// Reads exactly one message; anything before, behind or missing is an error.
  public static func read(_ bytes: RawSpan) throws(WireError) -> ClientPoseMessage {
    guard bytes.byteCount > 0 else { throw .truncated }
    var reader = ByteReader(bytes)
    let type = bytes.firstByte
    let message: ClientPoseMessage
    switch type {
    case MoveMessage.typeByte: message = .move(try MoveMessage.read(from: &reader))
    case AckMessage.typeByte: message = .ack(try AckMessage.read(from: &reader))
    default: throw .unknownType(type)
    }
    guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    return message
  }

  /// Low 16 bits of the acknowledged tick, which both messages carry.
  public var ackTick: UInt16 {
    switch self {
    case .move(let move): move.ackTick
    case .ack(let ack): ack.ackTick
    }
  }
}

extension RawSpan {
  /// Traps on an empty span.
  var firstByte: UInt8 {
    precondition(byteCount > 0)
    return unsafe unsafeLoad(fromByteOffset: 0, as: UInt8.self)
  }
}
