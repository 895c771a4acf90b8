/// What the loop keeps per socket. The library's connection holds only the id (as the bits of its opaque pointer).
struct Slot {
  enum Role { case free, http, webSocket, clientConnecting, client }
  enum Closing { case no, afterSending, now }

  var generation: UInt32 = 0
  var role = Role.free
  var closing = Closing.no
  /// A call of the handler's `writable` was asked for and has not come.
  var writeAsked = false
  /// The last write did not fit: the library holds the rest, and the next one waits for the socket.
  var isBlocked = false
  /// A ping is out and nothing has come since.
  var isPinged = false
  /// Second of the loop's clock in which the peer was last heard.
  var heardSecond: Int32 = 0
  var closeCode: UInt16 = 0
  /// What the kernel had received at the last look, when that was, and how many bytes more may come.
  var receivedBytes: UInt64 = 0
  var meteredNs: Int64 = 0
  var allowance: Int64 = 0
  var listener: Int32 = -1
  /// The library's connection; valid while `role` is not `free`.
  var wsi: OpaquePointer?
  var messageBytesMax = 0
  /// Frames of the message being received, so far.
  var fragments = 0
  /// The beginning of a message that came in pieces.
  var assembly: [UInt8] = []
  var closeReason: [UInt8] = []
  var address = ""
  var end: ConnectionEnd?
  var exchange: HTTPExchange?
}

/// All slots of a loop: fixed in number, so that nothing grows in service, and behind one pointer, so that the hot paths
/// touch a slot without checks for uniqueness or exclusivity. Belongs to the loop's thread.
final class SlotTable {
  let slots: UnsafeMutableBufferPointer<Slot>
  private var free: [UInt32]

  init(count: Int) {
    slots = .allocate(capacity: count)
    slots.initialize(repeating: Slot())
    free = (0..<UInt32(count)).reversed()
  }

  deinit {
    slots.deinitialize()
    slots.deallocate()
  }

  func take(_ role: Slot.Role) -> ConnectionID? {
    guard let index = free.popLast() else { return nil }
    var slot = Slot()
    slot.generation = Self.after(slots[Int(index)].generation)
    slot.role = role
    let id = ConnectionID(index: index, generation: slot.generation)
    slots[Int(index)] = slot
    return id
  }

  /// The slot's index while the id is good.
  func find(_ id: ConnectionID) -> Int? {
    let index = Int(id.index)
    guard index < slots.count, slots[index].generation == id.generation, slots[index].role != .free else {
      return nil
    }
    return index
  }

  func release(_ index: Int) {
    var slot = Slot()
    slot.generation = slots[index].generation
    slots[index] = slot
    free.append(UInt32(index))
  }

  /// Makes older ids of a slot void while its socket lives on: the next exchange on a kept-alive connection.
  func renew(_ index: Int) -> ConnectionID {
    slots[index].generation = Self.after(slots[index].generation)
    return ConnectionID(index: UInt32(index), generation: slots[index].generation)
  }

  func id(_ index: Int) -> ConnectionID {
    ConnectionID(index: UInt32(index), generation: slots[index].generation)
  }

  private static func after(_ generation: UInt32) -> UInt32 { generation == .max ? 1 : generation + 1 }
}

extension ConnectionID {
  /// As the library carries it: never null, because generations start at 1.
  var opaque: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: UInt(generation) << 32 | UInt(index))!
  }

  init?(opaque: UnsafeMutableRawPointer?) {
    guard let opaque else { return nil }
    let bits = UInt(bitPattern: opaque)
    self.init(index: UInt32(truncatingIfNeeded: bits), generation: UInt32(bits >> 32))
  }
}
