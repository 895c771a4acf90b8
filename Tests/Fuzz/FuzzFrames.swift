import HubKernel
import HubReplication
import HubWire

/// A sequence of frames against one replica: each is applied whole or refused without a trace, and the tables stay sound.
///
/// Input: frames, each with its length (u16) before it. Type and tick are set unless the length's top bit asks for the
/// bytes as they are, so that the fuzzer spends its time on blocks.
@c(LLVMFuzzerTestOneInput)
public func fuzzFrames(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = UnsafeBufferPointer(start: data, count: data == nil ? 0 : size)
  guard
    let grid = try? SpaceGrid(minimum: (-8000, -400, -8000), maximum: (8000, 3600, 8000), cellSteps: 3200)
  else { preconditionFailure("the grid is good") }
  var replica = Replica(grid: grid, ownID: EntityID(rawValue: 11))
  var at = 0
  var tick: UInt16 = 65_500
  while at + 2 <= input.count {
    let head = UInt16(input[at]) | UInt16(input[at + 1]) << 8
    at += 2
    let length = min(Int(head & 0x7FFF), input.count - at)
    var frame = Array(input[at..<at + length])
    at += length
    if head & 0x8000 == 0, frame.count >= 3 {
      tick &+= 1
      frame[0] = 1
      frame[1] = UInt8(truncatingIfNeeded: tick)
      frame[2] = UInt8(truncatingIfNeeded: tick >> 8)
    }
    let before = replica.stateHash()
    do throws(ReplicaError) {
      try replica.apply(frame.span.bytes)
      tick = replica.header.tick
    } catch {
      precondition(replica.stateHash() == before, "a refused frame leaves no trace")
    }
    replica.verify()
    replica.forEachShown { entity in
      _ = entity.predictor.pose(at: .max)
      _ = entity.predictor.meters(atTick: 0.5)
    }
  }
  return 0
}
