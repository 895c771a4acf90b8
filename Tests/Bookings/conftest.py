"""Real calendar servers on loopback, a fake one that replays quirks, and the hub beside them."""

import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HUB = str(ROOT / os.environ.get("HUB_BINARY", ".build/release/hub"))
WORLD = str(ROOT / "worlds/innovation-hub.json")
USER = "hub:secret-of-tests"
# Waiting is generous: a shared machine may be slow. No assertion depends on how long something took.
WAIT_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, check, seconds=WAIT_SECONDS):
    """Polls until `check` gives something true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def stamp(unix):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(unix))


def event(uid, start, end, summary="Planning", *more):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z",
             f"DTSTART:{stamp(start)}", f"DTEND:{stamp(end)}", f"SUMMARY:{summary}", *more, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


class Calendar:
    """A CalDAV server as a process."""

    def __init__(self, port, process, prefix):
        self.port, self.process, self.prefix = port, process, prefix

    def url(self, room):
        return f"http://127.0.0.1:{self.port}{self.prefix}{room}/"

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        headers["Authorization"] = "Basic " + base64.b64encode(USER.encode()).decode()
        connection.request(method, self.prefix + path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), text

    def make(self, room):
        status, _, text = self.request("MKCALENDAR", f"{room}/")
        assert status == 201, text

    def put(self, room, name, body):
        status, _, text = self.request("PUT", f"{room}/{name}.ics", body, Content_Type="text/calendar; charset=utf-8")
        assert status in (200, 201, 204), (status, text)

    def delete(self, room, name):
        assert self.request("DELETE", f"{room}/{name}.ics")[0] in (200, 204)

    def listing(self, room):
        """Bodies of everything in a calendar."""
        body = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        _, _, text = self.request("PROPFIND", f"{room}/", body, Depth="1", Content_Type="application/xml")
        names = set(re.findall(r"/([^/<>]+\.ics)<", text.decode()))
        return {name: self.request("GET", f"{room}/{name}")[2].decode() for name in names}

    def stop(self):
        self.process.kill()
        self.process.wait()


def start_radicale(folder, port=None):
    port = port or free_port()
    folder.mkdir(exist_ok=True)
    (folder / "users").write_text(USER + "\n")
    (folder / "config").write_text(
        f"[server]\nhosts=127.0.0.1:{port}\nmax_connections=40\ntimeout=30\n[auth]\ntype=htpasswd\nhtpasswd_filename={folder}/users\n"
        "htpasswd_encryption=plain\ndelay=0\n[rights]\ntype=owner_only\n"
        f"[storage]\nfilesystem_folder={folder}/collections\n[web]\ntype=none\n")
    binary = shutil.which("radicale") or "/usr/bin/radicale"
    process = subprocess.Popen([binary, "--config", folder / "config"], stdout=subprocess.DEVNULL,
                               stderr=open(folder / "log", "w"))
    calendar = Calendar(port, process, "/hub/")
    wait_for("radicale", lambda: answers(port))
    return calendar


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


@pytest.fixture
def radicale(tmp_path):
    calendar = start_radicale(tmp_path / "radicale")
    yield calendar
    calendar.stop()


@pytest.fixture
def xandikos(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "xandikos", "serve", "-d", tmp_path / "xandikos", "--defaults", "--autocreate",
         "--listen-address", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=open(tmp_path / "xandikos.log", "w"))
    wait_for("xandikos", lambda: answers(port))
    yield Calendar(port, process, "/user/calendars/")
    process.kill()
    process.wait()


@pytest.fixture(params=["radicale", "xandikos"])
def calendar(request):
    return request.getfixturevalue(request.param)


def room(name, source, space="training-1", area="room", **more):
    return {"id": name, "title": {"de": f"Raum {name}", "en": f"Room {name}"}, "space": space, "area": area, "capacity": 12,
            "zone": "Europe/Berlin", "pollSeconds": 1, "source": source, **more}


def caldav(calendar, name):
    return {"kind": "caldav", "url": calendar.url(name), "credentials": {"environment": "TEST_CALENDAR"}}


def write_rooms(folder, *rooms, people=(), hub_url=None):
    path = folder / "bookings.json"
    path.write_text(json.dumps({"format": 1, "rooms": rooms, "people": list(people), **({"hubURL": hub_url} if hub_url else {})}))
    return path


class Hub:
    def __init__(self, folder, rooms, port=0, people=(), options=(), hub_url=None):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        path = write_rooms(folder, *rooms, people=people, hub_url=hub_url)
        self.log = folder / "hub.log"
        self.process = subprocess.Popen(
            [HUB, "serve", "--world", WORLD, "--port", str(port), "--admin", "127.0.0.1:0", "--bookings", path, "--data", folder / "data", *options],
            cwd=folder, text=True, env={**os.environ, "TEST_CALENDAR": USER}, stdout=subprocess.PIPE, stderr=open(self.log, "a"))
        ready = self.process.stdout.readline()
        found = re.search(r"(http://[\d.]+:(\d+)) admin (http://\S+)", ready)
        assert found, f"no ready line but {ready!r}: {self.log.read_text()}"
        self.url, self.port, self.admin = found.group(1), int(found.group(2)), found.group(3)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def get(self, path, base=None):
        with urllib.request.urlopen((base or self.url) + path, timeout=60) as answer:
            return answer.read()

    def room(self, name):
        return json.loads(self.get(f"/api/rooms/{name}"))

    def wait_state(self, name, *states):
        return wait_for(f"{name} to be {states}", lambda: (lambda r: r if r["state"] in states else None)(self.room(name)))

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start_hub(tmp_path):
    running = []

    def start(*rooms, folder="hub", **more):
        hub = Hub(tmp_path / folder, rooms, **more)
        running.append(hub)
        return hub

    yield start
    for hub in running:
        if hub.process.poll() is None:
            hub.stop()


def run_hub(*arguments, **more):
    return subprocess.run([HUB, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "TEST_CALENDAR": USER}, **more)
