import HubJSON
import HubWire

/// A text message of a client, as the shell reads it before and after `hello`: it is a message or it is refused, and a
/// refusal says so in words that are text.
@c(LLVMFuzzerTestOneInput)
public func fuzzHello(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: data == nil ? 0 : size))
  do {
    let message = try JSON.decode(ClientMessage.self, from: input.span.bytes)
    if case .unknown(let type, _) = message { precondition(type.utf8.count <= input.count) }
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}
