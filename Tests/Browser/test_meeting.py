"""Two people in one hub: they see each other walk, talk, change status and go elsewhere."""


from conftest import MODERATOR_KEY


def walk(visitor, key="w", until=None):
    visitor.page.locator("canvas.scene").focus()
    visitor.page.keyboard.down(key)
    visitor.until(until)
    visitor.page.keyboard.up(key)


def test_two_pages_see_each_other_walk(visit):
    aylin = visit("Aylin", view="scene").enter()
    jonas = visit("Jonas", view="scene", lang="en").enter()
    for walker, watcher in ((aylin, jonas), (jonas, aylin)):
        watcher.until("[...hub.store.people.values()].some((person) => person.name === argument)", walker.name)
        watcher.until(shown(walker.name))
        start = watcher.pose_of(walker.name)
        z = walker.value("hub.session.ownPose.z")
        walk(walker, "s", f"hub.session.ownPose.z > {z} + 0.8")
        watcher.until(f"{pose(walker.name)}.z > {start['z']} + 0.7")
        # At rest both agree to within the reach of the nearest tier.
        watcher.until(f"Math.abs({pose(walker.name)}.vz) < 0.05")
        walker.until("Math.hypot(hub.session.ownPose.vx, hub.session.ownPose.vz) < 0.01")
        own = walker.value("({...hub.session.ownPose})")
        watcher.until(f"Math.hypot({pose(walker.name)}.x - {own['x']}, {pose(walker.name)}.z - {own['z']}) < 0.05")


def pose(name):
    return f"""(() => {{
      const out = {{}};
      const person = [...hub.store.people.values()].find((entry) => entry.name === '{name}');
      const replica = hub.session.replica;
      return person && replica.poseOf(person.id, replica.serverNow(), out) ? out : {{}};
    }})()"""


def shown(name):
    return f"Number.isFinite({pose(name)}.x)"


def test_a_body_that_stands_still_costs_the_uplink_little(visit):
    aylin = visit("Aylin", view="scene").enter()
    counts = "[hub.session.uplink.sentMoves, hub.session.uplink.sentAcks, performance.now()]"
    before = aylin.value(counts)
    aylin.until("hub.session.uplink.sentMoves >= argument", before[0] + 4)
    after = aylin.value(counts)
    seconds = (after[2] - before[2]) / 1000
    assert after[0] - before[0] <= seconds + 1, "MOVEs of a standing body: one a second"
    assert after[1] - before[1] >= 1, "acknowledgements go on"


def test_no_move_is_sent_while_following_and_a_step_ends_it(visit):
    aylin, jonas = visit("Aylin", view="list").enter(), visit("Jonas", view="scene").enter()
    jonas.until("hub.session.uplink.sentMoves > 0")
    jonas.page.locator("#dock-people").click()
    jonas.page.get_by_role("button", name="Aylin folgen", exact=True).click()
    jonas.until("hub.store.me.following !== null && hub.session.replica.hasFrame")
    jonas.page.keyboard.press("Escape")
    moves, tick = jonas.value("[hub.session.uplink.sentMoves, hub.session.replica.tick]")
    aylin.page.get_by_role("button", name="Hingehen: Infotresen").click()
    aylin.until("hub.store.me.area === 'info'")
    jonas.until("Math.abs(hub.session.replica.tick - argument) > 60", tick)
    jonas.until("(() => { const own = {}; return hub.session.replica.ownPose(hub.session.replica.serverNow(), own) && own.x > 2; })()")
    assert jonas.value("hub.session.uplink.sentMoves") == moves
    walk(jonas, "s", "hub.store.me.following === null")
    jonas.until("hub.session.uplink.sentMoves > argument", moves)
    # The hub has heard it too: whom one follows is nobody any more, and nothing is put back.
    jonas.heard("Sie folgen niemandem mehr.")


def test_chat_goes_both_ways_and_to_one_person(visit):
    aylin, jonas, third = visit("Aylin").enter(), visit("Jonas", lang="en").enter(), visit("Mia").enter()
    say(aylin, "Guten Morgen")
    jonas.heard("Aylin, Foyer: Guten Morgen")
    say(jonas, "Good morning")
    aylin.heard("Jonas, Foyer: Good morning")
    aylin.page.get_by_role("button", name="Direktnachricht an Jonas schreiben").click()
    assert aylin.value("document.activeElement.id") == "chat-text"
    say(aylin, "Nur für dich")
    jonas.heard("Aylin writes to you: Nur für dich")
    aylin.page.locator(".message.direct", has_text="Nur für dich").wait_for()
    third.heard("Jonas, Foyer: Good morning")
    assert third.page.get_by_text("Nur für dich").count() == 0


def say(visitor, text):
    visitor.page.fill("#chat-text", text)
    visitor.page.press("#chat-text", "Enter")
    visitor.page.locator(".message.mine .message-text", has_text=text).wait_for()


