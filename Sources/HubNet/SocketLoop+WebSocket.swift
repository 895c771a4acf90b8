import CLibwebsockets
import Glibc

extension SocketLoop {
  // MARK: Handshake

  /// The library's last question before it answers 101. A refusal is written here as plain HTTP.
  func onUpgrade(_ wsi: OpaquePointer, _ index: Int) -> Int32 {
    let slot = table.slots[index]
    let listener = Int(slot.listener)
    let path = header(wsi, WSI_TOKEN_GET_URI) ?? ""
    guard let handler, let endpoint = configuration.listeners[listener].webSocket,
      lws_get_protocol(wsi).pointee.id == LibraryMemory.ProtocolID.webSocket, path == endpoint.path
    else {
      self.handler?.turnedAway(.notAnEndpoint)
      return refuse(wsi, configuration.listeners[listener].webSocket?.path == path ? 400 : 404)
    }
    let request = UpgradeRequest(
      listener: listener, address: slot.address, path: path, origin: header(wsi, WSI_TOKEN_ORIGIN),
      host: header(wsi, WSI_TOKEN_HOST), forwardedFor: header(wsi, WSI_TOKEN_X_FORWARDED_FOR))
    if let refusal = handler.admit(request) {
      handler.turnedAway(.refused)
      return refuse(wsi, refusal.httpStatus)
    }
    admittedUpgrade = request
    return 0
  }

  private func refuse(_ wsi: OpaquePointer, _ status: Int) -> Int32 {
    let text = "HTTP/1.1 \(status) \(reasonPhrase(status))\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    let room = UnsafeMutableRawBufferPointer(rebasing: sendRoom.dropFirst(hub_lws_pre))
    let count = text.utf8.count
    room.copyBytes(from: text.utf8)
    _ = lws_write(wsi, room.baseAddress!.assumingMemoryBound(to: UInt8.self), count, LWS_WRITE_HTTP_HEADERS)
    return -1
  }

