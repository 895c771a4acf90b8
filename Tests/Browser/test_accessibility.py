"""The whole journey without eyes or mouse, in both languages; and what axe finds: nothing serious."""

import pytest
from axe_playwright_python.sync_playwright import Axe

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}

TEXTS = {
    "de": {
        "arrived": "Sie sind jetzt hier: Foyer.", "near": "Jonas ist in Ihrer Nähe.", "goto": "Hingehen zu Jonas",
        "message": "Direktnachricht an Jonas schreiben", "answer": "Jonas schreibt Ihnen: Schön!", "hall": "Hingehen: Saal",
        "in_hall": "Sie sind jetzt hier: Saal.", "stage": "Hingehen: Bühne", "on_stage": "Bühne", "left": "Sie haben den Hub verlassen.",
        "found": "1 Person gefunden", "joined": "Mia ist jetzt hier.",
    },
    "en": {
        "arrived": "You are now here: Foyer.", "near": "Jonas is near you.", "goto": "Go to Jonas",
        "message": "Message Jonas directly", "answer": "Jonas writes to you: Schön!", "hall": "Go there: Hall",
        "in_hall": "You are now here: Hall.", "stage": "Go there: Stage", "on_stage": "Stage", "left": "You have left the hub.",
        "found": "1 person found", "joined": "Mia is here now.",
    },
}


class Keyboard:
    """Finds things by Tab alone, as somebody who cannot see the page does."""

    def __init__(self, page):
        self.page = page

    def focused(self):
        return self.page.evaluate("""() => {
          const focus = document.activeElement;
          const label = focus.labels?.[0]?.textContent ?? '';
          return [focus.getAttribute('aria-label') ?? (focus.tagName === 'INPUT' ? '' : focus.textContent.trim()), label, focus.id];
        }""")

    def tab_to(self, wanted, key="Tab"):
        for _ in range(160):
            self.page.keyboard.press(key)
            if wanted in self.focused():
                return
        raise AssertionError(f"{wanted!r} is not reached by {key}; the focus is on {self.focused()}")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_whole_journey_by_keyboard_and_text(visit, lang):
    texts = TEXTS[lang]
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin", lang=lang)
    keys = Keyboard(aylin.page)
    press = aylin.page.keyboard.press

    keys.tab_to("join-name")
    aylin.page.keyboard.type("Aylin")
    keys.tab_to("join-view-list")
    press("Enter")
    aylin.heard(texts["arrived"])
    assert keys.focused()[2] == "where-heading", "the focus goes along into the hub"

    # Finds a person hub-wide and goes there.
    keys.tab_to("people-search")
    aylin.page.keyboard.type("jonas")
    press("Enter")
    aylin.page.get_by_role("heading", name=texts["found"]).wait_for()
    aylin.until("document.activeElement.id === 'people-found'")
    keys.tab_to(texts["goto"])
    press("Enter")
    aylin.heard(texts["near"])

    # Chats with that person.
    keys.tab_to(texts["message"])
    press("Enter")
    assert keys.focused()[2] == "chat-text"
    aylin.page.keyboard.type("Hallo Jonas")
    press("Enter")
    jonas.heard("Aylin schreibt Ihnen: Hallo Jonas")
    jonas.page.get_by_role("button", name="Direktnachricht an Aylin schreiben").click()
    jonas.page.keyboard.type("Schön!")
    jonas.page.keyboard.press("Enter")
    aylin.heard(texts["answer"])

    # Goes to the stage, hears who comes.
    keys.tab_to(texts["hall"])
    press("Enter")
    aylin.heard(texts["in_hall"])
    aylin.until("document.activeElement.id === 'where-heading'")
    keys.tab_to(texts["stage"])
    press("Enter")
    aylin.until("hub.store.me.area === 'stage'")
    aylin.page.locator("#where-area", has_text=texts["on_stage"]).wait_for()
    visit("Mia").enter("hall")
    aylin.heard(texts["joined"])

    # Leaves.
    keys.tab_to("tool-leave", "Shift+Tab")
    press("Enter")
    aylin.heard(texts["left"])
    aylin.until("document.activeElement.id === 'join-heading'")
    jonas.page.locator("#panel-people .person", has_text="Aylin").wait_for(state="detached")


