/// A wish about a room's bookings.
public struct BookingMessage: Decodable, Sendable, Equatable {
  public var room: String
  /// `book`, `change`, `cancel`, or `mine`: which are mine? Its `room` means nothing.
  public var action: String
  /// The booking to change or cancel.
  public var booking: String?
  /// Unix seconds, half-open; not for `cancel`.
  public var from: Int?
  public var to: Int?
  public var title: String?
  /// Whether the calendar shall mark it private.
  public var `private`: Bool?
  /// Not for `change`: books that many times, as a whole or not at all.
  public var `repeat`: Repeat?
  public var ref: Int?

  public struct Repeat: Decodable, Sendable, Equatable {
    /// `daily` or `weekly`, at the same time of day in the room's zone.
    public var every: String
    public var count: Int
    public init(every: String, count: Int) {
      self.every = every
      self.count = count
    }
  }

  public init(room: String, action: String) {
    self.room = room
    self.action = action
  }
}
