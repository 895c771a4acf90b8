/// What the engine wants of a media server. It knows rooms and connections by the engine's numbers only, which are never used twice;
/// whatever else it calls them is its adapter's own affair. This and ``SFUEvent`` are all that any adapter has to speak.
public enum SFUOrder: Sendable, Equatable {
  /// A room in which everybody hears everybody else who may speak.
  case open(room: Int)
  /// The room is gone, with all connections in it.
  case close(room: Int)
  /// A connection of one person, who will make the offer. `speaks`: whether what they send may be heard.
  case join(link: Int, room: Int, speaks: Bool)
  case speaks(link: Int, Bool)
  case leave(link: Int)
  case description(link: Int, type: String, sdp: String)
  /// Nil: that was the last one.
  case candidate(link: Int, String?, mid: String?)
}

/// What a media server has to say.
public enum SFUEvent: Sendable, Equatable {
  /// It takes orders, and knows of no room yet; or it is lost, with all of them.
  case isUp(Bool)
  case description(link: Int, type: String, sdp: String)
  case candidate(link: Int, String?, mid: String?)
  /// Sound can pass.
  case ready(link: Int)
  /// The connection has ended on its side, or could not be made.
  case gone(link: Int)
}