def test_doors_seats_exhibits_hands_and_gestures_by_keyboard(visit):
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin").enter()
    press = aylin.page.keyboard.press
    keys = Keyboard(aylin.page)
    for group in ("Türen", "Exponate und Tafeln"):
        aylin.open_group(group)
    keys.tab_to("Lesen: Stadtmodell")
    press("Enter")
    aylin.page.get_by_role("dialog").get_by_text("Die Stadt im Maßstab 1:1000.").wait_for()
    press("Escape")
    assert keys.focused()[0] == "Lesen: Stadtmodell", "closing gives the focus back"
    keys.tab_to("Öffnen: Gartentor", "Shift+Tab")
    press("Enter")
    aylin.heard("Gartentor: offen.")
    keys.tab_to("tool-hand", "Shift+Tab")
    press("Enter")
    jonas.heard("Aylin hebt die Hand.")
    aylin.page.locator("[data-emote=wave]").focus()
    press("Enter")
    jonas.heard("Aylin winkt.")
    aylin.page.get_by_role("button", name="Hingehen: Saal").click()
    aylin.heard("Sie sind jetzt hier: Saal.")
    aylin.open_group("Sitzplätze")
    keys.tab_to("Hinsetzen: Platz 1")
    press("Enter")
    aylin.heard("Sie sitzen jetzt hier: Platz 1.")


def focus(visitor):
    """What has the focus, by label, text or id; `nothing` where it fell back to the page."""
    return visitor.value("""(() => {
      const focus = document.activeElement;
      return focus === document.body ? 'nothing' : focus.getAttribute('aria-label') ?? (focus.id || focus.textContent);
    })()""")


def test_changes_around_one_never_take_the_focus(visit):
    jonas, aylin, mia = visit("Jonas").enter(), visit("Aylin").enter(), visit("Mia").enter()
    # A door that opens and closes, others who go: the focus stays on the button it is on.
    aylin.open_group("Türen")
    button = aylin.page.get_by_role("button", name="Öffnen: Gartentor")
    button.focus()
    aylin.value("document.activeElement.addEventListener('blur', () => { window.blurred = true; })")
    button.press("Enter")
    aylin.heard("Gartentor: offen.")
    aylin.page.locator(".place", has_text="Gartentor").get_by_text("geschlossen").wait_for()
    mia.page.get_by_role("button", name="Hingehen: Saal").click()
    aylin.page.locator("#panel-places .place", has_text="Saal").get_by_text("1 Person").first.wait_for()
    assert aylin.value("window.blurred") is None
    assert focus(aylin) == "Öffnen: Gartentor"
    # The one whose button has it goes: it moves to the neighbour as a whole, not onto a button of his.
    aylin.page.get_by_role("button", name="Direktnachricht an Jonas schreiben").focus()
    jonas.page.locator("#tool-leave").click()
    aylin.page.locator("#panel-people .person", has_text="Jonas").wait_for(state="detached")
    aylin.until("document.activeElement.matches('#panel-people .person')")
    assert "Aylin" in focus(aylin)


