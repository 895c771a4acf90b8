"""Text of others is shown as text, and the page obeys a strict Content-Security-Policy."""

INJECTION = "<img src=x onerror=window.hacked=1>"


def test_names_and_messages_are_text_never_html(visit):
    mallory, aylin = visit(INJECTION).enter(), visit("Aylin").enter()
    mallory.page.fill("#chat-text", f"{INJECTION}<script>window.hacked=1</script>")
    mallory.page.press("#chat-text", "Enter")
    aylin.page.locator(".message-text", has_text=INJECTION).wait_for()
    aylin.page.locator(".person-name", has_text=INJECTION).wait_for()
    aylin.heard(INJECTION)
    for visitor in (mallory, aylin):
        assert visitor.page.locator("main img:not(.exhibit-image), #live img, .events img").count() == 0
        assert visitor.value("window.hacked") is None


def test_the_policy_forbids_inline_script_and_foreign_origins(visit, hub):
    aylin = visit("Aylin", view="scene")
    response = aylin.page.request.get(hub.url + "/")
    policy = response.headers["content-security-policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    default = directives["default-src"]
    for name in ("script-src", "style-src"):
        sources = directives.get(name, default)
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"} & set(sources), policy
    assert directives["frame-ancestors"] == ["'none'"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_nothing_violates_the_policy_and_everything_comes_from_the_hub(visit, hub):
    aylin = visit("Aylin", view="scene")
    violations, foreign = [], []
    aylin.page.on("console", lambda message: "Content Security Policy" in message.text and violations.append(message.text))
    aylin.page.on("request", lambda request: request.url.startswith(("http", "ws")) and foreign.append(request.url))
    aylin.page.reload()
    aylin.page.locator("#join-spaces .choice").first.wait_for()
    aylin.enter()
    aylin.until("hub.session.replica.tick > 0")
    aylin.page.locator("#tool-view").click()
    aylin.page.wait_for_selector("body[data-view=list]")
    assert violations == []
    own = hub.url.removeprefix("http://")
    assert [url for url in foreign if url.split("/")[2] != own] == []
    for path in ("privacy.html", "accessibility.html"):
        aylin.page.goto(f"{hub.url}/{path}")
    assert violations == []
