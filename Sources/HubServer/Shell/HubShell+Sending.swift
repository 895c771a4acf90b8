import HubEngine
import HubKernel
import HubNet
import HubReplication
import HubWire

/// What goes out: the engine's decisions, what waits in each connection's queue, and the frame of the moment.
extension HubShell {
  /// One message: what is queued first, since a frame may speak of what it announces; then the frame of this moment.
  func writable(_ id: ConnectionID, _ buffer: inout SendBuffer) {
    if let sfu, sfu.owns(id) { return sfu.writable(&buffer) }
    guard let link = table.find(id) else { return }
    let isClosing = table.links[link].isClosing
    let session = table.links[link].session
    if !table.links[link].queue.isEmpty, let message = table.links[link].queue.popFirst() {
      buffer.send(.text, copying: message)
      metrics.sentControl(bytes: message.count)
      buffer.more =
        !table.links[link].queue.isEmpty || (!isClosing && session.map(engine.isFrameDue) ?? false)
      return
    }
    guard !isClosing, let session else { return }
    let serverMs = UInt64(max(0, loop.elapsedMicroseconds) / 1000)
    switch engine.writeFrame(session: session, serverMs: serverMs, into: buffer.bytes) {
    case .written(let stats):
      buffer.send(.binary, count: stats.bytes)
      metrics.sentFrame(stats)
    case .skipped(let reason):
      if reason != .nothingDue { metrics.frameSkipped(reason.rawValue) }
    }
  }

  /// Does what the engine has decided. Messages to the session that is being answered, and urgent ones, leave in this round,
  /// others with their next frame.
  func obey(answering asker: SessionID? = nil) {
    engine.drainDirectives { directive in
      switch directive {
      case .booking(let session, let message, let grant, let owner):
        takeOrder(session, message, grant, owner: owner)
      case .accepted(let key, let session):
        let id = ConnectionID(key: key)
        guard let link = table.find(id) else { return }
        table.links[link].isWaiting = false
        table.join(link, session)
        gate.joined(place: link)
        loop.requestWritable(id)
        loop.setMessageBytesMax(id, limits.textMessageBytesMax)
      case .send(let session, let bytes, let isUrgent):
        guard let link = table.find(session), let id = table.links[link].id else { return }
        enqueue(link, bytes)
        if isUrgent || session == asker { loop.requestWritable(id) }
      case .ticket(let session):
        guard let link = table.find(session), !table.links[link].isClosing else { return }
        giveTicket(link, session)
      case .wait(let key, let bytes):
        guard let link = table.find(ConnectionID(key: key)) else { return }
        table.links[link].isWaiting = true
        enqueue(link, bytes)
      case .reject(let key, let message, let code):
        guard let link = table.find(ConnectionID(key: key)) else { return }
        metrics.refused(code.reason)
        if let message { enqueue(link, message) }
        close(link, code)
      case .close(let session, let code):
        if let link = table.find(session) { close(link, code) }
      case .record(let record): onRecord(record)
      case .voiceServers(let session):
        guard let link = table.find(session), let id = table.links[link].id else { return }
        let number = Int(session.generation) << 16 | Int(session.slot)
        enqueue(
          link,
          voiceServers?.message(session: number, unixSeconds: WallClock.unixMilliseconds() / 1000)
            ?? VoiceServers.none)
        loop.requestWritable(id)
      case .sfu(let order): sfu?.obey(order, loop, nowMs: nowMs)
      case .release(let key, let code):
        guard let link = table.find(ConnectionID(key: key)) else { return }
        table.links[link].session = nil
        close(link, code)
      case .author(let id, let account): writer.write(.author(id: id, account: account))
      case .upload(let session, let upload): offer(upload, to: session)
      case .dropImages(let images):
        for sha256 in images { pictures[sha256] = nil }
        writer.write(.dropImages(images))
      case .commit(let commit): writer.write(.commit(commit))
      case .snapshot(let space, let sequence, let state):
        writer.write(.snapshot(space: space, sequence: sequence, state: state))
      }
    }
    for secret in engine.takeEndedSecrets() { voidTickets(secret) }
  }

  private func takeOrder(_ session: SessionID, _ message: BookingMessage, _ grant: Grant, owner: String) {
    let answer =
      bookings?.take(message, session: session, grant: grant, owner: owner)
      ?? BookingDesk.refusal(message, "unknown-room")
    guard let link = table.find(session), let id = table.links[link].id else { return }
    enqueue(link, answer)
    loop.requestWritable(id)
  }

  func enqueue(_ link: Int, _ bytes: [UInt8]) {
    guard !table.links[link].isClosing else { return }
    if table.links[link].queue.isEmpty { table.links[link].queuedTick = now }
    guard table.links[link].queue.append(bytes, bytesMax: limits.controlQueueBytesMax) else {
      metrics.refused("slow")
      return close(link, .slow)
    }
  }

  func close(_ link: Int, _ code: CloseCode) {
    guard !table.links[link].isClosing, let id = table.links[link].id else { return }
    table.links[link].isClosing = true
    metrics.closed(code)
    part(link)
    loop.close(id, code: code.rawValue, reason: code.reason)
  }
}
