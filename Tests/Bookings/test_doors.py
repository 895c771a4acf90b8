"""What doors show: to people in the space, over HTTP, at the room's privacy level, and when calendars fail."""

import json
import time

from conftest import caldav, event, room, start_radicale, wait_for
from fake import Fake
from people import Person

NOW = int(time.time())


def test_a_booking_from_outside_reaches_people_in_the_space(calendar, start_hub):
    calendar.make("forum")
    hub = start_hub(room("forum", caldav(calendar, "forum"), privacy="title"))
    hub.wait_state("forum", "free")
    person = Person(hub)
    first = person.wait("rooms")
    assert first["list"][0]["state"] == "free"
    assert first["list"][0]["area"] == "room"
    calendar.put("forum", "a", event("a", NOW - 60, NOW + 3600, "Town hall"))
    told = person.wait("rooms", lambda m: m["list"][0]["state"] == "booked")
    assert told["list"][0]["current"]["title"] == "Town hall"
    assert told["list"][0]["until"] == NOW + 3600
    calendar.delete("forum", "a")
    seen = len(person.messages)
    wait_for("free again", lambda: any(m["t"] == "rooms" and m["list"][0]["state"] == "free" for m in person.messages[seen:]))
    person.close()


def test_private_and_busy_only_bookings_say_nothing_in_any_byte(radicale, start_hub, tmp_path):
    for name in ("open", "shut"):
        radicale.make(name)
    secret = ("Layoffs", "ORGANIZER;CN=Mallory Secret:mailto:mallory@secret.example", "DESCRIPTION:hidden agenda", "LOCATION:vault",
              "X-HUB-BOOKING:backdoor", "CONFERENCE;VALUE=URI:https://call.secret.example/")
    radicale.put("open", "a", event("a", NOW - 60, NOW + 3600, *secret, "CLASS:PRIVATE"))
    radicale.put("open", "b", event("b", NOW + 7200, NOW + 9000, *secret, "CLASS:X-UNKNOWN"))
    radicale.put("shut", "c", event("c", NOW - 60, NOW + 3600, *secret))
    running = {"rename": True, "startVoice": True, "invitedOnly": True}
    hub = start_hub(room("open", caldav(radicale, "open"), privacy="full", policy={"role": "guest"}, running=running),
                    room("shut", caldav(radicale, "shut"), space="training-2", privacy="busy", running=running))
    person = Person(hub)
    for name in ("open", "shut"):
        hub.wait_state(name, "booked")
    person.wait("rooms", lambda m: m["list"][0]["state"] == "booked")
    person.send(t="voice", op="join")
    # Somebody's own private booking, too: its title is for the calendar only.
    owner = Person(hub, "Owner")
    day = NOW + 86400 * 2
    assert owner.book(1, "open", day, day + 3600, title="Layoffs", private=True)["state"] == "booked"
    assert any("SUMMARY:Layoffs" in body and "CLASS:PRIVATE" in body for body in radicale.listing("open").values())
    owner.send(t="book", room="open", action="mine", ref=2)
    owner.wait("bookings")
    person.wait("rooms", lambda m: m["list"][0]["state"] == "booked")
    sent = "".join(person.raw + owner.raw)
    for path in ("/door/open", "/door/shut", f"/api/rooms/day?date={time.strftime('%Y-%m-%d', time.gmtime(day))}",
                 "/api/rooms/shut", "/api/rooms", "/api/rooms/open", "/api/rooms/day", "/api/rooms/open/calendar.ics", "/api/rooms/shut/calendar.ics",
                 "/api/rooms/free?seats=1"):
        sent += hub.get(path).decode()
    sent += hub.get("/metrics", hub.admin).decode() + hub.log.read_text()
    # Nor is it kept: not in a file of the hub's.
    sent += "".join(path.read_text(errors="replace") for path in (tmp_path / "hub/data").rglob("*") if path.is_file())
    person.close()
    owner.close()
    for word in ("backdoor", "call.secret", "Layoffs", "Mallory", "mallory", "hidden agenda", "vault", "secret-of-tests"):
        assert word not in sent, word
    assert "BEGIN:VEVENT" in sent


def test_full_shows_who_and_what(radicale, start_hub):
    radicale.make("open")
    radicale.put("open", "a", event("a", NOW - 60, NOW + 3600, "Town hall", "ORGANIZER;CN=Ada:mailto:ada@example.org"))
    hub = start_hub(room("open", caldav(radicale, "open"), privacy="full"))
    current = hub.wait_state("open", "booked")["current"]
    assert (current["title"], current["organizer"]) == ("Town hall", "Ada")


