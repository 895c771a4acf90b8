import HubEngine
import HubNet
import HubWire

/// Who may send which image where, lives on the loop's thread. Every leave the engine gave gets exactly one answer: by the disk,
/// by a refusal, or by its time running out.
final class UploadDesk {
  private struct Leave {
    let upload: ImageUpload
    var endsMs: Int
    /// Its one request has begun.
    var isUsed = false
  }
  static let prefix = "/uploads/"

  /// By random key: knowing it is the right to send.
  private var leaves: [String: Leave] = [:]
  /// With the disk.
  private var storing: [UInt64: (connection: ConnectionID, image: ImageName, bytes: [UInt8])] = [:]
  private let lifeMs: Int

  init(seconds: Int) { lifeMs = seconds * 1000 }

  /// Where to send it; nil when the system gives no random bytes.
  func offer(_ upload: ImageUpload, _ nowMs: Int) -> String? {
    guard let random = SystemRandom.bytes(24) else { return nil }
    let key = Base64URL.encode(random)
    leaves[key] = Leave(upload: upload, endsMs: nowMs + lifeMs)
    return Self.prefix + key
  }

  /// Whether a body may come: once for a key, and of the length that was said.
  func refuses(path: String, bytes: Int, _ nowMs: Int) -> Int? {
    let key = String(path.dropFirst(Self.prefix.count))
    guard let leave = leaves[key], leave.endsMs > nowMs else { return 410 }
    guard !leave.isUsed else { return 409 }
    guard bytes == leave.upload.bytes else { return bytes > leave.upload.bytes ? 413 : 400 }
    leaves[key]?.isUsed = true
    leaves[key]?.endsMs = nowMs + lifeMs
    return nil
  }

  /// A body that came whole: the job for the disk, or why there is none.
  func take(_ id: ConnectionID, _ request: HTTPRequest) -> Result<StoreWriter.Job, UploadRefusal> {
    let key = String(request.path.dropFirst(Self.prefix.count))
    guard let leave = leaves[key] else { return .failure(.gone) }
    guard request.body.count == leave.upload.bytes else { return .failure(.length) }
    leaves[key] = nil
    storing[leave.upload.id] = (id, leave.upload.image, request.body)
    return .success(.image(id: leave.upload.id, leave.upload.image, request.body))
  }

  /// The disk has answered.
  func finish(_ id: UInt64) -> (connection: ConnectionID, image: ImageName, bytes: [UInt8]) {
    guard let done = storing.removeValue(forKey: id) else { preconditionFailure("an unknown upload") }
    return done
  }

  /// Leaves whose time is over.
  func expire(_ nowMs: Int) -> [UInt64] {
    guard !leaves.isEmpty else { return [] }
    let over = leaves.filter { $0.value.endsMs <= nowMs }
    for key in over.keys { leaves[key] = nil }
    return over.values.map(\.upload.id).sorted()
  }
}

/// Why an upload is not taken: a status and a word for the page.
enum UploadRefusal: Error, Equatable {
  case gone
  case origin
  case method
  case length
  /// The bytes are others than were announced.
  case digest
  /// They are of another kind than was announced.
  case mediaType
  case fault(ImageFault)
  case notStored

  var status: Int {
    switch self {
    case .gone: 410
    case .origin: 403
    case .method: 405
    case .length: 400
    case .mediaType, .fault(.unknownKind): 415
    case .digest, .fault: 422
    case .notStored: 503
    }
  }

  var word: String {
    switch self {
    case .gone: "gone"
    case .origin: "origin"
    case .method: "method"
    case .length: "length"
    case .digest: "digest"
    case .mediaType: "media-type"
    case .fault(let fault): fault.rawValue
    case .notStored: "not-stored"
    }
  }

  /// What a body is, against what it was announced as; nil: that.
  static func of(_ bytes: [UInt8], announced: ImageName) -> UploadRefusal? {
    guard sha256Hex(bytes) == announced.sha256 else { return .digest }
    do throws(ImageFault) {
      return try ImageFile.read(bytes).kind.rawValue == announced.mediaType ? nil : .mediaType
    } catch { return .fault(error) }
  }
}