def test_what_closes_itself_gives_the_focus_on(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas").enter()
    jonas.page.get_by_role("button", name="Aylin folgen", exact=True).click()
    stop = jonas.page.locator(".here-following button")
    stop.wait_for()
    stop.focus()
    stop.press("Enter")
    stop.wait_for(state="hidden")
    assert focus(jonas) == "where-heading"
    aylin.page.get_by_role("button", name="Hingehen: Archiv").click()
    close = aylin.page.get_by_role("button", name="Hinweis schließen")
    close.focus()
    close.press("Enter")
    close.wait_for(state="detached")
    assert focus(aylin) == "where-heading"


def test_text_and_its_ground_change_together(visit):
    aylin = visit("Aylin", view="scene").enter()
    moving = aylin.value("""[...document.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element);
      const fades = /(^|, )(all|color|background|background-color|filter|opacity)(,|$)/.test(style.transitionProperty);
      return fades && style.transitionDuration.split(', ').some((time) => parseFloat(time) > 0);
    }).map((element) => element.className || element.tagName)""")
    assert moving == []


def serious(visitor):
    visitor.at_rest()
    page = visitor.page
    results = Axe().run(page, options=WCAG)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['nodes'][0]['html'][:160]}"
        for violation in results.response["violations"] if violation["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(visit, hub, scheme):
    aylin = visit("Aylin", view="list", size=(1100, 800))
    visit("Jonas", lang="en").enter()
    page = aylin.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.locator("details.more summary").click()
    assert serious(aylin) == [], "join"
    aylin.enter()
    page.locator(".person", has_text="Jonas").wait_for()
    page.fill("#chat-text", "Hallo zusammen")
    page.press("#chat-text", "Enter")
    page.locator(".message.mine").wait_for()
    page.fill("#note-text", "Notiz")
    page.press("#note-text", "Tab")
    page.get_by_role("button", name="Anbringen", exact=True).click()
    page.locator(".note", has_text="Notiz").wait_for()
    assert serious(aylin) == [], "list view"
    aylin.until("hub.store.notes.shown().every((note) => !note.waits)")
    page.get_by_role("button", name="Abnehmen: Notiz", exact=True).click()
    page.locator(".note").wait_for(state="detached")
    page.locator("#tool-profile").click()
    assert serious(aylin) == [], "profile"
    page.keyboard.press("Escape")
    for path in ("privacy.html", "accessibility.html"):
        page.goto(f"{hub.url}/{path}")
        assert serious(aylin) == [], path


def test_axe_finds_nothing_serious_over_the_three_dimensional_view(visit):
    aylin = visit("Aylin", view="scene", size=(700, 480))
    page = aylin.page
    page.emulate_media(reduced_motion="reduce")
    aylin.enter()
    assert serious(aylin) == [], "no panel"
    for panel in ("people", "chat", "places", "notes", "events", "help"):
        page.locator(f"#dock-{panel}").click()
        page.locator(f"#panel-{panel}").wait_for()
        assert serious(aylin) == [], panel


def test_axe_would_find_a_fault(visit):
    aylin = visit("Aylin")
    aylin.value("document.querySelector('label[for=join-name]').remove()")
    assert any(finding.startswith("label") for finding in serious(aylin))


@pytest.mark.parametrize("view", ["list", "scene"])
def test_nothing_is_cut_off_at_320_pixels(visit, view):
    aylin = visit("Aylin", view=view, size=(320, 640))
    assert aylin.value("document.documentElement.scrollWidth") <= 320
    aylin.enter()
    assert aylin.value("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("size", [(320, 240), (320, 640), (600, 800), (844, 390), (1280, 500), (1280, 720)])
def test_no_panel_lies_under_the_dock_and_no_button_of_it_outside_the_window(visit, size):
    aylin = visit("Aylin", view="scene", size=size).enter()
    shown = aylin.value("""(() => {
        document.querySelector('#dock-people').click();
        for (const button of document.querySelectorAll('.dock-button')) button.hidden = false;
        const box = (element) => element.getBoundingClientRect();
        const panel = box(document.querySelector('#panel-people'));
        return [...document.querySelectorAll('.dock-button')].map(box).map((button) => ({
          inside: button.left >= 0 && button.top >= 0 && button.right <= innerWidth && button.bottom <= innerHeight,
          apart: button.right <= panel.left || button.left >= panel.right || button.bottom <= panel.top || button.top >= panel.bottom,
          reachable: Math.min(button.width, button.height) >= 24,
        }));
    })()""")
    assert len(shown) >= 8
    assert all(button == {"inside": True, "apart": True, "reachable": True} for button in shown), shown


def test_the_language_changes_everything_without_a_reload(visit):
    aylin = visit("Aylin").enter()
    aylin.page.get_by_role("button", name="EN, English").click()
    assert aylin.value("document.documentElement.lang") == "en"
    aylin.page.get_by_role("heading", name="People", exact=True).wait_for()
    aylin.page.get_by_role("button", name="Go there: Hall").wait_for()
    leftovers = aylin.value("[...document.querySelectorAll('main [data-t]')].filter((node) => node.textContent !== hub.t(node.dataset.t)).length")
    assert leftovers == 0
