import HubKernel
import HubReplication
import HubWire
import Testing

extension VectorJSON {
  init(_ pose: Pose) {
    self = .object([
      ("x", .int(Int(pose.x))), ("y", .int(Int(pose.y))), ("z", .int(Int(pose.z))),
      ("vx", .int(Int(pose.velocityX))), ("vz", .int(Int(pose.velocityZ))), ("yaw", .int(Int(pose.yaw))),
      ("animation", .int(Int(pose.animation))), ("flags", .int(Int(pose.flags.rawValue))),
    ])
  }

  init(_ word: Word) {
    self = .object([
      ("slot", .int(Int(word.slot))), ("x", .int(Int(word.x))), ("z", .int(Int(word.z))),
      ("y", .int(Int(word.y))),
      ("vx", .int(Int(word.velocityX))), ("vz", .int(Int(word.velocityZ))), ("yaw", .int(Int(word.yaw))),
      ("animation", .int(Int(word.animation))), ("flags", .int(Int(word.flags))),
    ])
  }

  init(_ origin: CodedOrigin) {
    self = .array([.int(Int(origin.x)), .int(Int(origin.y)), .int(Int(origin.z))])
  }
}

/// Words of each tier: a pose, the page's corner, the fields, the bytes, and what a reader makes of them.
enum WordVectors {
  static let poses: [Pose] = {
    let flags = PoseFlags([.talking, .handRaised])
    var poses = [
      Pose(x: -448, y: 0, z: -448),
      Pose(x: 1600, y: 400, z: 800, velocityX: 45, velocityZ: -45, yaw: 16384, animation: Animation.walk),
      Pose(
        x: 3600, y: 3600, z: -400, velocityX: 255, velocityZ: -256, yaw: 65535, animation: 63, flags: flags),
      Pose(x: 3647, y: 4095, z: 3647, velocityX: 304, velocityZ: -304, yaw: 127, animation: 16, flags: .snap),
      Pose(x: 1, y: 1, z: 2, velocityX: 1, velocityZ: -1, yaw: 128, animation: 31, flags: .airborne),
      Pose(x: 3, y: 15, z: 4, velocityX: 2, velocityZ: -2, yaw: 512, animation: 15, flags: .seated),
    ]
    var random = SeededRandom(seed: 1)
    for _ in 0..<6 {
      poses.append(
        Pose(
          x: Int32(random.below(4000)) - 400, y: Int32(random.below(3600)),
          z: Int32(random.below(4000)) - 400,
          velocityX: Int16(random.below(512) - 256), velocityZ: Int16(random.below(512) - 256),
          yaw: UInt16(random.below(65536)), animation: UInt8(random.below(8)),
          flags: PoseFlags(rawValue: UInt8(random.below(64)))))
    }
    return poses
  }()

  static func text() -> String {
    var cases: [VectorJSON] = []
    for (corner, tier) in [(0, Tier.s0), (0, .s1), (0, .s2), (1, .s0), (1, .s2)] {
      // The second corner is far from 0 on every axis, and negative.
      let origin =
        corner == 0 ? CodedOrigin(x: -448, y: 0, z: -448) : CodedOrigin(x: -32_448, y: -512, z: 65_088)
      for (index, pose) in poses.enumerated() where corner == 0 || index < 4 {
        var pose = pose
        pose.x += origin.x + 448
        pose.y += origin.y
        pose.z += origin.z + 448
        let layout = WordLayout.of(tier)
        let word = layout.word(slot: UInt8(index * 23), pose: pose, origin: origin)
        let decoded = layout.predictor(word, origin: origin, base: 0).pose(at: 0)
        cases.append(
          .object([
            ("tier", .int(Int(tier.rawValue))), ("origin", VectorJSON(origin)), ("pose", VectorJSON(pose)),
            ("word", VectorJSON(word)), ("hex", .string(hex(FrameBuilder.word(Int(tier.rawValue), word)))),
            ("decoded", VectorJSON(decoded)),
          ]))
      }
    }
    let layouts = Tier.allCases.map { tier in
      let layout = WordLayout.of(tier)
      return VectorJSON.object([
        ("tier", .int(Int(tier.rawValue))), ("bytes", .int(layout.byteCount)),
        (
          "bits",
          .object([
            ("slot", 8), ("x", .int(layout.xzBits)), ("z", .int(layout.xzBits)), ("y", .int(layout.yBits)),
            ("vx", .int(layout.velocityBits)), ("vz", .int(layout.velocityBits)),
            ("yaw", .int(layout.yawBits)),
            ("animation", .int(layout.animationBits)), ("flags", .int(layout.flagBits)),
          ])
        ),
      ])
    }
    return VectorJSON.object([
      ("hash", .string(WireProtocol.hashHex)), ("layouts", .array(layouts)), ("cases", .array(cases)),
    ]).text(depth: 2) + "\n"
  }
}

/// MOVE and ACK, and what the hub refuses.
enum ClientMessageVectors {
  static func text() -> String {
    let poses = [Pose(x: 0, y: 0, z: 0)] + WordVectors.poses.dropFirst()
    var valid: [VectorJSON] = []
    for (index, pose) in poses.enumerated() {
      let move = MoveMessage(
        sequence: UInt8(index * 29 & 255), ackTick: UInt16(index * 7919 & 65535), epoch: UInt8(index),
        pose: pose, atMs: UInt16(index * 6151 & 65535))
      valid.append(
        .object([
          ("message", "MOVE"), ("seq", .int(Int(move.sequence))), ("ackTick", .int(Int(move.ackTick))),
          ("epoch", .int(Int(move.epoch))), ("pose", VectorJSON(pose)), ("atMs", .int(Int(move.atMs))),
          ("hex", .string(hex(move.bytes()))),
        ]))
    }
    for tick: UInt16 in [0, 1, 256, 65535] {
      valid.append(
        .object([
          ("message", "ACK"), ("ackTick", .int(Int(tick))),
          ("hex", .string(hex(AckMessage(ackTick: tick).bytes()))),
        ]))
    }
    let invalid: [(String, String)] = [
      ("", "truncated"), ("03", "truncated"), ("0301", "truncated"), ("03010200", "trailingBytes"),
      ("02" + String(repeating: "00", count: 25), "truncated"),
      ("02" + String(repeating: "00", count: 27), "trailingBytes"), ("0100000000000000", "unknownType"),
      ("04", "unknownType"), ("ff0000", "unknownType"),
    ]
    return VectorJSON.object([
      ("valid", .array(valid)),
      ("invalid", .array(invalid.map { .object([("hex", .string($0.0)), ("error", .string($0.1))]) })),
    ]).text(depth: 2) + "\n"
  }
}
