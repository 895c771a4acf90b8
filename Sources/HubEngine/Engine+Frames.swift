import HubKernel
public import HubReplication
import HubWire

extension Engine {
  /// Low 16 bits of the newest frame the client has applied: its sign of life.
  func acknowledge(_ p: Participant, tick16: UInt16) {
    views.ack(p.slot, tick16: tick16)
    p.lastAckTick = now
  }

  /// The reader starts from nothing in its space.
  func openView(_ p: Participant, isNewConnection: Bool) {
    views.reset(p.slot, now: now, connected: isNewConnection)
    views.setWantsPoses(p.slot, p.viewMode == .scene)
  }

  func setViewWantsPoses(_ p: Participant) { views.setWantsPoses(p.slot, p.viewMode == .scene) }

  /// Whether a frame would be written now: asked once a tick before a connection is bothered.
  public func isFrameDue(_ session: SessionID) -> Bool {
    guard let p = participant(session), p.connection != nil, now > p.lastFrameTick else { return false }
    return spaces[p.space].replicator.isDue(p.slot, views)
  }

  /// Writes the frame of a session, if one is due, from the last finished tick. Call it when the connection can take
  /// bytes; what is written must be sent.
  /// - Parameters:
  ///   - serverMs: the hub's monotonic milliseconds.
  ///   - buffer: at least ``Limits/frameBytesMax`` bytes.
  public func writeFrame(session: SessionID, serverMs: UInt64, into buffer: UnsafeMutableRawBufferPointer)
    -> FrameResult
  {
    guard let p = participant(session), p.connection != nil, now > p.lastFrameTick else {
      return .skipped(.nothingDue)
    }
    let space = spaces[p.space]
    updateFocus(p, space)
    let request = FrameRequest(
      view: p.slot, viewer: p.pose, serverMs: UInt16(truncatingIfNeeded: serverMs), ackedInput: p.ackedInput)
    let result = unsafe space.replicator.buildFrame(request, &views, into: buffer)
    if case .written = result { p.lastFrameTick = now }
    return result
  }

  /// The socket of this session takes nothing at the moment: counts as pressure on its bytes.
  public func noteNotWritable(_ session: SessionID) {
    guard let p = participant(session) else { return }
    views.noteNotWritable(p.slot, now: now)
  }
}
