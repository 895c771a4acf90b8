"""The way in: what the join page says before one enters, and what it refuses."""


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
