import HubJSON
import Testing

private struct Person: Codable, Equatable {
  enum Status: String, Codable { case available, busy }
  var name: String
  var age: UInt8
  var height: Double
  var status: Status?
  var tags: [String]
  var home: [String: [Int]]
}

private func decodeError<T: Decodable>(_ type: T.Type, _ text: String) -> JSONError? {
  do {
    _ = try JSON.decode(type, from: Array(text.utf8))
    return nil
  } catch { return error }
}

@Suite struct CodableTests {
  @Test func valuesSurviveWritingAndReading() throws {
    let person = Person(
      name: "Zoë \"Q\" \u{1F600} \\ \u{7}", age: 255, height: 1.1, status: .busy, tags: ["", "ä"],
      home: ["a": [], "b": [-1, .max]])
    #expect(try JSON.decode(Person.self, from: JSON.encode(person)) == person)
  }

  @Test(arguments: [
    0.1, 1.0 / 3, .pi, .leastNonzeroMagnitude, 1.7976931348623157e308, -0.0, 100, 1e21, 123456789.125,
  ])
  func doublesReadBackTheSame(_ number: Double) throws {
    #expect(try JSON.decode([Double].self, from: JSON.encode([number, 0.1])).first == number)
  }

  @Test func shortNumbersAreWrittenShort() throws {
    #expect(String(decoding: try JSON.encode([0.1, 2.5, 3]), as: UTF8.self) == "[0.1,2.5,3.0]")
    #expect(String(decoding: try JSON.encode([Float(0.1)]), as: UTF8.self) == "[0.1]")
  }

  @Test func missingMembersWrongTypesAndOverflowNamePathAndPlace() {
    let good = #"{"name":"a","age":1,"height":2,"tags":[],"home":{}}"#
    #expect(decodeError(Person.self, good) == nil)
    var found = decodeError([Person].self, "[\n \(good),\n {\"name\":\"a\"}]")
    #expect(found?.kind == .missing)
    #expect(found?.path.description == "[1]")
    #expect(found?.line == 3 && found?.column == 2)
    found = decodeError(Person.self, "{\"name\":\"a\",\"age\":256,\"height\":2,\"tags\":[],\"home\":{}}")
    #expect(found?.kind == .outOfRange)
    #expect(found?.path.description == "age" && found?.column == 19)
    found = decodeError(Person.self, "{\"name\":\"a\",\"age\":1,\"height\":2,\"tags\":[\"x\",7],\"home\":{}}")
    #expect(found?.kind == .wrongType)
    #expect(found?.message == "found integer, expected string")
    #expect(found?.path.description == "tags[1]")
    found = decodeError(
      Person.self, "{\"name\":\"a\",\"age\":1,\"height\":2,\"tags\":[],\"home\":{},\"status\":\"gone\"}")
    #expect(found?.kind == .invalid)
    #expect(found?.path.description == "status")
  }

  @Test(arguments: ["1.0", "1e0", "\"1\"", "true", "null", "-1", "256", "[]"])
  func onlyIntegersInRangeAreBytes(_ text: String) {
    #expect(decodeError(UInt8.self, text) != nil)
  }

  @Test func hugeIntegersAreNotRoundedIntoReals() {
    #expect(decodeError(Double.self, "9007199254740992") == nil)
    #expect(decodeError(Double.self, "9007199254740993")?.kind == .outOfRange)
    #expect(decodeError(Float.self, "1e300")?.kind == .outOfRange)
  }

  @Test func whatJSONCannotSayIsRefused() {
    #expect(throws: JSONError.self) { try JSON.encode([Double.nan]) }
    #expect(throws: JSONError.self) { try JSON.encode(["a": -Double.infinity]) }
    #expect(throws: JSONError.self) { try JSON.encode([UInt64.max]) }
    #expect(throws: JSONError.self) { try JSON.write(.array([.real(.nan)])) }
  }

  @Test func aDocumentTravelsInsideATypedMessage() throws {
    struct Envelope: Codable, Equatable {
      var t: String
      var body: JSONValue
    }
    let text = #"{"t":"x","body":{"k":[1,null,"s",2.5,false]}}"#
    let envelope = try JSON.decode(Envelope.self, from: Array(text.utf8))
    #expect(String(decoding: try JSON.encode(envelope), as: UTF8.self) == text)
  }

  @Test func pathsFindTheirPlaceThroughEscapesAndStringsFullOfBrackets() throws {
    let text = Array(
      "{\"a\\u0062\": \"]}[{\\\"\",\n \"c\": [ {\"d\" : 1 , \"ö\":[ ] , \"e\": -2.5e3}, 3]}".utf8)
    let value = try JSON.parse(text)
    let map = JSONSourceMap(text.span.bytes)
    let c0 = JSONPath.root.appending(key: "c").appending(index: 0)
    #expect(map.place(of: JSONPath.root.appending(key: "ab"), in: value) == .init(line: 1, column: 13))
    #expect(map.place(of: c0.appending(key: "d"), in: value) == .init(line: 2, column: 16))
    #expect(map.place(of: c0.appending(key: "d"), in: value, atKey: true) == .init(line: 2, column: 10))
    #expect(map.place(of: c0.appending(key: "e"), in: value) == .init(line: 2, column: 35))
    #expect(
      map.place(of: JSONPath.root.appending(key: "c").appending(index: 1), in: value)
        == .init(line: 2, column: 44))
    // As far as the path exists.
    #expect(
      map.place(of: c0.appending(key: "zz").appending(index: 3), in: value) == .init(line: 2, column: 9))
  }
}
