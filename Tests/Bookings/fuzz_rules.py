#!/usr/bin/env python3
"""Compares `hub bookings expand` with python-dateutil on generated rules: fuzz_rules.py [COUNT [FIRST_SEED]].

Prints every difference with its seed and ends with 1 if there is one.
"""

import datetime
import pathlib
import sys
import tempfile

import calendars
import rules



def compare(seeds):
    """The differences among these cases, as lines."""
    batches = {}
    for seed in seeds:
        batches.setdefault(seed // rules.BATCH, []).append(rules.Case(seed))
    differences = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cases.ics"
        for cases in batches.values():
            path.write_bytes(calendars.calendar(*[case.event() for case in cases]))
            begin, end = cases[0].window
            zone = "UTC" if cases[0].whole_days else cases[0].zone
            found = calendars.expand(path, begin.isoformat(), end.isoformat(), zone)
            got = {}
            for one in found["instances"]:
                got.setdefault(one["uid"], []).append(next(iter(one["start"].values())))
            for case in cases:
                difference = compare_one(case, zone, got.get(str(case.seed), []))
                if difference:
                    differences.append(difference)
            differences += [f"skipped: {event}" for event in found["skipped"]]
    return differences


def compare_one(case, zone, got):
    begin, end = case.window
    expected = case.expected()
    if case.whole_days:
        wanted = [moment.strftime("%Y-%m-%d") for moment in expected]
    else:
        # The window's own ends are wall clocks too, and may lie in a gap or a fold.
        low, high = calendars.from_wall_clock(begin, zone), calendars.from_wall_clock(end, zone)
        wanted = unique([calendars.from_wall_clock(moment, zone) for moment in expected])
        wanted = [moment for moment in wanted if low <= moment < high]
    if got == wanted:
        return None
    missing, extra = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
    return (
        f"seed {case.seed}: {case.start} {zone} {case.text()} window {begin} {end}: "
        f"missing {missing[:3]} extra {extra[:3]} of {len(wanted)}, {len(got)}")


def unique(moments):
    """Two wall clocks that a gap makes one instant are one instance."""
    return sorted(set(moments))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    begin = datetime.datetime.now()
    differences = compare(range(first, first + count))
    for line in differences:
        print(line)
    print(f"{count} rules from seed {first}: {len(differences)} differ, {datetime.datetime.now() - begin}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
