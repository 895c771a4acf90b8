"""Boards: two people write, move, vote and take down notes, by keyboard and as text; refusals are explained."""

import signal


def note(visitor, text):
    return visitor.page.locator("#panel-notes .note", has_text=text)


def put_up(visitor, text):
    """By keyboard alone."""
    visitor.page.locator("#note-text").focus()
    visitor.page.keyboard.type(text)
    visitor.page.get_by_role("button", name="Anbringen", exact=True).focus()
    visitor.page.keyboard.press("Enter")


def press(visitor, name, text):
    button = visitor.page.get_by_role("button", name=f"{name}: {text}", exact=True)
    button.focus()
    visitor.page.keyboard.press("Enter")


def stored(visitor, text):
    """Waits until the hub has it, not only the page."""
    visitor.until("hub.store.notes.shown().some((note) => note.text === argument && !note.waits)", text)


def clear(visitor):
    visitor.until("hub.store.notes.shown().length === 0")


def test_two_people_see_each_others_notes_as_text(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas").enter()
    put_up(aylin, "Mehr Bäume")
    note(jonas, "Mehr Bäume").wait_for()
    jonas.heard("Aylin hat einen Notizzettel angebracht (Ideenwand): Mehr Bäume")
    stored(aylin, "Mehr Bäume")
    put_up(jonas, "<b>Radwege</b>")
    note(aylin, "<b>Radwege</b>").wait_for()
    # Colour, place and votes are words.
    jonas.page.get_by_role("button", name="Dafür stimmen: Mehr Bäume", exact=True).click()
    note(aylin, "Mehr Bäume").get_by_text("1 Stimme").wait_for()
    press(aylin, "Nach rechts", "Mehr Bäume")
    jonas.until("hub.store.notes.shown().find((note) => note.text === 'Mehr Bäume').x === 170")
    # Taken back: where it was.
    aylin.page.locator("#note-undo").focus()
    aylin.page.keyboard.press("Enter")
    jonas.until("hub.store.notes.shown().find((note) => note.text === 'Mehr Bäume').x === 70")
    # Only its author takes a note down.
    assert jonas.page.get_by_role("button", name="Abnehmen: Mehr Bäume", exact=True).count() == 0
    press(aylin, "Ändern", "Mehr Bäume")
    aylin.until("document.activeElement.id === 'note-text'")
    aylin.page.keyboard.press("Control+A")
    aylin.page.keyboard.type("Viel mehr Bäume")
    aylin.page.get_by_role("button", name="Speichern", exact=True).click()
    note(jonas, "Viel mehr Bäume").wait_for()
    stored(aylin, "Viel mehr Bäume")
    # Whoever comes later finds it.
    dora = visit("Dora", lang="en").enter()
    note(dora, "Viel mehr Bäume").wait_for()
    press(aylin, "Abnehmen", "Viel mehr Bäume")
    stored(jonas, "<b>Radwege</b>")
    press(jonas, "Abnehmen", "<b>Radwege</b>")
    clear(dora)
    clear(aylin)


def test_while_a_step_waits_for_the_hub_the_next_one_waits_and_the_form_opens(hub, visit):
    aylin = visit("Aylin").enter()
    put_up(aylin, "Mehr Bänke")
    stored(aylin, "Mehr Bänke")
    hub.process.send_signal(signal.SIGSTOP)
    try:
        press(aylin, "Nach rechts", "Mehr Bänke")
        aylin.until("hub.store.notes.shown()[0].waits && hub.store.notes.shown()[0].x === 170")
        press(aylin, "Nach rechts", "Mehr Bänke")
        assert aylin.value("hub.store.notes.shown()[0].x") == 170
        press(aylin, "Ändern", "Mehr Bänke")
        assert aylin.value("document.activeElement.id") == "note-text"
        aylin.page.keyboard.press("Control+A")
        aylin.page.keyboard.type("Noch mehr Bänke")
    finally:
        hub.process.send_signal(signal.SIGCONT)
    stored(aylin, "Mehr Bänke")
    aylin.page.get_by_role("button", name="Speichern", exact=True).click()
    stored(aylin, "Noch mehr Bänke")
    assert aylin.value("hub.store.notes.shown()[0].x") == 170
    press(aylin, "Abnehmen", "Noch mehr Bänke")
    clear(aylin)


def test_a_refused_change_goes_back_and_is_explained(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas").enter()
    put_up(aylin, "Erster Satz")
    stored(jonas, "Erster Satz")
    stored(aylin, "Erster Satz")
    # Both wishes name revision 1; the hub takes one.
    wish = "hub.session.note({ op: 'change', note: hub.store.notes.shown()[0].id, rev: 1, text: argument })"
    jonas.value(wish, "Jonas war zuerst")
    stored(jonas, "Jonas war zuerst")
    aylin.value(wish, "Aylin war zu spät")
    aylin.page.locator("#notices", has_text="Jemand anderes hat diesen Notizzettel gerade geändert").wait_for()
    stored(aylin, "Jonas war zuerst")
    assert aylin.value("hub.store.notes.shown().length") == 1
    press(aylin, "Abnehmen", "Jonas war zuerst")
    clear(jonas)


def test_notes_hang_on_the_board_in_the_three_dimensional_view(visit):
    aylin, jonas = visit("Aylin").enter(), visit("Jonas", view="scene").enter()
    put_up(aylin, "Im Raum")
    jonas.until("hub.stage.stats()?.notes === 1")
    jonas.page.locator("#scene").focus()
    jonas.page.keyboard.press("n")
    note(jonas, "Im Raum").wait_for()
    press(aylin, "Abnehmen", "Im Raum")
    jonas.until("hub.stage.stats()?.notes === 0")


def test_a_space_without_boards_says_where_there_are_some(visit):
    aylin = visit("Aylin").enter("hall")
    aylin.page.locator("#panel-notes", has_text="Notizwände gibt es hier: Foyer").wait_for()
    assert aylin.page.locator("#note-text").is_hidden()
