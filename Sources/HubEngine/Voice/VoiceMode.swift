package import HubKernel

/// People who hear each other together, as one media server would mix them: a room, or the stages of a space with the floor
/// that listens to them.
package enum VoiceZone: Hashable, Sendable {
  case room(area: Int)
  case stage
}

/// How the sound of one zone goes: over direct connections, or through a media server (SFU). Pure policy: it sees numbers,
/// and each step takes the newest ones.
///
/// The new way is ready before the old one ends: while ``Phase/opening`` and ``Phase/closing`` both are there. A lost server is the
/// exception: then the mesh is all there is, at once.
package struct VoiceMode: Equatable, Sendable {
  package enum Phase: String, Sendable, CaseIterable {
    case mesh
    /// Members connect to the server and go on hearing each other directly.
    case opening
    case sfu
    /// Members connect with each other and go on hearing the server.
    case closing

    /// Direct connections are wanted.
    package var usesMesh: Bool { self != .sfu }
    /// Connections to the server are wanted.
    package var usesSFU: Bool { self != .mesh }
    /// What members are to listen to.
    package var playsSFU: Bool { self == .sfu || self == .closing }
  }

  /// What the policy sees of a zone.
  package struct Seen: Equatable, Sendable {
    package var members: Int
    package var isStage: Bool
    /// A moderator has silenced somebody: only a server can hold them to it.
    package var hasMuted: Bool
    /// Members whose connection to the server stands.
    package var ready: Int
    package var isUp: Bool

    package init(
      members: Int, isStage: Bool = false, hasMuted: Bool = false, ready: Int = 0, isUp: Bool = true
    ) {
      self.members = members
      self.isStage = isStage
      self.hasMuted = hasMuted
      self.ready = ready
      self.isUp = isUp
    }

    /// Whether a server would serve this zone better than a mesh.
    package func wantsSFU(_ parameters: VoiceParameters) -> Bool {
      members >= 2 && (isStage || hasMuted || members > parameters.meshMax)
    }
  }

  package private(set) var phase = Phase.mesh
  private var since: Tick = 0
  private var calmSince: Tick?

  package init() {}

  package mutating func step(_ seen: Seen, _ parameters: VoiceParameters, now: Tick) {
    guard seen.isUp else { return enter(.mesh, now) }
    let wants = seen.wantsSFU(parameters)
    switch phase {
    case .mesh: if wants { enter(.opening, now) }
    case .opening:
      if !wants {
        enter(.mesh, now)
      } else if seen.ready == seen.members
        || now &- since >= Tick(parameters.openingTicksMax) && 2 * seen.ready >= seen.members
      {
        // A server that most can't reach serves nobody: then the mesh stays.
        enter(.sfu, now)
      }
    case .sfu:
      guard !wants else {
        calmSince = nil
        return
      }
      if calmSince == nil { calmSince = now }
      if let calmSince, now &- calmSince >= Tick(parameters.calmTicks) { enter(.closing, now) }
    case .closing:
      if wants {
        enter(.sfu, now)
      } else if now &- since >= Tick(parameters.closingTicks) {
        enter(.mesh, now)
      }
    }
  }

  private mutating func enter(_ next: Phase, _ now: Tick) {
    phase = next
    since = now
    calmSince = nil
  }
}
