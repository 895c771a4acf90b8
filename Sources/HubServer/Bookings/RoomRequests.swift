import Foundation
import HubBookings
import HubNet
import HubScene
import HubWire

/// `GET /api/rooms…`, for pages and other programs. At each room's privacy level, like everything that leaves.
extension BookingDesk {
  enum Answer {
    case json([UInt8])
    case calendar([UInt8])
    case badRequest(String)
  }

  /// - Returns: nil: no such thing.
  func answer(_ request: HTTPRequest) -> Answer? {
    let parts = request.path.split(separator: "/").dropFirst(2)
    switch (parts.count, parts.first) {
    case (0, _): return .json(list(rooms.indices.map { $0 }))
    case (1, "free"): return free(request)
    case (1, "day"): return day(request)
    case (1, let id?):
      guard let index = room(id) else { return nil }
      var json = JSONWriter()
      RoomMessages.room(index, self, &json)
      return .json(json.bytes)
    case (2, let id?) where parts.last == "calendar.ics":
      return room(id).map { .calendar(calendar($0)) }
    default: return nil
    }
  }

  private func list(_ indices: [Int], _ more: (inout JSONWriter) -> Void = { _ in }) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("at", Int(Date().timeIntervalSince1970))
    more(&json)
    json.key("rooms")
    json.beginArray()
    for index in indices { RoomMessages.room(index, self, &json) }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  /// `?seats=6&minutes=60&from=UNIX`: rooms that are free for certain and open, the smallest first.
  private func free(_ request: HTTPRequest) -> Answer {
    let now = Int(Date().timeIntervalSince1970)
    func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) -> Int? {
      guard let text = request.value(of: name) else { return standard }
      return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
    guard let seats = number("seats", 1, 1...10_000), let minutes = number("minutes", 60, 1...1440),
      let from = number("from", now, now - 60...now + 366 * 86_400)
    else {
      return .badRequest("seats 1 to 10000, minutes 1 to 1440, from in Unix seconds, at most a year ahead")
    }
    let interval = TimeInterval64(start: from, end: from + minutes * 60)
    let found = rooms.indices.filter { index in
      rooms[index].capacity >= seats && snapshots[index].mirror.isFree(interval)
        && rooms[index].policy.opening.contain(interval, zone: rooms[index].zone)
    }
    return .json(
      list(found.sorted { (rooms[$0].capacity, rooms[$0].id) < (rooms[$1].capacity, rooms[$1].id) }) { json in
        json.field("from", interval.start)
        json.field("to", interval.end)
      })
  }

  /// `?date=YYYY-MM-DD`: every room's bookings of that day in its own zone.
  private func day(_ request: HTTPRequest) -> Answer {
    let now = Int(Date().timeIntervalSince1970)
    var date: CivilDate?
    if let text = request.value(of: "date") {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1],
        let day = parts[2],
        (1970...9999).contains(year)
      else { return .badRequest("date is YYYY-MM-DD") }
      let asked = CivilDate(year: year, month: month, day: day)
      guard asked.isValid else { return .badRequest("no such day") }
      date = asked
    }
    var json = JSONWriter()
    json.beginObject()
    json.field("at", now)
    json.key("rooms")
    json.beginArray()
    for (index, room) in rooms.enumerated() {
      let number = date?.dayNumber ?? room.zone.local(at: now) / 86_400
      let window = TimeInterval64(
        start: room.zone.instant(ofLocal: number * 86_400),
        end: room.zone.instant(ofLocal: (number + 1) * 86_400))
      json.beginObject()
      json.field("room", room.id)
      json.key("title")
      json.beginObject()
      json.field("de", room.title.de)
      json.field("en", room.title.en)
      json.endObject()
      json.field("capacity", room.capacity)
      json.field("zone", room.zone.name)
      json.field("state", state(index).kind.rawValue)
      json.field("from", window.start)
      json.field("to", window.end)
      json.key("bookings")
      json.beginArray()
      for booking in snapshots[index].mirror.conflicts(with: window) { RoomMessages.booking(booking, &json) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return .json(json.bytes)
  }

  /// The hub's own view of a room, to subscribe to: what runs and what comes.
  private func calendar(_ index: Int) -> [UInt8] {
    let now = Int(Date().timeIntervalSince1970)
    let entries = snapshots[index].mirror.bookings.prefix(5000).map { booking in
      var entry = BookingText.Entry(
        id: "\(rooms[index].id)-\(booking.start)-\(booking.end)", interval: booking.interval,
        title: booking.title ?? "Belegt / Busy", isPrivate: false)
      entry.isTentative = booking.isTentative
      return entry
    }
    return BookingText.calendar(name: rooms[index].title.de, Array(entries), now: now)
  }

  // MARK: - Metrics

  /// In Prometheus' text format.
  func metrics() -> String {
    var text = ""
    func metric(_ name: String, _ type: String, _ help: String, _ rows: [(String, String)]) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
      for (labels, value) in rows { text += "\(name){\(labels)} \(value)\n" }
    }
    func perRoom(_ value: (RoomSnapshot) -> String?) -> [(String, String)] {
      rooms.indices.compactMap { index in value(snapshots[index]).map { ("room=\"\(rooms[index].id)\"", $0) }
      }
    }
    func perRoom(_ label: String, _ values: (RoomSnapshot) -> [String: Int]) -> [(String, String)] {
      rooms.indices.flatMap { index in
        values(snapshots[index]).sorted { $0.key < $1.key }.map {
          ("room=\"\(rooms[index].id)\",\(label)=\"\($0.key)\"", "\($0.value)")
        }
      }
    }
    metric(
      "hub_bookings_last_success_seconds", "gauge", "When the calendar last answered, Unix time.",
      perRoom { $0.lastSuccess.map(String.init) })
    metric(
      "hub_bookings_poll_duration_seconds", "gauge", "How long the last poll took.",
      perRoom { "\($0.pollSeconds)" })
    metric("hub_bookings_polls_total", "counter", "Polls of the calendar.", perRoom { "\($0.polls)" })
    metric(
      "hub_bookings_failures_total", "counter", "Polls that failed, by reason.",
      perRoom("reason") { $0.failuresByCode })
    metric(
      "hub_bookings_failures_in_row", "gauge", "Polls that failed in a row.",
      perRoom { "\($0.mirror.failures)" })
    metric("hub_bookings_events", "gauge", "Events in the calendar.", perRoom { "\($0.mirror.events)" })
    metric(
      "hub_bookings_skipped_events", "gauge", "Events left out, by reason.",
      perRoom("reason") { $0.mirror.skipped })
    metric(
      "hub_bookings_orders_total", "counter", "Orders from inside, by outcome.",
      ordersByOutcome.sorted { $0.key < $1.key }.map { ("outcome=\"\($0.key)\"", "\($0.value)") })
    return text
  }
}
