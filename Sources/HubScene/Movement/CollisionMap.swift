public import HubKernel

/// What bodies meet in a space: bounds, colliders, doors, barred areas, ground.
public struct CollisionMap: Sendable {
  /// Decides a move. The body is an upright cylinder (``BodyShape``) swept along the straight line between the
  /// two positions: nothing is passed however thin. No allocation; about a microsecond for a step.
  /// - Parameters:
  ///   - from: the last legal pose.
  ///   - elapsedTicks: since `from`; counted up to 20, so a moving client sends at least once a second.
  ///   - body: what is remembered of this body; updated.
  ///   - barred: the areas this body may not enter (one already inside may move and leave).
  public func check(
    from: Pose, to: Pose, elapsedTicks: Int, body: inout BodyState, barred: borrowing AreaSet
  ) -> MoveVerdict {
    fatalError("skeleton")
  }

  /// Height in metres of the highest ground at most a step above `nearY`; 0 is the base ground.
  public func groundHeight(x: Double, z: Double, nearY: Double) -> Double {
    fatalError("skeleton")
  }

  /// Whether a body can stand there: inside the bounds, nothing overlapping it.
  public func isFree(x: Double, y: Double, z: Double) -> Bool {
    fatalError("skeleton")
  }

  /// A free standing place within `radius` metres of a point, tried at most 32 times.
  public func freeSpot(near point: Vector3, radius: Double, random: inout SeededRandom) -> Vector3? {
    fatalError("skeleton")
  }
}
