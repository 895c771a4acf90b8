"""`hub bookings expand` on whole files, against oracles of its own and hostile input."""

import datetime
import subprocess
import sys

import calendars
import fuzz_rules
import pytest


def write(tmp_path, content):
    path = tmp_path / "calendar.ics"
    path.write_bytes(content)
    return path


def test_the_json_has_the_promised_shape(tmp_path):
    path = write(
        tmp_path,
        calendars.calendar(
            "UID:a\nDTSTART;TZID=Europe/Berlin:20260701T090000\nDURATION:PT1H\nSTATUS:TENTATIVE\nCLASS:PRIVATE\n"
            'TRANSP:OPAQUE\nSUMMARY:Quote " and\\, comma\\nline',
            "UID:b\nDTSTART:20260701T090000\nDTEND:20260701T093000",
            "UID:c\nDTSTART;VALUE=DATE:20260701",
            "UID:d\nDTSTART:20260705T070000Z\nDTEND:20260705T080000Z\nSTATUS:CANCELLED",
            "UID:e\nDTSTART:never"))
    found = calendars.expand(path, "2026-07-01T00:00:00Z", "2026-07-08T00:00:00Z")
    assert found == {
        "instances": [
            {"uid": "c", "start": {"date": "2026-07-01"}, "end": {"date": "2026-07-02"}, "status": "", "class": "",
             "transp": "", "summary": ""},
            {"uid": "b", "start": {"floating": "2026-07-01T09:00:00"}, "end": {"floating": "2026-07-01T09:30:00"},
             "status": "", "class": "", "transp": "", "summary": ""},
            {"uid": "a", "start": {"utc": "2026-07-01T07:00:00Z"}, "end": {"utc": "2026-07-01T08:00:00Z"},
             "status": "TENTATIVE", "class": "PRIVATE", "transp": "OPAQUE", "summary": 'Quote " and, comma\nline'},
            {"uid": "d", "start": {"utc": "2026-07-05T07:00:00Z"}, "end": {"utc": "2026-07-05T08:00:00Z"},
             "status": "CANCELLED", "class": "", "transp": "", "summary": ""},
        ],
        "busy": [["2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z"]],
        "skipped": [{"uid": "e", "reason": "unreadable DTSTART"}],
    }
    assert "incomplete" in calendars.expand(path, "2026-07-01", "2026-07-08", json_output=False)


def test_generated_rules_agree_with_dateutil():
    assert fuzz_rules.compare(range(600)) == []


@pytest.mark.parametrize("number", [1, 52, 53, -1])
def test_weeks_at_the_turn_of_the_year_are_iso_weeks(tmp_path, number):
    path = write(
        tmp_path,
        calendars.calendar(f"UID:a\nDTSTART;VALUE=DATE:19961230\nRRULE:FREQ=YEARLY;BYWEEKNO={number};BYDAY=MO,TU,WE,TH,FR,SA,SU"))
    found = calendars.expand(path, "1997-06-01", "2040-01-01", "UTC")
    day, wanted = datetime.date(1997, 6, 1), []
    while day < datetime.date(2040, 1, 1):
        year, week, _ = day.isocalendar()
        weeks = datetime.date(year, 12, 28).isocalendar().week
        if week == (number if number > 0 else weeks + number + 1):
            wanted.append(day.isoformat())
        day += datetime.timedelta(days=1)
    assert [one["start"]["date"] for one in found["instances"]] == wanted


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_any_line_end_will_do(tmp_path, newline):
    path = write(tmp_path, b"\xef\xbb\xbf" + calendars.calendar("UID:a\nDTSTART:20260701T070000Z", newline=newline))
    assert len(calendars.expand(path, "2026-07-01", "2026-07-02")["instances"]) == 1


