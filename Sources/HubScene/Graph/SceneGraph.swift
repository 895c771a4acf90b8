/// A node at run time. The generation tells a reused index from its former owner.
public struct NodeID: Sendable, Hashable, BitwiseCopyable {
  public var index: UInt32
  public var generation: UInt32
  public init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }
}

/// The scene graph of one space.
public struct SceneGraph: Sendable {
}
