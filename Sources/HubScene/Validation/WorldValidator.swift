/// Everything that can be wrong with the meaning of a world, found in one pass.
public enum WorldValidator {
  public static func findings(in world: WorldDefinition) -> [WorldFinding] {
    []
  }
}
