import CLibwebsockets

extension SocketLoop {
  /// Opens a client connection. The answer is `opened` or `closed` with ``ConnectionEnd/connectFailed(_:)``, never inside this call.
  /// A host name is looked up in the call, which may block: prefer numeric addresses where thousands are opened.
  /// - Throws: `descriptorLimit` when ``SocketLoopConfiguration/clientConnectionsMax`` are open.
  public func connect(_ target: ClientTarget) throws(SocketLoopError) -> ConnectionID {
    precondition(target.tls == .none || configuration.clientUsesTLS, "set clientUsesTLS")
    guard let context, let innerVhost, clientCount < configuration.clientConnectionsMax,
      let id = table.take(.clientConnecting)
    else {
      throw .descriptorLimit(needed: clientCount + 1, allowed: configuration.clientConnectionsMax)
    }
    clientCount += 1
    var info = lws_client_connect_info()
    info.context = context
    info.vhost = innerVhost
    info.port = Int32(target.port)
    info.opaque_user_data = id.opaque
    info.ietf_version_or_minus_one = -1
    info.ssl_connection = tlsFlags(target.tls)
    // IPv6 literals stand in brackets in the Host header (RFC 3986, section 3.2.2).
    let host = target.host.contains(":") ? "[\(target.host)]" : target.host
    let texts = [target.host, target.path, "\(host):\(target.port)", target.subprotocol, target.origin ?? ""]
    let wsi = withCStrings(texts) { pointers in
      info.address = pointers[0]
      info.path = pointers[1]
      info.host = pointers[2]
      info.protocol = pointers[3]
      info.origin = target.origin == nil ? nil : pointers[4]
      return LibraryMemory.clientName.withCString { name in
        info.local_protocol_name = name
        return lws_client_connect_via_info(&info)
      }
    }
    if let index = table.find(id) {
      table.slots[index].wsi = wsi
      if wsi == nil {
        table.release(index)
        clientCount -= 1
        endsToTell.append((id, .connectFailed("no connection could be started")))
      }
    }
    if !endsToTell.isEmpty { handle.wake() }
    return id
  }

  private func tlsFlags(_ tls: ClientTLS) -> Int32 {
    switch tls {
    case .none: 0
    case .verified: Int32(LCCSCF_USE_SSL.rawValue)
    case .unverified:
      Int32(
        LCCSCF_USE_SSL.rawValue | LCCSCF_ALLOW_SELFSIGNED.rawValue
          | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK.rawValue | LCCSCF_ALLOW_EXPIRED.rawValue
          | LCCSCF_ALLOW_INSECURE.rawValue)
    }
  }

  /// The library copies what it is given before it returns.
  private func withCStrings<R>(_ texts: [String], _ body: ([UnsafePointer<CChar>]) -> R) -> R {
    var pointers: [UnsafePointer<CChar>] = []
    func next(_ index: Int) -> R {
      guard index < texts.count else { return body(pointers) }
      return texts[index].withCString {
        pointers.append($0)
        return next(index + 1)
      }
    }
    return next(0)
  }
}
