import Glibc

/// A bound, listening descriptor. The hub listens by itself instead of letting the library do it: 4.1.6 swallows the reasons
/// why a port can't be had, and gives no say over what happens when descriptors run out.
final class ListeningSocket {
  let listener: Listener
  private(set) var descriptor: Int32
  let port: Int

  init(_ listener: Listener) throws(SocketLoopError) {
    self.listener = listener
    let found = try Self.resolve(listener)
    let descriptor = socket(
      found.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
    do throws(SocketLoopError) {
      port = try Self.bindAndListen(descriptor, found, listener)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Hands the descriptor over; the taker closes it.
  func release() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  private struct Address {
    var family: Int32
    var bytes: [UInt8]
  }

  private static func resolve(_ listener: Listener) throws(SocketLoopError) -> Address {
    guard (0...65_535).contains(listener.port) else {
      throw .addressNotAvailable(host: "\(listener.host):\(listener.port)")
    }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let host = listener.host == "*" ? "::" : listener.host
    guard getaddrinfo(host, String(listener.port), &hints, &list) == 0, let first = list else {
      throw .addressNotAvailable(host: listener.host)
    }
    defer { freeaddrinfo(list) }
    return Address(
      family: first.pointee.ai_family,
      bytes: Array(UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    )
  }

  private static func bindAndListen(
    _ descriptor: Int32, _ address: Address, _ listener: Listener
  ) throws(SocketLoopError) -> Int {
    // A port in TIME_WAIT after a restart is free for us; one that another socket listens on is not (no SO_REUSEPORT).
    setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    if address.family == AF_INET6 {
      setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, listener.host == "*" ? 0 : 1)
    }
    let bound = address.bytes.withUnsafeBytes {
      bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    if bound != 0 || listen(descriptor, 4096) != 0 {
      switch errno {
      case EADDRINUSE: throw .portTaken(host: listener.host, port: listener.port)
      case EACCES: throw .portForbidden(host: listener.host, port: listener.port)
      case EADDRNOTAVAIL: throw .addressNotAvailable(host: listener.host)
      default: throw .system(call: "bind", errno: errno)
      }
    }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let asked = withUnsafeMutableBytes(of: &storage) {
      getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard asked == 0 else { throw .system(call: "getsockname", errno: errno) }
    return PeerAddress.port(storage)
  }
}

/// Sets an integer option; failure is the caller's to ignore where the option only improves things.
@discardableResult
func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Bool {
  var value = value
  return setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
}

enum PeerAddress {
  static func port(_ storage: sockaddr_storage) -> Int {
    withUnsafeBytes(of: storage) { bytes in
      // sin_port and sin6_port lie at the same place, in network byte order.
      Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    }
  }

  /// Numeric text; an IPv4 peer of a dual-stack socket is written as IPv4.
  static func text(_ storage: sockaddr_storage) -> String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + 1)
    let family = Int32(storage.ss_family)
    let offset = family == AF_INET6 ? 8 : 4
    let ok = withUnsafeBytes(of: storage) {
      inet_ntop(family, $0.baseAddress! + offset, &text, socklen_t(text.count)) != nil
    }
    guard ok else { return "" }
    let whole = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return whole.hasPrefix("::ffff:") && whole.contains(".") ? String(whole.dropFirst(7)) : whole
  }
}