def test_free_rooms_are_free_for_certain_and_big_enough(radicale, start_hub, tmp_path):
    for name in ("taken", "small", "big", "late"):
        radicale.make(name)
    radicale.put("taken", "a", event("a", NOW + 600, NOW + 3600))
    hub = start_hub(
        room("taken", caldav(radicale, "taken")), room("small", caldav(radicale, "small"), space="training-2", capacity=3),
        room("big", caldav(radicale, "big"), space="training-3", capacity=6),
        room("late", caldav(radicale, "late"), space="living-lab", area="pavilion"),
        room("lost", {"kind": "file", "path": "nowhere.ics"}, space="shared-office", area="meeting-room"))
    for name in ("taken", "small", "big", "late"):
        hub.wait_state(name, "free", "starting-soon")

    def free(query):
        return [entry["room"] for entry in json.loads(hub.get(f"/api/rooms/free?{query}"))["rooms"]]

    assert free("seats=6&minutes=60") == ["big", "late"]
    assert free("seats=1&minutes=60") == ["small", "big", "late"]
    assert "lost" not in free("seats=1&minutes=15")


def test_a_server_that_goes_down_makes_the_room_unknown_never_free(tmp_path, start_hub):
    calendar = start_radicale(tmp_path / "radicale")
    calendar.make("forum")
    hub = start_hub(room("forum", caldav(calendar, "forum")))
    hub.wait_state("forum", "free")
    person = Person(hub)
    calendar.stop()
    assert hub.wait_state("forum", "unknown")["asOf"] > 0
    person.wait("rooms", lambda m: m["list"][0]["state"] == "unknown")
    person.close()
    assert json.loads(hub.get("/api/rooms/free"))["rooms"] == []
    again = start_radicale(tmp_path / "radicale", calendar.port)
    hub.wait_state("forum", "free")
    again.stop()


def test_a_calendar_that_hangs_never_holds_up_the_hub(start_hub):
    hold = __import__("threading").Event()
    fake = Fake(lambda *_: hold.wait(40) and None)
    hub = start_hub(room("hung", {"kind": "caldav", "url": fake.url()}))
    person = Person(hub)
    wait_for("a poll", lambda: fake.requests)
    for n in range(20):
        person.send(t="ping", n=n)
        person.wait("pong", lambda m, n=n: m["n"] == n, seconds=5)
    assert hub.room("hung")["state"] == "unknown"
    person.close()
    hold.set()
    fake.stop()


def test_a_lost_token_is_noticed_and_everything_read_anew(tmp_path, start_hub):
    """Radicale forgets its tokens: what changed meanwhile must not be missed."""
    import shutil
    calendar = start_radicale(tmp_path / "radicale")
    calendar.make("forum")
    calendar.put("forum", "a", event("a", NOW - 60, NOW + 3600))
    hub = start_hub(room("forum", caldav(calendar, "forum")))
    hub.wait_state("forum", "booked")
    for cache in (tmp_path / "radicale").rglob(".Radicale.cache"):
        shutil.rmtree(cache / "sync-token", ignore_errors=True)
    calendar.put("forum", "b", event("b", NOW + 7200, NOW + 9000))
    calendar.delete("forum", "a")
    hub.wait_state("forum", "free")
    assert hub.room("forum")["next"][0]["from"] == NOW + 7200
    calendar.stop()


def test_metrics_tell_how_calendars_do(radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum")), room("lost", {"kind": "file", "path": "no.ics"}, space="training-2"))
    hub.wait_state("forum", "free")
    wait_for("failures", lambda: 'hub_bookings_failures_total{room="lost",reason="file"}' in hub.get("/metrics", hub.admin).decode())
    text = hub.get("/metrics", hub.admin).decode()
    assert 'hub_bookings_last_success_seconds{room="forum"}' in text
    assert 'hub_bookings_last_success_seconds{room="lost"}' not in text


def test_wrong_places_and_questions_are_refused(radicale, start_hub, tmp_path):
    import urllib.error
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum")))
    for path, status in (("/api/rooms/nowhere", 404), ("/door/nowhere", 404), ("/api/rooms/free?seats=many", 400),
                         ("/api/rooms/day?date=2026-02-30", 400), ("/api/rooms/forum/other", 404)):
        try:
            hub.get(path)
            raise AssertionError(path)
        except urllib.error.HTTPError as error:
            assert error.code == status, path
