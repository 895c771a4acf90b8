import HubCalDAV
import Testing

@Suite struct AnswerTests {
  private func read(_ text: String) throws -> DAVAnswer { try DAVAnswer(parsing: Array(text.utf8)) }

  @Test(arguments: [
    ("", "xmlns=\"DAV:\""), ("D:", "xmlns:D=\"DAV:\""), ("ns0:", "xmlns:ns0=\"DAV:\""),
  ])
  func `Elements are known by their namespace, not their prefix`(prefix: String, declaration: String) throws {
    let p = prefix
    let answer = try read(
      "<\(p)multistatus \(declaration)><\(p)response><\(p)href>/a/b.ics</\(p)href><\(p)propstat><\(p)prop>"
        + "<\(p)getetag>\"1\"</\(p)getetag></\(p)prop><\(p)status>HTTP/1.1 200 OK</\(p)status></\(p)propstat>"
        + "</\(p)response><\(p)sync-token>http://x/1</\(p)sync-token></\(p)multistatus>")
    #expect(answer.entries.map(\.href) == ["/a/b.ics"])
    #expect(answer.entries.first?.etag == "\"1\"")
    #expect(answer.syncToken == "http://x/1")
  }

  @Test func `Properties of a propstat that failed do not count`() throws {
    let answer = try read(
      "<multistatus xmlns='DAV:'><response><href>/a</href>"
        + "<propstat><prop><getetag>\"1\"</getetag></prop><status>HTTP/1.1 404 Not Found</status></propstat>"
        + "</response></multistatus>")
    #expect(answer.entries.first?.etag == nil)
  }

  @Test func `A response's own 404 means gone, whatever its propstat says`() throws {
    let answer = try read(
      "<multistatus xmlns='DAV:'><response><href>/a</href><status>HTTP/1.1 404 Not Found</status>"
        + "<propstat><prop><getetag/></prop><status>HTTP/1.1 418 I'm a teapot</status></propstat>"
        + "</response></multistatus>")
    #expect(answer.entries.first?.status == 404)
  }

  @Test func `A bad sync token is told by its element`() throws {
    #expect(try read("<d:error xmlns:d='DAV:'><d:valid-sync-token/></d:error>").isBadToken)
    #expect(!(try read("<d:error xmlns:d='DAV:'><x:valid-sync-token xmlns:x='u:x'/></d:error>").isBadToken))
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY b \"c\">]><multistatus xmlns='DAV:'/>", "<!doctype a><multistatus xmlns='DAV:'/>",
    "", "nothing", "<multistatus xmlns='DAV:'>", "<html/>", "<multistatus xmlns='u:other'/>", "a\0b",
    "<multistatus xmlns='DAV:'>" + String(repeating: "<a>", count: 200)
      + String(repeating: "</a>", count: 200) + "</multistatus>",
  ])
  func `Hostile or foreign documents are refused`(text: String) {
    #expect(throws: SourceError.self) { try read(text) }
  }

  @Test func `A declared entity bomb is refused in any encoding`() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"cccc\">]><multistatus xmlns='DAV:'>&b;</multistatus>"
    let wide = bomb.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    #expect(throws: SourceError.self) { try DAVAnswer(parsing: [0xFF, 0xFE] + wide) }
  }
}

@Suite struct AddressTests {
  @Test(arguments: [
    "https://calendar.example.org/room/", "http://127.0.0.1:5232/hub/room/", "http://localhost/x.ics",
    "http://[::1]:80/x",
  ])
  func `HTTPS anywhere and HTTP on loopback are addresses`(text: String) throws {
    #expect(try SourceAddress(text).exposed == text)
  }

  @Test(arguments: [
    "http://calendar.example.org/", "http://127.0.0.1.example.org/", "http://10.0.0.1/", "file:///etc/passwd",
    "https://user:secret@example.org/", "ftp://127.0.0.1/", "", "/only/a/path", "http://127.1/",
  ])
  func `Anything else is refused without repeating it`(text: String) {
    do {
      _ = try SourceAddress(text)
      Issue.record("accepted")
    } catch {
      #expect(text.isEmpty || !"\(error)".contains("secret"))
    }
  }

  @Test func `An address tells nobody its path`() throws {
    let address = try SourceAddress("https://example.org/secret-token/feed.ics?key=secret")
    #expect(!"\(address)".contains("secret"))
    #expect(!String(reflecting: address).contains("secret"))
    #expect("\(SourceCredentials(user: "a", password: "secret"))" == "***")
  }

  @Test(arguments: [
    ("/b", true), ("https://example.org/b", true), ("https://example.org:443/b", true),
    ("https://EXAMPLE.org/b", true), ("https://evil.example/b", false), ("http://example.org/b", false),
    ("https://example.org:444/b", false), ("//evil.example/b", false), ("b", false),
  ])
  func `Redirects stay on the server`(location: String, stays: Bool) throws {
    #expect((try SourceAddress("https://example.org/a").following(location: location) != nil) == stays)
  }

  @Test func `A resource has one name however it is spelt`() {
    for href in ["/a%20b/c.ics", "/a b/c.ics", "https://h.example/a%20b/c.ics"] {
      #expect(SourceAddress.resourceName(href: href) == "/a b/c.ics")
    }
  }
}
