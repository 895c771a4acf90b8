import Foundation
import HubBookings
import HubCalDAV

/// What people do to the hub's bookings in the calendar itself.
extension RoomWorker {
  /// What is to be told to owners; empties the list.
  func takeNotices() -> [BookingNotice] {
    defer { notices.removeAll() }
    return notices
  }

  /// The calendar's people have the last word: what they delete is gone, and what they book over yields, if it still stands there at
  /// the next poll. Entries of other hubs don't count: those withdraw by themselves.
  func followOutside(_ client: HTTPClient, now: Int) {
    guard canBook, let ledger, !snapshot.mirror.isIncomplete else { return }
    let present = Set(snapshot.mirror.bookings.map(\.resource))
    var seen: Set<String> = []
    for entry in ledger.use({ $0.booked(room: config.id, after: now) }) {
      if !present.contains(entry.resource) {
        // A booking moved out of the window is not gone: asked by its name.
        guard find(entry.resource, client) == .absent else { continue }
        drop(entry, .gone)
      } else if let moved = movedInterval(entry) {
        move(entry, to: moved)
      } else if isBookedOver(entry) {
        seen.insert(entry.id)
        if overbooked.contains(entry.id), withdraw(entry.resource, client) != .lost {
          drop(entry, .overbooked)
        }
      }
    }
    overbooked = seen
  }

  private func isBookedOver(_ entry: BookingLedger.Entry) -> Bool {
    snapshot.mirror.bookings.contains { own in
      own.resource == entry.resource
        && snapshot.mirror.conflicts(with: own.interval, except: entry.resource).contains {
          $0.hubBooking == nil
        }
    }
  }

  /// Where an own booking stands now, if somebody moved it; a series somebody made of it is theirs.
  private func movedInterval(_ entry: BookingLedger.Entry) -> TimeInterval64? {
    let found = snapshot.mirror.bookings.filter { $0.resource == entry.resource }
    guard entry.seriesEnd == nil, found.count == 1, found[0].interval != entry.interval else { return nil }
    return found[0].interval
  }

  private func move(_ entry: BookingLedger.Entry, to interval: TimeInterval64) {
    var moved = entry
    moved.start = interval.start
    moved.end = interval.end
    let settled = moved
    // Not on the disk is not told: the next poll finds the same again.
    guard (try? ledger?.use({ try $0.note(settled) })) != nil else { return }
    notices.append(
      BookingNotice(booking: entry.id, owner: entry.owner, reason: .moved, interval: interval))
  }

  private func drop(_ entry: BookingLedger.Entry, _ reason: BookingNotice.Reason) {
    settle(entry.id, .gone)
    notices.append(
      BookingNotice(booking: entry.id, owner: entry.owner, reason: reason, interval: entry.interval))
  }
}
