import HubKernel
import HubWire

/// Images for exhibits. An upload is judged here, its bytes go past the engine (``Directive/upload(_:_:)``), and an exhibit may
/// name it once it is stored: so the log never names what the disk does not have.
extension Engine {
  func upload(_ wish: UploadRequest, _ p: Participant) {
    let limits = config.limits
    guard (1...limits.imageBytesMax).contains(wish.bytes) else {
      return refuse(p, .badValue, "an image has 1 to \(limits.imageBytesMax) bytes", ref: wish.ref)
    }
    guard let name = ImageName(checking: wish.sha256, mediaType: wish.mediaType) else {
      return refuse(
        p, .badValue, "mediaType is image/png, image/jpeg or image/webp; sha256 has 64 hexadecimal digits",
        ref: wish.ref)
    }
    images.mark(named: namedImages(ahead: true), now)
    guard images.unnamed(of: p.person) < limits.imagesUnnamedPerPersonMax else {
      return refuse(
        p, .quota, "\(limits.imagesUnnamedPerPersonMax) images wait for an exhibit", ref: wish.ref)
    }
    guard images.bytes + wish.bytes <= limits.imageBytesInHubMax else {
      return refuse(p, .quota, "the hub holds \(limits.imageBytesInHubMax) bytes of images", ref: wish.ref)
    }
    noteInput(p)
    let image = HeldImage(name: name, bytes: wish.bytes)
    directives.append(.upload(p.session, images.begin(image, uploader: p.person, ref: wish.ref)))
  }

  /// The image an exhibit shall have. - Returns: nil: none any more.
  func judge(image sha256: String, _ p: Participant, _ space: SpaceRuntime, instead before: Exhibit?)
    throws(NoteRefusal) -> ImageName?
  {
    if sha256.isEmpty { return nil }
    guard let name = images[sha256] else {
      throw NoteRefusal(code: .unknownImage, text: "no such image was uploaded")
    }
    let limits = config.limits
    let others = space.notes.exhibits.filter { $0.image != nil && $0.id != before?.id }
    guard others.count < limits.imagesPerSpaceMax else {
      throw NoteRefusal(code: .quota, text: "a space holds \(limits.imagesPerSpaceMax) images")
    }
    let whose = before?.author ?? author(p)
    guard others.count(where: { $0.author == whose }) < limits.imagesPerPersonMax else {
      throw NoteRefusal(
        code: .quota, text: "a person puts up \(limits.imagesPerPersonMax) images in a space")
    }
    return name
  }

  /// Every ten seconds: images that nobody names for long go. What is on its way into the log counts, and what the log
  /// would come back to if that failed.
  func sweepImages() {
    guard !images.isEmpty, now % 200 == 0 else { return }
    let ticks = Tick(config.limits.imageUnnamedSecondsMax * Units.ticksPerSecond)
    images.mark(named: namedImages(ahead: true), now)
    let dropped = images.sweep(now, ticks: ticks)
    if !dropped.isEmpty { directives.append(.dropImages(dropped)) }
  }

  private func namedImages(ahead: Bool) -> Set<String> {
    var named: Set<String> = []
    for space in spaces {
      for exhibit in space.notes.durable.exhibits + (ahead ? space.notes.exhibits : []) {
        if let image = exhibit.image { named.insert(image.sha256) }
      }
    }
    return named
  }

  /// Bytes of all images held and on their way.
  public var imageBytes: Int { images.bytes }

  /// Whether an exhibit that everybody may see has this image. O(exhibits).
  public func shows(image sha256: String) -> Bool { namedImages(ahead: false).contains(sha256) }

  /// What the store holds, before the first tick and after the notes.
  /// - Parameter elsewhere: named by exhibits of spaces that the world does not have now.
  /// - Returns: those that nothing names: forget them.
  public func restoreImages(_ held: [HeldImage], elsewhere: Set<String>) -> [String] {
    precondition(now == 0, "images are restored before the first tick")
    return images.restore(held, named: namedImages(ahead: false), elsewhere: elsewhere)
  }
}
