import HubKernel
import HubScene
import HubWire

/// Somebody who waits for a place in a space: at the door of the hub, or in another space of it.
struct Waiter {
  enum Who {
    case connection(ConnectionKey, Hello, Credentials, ResumeSecret)
    case session(SessionID)
  }
  let who: Who
  /// The place in the queue they were told last; 0: none yet.
  var toldPlace = 0
}

/// The waiting list of a full space. Places are given one at a time, on the engine's thread, in the order people came: who comes later
/// without waiting does not overtake, and no capacity is ever passed.
extension Engine {
  static let waitersMax = 1000
  /// Given in one tick, over all spaces: an arrival costs as much as a join.
  private static let admittedPerTickMax = 10

  /// Whether somebody who comes now gets a place at once.
  func hasPlace(_ space: SpaceRuntime) -> Bool { !space.isFull && space.waiters.isEmpty }

  /// Puts a newcomer on the list of a space. False: the list is full, too.
  func wait(
    _ connection: ConnectionKey, _ hello: Hello, _ credentials: Credentials, _ secret: ResumeSecret,
    for space: SpaceRuntime
  ) -> Bool {
    guard space.waiters.count < Self.waitersMax else { return false }
    space.waiters.append(Waiter(who: .connection(connection, hello, credentials, secret)))
    tellPlacesInQueue(space)
    return true
  }

  /// Puts a participant of another space on the list.
  func wait(_ p: Participant, for space: SpaceRuntime) -> Bool {
    guard space.waiters.count < Self.waitersMax else { return false }
    stopWaiting(p)
    space.waiters.append(Waiter(who: .session(p.session)))
    p.waitsFor = space.index
    tellPlacesInQueue(space)
    return true
  }

  /// Takes a participant off the list they are on.
  func stopWaiting(_ p: Participant) {
    guard let index = p.waitsFor else { return }
    p.waitsFor = nil
    let space = spaces[index]
    space.waiters.removeAll {
      if case .session(p.session) = $0.who { true } else { false }
    }
    tellPlacesInQueue(space)
  }

  /// The connection of a waiting newcomer is gone.
  func abandon(_ connection: ConnectionKey) {
    for space in spaces where !space.waiters.isEmpty {
      let before = space.waiters.count
      space.waiters.removeAll {
        if case .connection(connection, _, _, _) = $0.who { true } else { false }
      }
      if space.waiters.count != before { tellPlacesInQueue(space) }
    }
  }

  /// Once a tick: free places go to those who have waited longest.
  func admitWaiters() {
    var budget = Self.admittedPerTickMax
    for space in spaces where !space.waiters.isEmpty {
      var isChanged = false
      while budget > 0, let next = space.waiters.first, !space.isFull {
        if case .connection = next.who, freeSlots.isEmpty { break }
        space.waiters.removeFirst()
        isChanged = true
        budget -= 1
        switch next.who {
        case .connection(let connection, let hello, let credentials, let secret):
          join(
            connection: connection, hello: hello, credentials: credentials, secret: secret, hasWaited: true)
        case .session(let session):
          guard let p = participant(session) else { continue }
          p.waitsFor = nil
          let spawn = space.index == start.space ? start.spawn : 0
          arrive(
            p, in: space, at: space.scene.arrival(spawn: spawn, random: &random), reason: "goto", ref: nil,
            hasWaited: true)
        }
      }
      if isChanged { tellPlacesInQueue(space) }
    }
  }

  /// Everybody on a list whose place has changed hears the new one.
  private func tellPlacesInQueue(_ space: SpaceRuntime) {
    for index in space.waiters.indices where space.waiters[index].toldPlace != index + 1 {
      space.waiters[index].toldPlace = index + 1
      var json = JSONWriter(type: "waiting")
      json.field("space", space.id)
      json.field("place", index + 1)
      json.field("of", space.waiters.count)
      let bytes = json.end()
      switch space.waiters[index].who {
      case .connection(let connection, _, _, _): directives.append(.wait(connection, bytes))
      case .session(let session): if let p = participant(session) { send(p, bytes) }
      }
    }
  }
}
