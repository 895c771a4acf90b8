import CLibwebsockets
import Glibc

extension SocketLoop {
  /// Asks the kernel how much each connection has sent, each about once a second and a few at a time: the library
  /// answers pings and swallows control frames without a word, so counting messages would miss them. One system call a
  /// connection and second.
  func meterReceived(_ nowNs: Int64) {
    guard let rate = configuration.receivedBytesPerSecondMax, openCount > 0, nowNs - meteredNs >= 8_000_000
    else { return }
    meteredNs = nowNs
    let slots = table.slots
    for _ in 0..<(slots.count / 96 + 1) {
      meterCursor = meterCursor + 1 < slots.count ? meterCursor + 1 : 0
      let index = meterCursor
      guard slots[index].role == .webSocket, slots[index].closing == .no, let wsi = slots[index].wsi,
        let received = Self.receivedBytes(lws_get_socket_fd(wsi))
      else { continue }
      let burst = Int64(configuration.receivedBurstBytesMax)
      if slots[index].meteredNs == 0 {
        // What came before, with the handshake, is paid for.
        slots[index].allowance = burst
      } else {
        let elapsedMs = (nowNs - slots[index].meteredNs) / 1_000_000
        let came = Int64(clamping: received &- slots[index].receivedBytes)
        slots[index].allowance = min(burst, slots[index].allowance + elapsedMs * Int64(rate) / 1000) - came
      }
      slots[index].receivedBytes = received
      slots[index].meteredNs = nowNs
      if slots[index].allowance < 0 { handler?.flooded(table.id(index)) }
    }
  }

  /// `tcpi_bytes_received` of `struct tcp_info` (linux/tcp.h, since Linux 4.1), which glibc's own header leaves out: eight
  /// bytes, 24 words, three 64-bit values, then this one.
  private static func receivedBytes(_ descriptor: Int32) -> UInt64? {
    var info: [17 of UInt64] = .init(repeating: 0)
    let needed = 17 * MemoryLayout<UInt64>.size
    var length = socklen_t(needed)
    let result = withUnsafeMutableBytes(of: &info) {
      getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, $0.baseAddress!, &length)
    }
    return result == 0 && Int(length) == needed ? info[16] : nil
  }

  /// Reads the listeners' certificates and keys anew; connections that exist go on with what they have.
  func reloadCertificates() -> Bool {
    guard let context else { return false }
    var isGood = true
    for tls in configuration.listeners.compactMap(\.tls) {
      if lws_tls_cert_updated(context, tls.certificatePath, tls.keyPath, nil, 0, nil, 0) != 0 {
        isGood = false
      }
    }
    return isGood
  }
}
