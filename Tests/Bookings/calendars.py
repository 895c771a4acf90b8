"""What the calendar tests share: the command under test, small files, and an oracle of their own."""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import zoneinfo

HUB = os.environ.get("HUB_BINARY", str(pathlib.Path(__file__).parents[2] / ".build/release/hub"))
UTC = datetime.timezone.utc


def expand(path, start, end, zone="Europe/Berlin", json_output=True):
    """Runs `hub bookings expand` and returns its object."""
    command = [HUB, "bookings", "expand", str(path), "--from", start, "--to", end, "--zone", zone]
    run = subprocess.run(command + ["--json"] * json_output, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    return json.loads(run.stdout) if json_output else run.stdout.decode()


def calendar(*events, head="", newline="\r\n"):
    """A file with these events, each given as the lines between BEGIN:VEVENT and END:VEVENT."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hub//tests//EN"] + head.splitlines()
    for event in events:
        lines += ["BEGIN:VEVENT"] + [line.strip() for line in event.strip().splitlines()] + ["END:VEVENT"]
    return newline.join(lines + ["END:VCALENDAR", ""]).encode()


def instant(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_wall_clock(wall, zone):
    """RFC 5545, 3.3.5: the first of two, and in a gap the offset before it, which is what fold=0 means."""
    return instant(wall.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=0))


def report(message):
    print(message, file=sys.stderr)
