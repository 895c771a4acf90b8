/// What all bots of a run said and heard about voice, counted over the measurement.
struct VoiceTraffic {
  var linked = 0
  var unlinked = 0
  var offers = 0
  var answers = 0
  var candidates = 0
  var restarts = 0
  /// Offers that met another offer on its way.
  var glares = 0
  /// Sent while the link was ended: the hub said that there is none.
  var crossed = 0
  /// From somebody one had no such link with: must never be.
  var misdirected = 0
  /// At the end: pairs that are linked, and ends of a link that waited over 5 s for an answer.
  var links = 0
  var unsettled = 0
  /// From the instant of writing to that of reading, of descriptions and candidates.
  var relayMs = Distribution.milliseconds()
  /// From `peer+` until the two agreed.
  var setupMs = Distribution.milliseconds()

  var relayed: Int { offers + answers + candidates }
}
