import HubEngine
import HubKernel
import HubNet
import HubWire

/// Images of exhibits: taken in over HTTP, and served from memory, so that a disk that stalls holds nobody up.
extension HubShell {
  func refusesBody(_ request: HTTPRequest, bytes: Int, bytesMax: Int) -> Int? {
    guard request.path.hasPrefix(UploadDesk.prefix), request.listener == 0 else {
      return bytes > bytesMax ? 413 : nil
    }
    return uploads.refuses(path: request.path, bytes: bytes, nowMs)
  }

  /// Tells a session where to send its image.
  func offer(_ upload: ImageUpload, to session: SessionID) {
    let answer: [UInt8]
    if let url = uploads.offer(upload, nowMs) {
      var json = JSONWriter(type: "upload")
      json.field("url", url)
      json.field("seconds", limits.uploadSecondsMax)
      json.field("ref", ifPresent: upload.ref)
      answer = json.end()
    } else {
      engine.handle(.uploaded(id: upload.id, isStored: false))
      answer = Self.error(.notStored, "the system gives no random bytes", ref: upload.ref)
    }
    guard let link = table.find(session), let id = table.links[link].id else { return }
    enqueue(link, answer)
    loop.requestWritable(id)
  }

  func expireUploads() {
    for id in uploads.expire(nowMs) { engine.handle(.uploaded(id: id, isStored: false)) }
  }

  /// An upload's request; nil: the disk will answer.
  func takeUpload(_ id: ConnectionID, _ request: HTTPRequest, _ router: HTTPRouter) -> HTTPResponse? {
    guard request.method == .put else { return refuse(.method, router) }
    // The key is the right, but a page of a stranger's has no business with it.
    let (origin, host) = (request.headers[.origin], request.headers[.host])
    guard gate.rules.allows(origin: origin, host: host, isExempt: true) else {
      return refuse(.origin, router)
    }
    switch uploads.take(id, request) {
    case .success(let job):
      writer.write(job)
      return nil
    case .failure(let refusal): return refuse(refusal, router)
    }
  }

  private func refuse(_ refusal: UploadRefusal, _ router: HTTPRouter) -> HTTPResponse {
    metrics.refused("upload-\(refusal.word)")
    return router.plain(
      refusal.status, refusal.word,
      [("Cache-Control", "no-store")] + (refusal == .method ? [("Allow", "PUT")] : []))
  }

  /// The disk has answered uploads.
  func takeImageAnswers() {
    var answers: [StoreWriter.ImageAnswer] = []
    writer.imageAnswers.drain(into: &answers)
    for answer in answers {
      let (connection, image, bytes) = uploads.finish(answer.id)
      engine.handle(.uploaded(id: answer.id, isStored: answer.refusal == nil))
      if let refusal = answer.refusal {
        loop.respond(connection, refuse(refusal, router))
      } else {
        pictures[image.sha256] = (image.mediaType, bytes)
        loop.respond(
          connection, router.plain(201, image.sha256, [("Location", "/images/\(image.sha256)")]))
      }
    }
  }

  /// An image that an exhibit shows; nil: none does.
  func image(_ sha256: String) -> (mediaType: String, bytes: [UInt8])? {
    guard let picture = pictures[sha256], engine.shows(image: sha256) else { return nil }
    return picture
  }
}
