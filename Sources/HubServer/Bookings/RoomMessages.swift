import Foundation
import HubBookings
import HubEngine
import HubScene
import HubWire

/// Rooms and bookings as JSON (docs/PROTOCOL.md, section 3). Everything here has passed the privacy level already.
enum RoomMessages {
  /// Bookings listed ahead.
  private static let aheadMax = 6

  static func rooms(of space: String, _ desk: BookingDesk) -> [UInt8] {
    var json = JSONWriter(type: "rooms")
    json.field("space", space)
    json.key("list")
    json.beginArray()
    for (index, room) in desk.rooms.enumerated() where room.space == space { self.room(index, desk, &json) }
    json.endArray()
    return json.end()
  }

  /// A room, its state, and what comes in the next 24 hours.
  static func room(_ index: Int, _ desk: BookingDesk, _ json: inout JSONWriter) {
    let config = desk.rooms[index]
    let state = desk.state(index)
    let now = Int(Date().timeIntervalSince1970)
    json.beginObject()
    json.field("room", config.id)
    json.key("title")
    json.beginObject()
    json.field("de", config.title.de)
    json.field("en", config.title.en)
    json.endObject()
    json.field("space", config.space)
    json.field("area", ifPresent: config.area)
    json.field("capacity", config.capacity)
    json.field("zone", config.zone.name)
    json.field("state", state.kind.rawValue)
    json.field("asOf", ifPresent: state.asOf)
    json.field("until", ifPresent: state.until)
    if let current = state.current {
      json.key("current")
      booking(current, &json)
    }
    json.key("next")
    json.beginArray()
    if state.kind != .unknown {
      let ahead = desk.snapshots[index].mirror.bookings.lazy.filter {
        $0.start > now && $0.start < now + 86_400
      }
      for next in ahead.prefix(aheadMax) { booking(next, &json) }
    }
    json.endArray()
    // The least role that may book; absent: nobody can from here.
    if desk.mayBook(index) { json.field("book", ifPresent: config.bookRole?.rawValue) }
    json.endObject()
  }

  static func booking(_ booking: MirroredBooking, _ json: inout JSONWriter) {
    json.beginObject()
    json.field("from", booking.start)
    json.field("to", booking.end)
    if booking.isTentative { json.field("tentative", true) }
    if booking.isAllDay { json.field("allDay", true) }
    json.field("title", ifPresent: booking.title)
    json.field("organizer", ifPresent: booking.organizer)
    json.field("booking", ifPresent: booking.hubBooking)
    json.endObject()
  }

  static func pending(_ order: BookingOrder, _ room: RoomConfig) -> [UInt8] {
    var json = head(room.id, "pending", ref: order.ref)
    interval(order.interval, &json)
    return json.end()
  }

  static func answer(_ answer: BookingAnswer, _ room: RoomConfig) -> [UInt8] {
    var json = head(room.id, answer.outcome.rawValue, ref: answer.order.ref)
    interval(answer.order.interval, &json)
    if answer.outcome != .refused { json.field("booking", answer.booking) }
    json.field("reason", ifPresent: answer.reason)
    if let conflict = answer.conflict { json.field("conflict", [conflict.start, conflict.end]) }
    return json.end()
  }

  static func notice(_ notice: BookingNotice, _ room: RoomConfig) -> [UInt8] {
    var json = head(room.id, notice.reason == .moved ? "changed" : "cancelled", ref: nil)
    interval(notice.interval, &json)
    json.field("booking", notice.booking)
    json.field("reason", notice.reason.rawValue)
    return json.end()
  }

  /// What somebody has booked and what is not over yet, first things first.
  static func bookings(of owner: String, ref: Int?, _ desk: BookingDesk) -> [UInt8] {
    let now = Int(Date().timeIntervalSince1970)
    var json = JSONWriter(type: "bookings")
    json.field("ref", ifPresent: ref)
    json.key("list")
    json.beginArray()
    for (index, room) in desk.rooms.enumerated() {
      let snapshot = desk.snapshots[index]
      let own = Set(snapshot.owners.lazy.filter { $0.value == owner }.map(\.key))
      guard !own.isEmpty else { continue }
      let ahead = snapshot.mirror.bookings.filter { $0.end > now && own.contains($0.hubBooking ?? "") }
      let times = Dictionary(grouping: ahead, by: { $0.hubBooking ?? "" })
      for (booking, times) in times.sorted(by: { ($0.value[0].start, $0.key) < ($1.value[0].start, $1.key) })
      {
        json.beginObject()
        json.field("room", room.id)
        localized("title", room.title, &json)
        json.field("zone", room.zone.name)
        json.field("booking", booking)
        json.field("from", times[0].start)
        json.field("to", times[0].end)
        if times.count > 1 { json.field("times", times.count) }
        json.endObject()
      }
    }
    json.endArray()
    return json.end()
  }

  private static func localized(_ key: StaticString, _ text: LocalizedText, _ json: inout JSONWriter) {
    json.key(key)
    json.beginObject()
    json.field("de", text.de)
    json.field("en", text.en)
    json.endObject()
  }

  static func refusal(_ message: BookingMessage, _ reason: String) -> [UInt8] {
    var json = head(String(message.room.prefix(63)), "refused", ref: message.ref)
    json.field("reason", reason)
    return json.end()
  }

  private static func head(_ room: String, _ state: String, ref: Int?) -> JSONWriter {
    var json = JSONWriter(type: "booking")
    json.field("room", room)
    json.field("state", state)
    json.field("ref", ifPresent: ref)
    return json
  }

  private static func interval(_ interval: TimeInterval64, _ json: inout JSONWriter) {
    guard interval.end > interval.start else { return }
    json.field("from", interval.start)
    json.field("to", interval.end)
  }
}
