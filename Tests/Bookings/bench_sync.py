#!/usr/bin/env python3
"""Times reading 200 rooms of 500 events, on a fake calendar server and on Radicale beside curl, and idle polling; ends with 1 over a bar.

`bench_sync.py [rooms] [radicale-rooms] [idle-seconds]`
"""

import asyncio
import json
import multiprocessing
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time
from xml.sax.saxutils import escape

from conftest import HUB, USER, Hub, event, free_port, start_radicale, wait_for
from conftest import room as conftest_room
from people import Person

EVENTS = 500
BATCH = 50
SYNC_SECONDS_MAX = 10
CURL_FACTOR_MAX = 1.3
CPU_SECONDS_MAX = 10
IDLE_CPU_MAX = 0.01
POLL_SECONDS = 2
ENV = {**os.environ, "TEST_CALENDAR": USER}
SPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/"'
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def vevent(n):
    """Every tenth is a weekly series, as in real rooms."""
    day, hour = n // 4 % 200, 8 + 2 * (n % 4)
    start = time.strftime("%Y%m%d", time.gmtime(time.time() + 86400 * day))
    rule = ["RRULE:FREQ=WEEKLY;COUNT=20"] if n % 10 == 0 else []
    return ["BEGIN:VEVENT", f"UID:event-{n}", "DTSTAMP:20260101T000000Z", f"DTSTART;TZID=Europe/Berlin:{start}T{hour:02}0000",
            f"DTEND;TZID=Europe/Berlin:{start}T{hour:02}4500", *rule, f"SUMMARY:Meeting {n}",
            "ORGANIZER;CN=Somebody:mailto:somebody@example.org", "DESCRIPTION:" + "An agenda. " * 12, "CLASS:PUBLIC", "END:VEVENT"]


def vcalendar(numbers):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN"]
    for n in numbers:
        lines += vevent(n)
    return "\r\n".join(lines + ["END:VCALENDAR", ""])


def respond(path, props):
    return (f"<d:response><d:href>{path}</d:href><d:propstat><d:prop>{props}</d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>")


async def serve_fake(port):
    """A calendar server that has every answer ready."""
    bodies = [f'<d:getetag>"1"</d:getetag><c:calendar-data>{escape(vcalendar([n]))}</c:calendar-data>' for n in range(EVENTS)]
    reports = "".join(f"<d:supported-report><d:report><{name}/></d:report></d:supported-report>"
                      for name in ("d:sync-collection", "c:calendar-multiget"))

    def answer(path, body):
        if "calendar-multiget" in body:
            hrefs = re.findall(r"<d:href>([^<]*)</d:href>", body)
            parts = [respond(href, bodies[int(href.rsplit("/", 1)[1][:-4])]) for href in hrefs]
        elif "sync-collection" in body:
            first = "<d:sync-token></d:sync-token>" in body
            parts = [respond(f"{path}{n}.ics", '<d:getetag>"1"</d:getetag>') for n in range(EVENTS)] if first else []
            parts.append("<d:sync-token>http://x/1</d:sync-token>")
        else:
            parts = [respond(path, f"<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:supported-report-set>{reports}</d:supported-report-set>")]
        text = f"<d:multistatus {SPACES}>{''.join(parts)}</d:multistatus>".encode()
        return b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(text) + text

    async def talk(reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"(?i)content-length: (\d+)", head)
                body = (await reader.readexactly(int(length.group(1)))).decode() if length else ""
                writer.write(answer(head.split(" ", 2)[1], body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionResetError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port, limit=1 << 20)
    await server.serve_forever()


def room(name, url, space, area, poll):
    return {"id": name, "title": {"de": name, "en": name}, "space": space, "area": area, "capacity": 12, "zone": "Europe/Berlin",
            "pollSeconds": poll, "source": {"kind": "caldav", "url": url, "credentials": {"environment": "TEST_CALENDAR"}}}


def rooms_file(folder, count, url, poll=60):
    path = folder / f"rooms-{count}.json"
    path.write_text(json.dumps({"format": 1, "rooms": [room(f"r{n}", url(n), "house", f"a{n}", poll) for n in range(count)]}))
    return path


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, env=ENV)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 0, run.stdout[-500:] + run.stderr[-500:]
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout


