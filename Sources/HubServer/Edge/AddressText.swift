import Glibc
package import HubEngine

extension NetworkAddress {
  /// A numeric IPv4 or IPv6 address; nil for anything else, names and zones among them.
  package init?(text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(v4: UInt32(bigEndian: four.s_addr))
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      let (high, low) = withUnsafeBytes(of: &six) {
        ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    } else {
      return nil
    }
  }

  /// 127.0.0.0/8 and ::1.
  package var isLoopback: Bool { isV4 ? UInt8(truncatingIfNeeded: low >> 24) == 127 : high == 0 && low == 1 }

  /// Whom one counts as one: an IPv4 address, an IPv6 network of 64 bits, which is what a household or a host gets.
  package var counted: NetworkAddress { isV4 ? self : masked(to: 64) }
}

/// Addresses with a common beginning: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Sendable, Equatable {
  package let base: NetworkAddress
  /// Of the 128 of an address, IPv4 mapped into IPv6.
  package let bits: Int

  package init?(text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = NetworkAddress(text: String(parts[0])) else { return nil }
    let width = address.isV4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let given = Int(parts[1]), (0...width).contains(given), parts[1].utf8.allSatisfy({ $0 >= 48 })
      else { return nil }
      length = given
    }
    bits = 128 - width + length
    base = address.masked(to: bits)
  }

  package func contains(_ address: NetworkAddress) -> Bool { address.masked(to: bits) == base }
}

/// Questions about a host as it is written.
enum NetworkAddressText {
  static func isNumeric(_ text: String) -> Bool { NetworkAddress(text: text) != nil }
  static func isLoopback(_ text: String) -> Bool {
    text.lowercased() == "localhost" || NetworkAddress(text: text)?.isLoopback == true
  }
}
