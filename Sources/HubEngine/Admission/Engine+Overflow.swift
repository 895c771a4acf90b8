import HubKernel
import HubScene
import HubWire

/// Overflow instances: who finds a space full gets into another one of the same, as far as the world has them. Each has people,
/// chat, voice and seats of its own. What is stored (notes, exhibits) and what bookings and locks of a whole space say is one
/// for all of them.
extension Engine {
  /// The space of the file that this is an instance of.
  func base(of space: SpaceRuntime) -> SpaceRuntime { spaces[space.scene.base] }

  /// A space and its overflow instances, whichever of them is given; the space of the file first.
  func instances(of space: SpaceRuntime) -> [SpaceRuntime] { base(of: space).instances.map { spaces[$0] } }

  /// Where the notes and exhibits are kept that somebody sees.
  func content(of p: Participant) -> SpaceRuntime { base(of: spaces[p.space]) }

  /// Where somebody gets in who wants into this space: itself while it has a place, else its first overflow instance that
  /// has one, else itself, to be refused or to wait there. Whoever is in one of its instances means the one they name.
  func opening(in wanted: SpaceRuntime, from p: Participant? = nil) -> SpaceRuntime {
    guard wanted.instances.count > 1, !hasPlace(wanted) else { return wanted }
    if let p, spaces[p.space].scene.base == wanted.index { return wanted }
    guard let other = wanted.instances.first(where: { hasPlace(spaces[$0]) }) else { return wanted }
    counters.overflows += 1
    return spaces[other]
  }
}
