import HubEngine
import HubStore
import HubWire

/// Brings the store's images to the engine at a start, and drops those that no exhibit names.
enum ImageLoading {
  /// After the notes. - Returns: the images that stay.
  static func restore(from log: any SpaceLog, into engine: Engine) throws -> [LogImage] {
    let images = try log.images()
    guard !images.isEmpty else { return [] }
    var elsewhere: Set<String> = []
    let here = Set(engine.loggedSpaces)
    for (space, end) in try log.ends() where !here.contains(space) {
      elsewhere.formUnion(try named(in: space, to: end, log))
    }
    let held = images.map {
      HeldImage(name: ImageName(sha256: $0.sha256, mediaType: $0.mediaType), bytes: $0.bytes.count)
    }
    let dropped = Set(engine.restoreImages(held, elsewhere: elsewhere))
    try log.drop(images: dropped.sorted())
    return images.filter { !dropped.contains($0.sha256) }
  }

  /// Images that the exhibits of a space name, as the log has them.
  static func named(in space: String, to end: UInt64, _ log: any SpaceLog) throws -> [String] {
    let (snapshot, ops) = try NoteLoading.load(space, to: end, from: log)
    return StoredNotes.folded(snapshot, ops).images()
  }

  /// The same as at a start, where no hub runs.
  static func dropUnnamed(_ log: any SpaceLog) throws {
    var named: Set<String> = []
    for (space, end) in try log.ends() { named.formUnion(try self.named(in: space, to: end, log)) }
    try log.drop(images: try log.images().map(\.sha256).filter { !named.contains($0) })
  }
}