def sync(path, rooms):
    wall, cpu, text = timed([HUB, "bookings", "sync", "--once", "--bookings", path])
    assert text.count(f"{EVENTS} events") == rooms, text[:500]
    return wall, cpu


def curl_loop(folder, calendar, rooms):
    """The hub's own requests, one after the other through one curl."""
    lines = []

    def ask(number, method, depth, body):
        path = folder / f"{number}.xml"
        path.write_text(HEAD + body)
        lines.extend([f'url = "{calendar.url(f"r{room_number}")}"', f'request = "{method}"', f'header = "Depth: {depth}"',
                      'header = "Content-Type: application/xml; charset=utf-8"', f'data-binary = "@{path}"', f'user = "{USER}"',
                      'output = "/dev/null"', "silent", "fail", "next"])

    for room_number in range(rooms):
        base = f"/hub/r{room_number}/"
        _, _, listing = calendar.request(
            "PROPFIND", f"r{room_number}/", f"<d:propfind {SPACES}><d:prop><d:getetag/></d:prop></d:propfind>", Depth="1", Content_Type="application/xml")
        hrefs = sorted(set(re.findall(rf"{base}[^<>/]+\.ics", listing.decode())))
        assert len(hrefs) == EVENTS, len(hrefs)
        ask(f"{room_number}-probe", "PROPFIND", 0, f"<d:propfind {SPACES}><d:prop><d:resourcetype/><d:supported-report-set/><d:sync-token/>"
            "<cs:getctag/><d:getetag/></d:prop></d:propfind>")
        ask(f"{room_number}-sync", "REPORT", 0, f"<d:sync-collection {SPACES}><d:sync-token></d:sync-token><d:sync-level>1</d:sync-level>"
            "<d:prop><d:getetag/></d:prop></d:sync-collection>")
        for start in range(0, EVENTS, BATCH):
            ask(f"{room_number}-{start}", "REPORT", 1, f"<c:calendar-multiget {SPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>"
                + "".join(f"<d:href>{href}</d:href>" for href in hrefs[start:start + BATCH]) + "</c:calendar-multiget>")
    config = folder / "curl.config"
    config.write_text("\n".join(lines[:-1]) + "\n")
    return ["curl", "-K", config]


