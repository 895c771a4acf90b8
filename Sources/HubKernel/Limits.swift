/// Every limit of the hub in one place; ``validate()`` asserts how they relate.
public struct Limits: Sendable, Equatable {
  /// Sessions in the whole hub.
  public var sessionsMax = 4096
  /// Connections, those before `hello` included.
  public var connectionsMax = 5120
  /// Seconds in which `hello` must come.
  public var helloSecondsMax = 5
  /// A text message, all fragments together, before and after `hello`.
  public var helloBytesMax = 4096
  public var textMessageBytesMax = 8192
  /// A binary message from a client.
  public var binaryMessageBytesMax = 64
  public var fragmentsMax = 16
  /// A frame from the server: 512 pages, 2,048 individuals and 512 digests always fit.
  public var frameBytesMax = 40960
  /// The queue of control messages to one client; overflow closes the connection.
  public var controlQueueBytesMax = 262_144
  /// Names, chat, profile: Unicode scalars after cleaning, and UTF-8 bytes before it.
  public var nameScalarsMax = 40
  public var chatScalarsMax = 1000
  public var interestsMax = 8
  public var interestScalarsMax = 40
  public var roleScalarsMax = 40
  public var languagesMax = 5
  /// Chat kept for those who arrive, per space and per area; in memory.
  public var chatHistoryMax = 50
  /// Sticky notes: text after cleaning; notes in a space and of one person there; votes on one; ops of a space that wait for the disk.
  public var noteScalarsMax = 280
  public var notesPerSpaceMax = 200
  public var notesPerPersonMax = 40
  public var votesPerNoteMax = 300
  public var notesWaitingMax = 512
  /// Exhibits that people put up: in a space, and of one person there; scalars of title, text and alternative text; bytes of a link.
  public var exhibitsPerSpaceMax = 60
  public var exhibitsPerPersonMax = 30
  public var exhibitTitleScalarsMax = 80
  public var exhibitTextScalarsMax = 2000
  public var exhibitAltScalarsMax = 400
  public var exhibitLinkBytesMax = 500
  /// Images of exhibits: bytes of one; exhibits with one in a space, and of one person there; uploaded by one visitor and not
  /// named by an exhibit yet; bytes of all in the hub, which are held in memory.
  public var imageBytesMax = 384 * 1024
  public var imagesPerSpaceMax = 40
  public var imagesPerPersonMax = 20
  public var imagesUnnamedPerPersonMax = 4
  public var imageBytesInHubMax = 64 << 20
  /// How long an upload may take to begin, and once more to end; and how long an image stays that no exhibit names.
  public var uploadSecondsMax = 60
  public var imageUnnamedSecondsMax = 600
  /// Token buckets per session: size and refill per second.
  public var posesPerSecondMax = 20
  public var poseBurstMax = 20
  /// MOVEs and ACKs together: a client sends one or two a tick, and what a held-up line lets go at once.
  public var binariesPerSecondMax = 60
  public var binaryBurstMax = 600
  public var controlsPerSecondMax = 10
  public var controlBurstMax = 40
  public var chatsPerSecondMax = 1
  public var chatBurstMax = 5
  public var voicePerSecondMax = 20
  public var voiceBurstMax = 80
  /// Lines of text beside a voice: each goes to everybody in earshot, a hall's worth of people below a stage.
  public var captionsPerSecondMax = 2
  public var captionBurstMax = 6
  /// Everything a connection sends, on the wire: what its rates add up to at most, and no more.
  public var receivedBytesPerSecondMax = 96 * 1024
  public var receivedBurstBytesMax = 512 * 1024
  /// Replication, see docs/PROTOCOL.md.
  public var pageSlots = 254
  public var pagesPerCellMax = 8
  public var cellsMax = 8191
  public var toldPagesMax = 512
  public var focusMax = 16
  public var individualsMax = 2048
  public var framesUnackedMax = 16
  public var bytesPerSecondPerClient = 64_000
  public var introductionsPerTickMax = 20
  /// Half-extent of a space in metres: positions stay far inside 32-bit steps.
  public var spaceMetersMax = 4096.0
  public var nodesPerWorldMax = 100_000
  /// Speed of a walking body on the ground, and what a jitter of the network may add before a correction.
  public var speedMetersPerSecondMax = 6.0

  public init() {}

  /// Traps where the limits contradict each other.
  public func validate() {
    precondition(
      frameBytesMax <= 65_000 && frameBytesMax >= toldPagesMax * 6 + individualsMax * 12 + 512 * 14)
    precondition(cellsMax * pagesPerCellMax <= 65_535)
    precondition(helloBytesMax <= textMessageBytesMax && chatScalarsMax * 4 < textMessageBytesMax)
    precondition(sessionsMax < connectionsMax && pageSlots <= 254)
    precondition(speedMetersPerSecondMax < 8)
  }
}
