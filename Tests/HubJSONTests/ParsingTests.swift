import HubJSON
import HubKernel
import Testing

private func error(_ text: String, limits: JSONLimits = .message) -> JSONError? {
  do {
    _ = try JSON.parse(Array(text.utf8), limits: limits)
    return nil
  } catch { return error }
}

@Suite struct ParsingTests {
  @Test func everyKindOfValueIsRead() throws {
    let text = #"{"n":null,"t":true,"f":false,"i":-7,"r":1.5,"s":"ä\n\u20ac","a":[1,[]],"o":{"":1}}"#
    let value = try JSON.parse(Array(text.utf8))
    #expect(
      value
        == .object(
          JSONObject([
            .init("n", .null), .init("t", .bool(true)), .init("f", .bool(false)), .init("i", .int(-7)),
            .init("r", .real(1.5)), .init("s", .string("ä\n€")), .init("a", .array([.int(1), .array([])])),
            .init("o", .object(JSONObject([.init("", .int(1))]))),
          ])))
  }

  @Test func membersKeepTheOrderOfTheText() throws {
    let keys = (0..<200).map { "k\(($0 * 7919) % 1000)" }
    let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    guard case .object(let object) = try JSON.parse(Array(text.utf8)) else { return #expect(Bool(false)) }
    #expect(object.members.map(\.key) == keys)
  }

  @Test(arguments: [
    "", " ", "{", "[1,", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "{'a':1}", "[1 2]", "tru", "nul", "NaN",
    "Infinity", "-Infinity", "+1", "01", "1.", ".5", "1e", "0x10", "\"", "\"\\x\"", "\"\\u12\"",
    "\"\\ud800\"",
    "\"\\u0000\"", "\"\u{1}\"", "\"a\nb\"", "[1]]", "1 2", "// a\n1", "/* */1", "\u{feff}1", "{\"a\":1,}",
    "[,1]",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "1e400", "-1e400", "9223372036854775808",
    "123456789012345678901234567890", "}", ":", ",",
  ])
  func malformedTextsAreErrorsOfSyntaxWithAPlace(_ text: String) {
    let found = error(text)
    #expect(found?.kind == .syntax)
    #expect((found?.line ?? 0) >= 1 && (found?.column ?? 0) >= 1)
    #expect(found?.message.isEmpty == false)
  }

  @Test(arguments: [
    [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
    [0x22, 0xc3, 0x22], [0x5b, 0x00, 0x5d], [0x31, 0x00], [0xff], [0x22, 0x61, 0x00, 0x22],
  ])
  func badUTF8AndNulBytesAreErrorsOfSyntax(_ bytes: [Int]) {
    #expect(throws: JSONError.self) { try JSON.parse(bytes.map { UInt8($0) }) }
  }

  @Test func syntaxErrorsNameLineAndColumn() {
    let found = error("{\n  \"ä\": [1, 2,\n     x]\n}")
    #expect(found?.line == 3)
    #expect(found?.column == 6)
    #expect(error("{\"a\": 1,\n \"b\" 2}")?.line == 2)
  }

  @Test func wholeNumbersAndRealsStayApartAndExact() throws {
    #expect(try JSON.parse(Array("9223372036854775807".utf8)) == .int(.max))
    #expect(try JSON.parse(Array("-9223372036854775808".utf8)) == .int(.min))
    #expect(try JSON.parse(Array("1.0".utf8)) == .real(1))
    #expect(try JSON.parse(Array("1e2".utf8)) == .real(100))
    #expect(try JSON.parse(Array("0.1".utf8)) == .real(0.1))
    #expect(try JSON.parse(Array("1e-400".utf8)) == .real(0))
    #expect(try JSON.parse(Array("2.2250738585072014e-308".utf8)) == .real(2.2250738585072014e-308))
  }

  @Test func depthIsLimitedAndQuotedBracketsDoNotCount() throws {
    let limits = JSONLimits(bytesMax: 1 << 20, depthMax: 20)
    func nested(_ n: Int) -> String { String(repeating: "[", count: n) + String(repeating: "]", count: n) }
    #expect(error(nested(20), limits: limits) == nil)
    let found = error(nested(21), limits: limits)
    #expect(found?.kind == .tooDeep)
    #expect(found?.column == 21)
    #expect(error(String(repeating: "[{\"a\":", count: 100_000), limits: limits)?.kind == .tooDeep)
    #expect(
      error("\"\(String(repeating: "[", count: 100))\\\"[[[[[[[[[[[[[[[[[[[[[[[[[\"", limits: limits) == nil)
  }

  @Test func textsAreLimitedInBytes() {
    let limits = JSONLimits(bytesMax: 10, depthMax: 4)
    #expect(error("[1234,678]", limits: limits) == nil)
    #expect(error("[1234,6789]", limits: limits)?.kind == .tooLarge)
  }

  @Test func mutatedTextsAreReadOrRefusedButNeverCrash() throws {
    let seed = Array(
      #"{"t":"hello","name":"Zoë \ud83d\ude00","n":[1,-2.5e3,true,null,{"a":{"b":[[]]}}],"x":"\\\"\/\b"}"#
        .utf8)
    var random = SeededRandom(seed: 7)
    var accepted = 0
    for _ in 0..<20_000 {
      var text = seed
      for _ in 0..<(1 + random.below(4)) where !text.isEmpty {
        let at = random.below(text.count)
        switch random.below(5) {
        case 0: text[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: text.remove(at: at)
        case 2: text.insert(Array("{}[]\",:\\0e-.u".utf8)[random.below(13)], at: at)
        case 3: text.removeSubrange(at..<min(text.count, at + 1 + random.below(8)))
        default: text.insert(contentsOf: text[at..<min(text.count, at + random.below(12))], at: at)
        }
      }
      do {
        let value = try JSON.parse(text)
        accepted += 1
        // What is read can be written, and reads the same again.
        #expect(try JSON.parse(JSON.write(value)) == value)
      } catch {
        #expect((error.line ?? 1) >= 1 && (error.column ?? 1) >= 1)
      }
    }
    #expect(accepted > 100 && accepted < 19_900)
  }
}
