import HubEngine
import HubKernel
import HubNet

/// One connection, from its opening to its end.
struct Link {
  /// Nil while the place is free.
  var id: ConnectionID?
  var openedTick: Tick = 0
  /// Stands in the queue of a full space.
  var isWaiting = false
  /// Its `hello` brought a token, which is being checked.
  var isChecking = false
  /// Set once its `hello` was accepted.
  var session: SessionID?
  var queue = ControlQueue()
  /// When its session's ticket was last renewed, and the one it came with until it is spent.
  var ticketTick: Tick = 0
  var cameWith: SessionTicket?
  /// The tick in which the oldest message of the queue came in.
  var queuedTick: Tick = 0
  /// What is queued still goes out, then the close frame; nothing is read any more.
  var isClosing = false
}

/// All links, by the index of their connection, and which link a session has. Fixed in number and behind pointers: a tick
/// goes through thousands of them without counting references.
final class LinkTable {
  let links: UnsafeMutableBufferPointer<Link>
  private let ofSession: UnsafeMutableBufferPointer<Int32>
  private(set) var count = 0
  /// No link has an index at or above this.
  private(set) var end = 0

  init(connectionsMax: Int, sessionsMax: Int) {
    links = .allocate(capacity: connectionsMax)
    links.initialize(repeating: Link())
    ofSession = .allocate(capacity: sessionsMax)
    ofSession.initialize(repeating: -1)
  }

  deinit {
    links.deinitialize()
    links.deallocate()
    ofSession.deallocate()
  }

  func open(_ id: ConnectionID, tick: Tick) {
    links[Int(id.index)] = Link(id: id, openedTick: tick)
    count += 1
    end = max(end, Int(id.index) + 1)
  }

  func close(_ index: Int) {
    links[index] = Link()
    count -= 1
    while end > 0, links[end - 1].id == nil { end -= 1 }
  }

  /// The place of a link that is open; nil for a stale id.
  func find(_ id: ConnectionID) -> Int? {
    let index = Int(id.index)
    return links[index].id == id ? index : nil
  }

  func find(_ session: SessionID) -> Int? {
    let index = ofSession[Int(session.slot)]
    return index < 0 ? nil : Int(index)
  }

  func join(_ index: Int, _ session: SessionID) {
    links[index].session = session
    ofSession[Int(session.slot)] = Int32(index)
  }

  /// From here on the session has no link; its messages go nowhere.
  func part(_ session: SessionID) { ofSession[Int(session.slot)] = -1 }
}
