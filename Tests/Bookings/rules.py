"""Generated recurrence rules and what python-dateutil says about them.

The rules keep to the table of RFC 5545, 3.3.10. Where dateutil and the RFC part, the rule is put to dateutil in the
words that mean what the RFC means; each such place says why.
"""

import datetime
import random
import types

from dateutil import rrule

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
ZONES = ["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"]
# How far a window may reach, so that the oracle needs no patience.
WINDOW_DAYS = {"YEARLY": 4000, "MONTHLY": 1200, "WEEKLY": 500, "DAILY": 400, "HOURLY": 20, "MINUTELY": 1, "SECONDLY": 0.05}


BATCH = 50


def limited_to(year):
    """dateutil goes on to the year 9999 where nothing matches; here it ends with the window."""
    rrule.datetime = types.SimpleNamespace(**{**vars(datetime), "MAXYEAR": year})


def named(frequency, **arguments):
    """What dateutil names; it refuses, at once or on the way, what can never happen."""
    try:
        yield from rrule.rrule(frequency, **arguments)
    except ValueError as error:
        assert "empty" in str(error), error


class Case:
    """One rule with its start, its zone and the window asked for. The cases of a batch share all but rule and start,
    so that one file holds them."""

    def __init__(self, seed):
        shared = random.Random(f"batch {seed // BATCH}")
        self.seed = seed
        self.zone = shared.choice(ZONES)
        self.frequency = shared.choices(FREQUENCIES, weights=[20, 20, 25, 20, 6, 5, 4])[0]
        self.whole_days = self.frequency in FREQUENCIES[:4] and shared.random() < 0.2
        days = WINDOW_DAYS[self.frequency]
        base = datetime.datetime(shared.randint(1997, 2026), shared.randint(1, 12), shared.randint(1, 28))
        # Windows far behind the start make the walk jump.
        late = min(9000, shared.choice([0, 0, 1, 3, 10]) * days)
        begin = base + datetime.timedelta(days=late, seconds=shared.randint(0, 86400))
        self.window = (begin, begin + datetime.timedelta(days=days))

        pick = random.Random(seed)
        self.start = base + datetime.timedelta(
            days=pick.randint(-int(min(400, days)), int(min(400, days)) // 2))
        if not self.whole_days:
            self.start += datetime.timedelta(
                hours=pick.randint(0, 23), minutes=pick.choice([0, 15, 30, 59]), seconds=pick.choice([0, 0, 59]))
        if pick.random() < 0.1:
            self.start = self.start.replace(month=pick.choice([1, 12]), day=31)
        self.parts = {}
        self.generate(pick)

    def generate(self, pick):
        f, parts = self.frequency, self.parts
        level = FREQUENCIES.index(f)
        if pick.random() < 0.5:
            parts["INTERVAL"] = pick.choice([1, 2, 2, 3, 4, 5, 7, 13, 25, 90])
        if pick.random() < 0.4:
            parts["WKST"] = pick.choice(DAYS)
        if pick.random() < 0.35:
            parts["BYMONTH"] = numbers(pick, range(1, 13), 4)
        if f == "YEARLY" and pick.random() < 0.25:
            # dateutil takes the length of the wrong year for the week that reaches into January, so 52, 53 and -1 are
            # tested against ISO weeks instead; -52 and -53 it counts from the calendar year.
            parts["BYWEEKNO"] = numbers(pick, list(range(1, 52)) + [-2, -3, -10], 4)
            if pick.random() < 0.7:
                parts["BYDAY"] = numbers(pick, DAYS, 4)
        elif f in ("YEARLY", "HOURLY", "MINUTELY", "SECONDLY") and pick.random() < 0.2:
            parts["BYYEARDAY"] = numbers(pick, list(range(1, 367)) + [-1, -100, -366, -60], 8)
            if pick.random() < 0.3:
                parts["BYDAY"] = numbers(pick, DAYS, 5)
        else:
            if f != "WEEKLY" and pick.random() < 0.4:
                parts["BYMONTHDAY"] = numbers(pick, list(range(1, 32)) + [-1, -2, -15, -31], 6)
            if pick.random() < 0.5:
                if f in ("YEARLY", "MONTHLY") and pick.random() < 0.6:
                    months = f == "MONTHLY" or "BYMONTH" in parts
                    ordinals = [1, 2, 3, 4, 5, -1, -2, -5] if months else [1, 10, 20, 52, 53, -1, -20, -53]
                    parts["BYDAY"] = [f"{pick.choice(ordinals)}{day}" for day in numbers(pick, DAYS, 3)]
                else:
                    parts["BYDAY"] = numbers(pick, DAYS, 5)
        if not self.whole_days:
            for name, top, least in (("BYHOUR", 24, 4), ("BYMINUTE", 60, 5), ("BYSECOND", 60, 6)):
                if pick.random() < 0.2:
                    parts[name] = numbers(pick, range(top), 3 if level < least else 8)
        if any(name.startswith("BY") for name in parts) and pick.random() < 0.3:
            parts["BYSETPOS"] = numbers(pick, [1, 2, 3, 5, -1, -2, -3, 10, -10], 3)
        ending = pick.random()
        if ending < 0.3:
            parts["COUNT"] = pick.choice([1, 2, 3, 5, 10, 30, 100])
        elif ending < 0.6:
            span = int(WINDOW_DAYS[f] * 86400)
            until = self.start + datetime.timedelta(seconds=pick.randint(0, span * 2))
            self.parts["UNTIL"] = until

    def text(self):
        words = [f"FREQ={self.frequency}"]
        for name, value in self.parts.items():
            if name == "UNTIL":
                value = value.strftime("%Y%m%d" if self.whole_days else "%Y%m%dT%H%M%S")
            elif isinstance(value, list):
                value = ",".join(str(item) for item in value)
            words.append(f"{name}={value}")
        return ";".join(words)

    def event(self):
        if self.whole_days:
            start = self.start.strftime("DTSTART;VALUE=DATE:%Y%m%d")
        elif self.zone == "UTC":
            start = self.start.strftime("DTSTART;TZID=Etc/UTC:%Y%m%dT%H%M%S")
        else:
            start = self.start.strftime(f"DTSTART;TZID={self.zone}:%Y%m%dT%H%M%S")
        return f"UID:{self.seed}\n{start}\nRRULE:{self.text()}"

    def expected(self):
        """Wall-clock starts within the window."""
        begin, end = self.window
        if self.whole_days:
            # A day that overlaps the window counts.
            begin -= datetime.timedelta(days=1) - datetime.timedelta(seconds=1)
        own_words = ("COUNT", "UNTIL", "BYDAY", "WKST")
        arguments = {name.lower(): value for name, value in self.parts.items() if name not in own_words}
        by_day = self.parts.get("BYDAY")
        if by_day:
            arguments["byweekday"] = [weekday(text) for text in by_day]
        elif "BYWEEKNO" in self.parts:
            # What the rule leaves open comes from DTSTART; dateutil takes the whole week.
            arguments["byweekday"] = [weekday(DAYS[self.start.weekday()])]
        arguments["wkst"] = weekday(self.parts.get("WKST", "MO"))
        anchor = self.start
        if self.frequency == "WEEKLY" and "BYSETPOS" in self.parts:
            # The first week is a whole one; dateutil counts positions from DTSTART's day on. It is asked from that
            # week's first day, with what DTSTART implies written out.
            anchor -= datetime.timedelta(days=(self.start.weekday() - DAYS.index(self.parts.get("WKST", "MO"))) % 7)
            arguments.setdefault("byweekday", [weekday(DAYS[self.start.weekday()])])
        until = self.parts.get("UNTIL")
        limited_to(end.year)
        rule = named(getattr(rrule, self.frequency), dtstart=anchor, until=end, **arguments)
        # DTSTART is the first instance and counts as one, also where the rule doesn't name it; dateutil leaves it out.
        left = self.parts.get("COUNT", 10**9) - 1
        starts = [self.start]
        for moment in rule:
            if moment <= self.start:
                continue
            if left == 0 or (until and moment > until):
                break
            left -= 1
            starts.append(moment)
        return [moment for moment in starts if begin <= moment < end]


def numbers(pick, values, most):
    return sorted(pick.sample(list(values), pick.randint(1, min(most, len(list(values))))), key=str)


def weekday(text):
    day = getattr(rrule, text[-2:])
    return day(int(text[:-2])) if len(text) > 2 else day
