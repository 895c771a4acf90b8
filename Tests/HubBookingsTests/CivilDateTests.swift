import HubBookings
import Testing

@Suite struct CivilDateTests {
  @Test(arguments: [0, -1, 59, 60, 11_016, -719_468, 2_932_896])
  func `A day's number names the day and back`(number: Int) {
    #expect(CivilDate(dayNumber: number).dayNumber == number)
  }

  @Test func `Known days have their numbers`() {
    #expect(CivilDate(year: 1970, month: 1, day: 1).dayNumber == 0)
    #expect(CivilDate(year: 2000, month: 2, day: 29).dayNumber == 11_016)
    #expect(CivilDate(dayNumber: 2_932_896) == CivilDate(year: 9999, month: 12, day: 31))
  }

  @Test func `29 February is valid in leap years only`() {
    #expect(CivilDate(year: 2000, month: 2, day: 29).isValid)
    #expect(CivilDate(year: 2024, month: 2, day: 29).isValid)
    #expect(!CivilDate(year: 1900, month: 2, day: 29).isValid)
    #expect(!CivilDate(year: 2026, month: 13, day: 1).isValid)
  }
}
