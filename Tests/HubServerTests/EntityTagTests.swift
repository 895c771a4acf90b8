import HubServer
import Testing

@Suite struct EntityTagTests {
  @Test(arguments: [
    "\"b\"", "W/\"b\"", "\"a\", \"b\"", "\"a\",\"b\" , \"c\"", "W/\"a\", W/\"b\"", "*", " \"b\"", ",, \"b\"",
    "\"a,\", \"b\"",
  ])
  func aListThatNamesTheTagMatches(list: String) {
    #expect(EntityTag.matches(list, "\"b\""))
    #expect(EntityTag.matches(list, "W/\"b\""))
  }

  @Test(arguments: [
    "", "\"a\"", "\"a\", \"c\"", "b", "\"b", "\"a,b\"", "\"a\" b", "\"B\"", "W/", "W/b", ",", "\"a, \"b",
    "\"\"",
  ])
  func anyOtherListDoesNot(list: String) {
    #expect(!EntityTag.matches(list, "\"b\""))
  }
}
