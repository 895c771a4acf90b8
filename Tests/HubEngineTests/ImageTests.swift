import HubEngine
import HubJSON
import HubKernel
import HubTestKit
import HubWire
import Testing

/// Images of exhibits: who may upload what, when an exhibit may name one, and when one is given up.
@Suite struct ImageTests {
  private let host: ConnectionKey
  private let hub: EngineDriver
  private static func digest(_ number: Int) -> String {
    String(repeating: "0", count: 63) + String(number, radix: 16)
  }

  init() throws {
    var config = EngineConfig()
    config.limits.sessionsMax = 64
    config.limits.imagesPerSpaceMax = 3
    config.limits.imagesPerPersonMax = 2
    config.limits.imagesUnnamedPerPersonMax = 3
    config.limits.imageBytesInHubMax = 1000
    config.limits.imageUnnamedSecondsMax = 20
    hub = EngineDriver(Engine(world: try TestWorld.make(), config: config))
    host = hub.join("Hanna", role: .host)
  }

  private func code(_ c: ConnectionKey) -> String? { hub.messages(c, "error").last?["code"]?.text }

  private func ask(_ c: ConnectionKey, _ number: Int, bytes: Int = 100) -> ImageUpload? {
    hub.uploads.removeAll()
    hub.send(c, .upload(UploadRequest(mediaType: "image/webp", bytes: bytes, sha256: Self.digest(number))))
    return hub.uploads.last
  }

  private func upload(_ c: ConnectionKey, _ number: Int, bytes: Int = 100) throws {
    let upload = try #require(ask(c, number, bytes: bytes))
    hub.handle(.uploaded(id: upload.id, isStored: true))
  }

  private func create(_ number: Int?) -> ClientMessage {
    var wish = ExhibitRequest(op: "create")
    wish.title = Wording(de: "Netz")
    wish.text = Wording(de: "Text")
    wish.alt = Wording(de: "Ein Modell")
    (wish.x, wish.z) = (0, 0)
    wish.image = number.map(Self.digest)
    return .exhibit(wish)
  }

  private func stored(_ c: ConnectionKey, _ message: ClientMessage) {
    hub.send(c, message)
    hub.step()
    if !hub.commits.isEmpty { hub.answerCommit() }
  }

  @Test func anExhibitNamesAnImageOnlyOnceItIsStored() throws {
    let upload = try #require(ask(host, 1))
    #expect(upload.image == ImageName(sha256: Self.digest(1), mediaType: "image/webp") && upload.bytes == 100)
    stored(host, create(1))
    #expect(code(host) == "unknown-image")
    hub.handle(.uploaded(id: upload.id, isStored: true))
    #expect(!hub.engine.shows(image: Self.digest(1)))
    hub.send(host, create(1))
    hub.step()
    #expect(!hub.engine.shows(image: Self.digest(1)), "the log does not have it yet")
    hub.answerCommit()
    #expect(hub.engine.shows(image: Self.digest(1)))
    let image = hub.messages(host, "exhibit").last?["exhibit"]?["image"]
    #expect(image?["sha256"]?.text == Self.digest(1) && image?["mediaType"]?.text == "image/webp")
  }

  @Test func anUploadThatFailedLeavesNothing() throws {
    let upload = try #require(ask(host, 1, bytes: 1000))
    #expect(ask(host, 2) == nil && code(host) == "quota", "its bytes are kept free for it")
    hub.handle(.uploaded(id: upload.id, isStored: false))
    stored(host, create(1))
    #expect(code(host) == "unknown-image" && hub.engine.imageBytes == 0)
    #expect(ask(host, 2, bytes: 1000) != nil)
  }

  @Test func thoseWithoutTheRightUploadNothing() throws {
    let guest = hub.join("Gerd")
    #expect(ask(guest, 1) == nil && code(guest) == "not-allowed")
  }

  @Test func imagesAreCountedByVisitorSpaceAndAuthor() throws {
    for number in 1...3 { try upload(host, number) }
    #expect(ask(host, 4) == nil && code(host) == "quota")
    for number in 1...2 { stored(host, create(number)) }
    // Named ones don't wait any more.
    try upload(host, 4)
    hub.forget()
    stored(host, create(3))
    #expect(code(host) == "quota", "an author's third")
    let other = hub.join("Hugo", role: .host)
    stored(other, create(3))
    hub.forget()
    stored(other, create(4))
    #expect(code(other) == "quota", "the space's fourth")
    // In the place of one's own there is room, and without there always is.
    var wish = ExhibitRequest(op: "change")
    (wish.exhibit, wish.rev, wish.image) = ("x1", 1, Self.digest(4))
    hub.forget()
    stored(host, .exhibit(wish))
    stored(host, create(nil))
    #expect(hub.messages(host, "error").isEmpty && hub.engine.shows(image: Self.digest(4)))
    #expect(!hub.engine.shows(image: Self.digest(1)))
  }

  @Test func anImageThatNoExhibitNamesIsGivenUpInTime() throws {
    try upload(host, 1)
    try upload(host, 2)
    stored(host, create(1))
    hub.step(700)
    #expect(hub.droppedImages == [Self.digest(2)])
    var wish = ExhibitRequest(op: "delete")
    (wish.exhibit, wish.rev) = ("x1", 1)
    // Taken down, but the log refuses: it stays.
    hub.send(host, .exhibit(wish))
    hub.step(900)
    hub.answerCommit(.refused)
    hub.step(700)
    #expect(hub.droppedImages == [Self.digest(2)] && hub.engine.shows(image: Self.digest(1)))
    stored(host, .exhibit(wish))
    hub.step(210)
    // Undo puts it up again before its time is over.
    stored(host, create(1))
    hub.step(900)
    #expect(hub.droppedImages == [Self.digest(2)] && hub.engine.shows(image: Self.digest(1)))
    (wish.exhibit, wish.rev) = ("x2", 1)
    stored(host, .exhibit(wish))
    // One that comes anew meanwhile is not dropped under it.
    let upload = try #require(ask(host, 1))
    hub.step(900)
    #expect(hub.droppedImages == [Self.digest(2)])
    hub.handle(.uploaded(id: upload.id, isStored: false))
    hub.step(400)
    #expect(hub.droppedImages == [Self.digest(2), Self.digest(1)] && hub.engine.imageBytes == 0)
  }
}