def test_a_deleted_message_disappears_for_all(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas").enter()
    say(aylin, "Ein Versehen")
    jonas.page.locator(".message", has_text="Ein Versehen").wait_for()
    aylin.page.get_by_role("button", name="Nachricht löschen: Ein Versehen").click()
    jonas.page.locator(".message", has_text="Ein Versehen").wait_for(state="detached")
    assert aylin.page.locator(".message", has_text="Ein Versehen").count() == 0


def test_status_and_departure_are_seen(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas", lang="en").enter()
    entry = jonas.page.locator("#panel-people .person", has_text="Aylin")
    entry.get_by_text("available").wait_for()
    aylin.page.select_option("#my-status", "busy")
    entry.get_by_text("busy").wait_for()
    aylin.page.locator("#tool-leave").click()
    aylin.page.locator("#join-heading").wait_for()
    entry.wait_for(state="detached")
    jonas.heard("Aylin has left.")


def test_the_directory_finds_people_in_other_spaces_by_interest(visit):
    aylin = visit("Aylin")
    aylin.page.locator("details.more summary").click()
    aylin.page.fill("#join-interests", "Mobilitätsdaten, Energie")
    aylin.enter("hall")
    jonas = visit("Jonas").enter("foyer")
    jonas.page.fill("#people-search", "mobilitatsdaten")
    jonas.page.press("#people-search", "Enter")
    jonas.page.get_by_role("heading", name="1 Person gefunden").wait_for()
    jonas.page.get_by_role("button", name="Hingehen zu Aylin").click()
    jonas.heard("Sie sind jetzt hier: Saal.")
    jonas.page.locator("#where-heading", has_text="Saal").wait_for()
    jonas.page.locator("#panel-people .person", has_text="Mobilitätsdaten").first.wait_for()


def test_one_walks_through_a_portal_and_the_other_is_told(visit):
    jonas = visit("Jonas").enter()
    aylin = visit("Aylin", view="scene").enter()
    jonas.page.locator("#panel-people .person", has_text="Aylin").wait_for()
    walk(aylin, "w", "hub.store.space.id === 'hall'")
    aylin.heard("Sie sind jetzt hier: Saal.")
    jonas.page.locator("#panel-people .person", has_text="Aylin").wait_for(state="detached")
    jonas.page.locator("#panel-places .place", has_text="Saal").get_by_text("1 Person").first.wait_for()
    # What was told of the former space is void.
    assert aylin.pose_of("Jonas") is None


def test_following_leads_through_portals_until_one_stops(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas").enter()
    jonas.page.get_by_role("button", name="Aylin folgen", exact=True).click()
    jonas.page.get_by_text("Sie folgen Aylin.").wait_for()
    aylin.page.get_by_role("button", name="Hingehen: Saal").click()
    jonas.heard("Sie sind jetzt hier: Saal.")
    jonas.page.locator(".here-following").get_by_role("button", name="Nicht mehr folgen").click()
    jonas.page.locator(".here-following").wait_for(state="hidden")


def test_a_moderator_locks_an_area_for_all_and_opens_it_again(visit):
    aylin = visit("Aylin")
    aylin.page.locator("details.more summary").click()
    aylin.page.fill("#join-key", MODERATOR_KEY)
    aylin.enter()
    jonas = visit("Jonas").enter()
    assert jonas.page.get_by_role("button", name="Abschließen: Infotresen").count() == 0
    entry = jonas.page.locator("#panel-places .place", has_text="Infotresen")
    lock = aylin.page.get_by_role("button", name="Abschließen: Infotresen")
    lock.focus()
    lock.press("Enter")
    jonas.heard("Der Bereich Infotresen ist jetzt abgeschlossen.")
    entry.get_by_text("abgeschlossen").wait_for()
    jonas.page.get_by_role("button", name="Hingehen: Infotresen").click()
    jonas.page.locator("#notices").get_by_text("Dieser Bereich ist abgeschlossen.").wait_for()
    # The button is now the one that undoes it, and the focus is still on it.
    unlock = aylin.page.get_by_role("button", name="Aufschließen: Infotresen")
    unlock.wait_for()
    assert aylin.value("document.activeElement.getAttribute('aria-label')") == "Aufschließen: Infotresen"
    unlock.press("Enter")
    jonas.heard("Der Bereich Infotresen ist jetzt offen.")
    jonas.page.get_by_role("button", name="Hingehen: Infotresen").click()
    jonas.until("hub.store.me.area === 'info'")


def test_a_moderator_deletes_what_another_wrote(visit):
    aylin = visit("Aylin")
    aylin.page.locator("details.more summary").click()
    aylin.page.fill("#join-key", MODERATOR_KEY)
    aylin.enter()
    jonas, mia = visit("Jonas").enter(), visit("Mia").enter()
    say(jonas, "Kaufen Sie jetzt")
    mia.page.locator(".message", has_text="Kaufen Sie jetzt").wait_for()
    assert mia.page.get_by_role("button", name="Nachricht löschen: Kaufen Sie jetzt").count() == 0
    aylin.page.get_by_role("button", name="Nachricht löschen: Kaufen Sie jetzt").click()
    for visitor in (mia, jonas):
        visitor.page.locator(".message", has_text="Kaufen Sie jetzt").wait_for(state="detached")


def test_a_refusal_is_explained_and_nothing_moves(visit):
    aylin = visit("Aylin").enter()
    aylin.page.get_by_role("button", name="Hingehen: Archiv").click()
    aylin.page.locator("#notices").get_by_text("Dieser Bereich ist abgeschlossen.").wait_for()
    assert aylin.value("hub.store.me.area") is None
