/// What a room of the media server does with the voices in it.
public enum SFURoomKind: Sendable, Equatable {
  /// Everybody gets one stream: all others together. For halls.
  case mixed
  /// Everybody gets the streams they are to hear one by one, so that each can be heard from where its speaker stands.
  case positional
}

/// What the engine wants of a media server. It knows rooms and connections by the engine's numbers only, which are never used twice;
/// whatever else it calls them is its adapter's own affair. This and ``SFUEvent`` are all that any adapter has to speak.
public enum SFUOrder: Sendable, Equatable {
  case open(room: Int, SFURoomKind)
  /// The room is gone, with all connections in it.
  case close(room: Int)
  /// A connection of one person, who will make the offer: in a mixed room it brings the others' voices, in a positional one it only
  /// takes. `speaks`: whether what they send may be heard; in a positional room nobody listens who may not.
  case join(link: Int, room: Int, speaks: Bool)
  /// A connection of a positional room that brings voices; the server makes its offers.
  case listen(link: Int, room: Int)
  /// Whom such a connection brings, by their own connections; anybody else falls silent at once.
  case hear(link: Int, [Int])
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
  /// An offer to a listening connection: which section brings whose voice, by the speaker's own connection.
  case offer(link: Int, sdp: String, streams: [String: Int])
  case candidate(link: Int, String?, mid: String?)
  /// Sound can pass.
  case ready(link: Int)
  /// The connection has ended on its side, or could not be made.
  case gone(link: Int)
}
