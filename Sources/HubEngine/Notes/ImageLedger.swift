import HubKernel
public import HubWire

/// Leave to upload an image.
public struct ImageUpload: Sendable, Equatable {
  public let id: UInt64
  public let image: ImageName
  /// Exactly so many.
  public let bytes: Int
  public let ref: Int?
}

/// An image that is stored.
public struct HeldImage: Sendable, Equatable {
  public let name: ImageName
  public let bytes: Int
  public init(name: ImageName, bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

/// Which images the hub holds and which are on their way; the bytes are the shell's.
struct ImageLedger {
  private struct Entry {
    let image: HeldImage
    /// Who uploaded it, until an exhibit has named it.
    var uploader: String?
    /// Since when no exhibit names it.
    var unnamedSince: Tick?
  }
  private struct Coming {
    let image: HeldImage
    let uploader: String
  }

  /// By SHA-256.
  private var held: [String: Entry] = [:]
  private var coming: [UInt64: Coming] = [:]
  private var nextUpload: UInt64 = 1
  /// Named in spaces that the world does not have now.
  private var namedElsewhere: Set<String> = []

  var isEmpty: Bool { held.isEmpty }
  subscript(sha256: String) -> ImageName? { held[sha256]?.image.name }

  /// Of those held and those on their way.
  var bytes: Int {
    held.values.reduce(0) { $0 + $1.image.bytes } + coming.values.reduce(0) { $0 + $1.image.bytes }
  }

  /// Uploaded, or about to be, and named by nothing so far.
  func unnamed(of uploader: String) -> Int {
    held.values.count { $0.uploader == uploader } + coming.values.count { $0.uploader == uploader }
  }

  mutating func begin(_ image: HeldImage, uploader: String, ref: Int?) -> ImageUpload {
    defer { nextUpload += 1 }
    coming[nextUpload] = Coming(image: image, uploader: uploader)
    return ImageUpload(id: nextUpload, image: image.name, bytes: image.bytes, ref: ref)
  }

  mutating func finish(_ id: UInt64, isStored: Bool, _ now: Tick) {
    guard let upload = coming.removeValue(forKey: id) else { preconditionFailure("an unknown upload") }
    let sha256 = upload.image.name.sha256
    guard isStored, held[sha256] == nil else { return }
    held[sha256] = Entry(image: upload.image, uploader: upload.uploader, unnamedSince: now)
  }

  /// - Returns: those that nothing names: they are not held.
  mutating func restore(_ images: [HeldImage], named: Set<String>, elsewhere: Set<String>) -> [String] {
    namedElsewhere = elsewhere
    var dropped: [String] = []
    for image in images {
      let sha256 = image.name.sha256
      if named.contains(sha256) || elsewhere.contains(sha256) {
        held[sha256] = Entry(image: image, uploader: nil, unnamedSince: nil)
      } else {
        dropped.append(sha256)
      }
    }
    return dropped
  }

  /// Notes which are named, and since when others are not.
  mutating func mark(named: Set<String>, _ now: Tick) {
    for sha256 in held.keys {
      if named.contains(sha256) || namedElsewhere.contains(sha256) {
        held[sha256]?.unnamedSince = nil
        held[sha256]?.uploader = nil
      } else if held[sha256]?.unnamedSince == nil {
        held[sha256]?.unnamedSince = now
      }
    }
  }

  /// Gives up those that have not been named for `ticks`: ascending. One that is being uploaded anew stays.
  mutating func sweep(_ now: Tick, ticks: Tick) -> [String] {
    let underWay = Set(coming.values.map(\.image.name.sha256))
    let dropped = held.filter { sha256, entry in
      guard let since = entry.unnamedSince else { return false }
      return now &- since >= ticks && !underWay.contains(sha256)
    }.keys.sorted()
    for sha256 in dropped { held[sha256] = nil }
    return dropped
  }
}

extension ImageName {
  /// The field `image` of an exhibit.
  func write(to json: inout JSONWriter) {
    json.key("image")
    json.beginObject()
    json.field("sha256", sha256)
    json.field("mediaType", mediaType)
    json.endObject()
  }
}