  func onOpened(_ wsi: OpaquePointer, _ index: Int, _ role: Slot.Role) -> Int32 {
    let descriptor = lws_get_socket_fd(wsi)
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    // Without it "writable" means room in a buffer that may hold seconds of stale frames.
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, 4096)
    table.slots[index].role = role
    table.slots[index].heardSecond = second
    openCount += 1
    if role == .client { readable.add(descriptor) }
    table.slots[index].messageBytesMax =
      role == .client ? Int.max : configuration.messageBytesMaxAtFirst
    let peer = role == .client ? nil : admittedUpgrade
    admittedUpgrade = nil
    handler?.opened(table.id(index), peer)
    return 0
  }

  // MARK: Receiving

  func onReceive(_ wsi: OpaquePointer, _ index: Int, _ input: UnsafeRawBufferPointer) -> Int32 {
    noteHeard(index)
    guard table.slots[index].closing == .no else { return 0 }
    let rest = lws_remaining_packet_payload(wsi)
    let isLast = lws_is_final_fragment(wsi) != 0
    let total = table.slots[index].assembly.count + input.count
    let id = table.id(index)
    if total + rest > table.slots[index].messageBytesMax {
      return end(id, 1009, "too-big", .oversizeMessage)
    }
    if isLast, table.slots[index].assembly.isEmpty {
      table.slots[index].fragments = 0
      handler?.received(id, text: lws_frame_is_binary(wsi) == 0, input.bytes)
      return 0
    }
    if rest == 0, !isLast {
      table.slots[index].fragments += 1
      if table.slots[index].fragments >= configuration.fragmentsMax {
        return end(id, 1008, "too-many-fragments", .fragments)
      }
    }
    table.slots[index].assembly.append(contentsOf: input)
    if isLast { deliverAssembly(wsi, index, id) }
    return 0
  }

  private func deliverAssembly(_ wsi: OpaquePointer, _ index: Int, _ id: ConnectionID) {
    var message: [UInt8] = []
    swap(&message, &table.slots[index].assembly)
    table.slots[index].fragments = 0
    handler?.received(id, text: lws_frame_is_binary(wsi) == 0, message.span.bytes)
    // Kept for the next message unless it would tie up much memory.
    guard message.capacity <= 16_384, let found = table.find(id) else { return }
    message.removeAll(keepingCapacity: true)
    table.slots[found].assembly = message
  }

  private func end(_ id: ConnectionID, _ code: UInt16, _ reason: String, _ why: TurnedAway) -> Int32 {
    handler?.turnedAway(why)
    close(id, code: code, reason: reason, afterSending: false)
    return 0
  }

  func notePeerClose(_ index: Int, _ input: UnsafeRawBufferPointer) {
    guard table.slots[index].end == nil, table.slots[index].closing == .no else { return }
    // RFC 6455, section 7.1.5: 1005 stands for a close frame without a code.
    let code = input.count >= 2 ? UInt16(input[0]) << 8 | UInt16(input[1]) : 1005
    table.slots[index].end = .closedByPeer(
      code: code, reason: String(decoding: input.dropFirst(2), as: UTF8.self))
  }

  // MARK: Sending

  /// The socket takes data again, or its first time after a close was asked for.
  func onWritable(_ wsi: OpaquePointer, _ index: Int) -> Int32 {
    let closing = table.slots[index].closing
    if table.slots[index].isBlocked {
      table.slots[index].isBlocked = false
      readable.watchWritable(lws_get_socket_fd(wsi), false)
    }
    guard table.slots[index].writeAsked || closing != .no else { return 0 }
    if closing == .now { return sendClose(wsi, index) }
    return write(wsi, index)
  }

  /// Has the handler write what it asked for in this round. What asks again while it writes comes in the next round, so that
  /// nobody who always has more keeps the others waiting.
  func flushReady() {
    guard !ready.isEmpty else { return }
    swap(&ready, &readyNow)
    for number in readyNow {
      let index = Int(number)
      guard table.slots[index].writeAsked, table.slots[index].end == nil, let wsi = table.slots[index].wsi,
        table.slots[index].role == .webSocket || table.slots[index].role == .client
      else { continue }
      if table.slots[index].isBlocked || table.slots[index].closing != .no {
        askLibrary(wsi, isUrgent: table.slots[index].closing != .no)
      } else if write(wsi, index) < 0 {
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC)
      }
    }
    readyNow.removeAll(keepingCapacity: true)
  }

  /// The handler's next message, or a few small ones together. Negative: the connection is to be ended.
  private func write(_ wsi: OpaquePointer, _ index: Int) -> Int32 {
    table.slots[index].writeAsked = false
    let id = table.id(index)
    let isClient = table.slots[index].role == .client
    var batch = SendBatch(room: sendRoom, frameBytesMax: configuration.frameBytesMax)
    var more = false
    repeat {
      var buffer = SendBuffer(bytes: batch.payload)
      handler?.writable(id, &buffer)
      more = buffer.more
      guard let kind = buffer.kind else { break }
      if isClient {
        let start = batch.payload.baseAddress!.assumingMemoryBound(to: UInt8.self)
        // The library masks what a client sends.
        if lws_write(wsi, start, buffer.count, kind == .text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY) < 0 {
          return -1
        }
        batch.skip()
        break
      }
      batch.append(kind, buffer.count)
    } while more && batch.takesMore
    if let bytes = batch.bytes {
      // Whole frames, so the library has only to send them.
      let start = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
      if lws_write(wsi, start, bytes.count, LWS_WRITE_HTTP) < 0 { return -1 }
    } else if batch.isEmpty {
      if more { requestWritable(id) }
      if table.slots[index].closing == .no || more { return 0 }
      table.slots[index].closing = .now
    }
    noteBlocked(wsi, index)
    // A close waits for the next call, when nothing of this message is left in the library.
    if table.slots[index].closing != .no, !more { table.slots[index].closing = .now }
    if more || table.slots[index].closing != .no { requestWritable(id) }
    return 0
  }

  /// Urgent: in a round of the library's own, without the pause before it. A blocked socket has enough to send for the moment.
  private func askLibrary(_ wsi: OpaquePointer, isUrgent: Bool) {
    let wanted = wantsFullRound
    if isUrgent { writesAsked = true }
    lws_callback_on_writable(wsi)
    // ``ReadableSet`` watches the blocked ones.
    if !isUrgent { wantsFullRound = wanted }
  }

  /// The library sends the rest by itself when the socket takes data, and then says that it is writable.
  func noteBlocked(_ wsi: OpaquePointer, _ index: Int) {
    guard lws_partial_buffered(wsi) != 0, !table.slots[index].isBlocked else { return }
    table.slots[index].isBlocked = true
    readable.watchWritable(lws_get_socket_fd(wsi), true)
  }

  private func sendClose(_ wsi: OpaquePointer, _ index: Int) -> Int32 {
    var reason = table.slots[index].closeReason
    let code = lws_close_status(rawValue: UInt32(table.slots[index].closeCode))
    reason.withUnsafeMutableBufferPointer { lws_close_reason(wsi, code, $0.baseAddress, $0.count) }
    return -1
  }

  /// Asks for one call of ``SocketHandler/writable(_:_:)`` when the socket takes data. Asking again before it came changes nothing.
  public func requestWritable(_ id: ConnectionID) {
    guard let index = open(id), let wsi = table.slots[index].wsi else { return }
    guard !table.slots[index].writeAsked else { return }
    table.slots[index].writeAsked = true
    if table.slots[index].isBlocked || table.slots[index].closing != .no {
      askLibrary(wsi, isUrgent: table.slots[index].closing != .no)
    } else {
      ready.append(UInt32(index))
    }
  }

  /// Whether a request for writable has not been answered yet: the peer or the path is slow.
  public func awaitsWritable(_ id: ConnectionID) -> Bool {
    open(id).map { table.slots[$0].writeAsked } ?? false
  }

  /// Whether the socket would not take data now. One system call.
  public func isChoked(_ id: ConnectionID) -> Bool {
    guard let index = open(id), let wsi = table.slots[index].wsi else { return true }
    return lws_send_pipe_choked(wsi) != 0
  }

  /// Bytes written but not yet sent by the kernel. One system call.
  public func unsentBytes(_ id: ConnectionID) -> Int {
    guard let index = open(id), let wsi = table.slots[index].wsi else { return 0 }
    var bytes: Int32 = 0
    return ioctl(lws_get_socket_fd(wsi), hub_siocoutqnsd, &bytes) == 0 ? Int(bytes) : 0
  }

  // MARK: Connections

  /// The peer's numeric address; empty for a void id and for client connections.
  public func address(of id: ConnectionID) -> String { table.find(id).map { table.slots[$0].address } ?? "" }

  /// The cap on messages from now on, e.g. after `hello`.
  public func setMessageBytesMax(_ id: ConnectionID, _ bytes: Int) {
    if let index = open(id) { table.slots[index].messageBytesMax = bytes }
  }

  /// Sends a close frame with code (1000...1003, 1007...1014, 3000...4999) and reason (cut to 123 bytes), then ends the
  /// connection. Nothing more is received. With `afterSending` the handler's pending messages go first: its `writable` is called until it
  /// has nothing more. After ``SocketLoopConfiguration/closeSecondsMax`` the connection is cut. The first call counts.
  public func close(_ id: ConnectionID, code: UInt16, reason: String, afterSending: Bool = true) {
    precondition((1000...4999).contains(code) && ![1004, 1005, 1006].contains(code))
    guard let index = open(id), let wsi = table.slots[index].wsi, table.slots[index].closing == .no else {
      return
    }
    table.slots[index].closing = afterSending ? .afterSending : .now
    table.slots[index].closeCode = code
    table.slots[index].closeReason = cut(reason, bytes: 123)
    table.slots[index].assembly = []
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, Int32(configuration.closeSecondsMax))
    table.slots[index].writeAsked = true
    askLibrary(wsi, isUrgent: true)
  }

  /// Cuts the connection without a close frame, as a vanished peer would: for tests of the other side. Not at once: `closed` comes in a later round.
  public func abort(_ id: ConnectionID) {
    guard let index = table.find(id), let wsi = table.slots[index].wsi else { return }
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC)
  }

  /// The slot of an open WebSocket connection, either side.
  private func open(_ id: ConnectionID) -> Int? {
    guard let index = table.find(id),
      table.slots[index].role == .webSocket || table.slots[index].role == .client
    else { return nil }
    return index
  }

  /// The longest prefix that is whole characters.
  private func cut(_ text: String, bytes: Int) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      let encoded = Array(String(scalar).utf8)
      if result.count + encoded.count > bytes { break }
      result += encoded
    }
    return result
  }
}
