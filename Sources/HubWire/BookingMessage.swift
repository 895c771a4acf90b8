/// A wish about a room's bookings.
public struct BookingMessage: Decodable, Sendable, Equatable {
  public var room: String
  /// `book`, `change` or `cancel`.
  public var action: String
  /// The booking to change or cancel.
  public var booking: String?
  /// Unix seconds, half-open; not for `cancel`.
  public var from: Int?
  public var to: Int?
  public var title: String?
  /// Whether the calendar shall mark it private.
  public var `private`: Bool?
  public var ref: Int?

  public init(room: String, action: String) {
    self.room = room
    self.action = action
  }
}
