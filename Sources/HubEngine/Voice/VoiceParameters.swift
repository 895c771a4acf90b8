public import HubScene

/// The rules of hearing. Distances in metres, times in ticks.
public struct VoiceParameters: Sendable, Equatable {
  /// Which pairs may not learn each other's addresses: media goes through the operator's relay.
  public enum Relay: String, Sendable, CaseIterable { case never, guests, always }

  /// People who speak with each other over direct connections, in a room or around a stage.
  public var meshMax = 4
  /// People in one's earshot on the open floor, oneself among them; ``meshMax`` bounds it while there is nothing but a mesh.
  public var bubbleMax = 8
  /// On the open floor people hear each other from here on …
  public var joinMeters = 4.0
  /// … and up to here: the gap keeps a link from flickering.
  public var leaveMeters = 5.0
  /// Difference in height that still is the same floor.
  public var heightMeters = 1.5
  /// How long a wall or a pillar may come between two who hear each other already.
  public var blockedTicksMax = 20
  /// Links of one person begin so far apart, on the whole …
  public var beginTicks = 20
  /// … and so many at once.
  public var beginBurst = 4
  /// Links that begin in one tick, everywhere: while the hub keeps its time, and while it does not.
  public var beginningsPerTickMax = 8
  public var beginningsPerTickOverloaded = 1
  /// Up to so many people with voice in a space everything is decided in the tick in which somebody changed places; with more,
  /// links end in that tick and begin at the space's turn, four times a second.
  public var decidedAtOnceMax = 100
  public var relay = Relay.never
  /// How clients attenuate on the open floor and where an area says nothing else.
  public var attenuation = Attenuation()
  /// There is a media server for what a mesh can't do.
  public var hasSFU = false
  /// How long the members of a zone may take to connect to the server before the mesh ends all the same …
  public var openingTicksMax = 200
  /// … how long a mesh must have been enough before it comes back, and how long both are there then.
  public var calmTicks = 400
  public var closingTicks = 100
  /// People of one zone whom the server takes, and how soon one's next connection to it may begin.
  public var sfuMembersMax = 200
  public var sfuRetryTicks = 20
  /// Members of a room whom the server gives each other one by one; above, it mixes. How many of them one hears.
  public var positionalMax = 24
  public var audibleMax = 10

  public init() {}

  var bubblePeersMax: Int { min(bubbleMax, meshMax) - 1 }
}
