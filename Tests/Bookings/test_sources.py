"""Reading calendars: what works with real servers, and what a strange one can't do to us."""

import re
import threading
import time
from xml.sax.saxutils import escape

import pytest
from conftest import caldav, event, room, run_hub, write_rooms
from fake import XML, Fake, collection, multistatus, response

NOW = int(time.time())


def test_probe_finds_out_what_a_real_server_can(calendar, tmp_path):
    calendar.make("forum")
    calendar.put("forum", "a", event("a", NOW, NOW + 3600))
    secret = tmp_path / "secret"
    secret.write_text("hub:secret-of-tests\n")
    result = run_hub("bookings", "probe", calendar.url("forum"), "--credentials", secret)
    assert result.returncode == 0, result.stderr
    assert "sync-collection" in result.stdout
    assert "events      1" in result.stdout
    assert "secret-of-tests" not in result.stdout + result.stderr


def test_sync_reads_every_room_once(calendar, tmp_path):
    calendar.make("forum")
    calendar.put("forum", "a", event("a", NOW - 60, NOW + 3600))
    feed = tmp_path / "free.ics"
    feed.write_bytes(event("b", NOW + 86400, NOW + 90000))
    path = write_rooms(tmp_path, room("forum", caldav(calendar, "forum")),
                       room("file", {"kind": "file", "path": "free.ics"}, space="training-2"))
    result = run_hub("bookings", "sync", "--once", "--bookings", path)
    assert result.returncode == 0, result.stderr + result.stdout
    assert "forum: booked, 1 events, 1 bookings" in result.stdout
    assert "file: free, 1 events" in result.stdout


@pytest.mark.parametrize("fault, words", [
    ('"privacy": "busy"|"privacy": "busy", "running": {"graceMinutes": 0}', "found 0, expected 1 to 60"),
    ('"people": []|"people": [{"mail": "ada", "account": "a"}]', "found no address"),
    ('"people": []|"hubURL": "hub.example.org"', "found no address"),
    ('"zone": "Europe/Berlin"|"zone": "Europe/Nowhere"', "Europe/Nowhere"),
    ('"kind": "file"|"kind": "fax"', "fax"), ('"capacity": 12|"capacity": 0', "expected 1 to 10000"),
    ('"privacy": "busy"|"privacy": "all"', "busy, title, full"), ('"pollSeconds": 1|"pollSecond": 1', "unknown key"),
])
def test_check_says_line_and_column(tmp_path, fault, words):
    path = write_rooms(tmp_path, room("a", {"kind": "file", "path": "a.ics"}, privacy="busy"))
    before, after = fault.split("|")
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    result = run_hub("check", path)
    assert result.returncode == 1
    assert re.search(r"bookings\.json:1:\d+: .*" + re.escape(words), result.stdout), result.stdout


def test_check_never_repeats_a_feeds_secret(tmp_path):
    path = write_rooms(tmp_path, room("a", {"kind": "feed", "url": "http://calendar.example.org/secret-token.ics"}))
    result = run_hub("check", path)
    assert result.returncode == 1
    assert "secret-token" not in result.stdout + result.stderr


def test_the_sample_configurations_are_good():
    assert run_hub("check", "bookings/demo.json", "bookings/radicale.json", cwd=__import__("conftest").ROOT).returncode == 0


def body(uid="a"):
    return escape(event(uid, NOW - 60, NOW + 3600).decode())


def served(command, text, listing, reports=("sync-collection", "calendar-multiget")):
    """A plain server with one calendar, as a frame for quirks."""
    if command == "PROPFIND" and "resourcetype/><d:supported" in text:
        return multistatus(collection(reports))
    if command == "REPORT" and "sync-collection" in text:
        return multistatus(*listing, token="http://x/1")
    if command == "REPORT" and "multiget" in text:
        hrefs = re.findall(r"<d:href>([^<]*)</d:href>", text)
        return multistatus(*(response(href, f'<d:getetag>"1"</d:getetag><c:calendar-data>{body(href)}</c:calendar-data>') for href in hrefs))
    return None


def sync(tmp_path, fake, kind="caldav", path="/room/"):
    config = write_rooms(tmp_path, room("a", {"kind": kind, "url": fake.url(path)}))
    try:
        return run_hub("bookings", "sync", "--once", "--bookings", config)
    finally:
        fake.stop()


@pytest.mark.parametrize("href", ["/room/x.ics", "/room/x%20y.ics", "http://127.0.0.1/room/x.ics"])
def test_hrefs_come_absolute_relative_and_encoded(tmp_path, href):
    etag = '<d:getetag>"1"</d:getetag>'
    fake = Fake(lambda command, path, text, _: served(command, text, [response("/room/", etag), response(href, etag)]))
    result = sync(tmp_path, fake)
    assert "a: booked, 1 events, 1 bookings" in result.stdout, result.stdout + result.stderr


def test_deleted_is_what_the_response_says_whatever_its_propstat(tmp_path):
    listing = [response("/room/gone.ics", "<d:getetag/>", status="418 I'm a teapot", own="404 Not Found"),
               response("/room/x.ics", '<d:getetag>"1"</d:getetag>')]
    result = sync(tmp_path, Fake(lambda command, path, text, _: served(command, text, listing)))
    assert "a: booked, 1 events, 1 bookings" in result.stdout, result.stdout


