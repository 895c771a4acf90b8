/// A `voice` message from the hub (docs/PROTOCOL.md, voice): which members it has depends on `op`. What one browser tells
/// another is kept as text, and nothing of it is read here.
public struct VoiceNews: Decodable, Sendable, Equatable {
  public var op: String
  /// Entity id of the other end: `peer+`, `peer-`, `peer~`, `caption`.
  public var id: UInt16?
  /// Entity id of the sender: `desc`, `cand`.
  public var from: UInt16?
  public var epoch: Int?
  /// Links that hold after resuming: `links`.
  public var epochs: [Int]?
  public var polite: Bool?
  public var send: Bool?
  public var receive: Bool?
  /// `offer` or `answer`.
  public var type: String?
  public var sdp: String?
  /// Nil in a `cand`: that was the last one.
  public var cand: String?
}
