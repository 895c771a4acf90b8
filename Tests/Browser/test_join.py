"""The way in: what the join page says before one enters, and what it refuses."""

import json

import pytest

from conftest import WORLD, Hub


def test_counts_per_space_are_seen_before_entering(visit):
    visit("Jonas").enter("hall")
    aylin = visit("Aylin")
    aylin.page.locator(".choice", has_text="Saal").get_by_text("1 Person", exact=True).wait_for()
    aylin.page.locator(".choice", has_text="Foyer").get_by_text("0 Personen").wait_for()
    aylin.enter("hall")
    assert aylin.value("hub.store.space.id") == "hall"


def test_an_empty_name_is_explained_at_the_field(visit):
    aylin = visit("   ")
    aylin.page.fill("#join-name", "   ")
    aylin.page.get_by_role("button", name="Hub betreten").click()
    aylin.page.locator("#join-error", has_text="Namen").wait_for()
    assert aylin.value("document.activeElement.id") == "join-name"
    assert aylin.page.get_attribute("#join-name", "aria-invalid") == "true"


def test_a_name_that_the_hub_refuses_leads_back_to_the_field(visit):
    # Only control and format characters: nothing is left after the hub's cleaning.
    aylin = visit("\u202e\u2066")
    aylin.page.fill("#join-name", "\u202e\u2066")
    aylin.page.get_by_role("button", name="Hub betreten").click()
    aylin.page.locator("#join-error", has_text="Namen").wait_for()
    assert aylin.value("document.body.dataset.mode") == "join"


def test_without_webgl_the_list_view_is_offered(browser, hub):
    context = browser.new_context(locale="de-DE")
    context.add_init_script("HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, "
                            "{ apply: (target, self, [kind, ...rest]) => kind.startsWith('webgl') ? null : Reflect.apply(target, self, [kind, ...rest]) })")
    page = context.new_page()
    page.goto(hub.url)
    page.get_by_text("Dieser Browser kann keine 3D-Ansicht zeigen.").wait_for()
    assert page.is_disabled("#join-view-scene")
    page.fill("#join-name", "Aylin")
    page.get_by_role("button", name="Hub betreten").click()
    page.wait_for_selector("body[data-view=list]")
    assert page.locator("#tool-view").is_hidden()
    page.locator("#tool-leave").click()
    context.close()


@pytest.fixture
def narrow_hub(tmp_path):
    """A hall for one person, with one more of it, in a hub that takes no guests."""
    world = json.loads(WORLD.read_text())
    hall = next(space for space in world["spaces"] if space["id"] == "hall")
    hall.update(capacity=1, overflow=1)
    world["guests"] = False
    world.pop("assets", None)
    (tmp_path / "world.json").write_text(json.dumps(world))
    running = Hub(tmp_path / "world.json", tmp_path)
    yield running
    running.stop()


def test_a_hub_without_guests_says_so_and_a_full_space_leads_into_its_second_one(visit, narrow_hub):
    stranger = visit("Eve", url=narrow_hub.url)
    stranger.page.get_by_text("Für diesen Hub brauchen Sie eine Einladung").wait_for()
    stranger.page.fill("#join-name", "Eve")
    stranger.page.get_by_role("button", name="Hub betreten").click()
    stranger.page.locator("#join-error", has_text="nur mit einer Einladung").wait_for()

    jonas = visit("Jonas", url=narrow_hub.url, fragment=narrow_hub.invite("participant")).enter("hall")
    aylin = visit("Aylin", url=narrow_hub.url, fragment=narrow_hub.invite("participant")).enter("hall")
    assert jonas.value("hub.store.space.id") == "hall" and aylin.value("hub.store.space.id") == "hall~2"
    aylin.page.get_by_text("Saal ist voll.").wait_for()
    aylin.heard("Saal (2)")
    # The one who came too late waits for the place, by keyboard, and gets it when it is free.
    aylin.page.get_by_role("button", name="Auf einen Platz warten: Saal").focus()
    aylin.page.keyboard.press("Enter")
    aylin.heard("Nummer 1")
    aylin.page.locator(".lead-waiting", has_text="Sie sind Nummer 1 von 1").wait_for()
    jonas.page.evaluate("hub.session.leave()")
    aylin.until("hub.store.space.id === 'hall'")
    aylin.page.locator(".lead-waiting").wait_for(state="hidden")
