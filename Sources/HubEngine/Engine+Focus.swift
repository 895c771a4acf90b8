import HubKernel
import HubReplication
import HubScene

/// Whom a participant has just dealt with, newest first; a few, for half a minute.
struct RecentContacts {
  private static let countMax = 4
  private static let ticks: Tick = 600
  private(set) var ids: [EntityID] = []
  private var until: [Tick] = []

  init() {
    ids.reserveCapacity(Self.countMax)
    until.reserveCapacity(Self.countMax)
  }

  mutating func note(_ id: EntityID, now: Tick) {
    if let index = ids.firstIndex(of: id) {
      ids.remove(at: index)
      until.remove(at: index)
    } else if ids.count == Self.countMax {
      ids.removeLast()
      until.removeLast()
    }
    ids.insert(id, at: 0)
    until.insert(now &+ Self.ticks, at: 0)
  }

  /// Forgets those whose time is over: the oldest stand last.
  mutating func expire(now: Tick) {
    while let last = until.last, last <= now {
      ids.removeLast()
      until.removeLast()
    }
  }
}

extension Engine {
  /// Two who deal with each other: a direct message, a visit.
  func noteContact(_ p: Participant, _ other: Participant) {
    p.contacts.note(other.entity, now: now)
    other.contacts.note(p.entity, now: now)
    views.refreshFocus(p.slot)
    views.refreshFocus(other.slot)
  }

  /// Chooses anew whom a reader sees well although they are not near, when that is due.
  func updateFocus(_ p: Participant, _ space: SpaceRuntime) {
    guard space.replicator.focusIsDue(p.slot, views) else { return }
    p.contacts.expire(now: now)
    var request = FocusRequest(view: p.slot, own: p.entity, viewer: p.pose)
    if let session = p.following, let ahead = participant(session), ahead.space == p.space {
      request.followed = ahead.entity
    }
    let contacts = p.contacts.ids
    space.replicator.chooseFocus(request, contacts: contacts.span, &views)
  }

  /// The area one stands in is a group; who stands on a stage presents, and everybody in the space sees them well.
  func groupChanged(_ p: Participant, _ space: SpaceRuntime, from old: Int?, to new: Int?) {
    space.replicator.setGroup(p.entity, new.map { UInt16(clamping: $0 + 1) } ?? 0)
    func isStage(_ area: Int?) -> Bool { area.map { space.scene.areas[$0].purpose == .stage } ?? false }
    guard isStage(old) != isStage(new) else { return }
    if isStage(new) {
      space.presenters.append(p.entity)
    } else {
      space.presenters.removeAll { $0 == p.entity }
    }
    showPresenters(space)
  }
}
