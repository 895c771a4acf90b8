import CLibwebsockets
import Glibc

extension SocketLoop {
  /// Takes waiting peers, a batch at a time so that a storm of them can't starve the others.
  func accept(from descriptor: Int32, listener: Int) {
    for _ in 0..<64 {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let socket = withUnsafeMutableBytes(of: &storage) {
        accept4(
          descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length,
          Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
      }
      if socket >= 0 {
        admit(socket, PeerAddress.text(storage), listener)
        continue
      }
      switch errno {
      case EINTR, ECONNABORTED, EPROTO: continue
      case EMFILE, ENFILE:
        handler?.turnedAway(.descriptors)
        // Without this the peer would stay in the backlog and the poll would spin.
        if !dropOnePeer(descriptor) { return }
      default: return
      }
    }
  }

  private func dropOnePeer(_ descriptor: Int32) -> Bool {
    guard reserveDescriptor >= 0 else { return false }
    closeDescriptor(reserveDescriptor)
    let socket = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
    if socket >= 0 {
      sayUnavailable(socket)
      closeDescriptor(socket)
    }
    reserveDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
    return socket >= 0
  }

  private func admit(_ socket: Int32, _ address: String, _ listener: Int) {
    guard acceptedCount < configuration.connectionsMax, let id = table.take(.http) else {
      handler?.turnedAway(.connectionsFull)
      if configuration.listeners[listener].tls == nil { sayUnavailable(socket) }
      closeDescriptor(socket)
      return
    }
    let index = Int(id.index)
    table.slots[index].address = address
    table.slots[index].listener = Int32(listener)
    guard handler?.admits(place: index, address: address, listener: listener) == true else {
      handler?.turnedAway(.refused)
      handler?.departed(place: index)
      table.release(index)
      closeDescriptor(socket)
      return
    }
    setOption(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    acceptedCount += 1
    readable.add(socket)
    var description = lws_adopt_desc_t()
    description.vh = listenerVhosts[listener]
    description.type = lws_adoption_type(
      rawValue: LWS_ADOPT_SOCKET.rawValue | LWS_ADOPT_HTTP.rawValue | LWS_ADOPT_ALLOW_SSL.rawValue)
    description.fd.sockfd = socket
    description.opaque = id.opaque
    let wsi = lws_adopt_descriptor_vhost_via_info(&description)
    guard let found = table.find(id) else { return }  // already ended, and counted
    if let wsi {
      table.slots[found].wsi = wsi
    } else {
      // The library closed the socket without telling.
      table.release(found)
      acceptedCount -= 1
      handler?.departed(place: found)
    }
  }

  /// Best effort: the socket is new, so this fits its buffer.
  private func sayUnavailable(_ socket: Int32) {
    let text =
      "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    _ = send(socket, text, text.utf8.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
  }
}
