/// What is known of somebody who wants in, besides what they say themselves. The shell proves it; the engine decides by it.
public struct Credentials: Sendable, Equatable {
  public var grant: Grant
  /// Pseudonym of the account, the same at every visit; nil: came without one.
  public var account: String?
  /// The invitation they came by.
  public var invitation: Invitation?
  /// The peer's address; nil: unknown, as in a replay.
  public var address: NetworkAddress?
  /// Came with the load tester's token: limits per address do not count.
  public var isLoadtest = false
  /// The session they go on with: a ticket whose seal, date and first use were found good.
  public var ticket: SessionTicket?

  public init(_ grant: Grant = Grant(.guest)) { self.grant = grant }

  /// Whether there is more to them than a name they chose.
  var isKnown: Bool { grant.role != .guest || account != nil || invitation != nil }
}

/// A signed invitation whose signature and times were found good.
public struct Invitation: Sendable, Equatable {
  /// The token's id (`jti`).
  public var id: String
  /// How many sessions may begin by it; nil: any number.
  public var usesMax: Int?

  public init(id: String, usesMax: Int? = nil) {
    self.id = id
    self.usesMax = usesMax
  }
}

/// An IP address as 128 bits, IPv4 mapped into IPv6 (RFC 4291, section 2.5.5.2), so that one prefix rule serves both.
public struct NetworkAddress: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public init(v4 bits: UInt32) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits)) }

  /// All 128 bits as 32 hexadecimal digits, as they are written down.
  public var hexText: String {
    func hex(_ value: UInt64) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return hex(high) + hex(low)
  }

  public init?(hexText text: String) {
    guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 < 128 && $0 != 0x2B && $0 != 0x2D }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  public var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// The address with everything after its first `bits` bits cleared. `bits` counts from the front of the 128.
  public func masked(to bits: Int) -> NetworkAddress {
    precondition((0...128).contains(bits))
    return NetworkAddress(
      high: bits >= 64 ? high : bits == 0 ? 0 : high & ~(UInt64.max >> UInt64(bits)),
      low: bits == 128 ? low : bits <= 64 ? 0 : low & ~(UInt64.max >> UInt64(bits - 64)))
  }
}