def test_a_server_without_sync_collection_is_read_by_tags(tmp_path):
    def behave(command, path, text, _):
        if command == "PROPFIND" and "getctag/><d:sync-token/></d:prop>" in text:
            return multistatus(response("/room/", "<cs:getctag xmlns:cs='http://calendarserver.org/ns/'>7</cs:getctag>"))
        if command == "PROPFIND" and "<d:getetag/><d:resourcetype/>" in text:
            return multistatus(response("/room/x.ics", '<d:getetag>"1"</d:getetag><d:resourcetype/>'))
        return served(command, text, [], reports=("calendar-multiget",))

    result = sync(tmp_path, Fake(behave))
    assert "a: booked, 1 events, 1 bookings" in result.stdout, result.stdout


def test_a_report_that_was_promised_and_fails_takes_one_rung_down(tmp_path):
    def behave(command, path, text, _):
        if command == "REPORT" and "sync-collection" in text:
            return 501, {}, "not implemented"
        if command == "PROPFIND" and "<d:getetag/><d:resourcetype/>" in text:
            return multistatus(response("/room/x.ics", '<d:getetag>"1"</d:getetag>'))
        if command == "PROPFIND" and "getctag/><d:sync-token/></d:prop>" in text:
            return multistatus(response("/room/", "<d:sync-token>1</d:sync-token>"))
        return served(command, text, [])

    result = sync(tmp_path, Fake(behave))
    assert "a: booked, 1 events, 1 bookings" in result.stdout, result.stdout


BOMB = ('<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(9)) + ']><d:multistatus xmlns:d="DAV:">&j;</d:multistatus>')


@pytest.mark.parametrize("answer, words", [
    ((207, XML, BOMB), "not understood"), ((200, {}, "<html>hello</html>"), "status 200"),
    ((207, XML, "<d:multistatus xmlns:d='DAV:'><d:response>"), "not understood"),
    ((207, XML, b"x" * (5 << 20)), "over the cap"), ((500, {}, "secret-in-body"), "status 500"), ((401, {}, ""), "access denied"),
    ((503, {"Retry-After": "7"}, ""), "busy, asks for 7 s"), ((302, {"Location": "http://127.0.0.2:9/steal"}, ""), "redirected"),
    ((302, {"Location": "https://evil.example/"}, ""), "redirected"), ((302, {"Location": "/room/"}, ""), "redirected"),
])
def test_bad_answers_are_told_and_harm_nothing(tmp_path, answer, words):
    result = sync(tmp_path, Fake(lambda *_: answer))
    assert result.returncode == 1
    assert words in result.stdout, result.stdout + result.stderr
    assert "secret-in-body" not in result.stdout + result.stderr


def test_credentials_never_follow_a_redirect_to_another_host(tmp_path):
    other = Fake(lambda *_: (200, {}, "BEGIN:VCALENDAR"))
    fake = Fake(lambda *_: (302, {"Location": other.url("/x")}, ""))
    config = write_rooms(tmp_path, room("a", {"kind": "feed", "url": fake.url(), "credentials": {"environment": "TEST_CALENDAR"}}))
    result = run_hub("bookings", "sync", "--once", "--bookings", config)
    fake.stop()
    other.stop()
    assert "redirected" in result.stdout
    assert other.requests == []


def test_an_error_page_in_place_of_a_feed_is_no_empty_calendar(tmp_path):
    result = sync(tmp_path, Fake(lambda *_: (200, {}, "<html>sorry</html>")), kind="feed")
    assert result.returncode == 1
    assert "no calendar" in result.stdout


def test_a_poisoned_event_leaves_the_others_and_makes_the_room_incomplete(tmp_path):
    text = event("good", NOW + 86400, NOW + 90000).replace(
        b"END:VCALENDAR", event("bad", NOW, NOW + 60, "x", "RRULE:FREQ=SECONDLY").split(b"PRODID:-//test//EN\r\n")[1])
    result = sync(tmp_path, Fake(lambda *_: (200, {}, text)), kind="feed")
    assert "a: incomplete, 2 events, 1 bookings, skipped 1 too_many_instances" in result.stdout, result.stdout


def test_a_quick_server_gets_one_request_at_a_time(tmp_path):
    lock, inside, overlaps = threading.Lock(), [], []

    def behave(command, path, text, _):
        with lock:
            if inside:
                overlaps.append(command)
            inside.append(command)
        try:
            time.sleep(0.03)
            return served(command, text, [response("/room/x.ics", '<d:getetag>"1"</d:getetag>')])
        finally:
            with lock:
                inside.pop()

    fake = Fake(behave)
    config = write_rooms(tmp_path, *[room(f"r{n}", {"kind": "caldav", "url": fake.url()}, area=f"a{n}") for n in range(8)])
    result = run_hub("bookings", "sync", "--once", "--bookings", config)
    fake.stop()
    assert result.stdout.count("1 bookings") == 8, result.stdout
    assert len(fake.requests) == 24
    # Two threads without turns would overlap in nearly all; a machine that stands still for a second lets one pass.
    assert len(overlaps) <= 4, overlaps
