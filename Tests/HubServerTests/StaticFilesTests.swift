import Foundation
import HubServer
import Testing

@Suite struct StaticFilesTests {
  /// A root `site` with files, and a secret beside it.
  private func folder() throws -> URL {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let site = base.appendingPathComponent("site")
    try FileManager.default.createDirectory(
      at: site.appendingPathComponent("build"), withIntermediateDirectories: true)
    for (name, text) in [
      ("site/index.html", "<p>"), ("site/build/three.module.js", "export {}"), ("site/.hidden", "h"),
      ("secret.txt", "s"), ("site2.txt", "s"),
    ] {
      try text.write(to: base.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    let manager = FileManager.default
    try manager.createSymbolicLink(
      at: site.appendingPathComponent("escape.txt"),
      withDestinationURL: base.appendingPathComponent("secret.txt"))
    try manager.createSymbolicLink(
      at: site.appendingPathComponent("inside.js"),
      withDestinationURL: site.appendingPathComponent("build/three.module.js"))
    return base
  }

  @Test func filesComeWithTypeAndTag() throws {
    let base = try folder()
    defer { try? FileManager.default.removeItem(at: base) }
    let files = StaticFiles(roots: [("/", base.path + "/site"), ("/three/", base.path + "/site/build")])
    let page = try #require(files.file("/index.html"))
    #expect(page.bytes == Array("<p>".utf8) && page.mediaType == "text/html; charset=utf-8")
    #expect(page.tag.hasPrefix("\"") && page.tag.hasSuffix("\"") && page.tag.count > 16)
    // The longest prefix decides, and a link that stays inside its root is a file like others.
    #expect(files.file("/three/three.module.js")?.mediaType == "text/javascript; charset=utf-8")
    #expect(files.file("/inside.js")?.bytes == Array("export {}".utf8))
  }

  @Test(arguments: [
    "/../secret.txt", "/..", "/build/../../secret.txt", "/./index.html", "//index.html", "/build/", "/",
    "/build",
    "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/index.html\0", "/index.html\0.js", "/\\..\\secret.txt",
    "/escape.txt",
    "/.hidden", "/missing.html", "index.html", "", "/site2.txt", "/index.html/", "/\u{202e}index.html",
  ])
  func nothingElseIsServed(path: String) throws {
    let base = try folder()
    defer { try? FileManager.default.removeItem(at: base) }
    let files = StaticFiles(roots: [("/", base.path + "/site")])
    #expect(files.file(path) == nil)
  }

  @Test func aChangedFileHasAnotherTag() throws {
    let base = try folder()
    defer { try? FileManager.default.removeItem(at: base) }
    let files = StaticFiles(roots: [("/", base.path + "/site")])
    let before = try #require(files.file("/index.html")).tag
    #expect(files.file("/index.html")?.tag == before)
    try "<p>new".write(to: base.appendingPathComponent("site/index.html"), atomically: true, encoding: .utf8)
    #expect(files.file("/index.html")?.tag != before)
    try FileManager.default.removeItem(at: base.appendingPathComponent("site/index.html"))
    #expect(files.file("/index.html") == nil)
  }

  @Test func histogramsAreCumulative() {
    var histogram = FixedHistogram(boundsSeconds: [0.001, 0.01])
    for microseconds in [0, 1000, 1001, 10_000, 10_001, -5] {
      histogram.record(microseconds: Int64(microseconds))
    }
    var text = ""
    histogram.render("x_seconds", "Help.", into: &text)
    #expect(text.contains("# TYPE x_seconds histogram\n"))
    #expect(text.contains("x_seconds_bucket{le=\"0.001\"} 3\nx_seconds_bucket{le=\"0.01\"} 5\n"))
    #expect(text.contains("x_seconds_bucket{le=\"+Inf\"} 6\n") && text.contains("x_seconds_count 6\n"))
  }
}
