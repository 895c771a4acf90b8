package import HubJSON

/// One message of Janus, as far as the hub reads it (https://janus.conf.meetecho.com/docs/rest.html). Everything but its kind
/// may be missing, and what is of a wrong type makes the message unreadable.
package struct JanusMessage: Decodable, Sendable, Equatable {
  package var janus: String
  package var transaction: String?
  package var sender: Int?
  package var data: Identified?
  package var error: Fault?
  package var plugindata: Plugin?
  package var jsep: Description?
  package var candidate: Candidate?
  package var reason: String?

  package struct Identified: Decodable, Sendable, Equatable { package var id: Int? }
  package struct Fault: Decodable, Sendable, Equatable {
    package var code: Int
    package var reason: String?
  }
  package struct Plugin: Decodable, Sendable, Equatable {
    package var data: Data

    package struct Data: Decodable, Sendable, Equatable {
      /// What a subscription brings, section by section.
      package var streams: [Stream]?
      package var errorCode: Int?
      package var error: String?
      package var list: [Room]?

      enum CodingKeys: String, CodingKey {
        case streams, error, list
        case errorCode = "error_code"
      }
    }
    package struct Stream: Decodable, Sendable, Equatable {
      package var mid: String?
      package var active: Bool?
      package var feed: Int?

      enum CodingKeys: String, CodingKey {
        case mid, active
        case feed = "feed_id"
      }
    }
    package struct Room: Decodable, Sendable, Equatable { package var room: Int }
  }
  package struct Description: Decodable, Sendable, Equatable {
    package var type: String
    package var sdp: String
  }
  package struct Candidate: Decodable, Sendable, Equatable {
    package var candidate: String?
    package var sdpMid: String?
    package var completed: Bool?
  }

  /// The longest is a list of rooms.
  package static let limits = JSONLimits(bytesMax: 256 * 1024, depthMax: 16)

  package static func read(_ bytes: RawSpan) throws(JSONError) -> JanusMessage {
    try JSON.decode(JanusMessage.self, from: bytes, limits: limits)
  }

  /// Why a request was refused, by Janus itself or by its plugin; nil: it was not.
  package var refusal: String? {
    if let error { return "\(error.code) \(error.reason ?? "")" }
    if janus == "error" { return "no reason" }
    guard let code = plugindata?.data.errorCode else { return nil }
    return "\(code) \(plugindata?.data.error ?? "")"
  }
}
