public import HubKernel

/// The nodes of a space that move by themselves, by dense index.
public struct Dynamics: Sendable {
  public private(set) var items: [Item] = []

  /// What does not change about one of them.
  public struct Item: Sendable {
    public var node: NodeID
    public var nodeID: String
    public var motion: DynamicComponent
  }

  public enum DoorState: UInt8, Sendable { case closed, opening, open, closing }

  public var count: Int { items.count }

  /// Where it is now, to replicate like an avatar. Animation carries the door's state.
  public func pose(_ index: Int) -> Pose {
    fatalError("skeleton")
  }
}
