import HubKernel
import HubWire

/// A client's binary message: read and written back it is the same bytes, or it is refused.
@c(LLVMFuzzerTestOneInput)
public func fuzzClientMessages(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: data == nil ? 0 : size))
  do throws(WireError) {
    switch try ClientPoseMessage.read(input.span.bytes) {
    case .move(let move): precondition(move.bytes() == input, "nothing is lost")
    case .ack(let ack): precondition(ack.bytes() == input, "nothing is lost")
    }
  } catch {
    precondition(input.count != 27 || input[0] != 2, "a MOVE of the right length is always read")
  }
  return 0
}
