import CLibwebsockets
import Glibc

/// Everything the library has to say arrives here, on the loop's thread.
/// The result: 0 goes on, -1 ends the connection.
@c(hubnet_on_event)
func hubnetOnEvent(
  _ wsi: OpaquePointer?, _ why: lws_callback_reasons, _ session: UnsafeMutableRawPointer?,
  _ input: UnsafeMutableRawPointer?, _ length: Int
) -> Int32 {
  guard let wsi, let context = lws_get_context(wsi), let user = lws_context_user(context) else { return 0 }
  // The context holds the loop without owning it; the loop destroys its context before it goes.
  let loop = Unmanaged<SocketLoop>.fromOpaque(user).takeUnretainedValue()
  return loop.handle(wsi, why, UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : length))
}

extension SocketLoop {
  static let signalMark = 1 << 20

  func handle(_ wsi: OpaquePointer, _ why: lws_callback_reasons, _ input: UnsafeRawBufferPointer) -> Int32 {
    switch why {
    // Asked whenever the library changes what it waits for, e.g. to send a pong: then it wants a round of its own.
    case LWS_CALLBACK_GET_THREAD_ID:
      wantsFullRound = true
      return 1
    case LWS_CALLBACK_RECEIVE, LWS_CALLBACK_CLIENT_RECEIVE:
      return slot(wsi).map { onReceive(wsi, $0, input) } ?? -1
    case LWS_CALLBACK_SERVER_WRITEABLE, LWS_CALLBACK_CLIENT_WRITEABLE:
      return slot(wsi).map { onWritable(wsi, $0) } ?? -1
    case LWS_CALLBACK_HTTP_WRITEABLE: return slot(wsi).map { onHTTPWritable(wsi, $0) } ?? -1
    case LWS_CALLBACK_HTTP: return slot(wsi).map { onRequest(wsi, $0, input) } ?? -1
    case LWS_CALLBACK_HTTP_BODY: return slot(wsi).map { onBody($0, input) } ?? -1
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return slot(wsi).map { onBodyEnd(wsi, $0) } ?? -1
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return confirmUpgrade(wsi)
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return slot(wsi).map { onUpgrade(wsi, $0) } ?? -1
    case LWS_CALLBACK_ESTABLISHED: return slot(wsi).map { onOpened(wsi, $0, .webSocket) } ?? -1
    case LWS_CALLBACK_CLIENT_ESTABLISHED: return slot(wsi).map { onOpened(wsi, $0, .client) } ?? -1
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      if let index = slot(wsi) {
        table.slots[index].end = .connectFailed(String(decoding: input.prefix { $0 != 0 }, as: UTF8.self))
      }
      return 0
    case LWS_CALLBACK_RECEIVE_PONG, LWS_CALLBACK_CLIENT_RECEIVE_PONG:
      if let index = slot(wsi) { noteHeard(index) }
      return 0
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      if let index = slot(wsi) { notePeerClose(index, input) }
      return 0
    case LWS_CALLBACK_WSI_DESTROY:
      onDestroyed(wsi)
      return 0
    case LWS_CALLBACK_RAW_RX_FILE:
      onDescriptor(wsi)
      return 0
    // A CONNECT request would turn the socket into a raw one.
    case LWS_CALLBACK_RAW_ADOPT, LWS_CALLBACK_RAW_RX: return -1
    default: return 0
    }
  }

  /// The slot of a connection, with its pointer refreshed: the library may tell us of it before it returned it to us.
  func slot(_ wsi: OpaquePointer) -> Int? {
    guard let id = ConnectionID(opaque: lws_get_opaque_user_data(wsi)), let index = table.find(id) else {
      return nil
    }
    table.slots[index].wsi = wsi
    return index
  }

  /// Only WebSocket upgrades go on. `h2c` is refused, because nothing here speaks HTTP/2; and an unknown upgrade is hung up at
  /// this point, because 4.1.6 goes on to read the header after it has freed it (kept-alive connections). The header is
  /// looked up anew for the same reason: the text handed to this callback may already be gone.
  /// Admission itself is decided later, in ``onUpgrade``.
  private func confirmUpgrade(_ wsi: OpaquePointer) -> Int32 {
    header(wsi, WSI_TOKEN_UPGRADE)?.lowercased() == "websocket" ? 0 : -1
  }

  /// The last the library says about a connection, for whatever reason it ends.
  private func onDestroyed(_ wsi: OpaquePointer) {
    guard let id = ConnectionID(opaque: lws_get_opaque_user_data(wsi)), let index = table.find(id) else {
      return
    }
    let slot = table.slots[index]
    table.release(index)
    if slot.role == .webSocket || slot.role == .client { openCount -= 1 }
    switch slot.role {
    case .free: break
    case .http:
      acceptedCount -= 1
      if slot.exchange?.phase == .answering { handler?.httpAbandoned(id) }
      handler?.departed(place: index)
    case .webSocket:
      acceptedCount -= 1
      handler?.closed(id, end(of: slot))
      handler?.departed(place: index)
    case .client:
      clientCount -= 1
      handler?.closed(id, end(of: slot))
    case .clientConnecting:
      clientCount -= 1
      // May happen inside connect(): told afterwards.
      endsToTell.append((id, slot.end ?? .connectFailed("closed before the handshake was complete")))
    }
  }

  private func end(of slot: Slot) -> ConnectionEnd {
    if let end = slot.end { return end }
    if slot.closing != .no { return .closedHere(code: slot.closeCode) }
    return isStopping ? .loopStopped : .lost
  }

  // MARK: Descriptors of our own

  /// Has the library watch a descriptor and close it in the end.
  func adopt(descriptor: Int32, _ vhost: OpaquePointer, mark: Int) {
    readable.add(descriptor)
    var description = lws_adopt_desc_t()
    description.vh = vhost
    description.type = LWS_ADOPT_RAW_FILE_DESC
    description.fd.filefd = descriptor
    let name = memory.string(LibraryMemory.descriptorName)
    description.vh_prot_name = name
    // Generation 0 is no connection: the mark can't be mistaken for one.
    description.opaque = UnsafeMutableRawPointer(bitPattern: UInt(mark))
    let adopted = lws_adopt_descriptor_vhost_via_info(&description)
    precondition(adopted != nil, "the library refused a descriptor although the limit leaves room")
  }

  private func onDescriptor(_ wsi: OpaquePointer) {
    let mark = Int(bitPattern: lws_get_opaque_user_data(wsi))
    let descriptor = lws_get_socket_fd(wsi)
    if mark == Self.signalMark {
      readSignals(descriptor)
    } else {
      accept(from: descriptor, listener: mark - 1)
    }
  }

  func openSignals() throws(SocketLoopError) {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGHUP)
    guard pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else {
      throw .system(call: "pthread_sigmask", errno: errno)
    }
    signalDescriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard signalDescriptor >= 0 else { throw .system(call: "signalfd", errno: errno) }
  }

  private func readSignals(_ descriptor: Int32) {
    var info = signalfd_siginfo()
    while read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size
    {
      if Int32(info.ssi_signo) == SIGHUP {
        handler?.certificatesReloaded(reloadCertificates())
      } else {
        handler?.stopRequested(signal: Int32(info.ssi_signo))
      }
    }
  }
}
