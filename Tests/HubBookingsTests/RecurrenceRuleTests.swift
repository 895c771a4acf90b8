import HubBookings
import Testing

/// The examples of RFC 5545, 3.8.5.3: DTSTART, rule, and the first days the RFC lists, as month and day from the start on.
@Suite struct RecurrenceRuleTests {
  @Test(arguments: [
    ("19970902", "FREQ=DAILY;COUNT=10", "0902 0903 0904 0905 0906 0907 0908 0909 0910 0911"),
    ("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", "0902 0912 0922 1002 1012"),
    ("19970902", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=4", "0902 0916 0930 1014"),
    (
      "19970902", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
      "0902 0904 0909 0911 0916 0918 0923 0925 0930 1002"
    ),
    (
      "19970901", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
      "0901 0903 0905 0915 0917 0919 0929 1001 1003 1013"
    ),
    ("19970905", "FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "0905 1003 1107 1205"),
    ("19970907", "FREQ=MONTHLY;INTERVAL=2;COUNT=6;BYDAY=1SU,-1SU", "0907 0928 1102 1130 0104 0125"),
    ("19970922", "FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "0922 1020 1117"),
    ("19970928", "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=4", "0928 1029 1128 1229"),
    ("19970930", "FREQ=MONTHLY;COUNT=5;BYMONTHDAY=1,-1", "0930 1001 1031 1101 1130"),
    ("19970902", "FREQ=MONTHLY;BYDAY=TU;INTERVAL=2;COUNT=6", "0902 0909 0916 0923 0930 1104"),
    ("19970610", "FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "0610 0710 0610 0710"),
    ("19970101", "FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "0101 0410 0719 0101"),
    ("19970519", "FREQ=YEARLY;BYDAY=20MO;COUNT=3", "0519 0518 0517"),
    ("19970512", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", "0512 0511 0517"),
    ("19970313", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=4", "0313 0320 0327 0305"),
    ("19980213", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=4", "0213 0313 1113 0813"),
    ("19970913", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=3", "0913 1011 1108"),
    (
      "19961105", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3",
      "1105 1107 1102"
    ),
    ("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "0904 1007 1106"),
    ("19970929", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=4", "0929 1030 1127 1230"),
    ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "0805 0810 0819 0824"),
    ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "0805 0817 0819 0831"),
    ("20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "0115 0130 0215 0315 0330"),
    ("20240229", "FREQ=YEARLY;COUNT=2", "0229 0229"),
  ])
  func `The RFC's examples come out as it lists them`(start: String, rule: String, days: String) throws {
    let bytes = calendar("UID:a\nDTSTART;TZID=America/New_York:\(start)T090000\nRRULE:\(rule)")
    let found = try expand(bytes, "1996-01-01", "2036-01-01", zone: Zone.iana("America/New_York")!)
    let listed = days.split(separator: " ").map(String.init)
    let got = found.occurrences.prefix(listed.count).map {
      String($0.start.isoText.split(separator: "T")[0].replacing("-", with: "").suffix(4))
    }
    #expect(got == listed)
    if rule.contains("COUNT") { #expect(found.occurrences.count == listed.count) }
  }

  @Test(arguments: [
    ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", ["13:00", "16:00"]),
    ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", ["13:00", "13:15", "13:30", "13:45", "14:00", "14:15"]),
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", ["13:00", "14:30", "16:00", "17:30"]),
    ("FREQ=SECONDLY;INTERVAL=1800;COUNT=3", ["13:00", "13:30", "14:00"]),
  ])
  func `Rules below the day step on the wall clock`(rule: String, times: [String]) throws {
    let bytes = calendar("UID:a\nDTSTART;TZID=America/New_York:19970902T090000\nRRULE:\(rule)")
    let found = try expand(bytes, "1997-09-01", "1997-09-05")
    #expect(starts(found).map { String($0.split(separator: "T")[1].prefix(5)) } == times)
  }

  @Test(arguments: [
    "", "FREQ=", "FREQ=FORTNIGHTLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=x", "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTHDAY=0", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;BYHOUR=24",
    "FREQ=DAILY;UNTIL=soon",
    "FREQ=DAILY;BYEASTER=0", "FREQ=DAILY;COUNT", "FREQ=YEARLY;RSCALE=CHINESE", "FREQ=DAILY;BYSETPOS=400",
    "FREQ=DAILY;COUNT=2;UNTIL=20300101",
  ])
  func `A rule with a part that is unknown or out of range isn't read`(text: String) {
    #expect(throws: RecurrenceRuleError.self) { try RecurrenceRule(parsing: text) }
  }

  @Test func `A rule that names nothing ends with the window`() throws {
    for frequency in ["YEARLY", "MONTHLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"] {
      let bytes = calendar("UID:a\nDTSTART:20260701T070000Z\nRRULE:FREQ=\(frequency);BYMONTH=2;BYMONTHDAY=30")
      let found = try expand(bytes, "2026-07-01", "2027-07-01")
      #expect(starts(found) == ["2026-07-01T07:00:00Z"], "\(frequency)")
      #expect(found.skipped.isEmpty)
    }
  }
}
