"""A page loses its network, or is hidden, and is still the same person afterwards: no reload, no second body."""

import os

HIDDEN_SECONDS = float(os.environ.get("HUB_HIDDEN_SECONDS", "60"))
MARK = "window.stayed = true"


def test_a_cut_connection_comes_back_by_itself_as_the_same_person(link, visit):
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin", url=link.url).enter()
    aylin.value(MARK)
    person, entity = aylin.value("[hub.store.me.person, hub.store.me.id]")
    entry = jonas.page.locator("#panel-people .person", has_text="Aylin")
    entry.wait_for()
    link.cut()
    aylin.page.locator("#banner", has_text="Verbindung").wait_for()
    aylin.heard("Verbindung unterbrochen.")
    jonas.heard("Die Verbindung von Aylin ist unterbrochen.")
    entry.get_by_text("Verbindung unterbrochen").wait_for()
    link.mend()
    aylin.until("hub.store.connection.state === 'online'")
    aylin.page.locator("#banner.shown").wait_for(state="detached")
    aylin.heard("Sie sind wieder verbunden: Foyer.")
    jonas.heard("Aylin ist wieder verbunden.")
    assert aylin.value("window.stayed") is True
    assert aylin.value("[hub.store.me.person, hub.store.me.id]") == [person, entity]
    assert jonas.page.locator("#panel-people .person", has_text="Aylin").count() == 1
    aylin.page.fill("#chat-text", "Da bin ich wieder")
    aylin.page.press("#chat-text", "Enter")
    jonas.heard("Da bin ich wieder")


def test_who_does_not_want_to_wait_for_the_next_attempt_tries_at_once(link, visit):
    aylin = visit("Aylin", url=link.url)
    # The first wait is random and at most a second: drawn from 1, it becomes ten minutes.
    aylin.value("Math.random = () => 600")
    aylin.enter()
    link.cut()
    aylin.until("hub.store.connection.state === 'waiting'")
    assert aylin.value("hub.store.connection.retryAtMs - performance.now()") > 60_000
    link.mend()
    aylin.page.get_by_role("button", name="Jetzt versuchen").click()
    aylin.until("hub.store.connection.state === 'online'")


def test_the_picture_goes_on_after_a_cut(link, visit):
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin", view="scene", url=link.url).enter()
    aylin.until("hub.session.replica.shownCount > 0")
    link.cut()
    aylin.until("hub.store.connection.state === 'waiting'")
    link.mend()
    aylin.until("hub.store.connection.state === 'online'")
    aylin.until("hub.session.frameAgeMs < 2000 && hub.session.replica.shownCount > 0")
    aylin.until("hub.stage.stats() !== null")
    assert jonas.page.locator("#panel-people .person", has_text="Aylin").count() == 1


def test_a_hidden_page_keeps_its_place_and_is_shown_as_away(visit):
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin", view="scene").enter()
    aylin.value(MARK)
    connected = aylin.value("hub.store.me.person")
    aylin.value(SET_HIDDEN, True)
    entry = jonas.page.locator("#panel-people .person", has_text="Aylin")
    entry.get_by_text("abwesend").wait_for()
    acks = aylin.value("hub.session.uplink.sentAcks")
    moves = aylin.value("hub.session.uplink.sentMoves")
    aylin.until("performance.now() >= argument", aylin.value("performance.now()") + HIDDEN_SECONDS * 1000)
    assert aylin.value("hub.store.connection.state") == "online", "never closed for being hidden"
    assert aylin.value("hub.session.uplink.sentAcks") > acks + HIDDEN_SECONDS, "acknowledged from the message handler"
    assert aylin.value("hub.session.uplink.sentMoves") == moves
    assert entry.get_by_text("Verbindung unterbrochen").count() == 0
    aylin.value(SET_HIDDEN, False)
    entry.get_by_text("verfügbar").wait_for()
    aylin.until("hub.session.replica.shownCount > 0 && hub.stage.stats() !== null")
    assert aylin.value("window.stayed") is True
    assert aylin.value("hub.store.me.person") == connected


# Chromium never hides pages of a headless browser by itself: the page is told what a browser tells it, and its
# animation frames stop as they would.
SET_HIDDEN = """(() => {
  window.realFrame ??= window.requestAnimationFrame;
  window.requestAnimationFrame = argument ? () => 0 : window.realFrame;
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => argument });
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (argument ? 'hidden' : 'visible') });
  document.dispatchEvent(new Event('visibilitychange'));
})()"""


def test_closing_the_page_is_a_farewell(visit):
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin").enter()
    entry = jonas.page.locator("#panel-people .person", has_text="Aylin")
    entry.wait_for()
    aylin.page.close(run_before_unload=True)
    entry.wait_for(state="detached")
    assert jonas.value("hub.store.events.filter((event) => event.kind === 'lost').length") == 0


def test_the_session_secret_is_in_memory_only(visit):
    aylin = visit("Aylin").enter()
    kept = aylin.value("[JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie, location.href]")
    assert kept[1:3] == ["{}", ""]
    assert "Aylin" not in "".join(kept)
    assert set(aylin.value("Object.keys({...localStorage})")) <= {"hub.preferences"}
    assert set(aylin.value("Object.keys(JSON.parse(localStorage.getItem('hub.preferences')))")) == {"lang", "view"}
