/// `voice`: sitting down to speak, and what two clients agree on by way of the hub (docs/PROTOCOL.md, section 2).
/// Which keys belong depends on `op`; the engine answers missing ones with `bad-value`.
public struct VoiceRequest: Decodable, Sendable, Equatable {
  public enum Operation: String, Sendable, CaseIterable { case join, leave, desc, cand, state, ice, caption }

  public var op: String
  /// `desc`, `cand`: the other one, and the epoch of the link to them.
  public var to: VoiceAddress?
  public var epoch: Int?
  /// `desc`: `offer` or `answer`.
  public var type: String?
  public var sdp: String?
  /// `cand`: an ICE candidate; absent or empty: that was the last one.
  public var cand: String?
  /// The media section a candidate is for.
  public var mid: String?
  /// `state`: one's own microphone.
  public var muted: Bool?
  /// `caption`: what one is saying, as text.
  public var text: String?
  /// `caption`: the line is complete.
  public var final: Bool?
  public var ref: Int?

  /// The media server, as the peers it is to a client.
  public static let sfuUp = "sfu-up"
  public static let sfuDown = "sfu-down"

  public init(_ op: Operation) { self.op = op.rawValue }
}

/// Whom a description or a candidate is for: a person by their entity id, or the media server by its name.
public enum VoiceAddress: Decodable, Sendable, Equatable {
  case person(Int)
  case server(String)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let name = try? container.decode(String.self) {
      self = .server(name)
    } else {
      self = .person(try container.decode(Int.self))
    }
  }
}
