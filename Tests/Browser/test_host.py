"""Leading a space and keeping order, by keyboard and in the list view as much as by pointer."""

import json
import re

from conftest import MODERATOR_KEY, WORLD, Hub


def leader(visit, name="Hanna"):
    visitor = visit(name)
    visitor.page.locator("details.more summary").click()
    visitor.page.fill("#join-key", MODERATOR_KEY)
    return visitor.enter()


def test_who_does_not_lead_sees_no_panel_for_it(visit):
    jonas = visit("Jonas").enter()
    jonas.until("hub.store.me.role === 'guest'")
    assert jonas.page.locator("#panel-host").is_hidden()


def test_hands_queue_and_the_first_gets_the_floor(visit):
    hanna, jonas, mia = leader(visit), visit("Jonas").enter(), visit("Mia").enter()
    for visitor in (mia, jonas):
        visitor.value("hub.session.raiseHand(true)")
        hanna.page.locator(".host-hands").get_by_text(visitor.name, exact=True).wait_for()
    names = hanna.page.locator(".host-hands li > span").all_text_contents()
    assert names == ["Mia", "Jonas"]
    following = hanna.page.get_by_role("button", name="Nächste Hand")
    following.focus()
    following.press("Enter")
    mia.heard("Sie haben das Wort.")
    jonas.heard("Mia hat das Wort.")
    mia.until("hub.store.me.hand === false")
    hanna.page.locator(".host-hands li", has_text="Mia").wait_for(state="detached")
    hanna.page.get_by_role("button", name="Hervorheben beenden").click()
    jonas.page.locator(".lead-floor").wait_for(state="hidden")


def test_an_announcement_is_seen_said_and_closed(visit):
    hanna, jonas = leader(visit), visit("Jonas").enter()
    hanna.page.fill("#host-text", "Wir beginnen <b>jetzt</b>.")
    hanna.page.locator("#panel-host").get_by_role("button", name="Durchsagen", exact=True).click()
    card = jonas.page.locator(".lead-card", has_text="Wir beginnen <b>jetzt</b>.")
    card.wait_for()
    jonas.heard("Durchsage von Hanna: Wir beginnen <b>jetzt</b>.")
    close = card.get_by_role("button")
    close.focus()
    close.press("Enter")
    card.wait_for(state="detached")
    assert jonas.value("document.activeElement !== document.body")


def test_gathering_tells_first_and_then_moves(visit):
    hanna, jonas = leader(visit), visit("Jonas").enter()
    hanna.page.get_by_role("button", name="Hingehen: Saal").click()
    hanna.heard("Sie sind jetzt hier: Saal.")
    hanna.value("hub.session.host('gather', { everywhere: true, seconds: 1 })")
    jonas.page.locator(".lead-call").get_by_text("Hanna holt alle zusammen").wait_for()
    jonas.heard("Sie sind jetzt hier: Saal.")
    hanna.page.locator("#panel-host").get_by_text("gekommen").wait_for()


def test_people_are_sent_to_rooms_and_called_back(visit):
    hanna, jonas = leader(visit), visit("Jonas").enter()
    start = jonas.value("hub.store.space.id")
    hanna.page.select_option("#host-seconds", "0")
    hanna.page.get_by_label("Saal", exact=True).check()
    hanna.page.get_by_role("button", name="In die gewählten Räume schicken").click()
    jonas.heard("Sie sind jetzt hier: Saal.")
    hanna.page.get_by_role("button", name="Alle zurückrufen").click()
    jonas.until(f"hub.store.space.id === '{start}'")


def test_a_muted_person_is_told_and_a_removed_one_reads_why(visit):
    hanna, jonas = leader(visit), visit("Jonas").enter()
    hanna.page.locator("#host-person option", has_text="Jonas").wait_for(state="attached")
    hanna.page.select_option("#host-person", label="Jonas")
    hanna.page.get_by_role("button", name="Stummschalten").click()
    jonas.page.locator("#notices").get_by_text("vorerst nicht zu schreiben").wait_for()
    hanna.page.get_by_role("button", name="Stummschaltung aufheben").wait_for()
    hanna.page.fill("#host-reason", "Werbung")
    hanna.page.get_by_role("button", name="Entfernen", exact=True).click()
    jonas.page.locator("#join-error").get_by_text("entfernt").wait_for()
    jonas.page.locator("#join-error").get_by_text("Werbung").wait_for()


def test_a_locked_space_is_told_and_opened_again(visit):
    hanna, jonas = leader(visit), visit("Jonas").enter()
    hanna.page.get_by_role("button", name="Diesen Raum abschließen").click()
    jonas.heard("Dieser Raum ist jetzt abgeschlossen.")
    hanna.page.get_by_role("button", name="Diesen Raum aufschließen").click()
    jonas.heard("Dieser Raum ist jetzt offen.")


def test_an_invitation_is_taken_out_of_the_address_and_gives_its_role(visit, hub):
    fragment = hub.invite("host")
    ina = visit("Ina", fragment=fragment)
    assert "#" not in ina.page.url and fragment not in ina.page.url
    ina.page.locator("#join-invited").wait_for()
    ina.enter()
    ina.until("hub.store.me.role === 'host'")
    ina.page.locator("#panel-host").wait_for()


def test_a_full_space_tells_the_place_in_the_queue_and_lets_in(visit, tmp_path):
    world = json.loads(WORLD.read_text())
    for space in world["spaces"]:
        space["capacity"] = 1
    small = tmp_path / "full.json"
    small.write_text(json.dumps(world))
    # Beside the original: the world names its files relative to itself.
    running = Hub(small, tmp_path)
    try:
        aylin = visit("Aylin", url=running.url).enter()
        jonas = visit("Jonas", url=running.url)
        jonas.page.fill("#join-name", "Jonas")
        jonas.page.get_by_role("button", name=re.compile("Hub betreten")).click()
        jonas.page.locator("#join-waiting-text").get_by_text("Nummer 1 von 1").wait_for()
        aylin.value("hub.session.leave()")
        jonas.until("hub.store.connection.state === 'online' && hub.store.space.id !== null")
    finally:
        running.stop()


def test_a_bad_invitation_says_so_and_lets_nobody_in(visit):
    otto = visit("Otto", fragment="invite=no.good.token")
    otto.page.fill("#join-name", "Otto")
    otto.page.get_by_role("button", name=re.compile("Hub betreten")).click()
    otto.page.locator("#join-error").get_by_text("Diese Einladung gilt nicht").wait_for()
