import HubKernel

/// Everything it takes to go on with a session whose hub has forgotten it: after a crash, or in the next process. The
/// client keeps it, sealed by the shell, so that the hub need not write down who is where.
///
/// What replication and lists tell anew (people, places, chat) is not in it: the client gets a full snapshot.
public struct SessionTicket: Sendable, Equatable {
  /// The session's own secret: tickets of one session share it.
  public var secret: ResumeSecret
  /// Grows with every ticket of the session; a later one voids the earlier ones when it is used.
  public var number: UInt32
  /// After this instant it opens nothing.
  public var expiresUnixMs: Int64
  public var person: String
  public var name: String
  public var space: String
  /// Id of the seat's area.
  public var seat: String?
  public var x: Int32
  public var y: Int32
  public var z: Int32
  public var yaw: UInt16
  /// The session's count of corrections and changes of space.
  public var epoch: UInt32
  public var grant: Grant
  public var account: String?
  public var invitation: String?
  public var handRaised: Bool
  public var isMuted: Bool
  /// Raw values of the engine's own enumerations; unknown ones count as the first.
  public var status: String
  public var visibility: String

  public init(
    secret: ResumeSecret, number: UInt32, expiresUnixMs: Int64, person: String, name: String, space: String,
    seat: String? = nil, x: Int32, y: Int32, z: Int32, yaw: UInt16, epoch: UInt32, grant: Grant,
    account: String? = nil, invitation: String? = nil, handRaised: Bool = false, isMuted: Bool = false,
    status: String = "available", visibility: String = "everyone"
  ) {
    self.secret = secret
    self.number = number
    self.expiresUnixMs = expiresUnixMs
    self.person = person
    self.name = name
    self.space = space
    self.seat = seat
    self.x = x
    self.y = y
    self.z = z
    self.yaw = yaw
    self.epoch = epoch
    self.grant = grant
    self.account = account
    self.invitation = invitation
    self.handRaised = handRaised
    self.isMuted = isMuted
    self.status = status
    self.visibility = visibility
  }
}

/// Bytes that are no ticket, although somebody sealed them: another version's.
public struct TicketMalformed: Error, Equatable, Sendable { public init() {} }

extension SessionTicket {
  private static let version: UInt8 = 1
  /// Longer texts than these make no ticket, so that a `hello` with one always fits.
  private static let bytesMax = 2048

  /// Little-endian numbers, then texts with their length before them. Nil: too long for a ticket (a host of very many
  /// spaces).
  public func bytes() -> [UInt8]? {
    var out: [UInt8] = [Self.version]
    var isWhole = true
    func text(_ value: String?) {
      let bytes = Array((value ?? "").utf8)
      if bytes.count > 255 { isWhole = false }
      out.append(UInt8(truncatingIfNeeded: bytes.count))
      out += bytes
    }
    out.append(littleEndian: secret.high)
    out.append(littleEndian: secret.low)
    out.append(littleEndian: number)
    out.append(littleEndian: expiresUnixMs)
    out.append(littleEndian: x)
    out.append(littleEndian: y)
    out.append(littleEndian: z)
    out.append(littleEndian: yaw)
    out.append(littleEndian: epoch)
    out.append((handRaised ? 1 : 0) | (isMuted ? 2 : 0) | (grant.spaces == nil ? 4 : 0))
    for value in [person, name, space, seat, account, invitation, status, visibility, grant.role.rawValue] {
      text(value)
    }
    let hosted = grant.spaces ?? []
    guard hosted.count <= 64 else { return nil }
    out.append(UInt8(hosted.count))
    for space in hosted { text(space) }
    return isWhole && out.count <= Self.bytesMax ? out : nil
  }

  /// - Throws: where the bytes are not what ``bytes()`` writes, to the last one.
  public init(bytes: RawSpan) throws(TicketMalformed) {
    do throws(BytesExhausted) {
      var reader = ByteReader(bytes)
      guard try reader.u8() == Self.version else { throw BytesExhausted() }
      let secret = ResumeSecret(high: try reader.u64(), low: try reader.u64())
      let number = try reader.u32()
      let expires = Int64(bitPattern: try reader.u64())
      let (x, y, z) = (try reader.i32(), try reader.i32(), try reader.i32())
      let yaw = try reader.u16()
      let epoch = try reader.u32()
      let flags = try reader.u8()
      var texts: [String] = []
      for _ in 0..<9 { texts.append(try Self.text(&reader)) }
      guard let role = Role(rawValue: texts[8]) else { throw BytesExhausted() }
      var hosted: [String] = []
      let count = Int(try reader.u8())
      for _ in 0..<count { hosted.append(try Self.text(&reader)) }
      guard reader.remaining == 0 else { throw BytesExhausted() }
      self.init(
        secret: secret, number: number, expiresUnixMs: expires, person: texts[0], name: texts[1],
        space: texts[2], seat: Self.some(texts[3]), x: x, y: y, z: z, yaw: yaw, epoch: epoch,
        grant: Grant(role, spaces: flags & 4 != 0 ? nil : hosted), account: Self.some(texts[4]),
        invitation: Self.some(texts[5]), handRaised: flags & 1 != 0, isMuted: flags & 2 != 0,
        status: texts[6], visibility: texts[7])
    } catch {
      throw TicketMalformed()
    }
  }

  private static func some(_ text: String) -> String? { text.isEmpty ? nil : text }

  private static func text(_ reader: inout ByteReader) throws(BytesExhausted) -> String {
    var bytes: [UInt8] = []
    let count = Int(try reader.u8())
    for _ in 0..<count { bytes.append(try reader.u8()) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw BytesExhausted() }
    return text
  }
}
