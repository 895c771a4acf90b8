import CLibwebsockets
import Foundation

/// libwebsockets' one callback. The owner comes from the context; the session's memory holds a slot and a generation.
@c(hub_interim_on_socket_event)
func onSocketEvent(
  _ wsi: OpaquePointer?, _ why: lws_callback_reasons, _ session: UnsafeMutableRawPointer?,
  _ input: UnsafeMutableRawPointer?, _ length: Int
) -> CInt {
  guard let wsi, let context = lws_get_context(wsi), let user = lws_context_user(context) else { return 0 }
  let loop = Unmanaged<SocketLoop>.fromOpaque(user).takeUnretainedValue()
  return loop.handle(wsi, why, session, UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : length))
}

extension SocketLoop {
  func handle(
    _ wsi: OpaquePointer, _ why: lws_callback_reasons, _ session: UnsafeMutableRawPointer?,
    _ input: UnsafeRawBufferPointer
  ) -> CInt {
    switch why {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return admit(wsi, String(decoding: input, as: UTF8.self))
    case LWS_CALLBACK_ESTABLISHED: return established(wsi, session)
    case LWS_CALLBACK_RECEIVE: return received(wsi, session, input)
    case LWS_CALLBACK_SERVER_WRITEABLE: return writable(wsi, session)
    case LWS_CALLBACK_CLOSED: return closed(session)
    case LWS_CALLBACK_HTTP: return http(wsi, input)
    case LWS_CALLBACK_HTTP_WRITEABLE: return sendBody(wsi)
    case LWS_CALLBACK_CLOSED_HTTP:
      bodies[wsi] = nil
      return 0
    default: return 0
    }
  }

  private func header(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> String? {
    let count = Int(lws_hdr_total_length(wsi, token))
    guard count > 0, count < 4096 else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: count + 1, alignment: 1) { memory in
      let copied = lws_hdr_copy(
        wsi, memory.baseAddress!.assumingMemoryBound(to: CChar.self), Int32(count + 1), token)
      return copied > 0 ? String(decoding: memory.prefix(Int(copied)), as: UTF8.self) : nil
    }
  }

  private func address(_ wsi: OpaquePointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { memory in
      guard lws_get_peer_simple(wsi, memory.baseAddress!, memory.count) != nil else { return "" }
      return String(cString: memory.baseAddress!)
    }
  }

  private func listener(_ wsi: OpaquePointer) -> Int {
    guard let vhost = lws_get_vhost(wsi), let name = lws_get_vhost_name(vhost) else { return 0 }
    return Int(String(cString: name).dropFirst("listener-".count)) ?? 0
  }

  // MARK: WebSocket

  /// Non-zero refuses. No subprotocol, another path or another listener is no WebSocket of ours.
  private func admit(_ wsi: OpaquePointer, _ requested: String) -> CInt {
    let path = header(wsi, WSI_TOKEN_GET_URI) ?? ""
    let request = UpgradeRequest(
      path: path, origin: header(wsi, WSI_TOKEN_ORIGIN), host: header(wsi, WSI_TOKEN_HOST), address: address(wsi))
    let offered = (header(wsi, WSI_TOKEN_PROTOCOL) ?? "").split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    var refusal: Int?
    if !config.listeners[listener(wsi)].acceptsWebSockets || path != config.webSocketPath {
      refusal = 404
    } else if !offered.contains(config.subprotocol) {
      refusal = 400
    } else if freeSlots.isEmpty {
      refusal = 503
    } else {
      refusal = handler.admit(request)
    }
    guard let refusal else { return 0 }
    lws_return_http_status(wsi, UInt32(refusal), nil)
    return 1
  }

  private func id(_ session: UnsafeMutableRawPointer?) -> ConnectionID? {
    guard let session else { return nil }
    let id = ConnectionID(key: session.load(as: UInt64.self))
    guard id.generation != 0, id.slot < connections.count, connections[id.slot].generation == id.generation,
      connections[id.slot].isOpen
    else { return nil }
    return id
  }

  private func established(_ wsi: OpaquePointer, _ session: UnsafeMutableRawPointer?) -> CInt {
    guard let session, let slot = freeSlots.popLast() else { return -1 }
    let file = lws_get_socket_fd(wsi)
    var one: CInt = 1
    setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    // Without it, "writable" stays true while megabytes of old poses wait in the kernel.
    var lowWater: CInt = 4096
    setsockopt(file, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &lowWater, socklen_t(MemoryLayout<CInt>.size))
    var connection = Connection()
    connection.generation = connections[slot].generation &+ 1 | 1
    connection.wsi = wsi
    connection.isOpen = true
    connections[slot] = connection
    let id = ConnectionID(slot: slot, generation: connection.generation)
    session.storeBytes(of: id.key, as: UInt64.self)
    handler.opened(id)
    return 0
  }

