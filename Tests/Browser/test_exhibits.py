"""Exhibits: who hosts puts them up by keyboard in the list view; everybody finds them, as text and in the three-dimensional view."""

import struct
import zlib

from test_host import leader


def exhibit(visitor, title):
    return visitor.page.locator("#panel-exhibits .exhibit", has_text=title)


def fill(visitor, **words):
    for name, text in words.items():
        visitor.page.locator(f"#exhibit-{name.replace('_', '-')}").focus()
        visitor.page.keyboard.press("Control+A")
        visitor.page.keyboard.type(text)


def press(visitor, name):
    button = visitor.page.get_by_role("button", name=name, exact=True)
    button.focus()
    visitor.page.keyboard.press("Enter")


def stored(visitor, condition):
    """Waits until the hub has it, not only the page."""
    visitor.until(f"hub.store.exhibits.shown().length === 1 && hub.store.exhibits.shown().every((exhibit) => !exhibit.waits && ({condition}))")


def test_a_host_puts_something_up_and_everybody_finds_it(visit):
    jonas = visit("Jonas").enter()
    jonas.until("hub.store.me.role === 'guest'")
    assert jonas.page.locator("#panel-exhibits").is_hidden(), "there is nothing to see and nothing to do"
    hanna = leader(visit)
    seer = visit("Mia", view="scene", lang="en").enter()
    fill(hanna, title_de="Wärmenetz", text_de="So heizt <b>die Stadt</b>.", link="https://example.org/netz")
    press(hanna, "Hier ausstellen")
    # Without words for those who can't see it nothing is put up, and the keyboard is where they are missing.
    hanna.page.locator("#exhibit-missing", has_text="Es fehlt die Beschreibung").wait_for()
    hanna.until("document.activeElement.id === 'exhibit-alt-de'")
    hanna.page.keyboard.type("Ein Modell mit roten Rohren")
    press(hanna, "Hier ausstellen")
    stored(hanna, "exhibit.rev === 1")
    shown = exhibit(jonas, "Wärmenetz")
    shown.wait_for()
    jonas.heard("Hanna hat etwas ausgestellt: Wärmenetz")
    shown.get_by_text("So heizt <b>die Stadt</b>.", exact=True).wait_for()
    shown.get_by_text("Ein Modell mit roten Rohren", exact=True).wait_for()
    assert shown.get_by_role("link").get_attribute("href") == "https://example.org/netz"
    assert jonas.page.get_by_role("button", name="Abbauen: Wärmenetz", exact=True).count() == 0
    assert jonas.page.locator("#exhibit-title-de").is_hidden()
    # Somebody who reads English is told in which language the words are, and sees it stand in the room.
    seer.until("hub.stage.stats()?.exhibits === 1")
    seer.page.locator("#scene").focus()
    seer.page.keyboard.press("x")
    assert exhibit(seer, "Wärmenetz").locator("h3").get_attribute("lang") == "de"
    # Moved and changed by keyboard, and taken back step by step.
    was = hanna.value("hub.store.exhibits.shown()[0].x")
    press(hanna, "Einen halben Meter nach rechts: Wärmenetz")
    stored(jonas, f"exhibit.x === {was + 50} && exhibit.rev === 2")
    stored(hanna, "exhibit.rev === 2")
    press(hanna, "Bearbeiten: Wärmenetz")
    hanna.until("document.activeElement.id === 'exhibit-title-de'")
    fill(hanna, title_en="Heat grid")
    press(hanna, "Exponat speichern")
    exhibit(seer, "Heat grid").wait_for()
    stored(hanna, "exhibit.rev === 3")
    press(hanna, "Meinen letzten Schritt an der Ausstellung zurücknehmen")
    stored(jonas, "exhibit.rev === 4 && exhibit.title.en === undefined")
    stored(hanna, "exhibit.rev === 4")
    press(hanna, "Meinen letzten Schritt an der Ausstellung zurücknehmen")
    stored(jonas, f"exhibit.x === {was}")
    stored(hanna, "exhibit.rev === 5")
    press(hanna, "Abbauen: Wärmenetz")
    jonas.heard("Hanna hat ein Exponat abgebaut.")
    jonas.until("hub.store.exhibits.shown().length === 0")
    jonas.page.locator("#panel-exhibits").wait_for(state="hidden")
    seer.until("hub.stage.stats()?.exhibits === 0")


def png(width, height, *extra):
    """A picture with a slope of colours; `extra` are chunks of a camera."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + bytes(part for x in range(width) for part in (x % 256, y % 256, 120)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*one) for one in extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_an_exhibit_has_an_image_that_everybody_sees_and_nobody_learns_where_it_was_taken(visit):
    jonas = visit("Jonas").enter()
    seer = visit("Mia", view="scene", lang="en").enter()
    hanna = leader(visit)
    fill(hanna, title_de="Luftbild", text_de="Der Stadtpark von oben.", alt_de="Grüne Wiesen um einen Teich")
    # No image at all: said in words, with the keyboard at the field.
    chooser = hanna.page.locator("#exhibit-image")
    chooser.set_input_files({"name": "park.png", "mimeType": "image/png", "buffer": b"no picture"})
    hanna.page.locator("#exhibit-missing", has_text="kein Bild").wait_for()
    hanna.until("document.activeElement.id === 'exhibit-image'")
    picture = png(2400, 1200, (b"tEXt", b"Comment\0GPS 52.5200 13.4050"))
    chooser.set_input_files({"name": "park.png", "mimeType": "image/png", "buffer": picture})
    hanna.page.get_by_alt_text("Vorschau des Bildes").wait_for()
    press(hanna, "Hier ausstellen")
    stored(hanna, "exhibit.image !== undefined")
    shown = exhibit(jonas, "Luftbild").get_by_role("img", name="Grüne Wiesen um einen Teich")
    shown.scroll_into_view_if_needed()
    jonas.until("document.querySelector('#panel-exhibits .exhibit img').naturalWidth === 1600")
    assert jonas.value("document.querySelector('#panel-exhibits .exhibit img').naturalHeight") == 800
    address = shown.get_attribute("src")
    served = jonas.page.request.get(f"{jonas.page.url.split('?')[0].rstrip('/')}{address}")
    assert served.ok and b"GPS" not in served.body() and served.headers["content-type"] in ("image/webp", "image/jpeg")
    seer.until("hub.stage.stats()?.exhibitImages === 1")
    # Changed words keep the image; without it the exhibit stays.
    press(hanna, "Bearbeiten: Luftbild")
    fill(hanna, text_de="Der Park.")
    press(hanna, "Exponat speichern")
    stored(jonas, "exhibit.rev === 2 && exhibit.image !== undefined")
    stored(hanna, "exhibit.rev === 2")
    press(hanna, "Bearbeiten: Luftbild")
    press(hanna, "Bild entfernen")
    press(hanna, "Exponat speichern")
    stored(jonas, "exhibit.rev === 3 && exhibit.image === undefined")
    seer.until("hub.stage.stats()?.exhibitImages === 0")
    stored(hanna, "exhibit.rev === 3")
    press(hanna, "Abbauen: Luftbild")
    jonas.until("hub.store.exhibits.shown().length === 0")