GOOD = "UID:good\nDTSTART:20260701T070000Z\nDURATION:PT1H"
HOSTILE = {
    "empty rules of every frequency": calendars.calendar(
        *[f"UID:{f}{n}\nDTSTART:19700101T000000Z\nRRULE:FREQ={f};BYMONTH=2;BYMONTHDAY=30"
          for f in ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "MONTHLY", "YEARLY") for n in range(300)], GOOD),
    "every second for ever": calendars.calendar(*["UID:s%d\nDTSTART:20200101T000000Z\nRRULE:FREQ=SECONDLY" % n for n in range(500)], GOOD),
    "a count that walks": calendars.calendar(
        *["UID:c%d\nDTSTART:19700101T000000Z\nRRULE:FREQ=SECONDLY;COUNT=999999999" % n for n in range(2000)], GOOD),
    "all times of the day by position": calendars.calendar(
        *["UID:p%d\nDTSTART:19700101T000000Z\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=%s;BYMINUTE=%s;BYSECOND=%s;BYSETPOS=366,-366"
          % (n, ",".join(map(str, range(24))), ",".join(map(str, range(60))), ",".join(map(str, range(60)))) for n in range(300)], GOOD),
    "deep nesting": calendars.calendar(GOOD, head="BEGIN:X\n" * 200_000),
    "one long line": calendars.calendar(GOOD, head="X-LONG:" + "a" * 5_000_000),
    "one long folded line": calendars.calendar(GOOD, head="X-LONG:" + "\n a" * 1_500_000),
    "twenty thousand weekly events": calendars.calendar(
        *["UID:w%d\nDTSTART;TZID=Europe/Berlin:20100101T090000\nRRULE:FREQ=WEEKLY" % n for n in range(19_999)], GOOD),
    "exceptions without end": calendars.calendar(
        *["UID:x%d\nDTSTART:20260101T070000Z\nRRULE:FREQ=DAILY\nEXDATE:%s" % (n, ",".join(["20260101T070000Z"] * 3000)) for n in range(60)], GOOD),
    "zones without end": calendars.calendar(
        *["UID:z%d\nDTSTART;TZID=zone-%d:20260101T070000" % (n, n) for n in range(5000)], GOOD),
    "bad definitions": calendars.calendar(
        *["UID:v%d\nDTSTART;TZID=zone-%d:20200101T070000" % (n, n) for n in range(300)], GOOD,
        head="".join(
            "BEGIN:VTIMEZONE\nTZID:zone-%d\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
            "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n" % n for n in range(300))),
    "years at the edge": calendars.calendar(
        "UID:y\nDTSTART:00000101T000000Z\nDTEND:99991231T235959Z\nRRULE:FREQ=YEARLY", "UID:y2\nDTSTART:99991231T235959Z\nDURATION:P999999999W", GOOD),
    "zeros": calendars.calendar(GOOD, head="\0" * 1_000_000 + "\n"),
}


# A child's peak memory begins with its parent's, so a small process stands between.
METER = """
import os, sys
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=sys.stderr)
"""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_within_a_second_and_64_mib(tmp_path, name):
    path = write(tmp_path, HOSTILE[name])
    command = [calendars.HUB, "bookings", "expand", str(path), "--from", "2026-06-01", "--to", "2027-06-01", "--json"]
    # Processor time, so that a busy machine doesn't count.
    run = subprocess.run([sys.executable, "-S", "-c", METER, *command], capture_output=True)
    status, seconds, kibibytes = run.stderr.decode().split()[-3:]
    calendars.report(f"{name}: {seconds} s, {int(kibibytes) // 1024} MiB")
    assert status == "0", run.stderr
    assert b'"uid":"good"' in run.stdout
    assert float(seconds) < 1.0
    assert int(kibibytes) < 64 * 1024


def test_what_is_no_calendar_ends_with_a_message(tmp_path):
    path = write(tmp_path, b"<html>Not found</html>")
    run = subprocess.run(
        [calendars.HUB, "bookings", "expand", str(path), "--from", "2026-07-01", "--to", "2026-07-02"], capture_output=True)
    assert run.returncode == 1
    assert b"no iCalendar file" in run.stderr


@pytest.mark.parametrize("arguments", [
    ["--from", "yesterday", "--to", "2026-07-02"], ["--from", "2026-07-02", "--to", "2026-07-01"],
    ["--from", "2026-07-01", "--to", "2026-07-02", "--zone", "Europe/Nowhere"]])
def test_a_window_or_zone_that_makes_no_sense_is_refused(tmp_path, arguments):
    path = write(tmp_path, calendars.calendar(GOOD))
    run = subprocess.run([calendars.HUB, "bookings", "expand", str(path), *arguments], capture_output=True)
    assert run.returncode != 0 and b"--" in run.stderr
