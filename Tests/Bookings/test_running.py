"""What a running booking does to its room in the world, through a real hub."""

import time

from conftest import caldav, event, room, run_hub, wait_for
from people import Person


def now():
    return int(time.time())


def goto(person, ref, **place):
    """None, or why not."""
    person.send(t="goto", ref=ref, **place)
    found = person.wait_any(lambda m: (m["t"] == "error" and m.get("ref") == ref) or (m["t"] == "correct" and m["reason"] == "goto"))
    person.messages.remove(found)
    return found.get("code")


def test_a_booking_opens_names_and_ends_its_room_with_a_place_to_go(radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum"), privacy="title", opensByBooking=True,
                         running={"rename": True, "graceMinutes": 1, "goTo": {"space": "foyer"}}))
    person = Person(hub)
    hub.wait_state("forum", "free")
    wait_for("the lock", lambda: any(m["t"] == "event" and m["kind"] == "locked" for m in person.messages))
    assert goto(person, 1, area="room") == "locked"
    # Less than two minutes are left, so the warning comes at once.
    radicale.put("forum", "a", event("a", now() - 60, now() + 110, "Town hall"))
    person.wait("event", lambda m: m["kind"] == "unlocked" and m["area"] == "room")
    assert goto(person, 2, area="room") is None
    named = person.wait("places", lambda m: any(a.get("name") == "Town hall" for s in m["list"] for a in s.get("areas", [])))
    assert named
    radicale.put("forum", "a", event("a", now() - 60, now() + 50, "Town hall"))
    warning = person.wait("event", lambda m: m["kind"] == "bookingEnds")
    assert (warning["area"], warning["goTo"]) == ("room", {"space": "foyer"})
    assert 1 <= warning["count"] <= 2
    radicale.delete("forum", "a")
    assert person.wait("event", lambda m: m["kind"] == "bookingOver")["goTo"] == {"space": "foyer"}
    call = person.wait("call")
    assert (call["kind"], call["space"], call["seconds"]) == ("booking", "foyer", 60)
    # The booking comes back: nobody has to go.
    radicale.put("forum", "b", event("b", now() - 60, now() + 3600, "Town hall"))
    assert person.wait("call", lambda m: m["kind"] == "cancelled")
    person.close()


def token(keys, account):
    result = run_hub("token", "invite", "--keys", keys, "--account", account, "--bare", "--role", "guest",
                     "--world", __import__("conftest").WORLD)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_invited_come_in_and_the_organiser_opens_it_for_others(radicale, start_hub, tmp_path):
    keys = tmp_path / "keys.json"
    assert run_hub("token", "key", "--out", keys).returncode == 0
    people = [{"mail": "ada@example.org", "account": "ada"}, {"mail": "Bob@example.org", "account": "bob"}]
    radicale.make("forum")
    radicale.put("forum", "a", event(
        "a", now() - 60, now() + 3600, "Layoffs", "ORGANIZER;CN=Ada Secret:mailto:Ada@example.org",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org", "ATTENDEE:mailto:eve@example.org"))
    hub = start_hub(room("forum", caldav(radicale, "forum"), privacy="busy", running={"invitedOnly": True, "rename": True}),
                    people=people, options=("--token-keys", keys))
    hub.wait_state("forum", "booked")
    eve, bob, ada = Person(hub, "Eve"), Person(hub, "B", token=token(keys, "bob")), Person(hub, "A", token=token(keys, "ada"))
    wait_for("the lock", lambda: goto(eve, 1, area="room") == "locked")
    assert goto(bob, 1, area="room") is None
    ada.send(t="lock", area="room", locked=False, ref=9)
    eve.wait("event", lambda m: m["kind"] == "unlocked")
    assert goto(eve, 2, area="room") is None
    bob.send(t="lock", area="room", locked=True, ref=9)
    assert bob.wait("error", lambda m: m.get("ref") == 9)["code"] == "not-allowed"
    sent = "".join(eve.raw + bob.raw + ada.raw) + hub.get("/api/rooms").decode() + hub.log.read_text()
    for word in ("Layoffs", "Secret", "example.org"):
        assert word not in sent, word
    for person in (eve, bob, ada):
        person.close()


def test_who_books_inside_hosts_it(radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum"), policy={"role": "guest"}, running={"invitedOnly": True}))
    hub.wait_state("forum", "free")
    owner, other = Person(hub, "Owner"), Person(hub, "Other")
    assert owner.book(1, "forum", now() - 60, now() + 3600, title="Mine")["state"] == "booked"
    wait_for("the lock", lambda: goto(other, 1, area="room") == "locked")
    assert goto(owner, 2, area="room") is None
    owner.close()
    other.close()
