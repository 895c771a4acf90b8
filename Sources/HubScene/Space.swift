public import HubKernel

/// One space at run time: scene graph, areas, spawns, what moves by itself, and what bodies meet.
public struct Space: Sendable {
  public let definition: SpaceDefinition
  /// Index in ``World/spaces``.
  public let index: Int
  public private(set) var graph: SceneGraph
  public let areas: AreaTable
  /// In the order of the file.
  public let spawns: [Spawn]
  public private(set) var dynamics: Dynamics
  public private(set) var collision: CollisionMap

  public var id: String { definition.id }

  /// A disc to arrive in.
  public struct Spawn: Sendable {
    public var nodeID: String
    public var position: Vector3
    public var radius: Double
    /// Heading on arrival, 1/65536 turn.
    public var yaw: UInt16
  }

  init(valid definition: SpaceDefinition, index: Int) {
    fatalError("skeleton")
  }

  /// Moves doors, turntables and trams on to `tick`. Doors sense the bodies given; a door that closed or began to
  /// open changes what bodies meet. Call once a tick, before moves are checked. O(doors × bodies), no allocation.
  public mutating func stepDynamics(tick: Tick, bodies: Span<Pose>) {
    fatalError("skeleton")
  }

  /// The server's truth about a move: see ``CollisionMap/check(from:to:elapsedTicks:body:barred:)``.
  public func check(
    from: Pose, to: Pose, elapsedTicks: Int, body: inout BodyState, barred: borrowing AreaSet
  ) -> MoveVerdict {
    collision.check(from: from, to: to, elapsedTicks: elapsedTicks, body: &body, barred: barred)
  }

  /// A free pose in the disc of a spawn, standing on its ground, facing its heading. Falls back to the middle of
  /// the disc when nothing in it is free.
  public func arrival(spawn: Int, random: inout SeededRandom) -> Pose {
    fatalError("skeleton")
  }
}
