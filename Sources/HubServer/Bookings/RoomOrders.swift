import Foundation
import HubBookings
import HubCalDAV

/// What the loop knows of a room: values only, made by a worker.
struct RoomSnapshot: Sendable {
  var mirror = RoomMirror()
  var polls = 0
  var failuresByCode: [String: Int] = [:]
  var lastError: String?
  var lastSuccess: Int?
  /// Who made the bookings of the hub, by booking.
  var owners: [String: String] = [:]
  /// How long the last poll took.
  var pollSeconds = 0.0
}

/// What a participant wants of a room.
struct BookingOrder: Sendable {
  enum Wish: Sendable {
    case book(title: String, isPrivate: Bool, series: BookingSeries?)
    case change(booking: String)
    case cancel(booking: String)
  }
  /// Names the order; a new booking gets it as its UID.
  var id: String
  /// Handed back with the answer.
  var asker: UInt64
  var ref: Int?
  /// Who may change and cancel it later.
  var owner: String
  var room: Int
  /// For a cancellation: empty.
  var interval: TimeInterval64
  var wish: Wish
}

/// How an order went.
struct BookingAnswer: Sendable {
  enum Outcome: String, Sendable { case booked, changed, cancelled, refused }
  var order: BookingOrder
  var outcome: Outcome
  /// For ``Outcome/refused``: a code of docs/PROTOCOL.md.
  var reason: String?
  /// What stands in the way; never whose it is.
  var conflict: TimeInterval64?
  var booking: String
}

/// What became of an own booking outside.
struct BookingNotice: Sendable {
  enum Reason: String, Sendable {
    /// Somebody booked over it in the calendar; ours yielded.
    case overbooked
    /// It was deleted in the calendar.
    case gone
    /// It was moved in the calendar; the owner keeps it.
    case moved
  }
  var booking: String
  var owner: String
  var reason: Reason
  var interval: TimeInterval64
}