  private func received(
    _ wsi: OpaquePointer, _ session: UnsafeMutableRawPointer?, _ input: UnsafeRawBufferPointer
  ) -> CInt {
    guard let id = id(session) else { return -1 }
    guard connections[id.slot].closing == nil else { return 0 }
    let isText = lws_frame_is_binary(wsi) == 0
    let isFirst = lws_is_first_fragment(wsi) != 0
    let isWhole = lws_is_final_fragment(wsi) != 0 && lws_remaining_packet_payload(wsi) == 0
    let bytesMax =
      isText
      ? (connections[id.slot].hasHadMessage ? config.textMessageBytesMax : config.firstMessageBytesMax)
      : config.binaryMessageBytesMax
    if isFirst {
      connections[id.slot].incoming.removeAll(keepingCapacity: true)
      connections[id.slot].fragments = 0
    }
    connections[id.slot].fragments += 1
    guard connections[id.slot].incoming.count + input.count <= bytesMax,
      connections[id.slot].fragments <= config.fragmentsMax
    else {
      var reason = Array("too-big".utf8)
      lws_close_reason(wsi, lws_close_status(1009), &reason, reason.count)
      return -1
    }
    if isWhole, connections[id.slot].incoming.isEmpty {
      connections[id.slot].hasHadMessage = true
      handler.received(id, isText: isText, input.bytes)
      return 0
    }
    connections[id.slot].incoming.append(contentsOf: input)
    guard isWhole else { return 0 }
    connections[id.slot].hasHadMessage = true
    let message = connections[id.slot].incoming
    connections[id.slot].incoming.removeAll(keepingCapacity: true)
    handler.received(id, isText: isText, message.span.bytes)
    return 0
  }

  private func writable(_ wsi: OpaquePointer, _ session: UnsafeMutableRawPointer?) -> CInt {
    guard let id = id(session) else { return -1 }
    if let closing = connections[id.slot].closing { return sendClose(wsi, closing.code, closing.reason) }
    // Bytes that libwebsockets still holds mean the socket is full: come back when they are gone.
    guard lws_partial_buffered(wsi) == 0 else {
      lws_callback_on_writable(wsi)
      return 0
    }
    let payload = UnsafeMutableRawBufferPointer(rebasing: buffer[Int(hub_lws_pre)...])
    switch handler.writable(id, payload) {
    case .nothing: return 0
    case .close(let code, let reason): return sendClose(wsi, code, reason)
    case .message(let count, let isText, let more):
      precondition(count <= config.sendBufferBytes)
      let start = payload.baseAddress!.assumingMemoryBound(to: UInt8.self)
      guard lws_write(wsi, start, count, isText ? LWS_WRITE_TEXT : LWS_WRITE_BINARY) >= count else { return -1 }
      if more { lws_callback_on_writable(wsi) }
      return 0
    }
  }

  private func sendClose(_ wsi: OpaquePointer, _ code: UInt16, _ reason: String) -> CInt {
    var bytes = Array(reason.utf8)
    lws_close_reason(wsi, lws_close_status(UInt32(code)), &bytes, bytes.count)
    return -1
  }

  private func closed(_ session: UnsafeMutableRawPointer?) -> CInt {
    guard let id = id(session) else { return 0 }
    connections[id.slot].isOpen = false
    connections[id.slot].wsi = nil
    connections[id.slot].incoming = []
    freeSlots.append(id.slot)
    handler.closed(id)
    return 0
  }

  // MARK: HTTP

  private func http(_ wsi: OpaquePointer, _ input: UnsafeRawBufferPointer) -> CInt {
    var method = HTTPRequest.Method.other
    if lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 { method = .get }
    if lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0 { method = .head }
    let path = String(decoding: input.prefix { $0 != 0 }, as: UTF8.self)
    let response = handler.http(
      HTTPRequest(
        method: method, path: path, query: header(wsi, WSI_TOKEN_HTTP_URI_ARGS) ?? "",
        ifNoneMatch: header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH),
        authorization: header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION), host: header(wsi, WSI_TOKEN_HOST),
        address: address(wsi), listener: listener(wsi)))
    return withUnsafeTemporaryAllocation(byteCount: Int(hub_lws_pre) + 4096, alignment: 16) { memory in
      let start = memory.baseAddress!.assumingMemoryBound(to: UInt8.self) + Int(hub_lws_pre)
      var at: UnsafeMutablePointer<UInt8>? = start
      let end = start + 4096
      guard lws_add_http_header_status(wsi, UInt32(response.status), &at, end) == 0 else { return -1 }
      for header in response.headers {
        let value = Array(header.value.utf8)
        let failed = (header.name.lowercased() + ":").withCString { name in
          name.withMemoryRebound(to: UInt8.self, capacity: 1) { name in
            lws_add_http_header_by_name(wsi, name, value, Int32(value.count), &at, end)
          }
        }
        guard failed == 0 else { return -1 }
      }
      guard lws_add_http_header_content_length(wsi, UInt64(response.body.count), &at, end) == 0,
        lws_finalize_write_http_header(wsi, start, &at, end) == 0
      else { return -1 }
      guard method != .head, !response.body.isEmpty, response.status != 304 else {
        return lws_http_transaction_completed(wsi) != 0 ? -1 : 0
      }
      bodies[wsi] = Body(bytes: response.body, offset: 0)
      lws_callback_on_writable(wsi)
      return 0
    }
  }

  private func sendBody(_ wsi: OpaquePointer) -> CInt {
    guard let body = bodies[wsi] else { return 0 }
    let count = min(16_384, body.bytes.count - body.offset)
    let isLast = body.offset + count == body.bytes.count
    body.bytes.withUnsafeBytes { source in
      buffer.baseAddress!.advanced(by: Int(hub_lws_pre)).copyMemory(
        from: source.baseAddress!.advanced(by: body.offset), byteCount: count)
    }
    let start = buffer.baseAddress!.advanced(by: Int(hub_lws_pre)).assumingMemoryBound(to: UInt8.self)
    guard lws_write(wsi, start, count, isLast ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) >= count else { return -1 }
    if isLast {
      bodies[wsi] = nil
      return lws_http_transaction_completed(wsi) != 0 ? -1 : 0
    }
    bodies[wsi]!.offset += count
    lws_callback_on_writable(wsi)
    return 0
  }
}
