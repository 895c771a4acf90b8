"""The door in the world and the screen beside the physical door, in a real browser."""

import os
import time

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from conftest import caldav, event, room
from playwright.sync_api import expect, sync_playwright

NOW = int(time.time())
WAIT_MS = 120_000


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--enable-unsafe-swiftshader"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(locale="en-GB", viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    yield page
    context.close()


def found_by_axe(page):
    return Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).response["violations"]


def test_a_booking_on_the_calendar_appears_at_both_doors(page, browser, radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum"), privacy="title", policy={"role": "guest"}))
    hub.wait_state("forum", "free")
    page.goto(f"{hub.url}/door/forum?lang=en")
    expect(page.locator("#door-name")).to_have_text("Room forum")
    expect(page.locator("#door-state")).to_contain_text("free")
    assert found_by_axe(page) == []
    world = browser.new_context(locale="en-GB").new_page()
    world.set_default_timeout(WAIT_MS)
    world.goto(f"{hub.url}/?lang=en&view=list")
    world.locator("#join-spaces .choice").first.wait_for()
    world.fill("#join-name", "Ada")
    world.check("#join-space-training-1", force=True)
    world.get_by_role("button", name="Enter the hub").click()
    door = world.locator("#panel-rooms .room[data-room=forum]").first
    expect(door.locator(".room-state")).to_contain_text("free")
    radicale.put("forum", "a", event("a", NOW - 60, NOW + 3600, "Town hall"))
    for place in (page.locator("#door-state"), door.locator(".room-state")):
        expect(place).to_contain_text("booked until")
    expect(page.locator("#door-title")).to_have_text("Town hall")
    expect(door).to_contain_text("Town hall")
    # The other way round: what is booked at the door of the world stands in the calendar.
    door.get_by_role("button", name="Book").click()
    world.locator("#room-date").fill(time.strftime("%Y-%m-%d", time.gmtime(NOW + 2 * 86400)))
    world.locator("#room-from").fill("12:00")
    world.locator("#room-title").fill("From inside")
    world.get_by_role("button", name="Book it").click()
    expect(world.locator("#rooms-result")).to_contain_text("booked,")
    assert any("SUMMARY:From inside" in body for body in radicale.listing("forum").values())
    assert [v["id"] for v in found_by_axe(world)] == []
    world.get_by_role("button", name="Move booking").click()
    world.locator("#room-from").fill("15:00")
    world.get_by_role("button", name="Move it").click()
    expect(world.locator("#rooms-result")).to_contain_text("changed to")
    world.get_by_role("button", name="Cancel booking").click()
    expect(world.locator("#rooms-result")).to_contain_text("cancelled")
    assert not any("SUMMARY:From inside" in body for body in radicale.listing("forum").values())
    # A series, refused as a whole where one of its times is taken.
    radicale.put("forum", "b", event("b", NOW + 6 * 86400, NOW + 8 * 86400, "Fair"))
    door.get_by_role("button", name="Book").click()
    world.locator("#room-date").fill(time.strftime("%Y-%m-%d", time.gmtime(NOW + 2 * 86400)))
    world.locator("#room-title").fill("Club")
    world.locator("#room-every").select_option("daily")
    world.get_by_role("button", name="Book it").click()
    expect(world.locator("#rooms-result")).to_contain_text("taken")
    assert not any("Club" in body for body in radicale.listing("forum").values())
    world.context.close()


def test_the_code_beside_the_door_leads_into_the_space(page, radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum")))
    page.goto(f"{hub.url}/door/forum?lang=en")
    code = page.locator("#door-code svg")
    expect(code).to_be_visible()
    modules = page.evaluate(
        "async (text) => (await import('/ui/qr.js')).qrModules(text)", page.locator("#door-link").get_attribute("href"))
    assert read_code(modules) == f"{hub.url}/?space=training-1"


def read_code(modules, scale=4, quiet=4):
    size = (len(modules) + 2 * quiet) * scale
    image = bytearray(b"\xff" * (size * size))
    for r, row in enumerate(modules):
        for c, dark in enumerate(row):
            if dark:
                for y in range(scale):
                    at = ((r + quiet) * scale + y) * size + (c + quiet) * scale
                    image[at:at + scale] = bytes(scale)
    found = zxingcpp.read_barcodes(memoryview(bytes(image)).cast("B", shape=[size, size]))
    return found[0].text if found else None


def test_codes_of_every_size_are_read_by_a_reader_of_others(page, radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum")))
    page.goto(f"{hub.url}/door/forum")
    for length in (1, 14, 15, 26, 27, 42, 62, 84, 106, 122, 152, 180, 213):
        text = ("https://hub.example/ö?" * 10)[:length]
        text = text if len(text.encode()) <= 213 else "a" * length
        assert read_code(page.evaluate("async (text) => (await import('/ui/qr.js')).qrModules(text)", text)) == text


def test_a_door_that_loses_the_hub_never_says_free(page, radicale, start_hub):
    radicale.make("forum")
    hub = start_hub(room("forum", caldav(radicale, "forum")))
    hub.wait_state("forum", "free")
    page.goto(f"{hub.url}/door/forum?lang=en")
    expect(page.locator("#door-state")).to_contain_text("free")
    hub.kill()
    expect(page.locator("#door-lost")).to_contain_text("No connection")
    expect(page.locator("#door-state")).to_contain_text("unknown")
