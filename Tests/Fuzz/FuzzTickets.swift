import HubEngine

/// What lies under the seal of a ticket: an older hub may have written it. Read, written and read again it is the same.
@c(LLVMFuzzerTestOneInput)
public func fuzzTickets(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: data == nil ? 0 : size))
  guard let ticket = try? SessionTicket(bytes: input.span.bytes), let bytes = ticket.bytes() else { return 0 }
  guard let again = try? SessionTicket(bytes: bytes.span.bytes) else {
    preconditionFailure("what we write we read")
  }
  precondition(again == ticket, "nothing is lost")
  return 0
}
