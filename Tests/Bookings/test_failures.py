"""Everything that a calendar can do wrong, at once, beside one that is well: the tick goes on, and each door says what is true.

With HUB_CHAOS set the calendars that keep us waiting are known first too, and lost (some minutes).
"""

import os
import re
import threading
import time

from conftest import caldav, event, room, wait_for
from fake import Fake, response
from people import Person
from test_sources import BOMB, XML, served

NOW = int(time.time())


class Failing:
    """A calendar with one booking that runs, until it is told to fail."""

    def __init__(self, failure, is_failing):
        self.failure = failure
        self.is_failing = is_failing
        self.over = threading.Event()
        self.fake = Fake(self.behave)

    def behave(self, command, path, text, handler):
        if self.is_failing:
            return self.failure(handler, self.over) if callable(self.failure) else self.failure
        if command == "GET":
            return 200, {}, event("a", NOW - 60, NOW + 7200)
        return served(command, text, [response("/room/x.ics", '<d:getetag>"1"</d:getetag>')])

    def stop(self):
        self.over.set()
        self.fake.stop()


def hang(_, over):
    over.wait(40)


def drip(handler, over):
    """A byte a second: never silent, never done."""
    for byte in b"HTTP/1.0 207 Multi-Status\r\nContent-Type: application/xml\r\n\r\n" + b"<" * 600:
        handler.wfile.write(bytes([byte]))
        if over.wait(1):
            return


def drip_body(handler, over):
    handler.wfile.write(b"HTTP/1.0 207 Multi-Status\r\nContent-Type: application/xml\r\n\r\n")
    drip(handler, over)


POISON = event("good", NOW + 86400, NOW + 90000).replace(
    b"END:VCALENDAR", event("bad", NOW, NOW + 60, "x", "RRULE:FREQ=SECONDLY").split(b"PRODID:-//test//EN\r\n")[1])
WAITING = {"hang": ("caldav", hang), "drip": ("caldav", drip), "drip-body": ("feed", drip_body)}
FAST = {"unavailable": ("caldav", (503, {}, "")), "big": ("feed", (200, {}, b"x" * (5 << 20))), "bomb": ("caldav", (207, XML, BOMB)),
        "token": ("feed", (401, {}, "")), "moved": ("feed", (302, {"Location": "https://elsewhere.example/"}, ""))}


def ticks(hub):
    text = hub.get("/metrics", hub.admin).decode()
    return [int(re.search(name + r" (\d+)", text)[1]) for name in (r"hub_ticks_total", r'hub_ticks_skipped_total\{cause="own_work"\}')]


def test_whatever_calendars_do_the_tick_goes_on_and_doors_say_what_is_true(radicale, start_hub):
    radicale.make("well")
    is_long = bool(os.environ.get("HUB_CHAOS"))
    failing = {name: (kind, Failing(failure, False)) for name, (kind, failure) in FAST.items()}
    failing |= {name: (kind, Failing(failure, not is_long)) for name, (kind, failure) in WAITING.items()}
    failing["poison"] = ("feed", Failing((200, {}, POISON), False))
    try:
        rooms = [room(name, {"kind": kind, "url": one.fake.url()}, space="shared-office", area=f"workplace-{n + 1}")
                 for n, (name, (kind, one)) in enumerate(failing.items())]
        hub = start_hub(room("well", caldav(radicale, "well"), privacy="title"), *rooms)
        hub.wait_state("well", "free")
        known = [name for name, (_, one) in failing.items() if not one.is_failing]
        for name in known:
            hub.wait_state(name, "booked")
        person = Person(hub)
        for _, one in failing.values():
            one.is_failing = True
        seen = {name: [] for name in failing}
        wanted = {name: "incomplete" if name == "poison" else "unknown" for name in failing}

        def look():
            for name, states in seen.items():
                state = hub.room(name)["state"]
                if states[-1:] != [state]:
                    states.append(state)
            return all(states[-1] == wanted[name] for name, states in seen.items())

        # Meanwhile, beside them, what happens in the good calendar is seen as ever.
        for n in range(3):
            radicale.put("well", "a", event("a", NOW - 60, NOW + 3600, f"Word {n}"))
            person.wait("rooms", lambda m, n=n: m["list"][0].get("current", {}).get("title") == f"Word {n}", seconds=60)
            look()
        wait_for("all to be known as what they are", look, 300 if is_long else 60)
        # From booked to unknown, and never free on the way.
        for name, states in seen.items():
            assert [s for s in states if s != "booked"] == [wanted[name]], (name, states)
        before, skipped = ticks(hub)
        for n in range(10):
            person.send(t="ping", n=n)
            person.wait("pong", lambda m, n=n: m["n"] == n)
        wait_for("ticks", lambda: ticks(hub)[0] >= before + 40)
        assert ticks(hub)[1] == skipped == 0
        # A calendar that is well again is believed again.
        for name in ("unavailable", "token", "poison"):
            failing[name][1].is_failing = False
            wait_for(f"{name} to be back", lambda name=name: hub.room(name)["state"] == "booked", 700 if is_long else 60)
        person.close()
    finally:
        for _, one in failing.values():
            one.stop()
