#!/usr/bin/env python3
"""Times `hub bookings expand` against Python's expander on the same files in the same run; ends with 1 below ten times.

Both read the file, expand a year and sort; the hub's time holds its process too, Python's only the work.
"""

import datetime
import pathlib
import sys
import tempfile
import time

import calendars
import icalendar
import recurring_ical_events

FACTOR_LEAST = 10


def files():
    zone = "DTSTART;TZID=Europe/Berlin:2016%02d%02dT%02d0000"
    rules = ["FREQ=WEEKLY", "FREQ=DAILY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2"]
    start = lambda n: zone % (n % 12 + 1, n % 28 + 1, n % 24)
    yield "500 series", calendars.calendar(
        *[f"UID:{n}\n{start(n)}\nDURATION:PT1H\nRRULE:{rules[n % len(rules)]}" for n in range(500)])
    yield "3,000 events", calendars.calendar(*[f"UID:{n}\n{start(n).replace('2016', '2026')}\nDURATION:PT1H" for n in range(3000)])


def best(work, rounds):
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begin)
    return min(times), result


def main():
    begin, end = datetime.datetime(2026, 1, 1, tzinfo=calendars.UTC), datetime.datetime(2027, 1, 1, tzinfo=calendars.UTC)
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files():
            path = pathlib.Path(folder) / "bench.ics"
            path.write_bytes(content)
            ours, found = best(lambda: calendars.expand(path, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), 5)
            theirs, wanted = best(
                lambda: recurring_ical_events.of(icalendar.Calendar.from_ical(path.read_bytes())).between(begin, end), 2)
            assert len(found["instances"]) == len(wanted), (len(found["instances"]), len(wanted))
            slow |= theirs < FACTOR_LEAST * ours
            print(f"calendar, {name}: {len(wanted)} instances, hub {ours * 1e3:.0f} ms, Python {theirs * 1e3:.0f} ms, {theirs / ours:.0f} times")
    sys.exit(slow)


if __name__ == "__main__":
    main()
