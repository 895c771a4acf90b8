"""The demo world in the browser: every space can be reached as text, and it is cheap to draw, alone and among many."""

import contextlib
import os
import pathlib
import subprocess
import time

from conftest import ROOT, WAIT_MS


@contextlib.contextmanager
def bots(hub, count, folder):
    """`count` real participants of the load tester in the event hall, over WebSockets, until the block ends."""
    binary = (ROOT / os.environ.get("HUB_BINARY", ".build/release/hub")).with_name("hub-loadtest")
    assert binary.exists(), f"{binary} is not built: swift build -c release --product hub-loadtest"
    with open(pathlib.Path(folder) / "bots.log", "w") as log:
        running = subprocess.Popen(
            [binary, "--url", f"ws://127.0.0.1:{hub.port}/ws", "--avatars", str(count), "--scenario", "hall", "--seconds", "3600",
             "--viewers", "1", "--metrics", "none"], stdout=log, stderr=log, cwd=ROOT)
        try:
            deadline = time.monotonic() + WAIT_MS / 1000
            while hub.people("event-hall") < count:
                arriving = running.poll() is None and time.monotonic() < deadline
                assert arriving, (pathlib.Path(folder) / "bots.log").read_text()
                time.sleep(0.2)
            yield running
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def test_every_space_of_the_demo_world_is_reached_in_the_list_view(visit, demo_hub):
    aylin = visit("Aylin", url=demo_hub.url).enter()
    spaces = aylin.value("hub.store.world.spaces.map((space) => [space.id, space.title.de])")
    assert len(spaces) >= 8
    for space, title in spaces:
        aylin.page.get_by_role("button", name=f"Hingehen: {title}", exact=True).first.click()
        aylin.until("hub.store.space.id === argument", space)
        aylin.page.locator("#where-heading", has_text=title).wait_for()
        aylin.page.locator("#panel-places .place", has_text=title).first.wait_for()
    nameless = aylin.value("[...document.querySelectorAll('.place-name')].filter((node) => node.textContent.trim() === '').length")
    assert nameless == 0


def test_the_foyer_is_drawn_with_few_calls(visit, demo_hub):
    aylin = visit("Aylin", view="scene", url=demo_hub.url).enter()
    aylin.until("hub.stage.stats()?.drawCalls > 0")
    assert aylin.value("hub.stage.stats().drawCalls") < 100


def test_two_hundred_in_view_are_drawn_with_few_calls_and_told_as_a_crowd_in_text(visit, demo_hub, tmp_path):
    aylin = visit("Aylin", view="scene", url=demo_hub.url)
    with bots(demo_hub, 250, tmp_path):
        aylin.enter("event-hall")
        # Those whom a busy machine can't be told of one by one stand among the others as impostors.
        aylin.until("(stats => stats && stats.avatarsInView + stats.impostorsInView >= 200 && (window.measured = stats))(hub.stage.stats())")
        measured = aylin.value("window.measured")
        assert measured["drawCalls"] < 100, measured
        assert measured["avatarsInView"] > 0, measured
        # Every count adds up to the same number: the digests', the directory of spaces', the list of people.
        aylin.until("hub.session.replica.digests.total === 251 && hub.store.places.get('event-hall').people === 251")
        aylin.until("hub.session.replica.knownCount <= 251")
        # As text: where many are.
        aylin.page.locator("#tool-view").click()
        aylin.page.get_by_role("heading", name="Wo viele sind").wait_for()
        aylin.page.locator(".crowds", has_text="etwa").wait_for()
