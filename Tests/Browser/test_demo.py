"""The demo world in the browser: every space can be reached as text, and its foyer is drawn."""


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