def house(folder, count):
    """A world with so many rooms."""
    text = {"de": "Raum", "en": "Room"}
    nodes = [{"id": "in", "position": [0, 0, 0], "components": {"spawn": {"radius": 1}}}]
    for n in range(count):
        nodes.append({"id": f"a{n}", "position": [4 * (n % 20) - 38, 0, 4 * (n // 20) + 4], "title": text, "alt": text,
                      "components": {"area": {"purpose": "bookable", "size": [3, 3, 3]}}})
    path = folder / "house.json"
    path.write_text(json.dumps({
        "format": 1, "id": "house", "title": text, "description": text, "start": {"space": "house", "spawn": "in"},
        "spaces": [{"id": "house", "title": text, "description": text, "bounds": {"min": [-60, -1, -60], "max": [60, 9, 60]},
                    "cellMeters": 8, "capacity": 100, "nodes": nodes}]}))
    return path


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_share(folder, world, bookings, seconds):
    """Share of one core that the hub takes while nobody is there; after everything has been read once."""
    import urllib.request
    options = ["--bookings", bookings] if bookings else []
    process = subprocess.Popen([HUB, "serve", "--world", world, "--port", "0", "--admin", "127.0.0.1:0", "--log-level", "error", *options],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV, cwd=folder)
    try:
        admin = process.stdout.readline().split()[-1]
        if bookings:
            wanted = len(json.loads(pathlib.Path(bookings).read_text())["rooms"])
            begin = time.perf_counter()
            wait_for("the first sync", lambda: urllib.request.urlopen(admin + "/metrics").read().decode().count(
                "hub_bookings_last_success_seconds{") == wanted, 120)
            print(f"calendar, {wanted} rooms at the start of a hub: all known after {time.perf_counter() - begin:.1f} s, {cpu_seconds(process.pid):.1f} s CPU")
        time.sleep(1)
        before = cpu_seconds(process.pid)
        time.sleep(seconds)
        return (cpu_seconds(process.pid) - before) / seconds
    finally:
        process.terminate()
        process.wait()


def lag(folder, calendar):
    """Seconds from a PUT's answer to the message that somebody in the space gets; the worst."""
    calendar.make("lag")
    source = {"kind": "caldav", "url": calendar.url("lag"), "credentials": {"environment": "TEST_CALENDAR"}}
    hub = Hub(folder / "lag", [conftest_room("lag", source, privacy="title", pollSeconds=POLL_SECONDS)])
    worst = 0.0
    try:
        hub.wait_state("lag", "free")
        person = Person(hub)
        for n in range(10):
            now = int(time.time())
            calendar.put("lag", "a", event("a", now - 60, now + 3600, f"Word {n}"))
            begin = time.perf_counter()
            person.wait("rooms", lambda m, n=n: m["list"][0].get("current", {}).get("title") == f"Word {n}")
            worst = max(worst, time.perf_counter() - begin)
        person.close()
    finally:
        hub.stop()
    return worst


def main():
    rooms, real, idle = (int(sys.argv[i]) if len(sys.argv) > i else standard for i, standard in ((1, 200), (2, 10), (3, 60)))
    over = []

    def bar(what, value, most, unit):
        print(f"calendar, {what}: {value:.3g} {unit} (bar {most} {unit})", flush=True)
        if value > most:
            over.append(what)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        port = free_port()
        fake = multiprocessing.Process(target=lambda: asyncio.run(serve_fake(port)), daemon=True)
        fake.start()
        url = lambda n: f"http://127.0.0.1:{port}/r{n}/"
        path = rooms_file(folder, rooms, url)
        wait_for("the fake server", lambda: subprocess.run(["curl", "-s", "-o", "/dev/null", url(0)]).returncode == 0)
        wall, cpu = sync(path, rooms)
        bar(f"{rooms} rooms of {EVENTS} events from a fake server", wall, SYNC_SECONDS_MAX, "s")
        bar("the hub's processor time for it", cpu, CPU_SECONDS_MAX, "s")
        world = house(folder, rooms)
        bare = idle_share(folder, world, None, idle / 2)
        with_rooms = idle_share(folder, world, path, idle)
        bar(f"polling {rooms} rooms every minute, beyond an idle hub's {bare:.2%}", (with_rooms - bare) * 100, IDLE_CPU_MAX * 100, "% of a core")
        fake.kill()
        calendar = start_radicale(folder / "radicale")
        try:
            for n in range(real):
                status, _, text = calendar.request("PUT", f"r{n}/", vcalendar(range(EVENTS)).encode(), Content_Type="text/calendar; charset=utf-8")
                assert status in (201, 204), text
            path = rooms_file(folder, real, lambda n: calendar.url(f"r{n}"))
            curl = curl_loop(folder, calendar, real)
            sync(path, real)
            ours, theirs = [], []
            for _ in range(5):
                ours.append(sync(path, real)[0])
                theirs.append(timed(curl)[0])
            print(f"calendar, {real} rooms of {EVENTS} events from Radicale: hub {min(ours):.2f} s, curl {min(theirs):.2f} s")
            bar("hub's time by curl's", min(ours) / min(theirs), CURL_FACTOR_MAX, "times")
            bar(f"change in Radicale to word in the space, worst of 10, polled every {POLL_SECONDS} s", lag(folder, calendar), POLL_SECONDS + 1, "s")
        finally:
            calendar.stop()
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
