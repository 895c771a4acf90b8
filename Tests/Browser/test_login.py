"""The whole login with a real provider (glewlwyd): from the join page there, with name and password, and back into the hub."""

import re
import socket

import pytest

from conftest import WAIT_MS, WORLD, Hub
from provider import Provider


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    """A hub and its provider. The provider has to know beforehand where people come back to."""
    port = free_port()
    url = f"http://localhost:{port}"
    provider = Provider(tmp_path_factory.mktemp("provider"), f"{url}/login/callback", {
        "anna": ("Anna Amt", ["hub-moderators"]), "bert": ("Bert Bürger", ["everybody"])})
    folder = tmp_path_factory.mktemp("accounts")
    (folder / "secret").write_text(provider.secret + "\n")
    hub = None
    try:
        hub = Hub(WORLD, folder, "--port", str(port), "--public-url", url, "--oidc-issuer", provider.issuer,
                  "--oidc-client", "hub", "--oidc-secret-file", str(folder / "secret"), "--oidc-scope", "openid",
                  "--oidc-role", "hub-moderators=moderator")
        hub.url = url
        yield hub, provider
    finally:
        if hub:
            hub.stop()
        provider.stop()


def log_in(page, provider, name):
    page.locator("#username").fill(name)
    page.locator("#password").fill(provider.password)
    page.locator("#password").press("Enter")


@pytest.mark.parametrize("name, shown, lang, role, sign_in, sign_out, signed_in", [
    ("anna", "Anna Amt", "de", "moderator", "Anmelden", "Abmelden", "Sie sind angemeldet als Anna Amt."),
    ("bert", "Bert Bürger", "en", "participant", "Sign in", "Sign out", "You are signed in as Bert Bürger."),
])
def test_somebody_signs_in_at_the_provider_and_enters_with_their_role(
        browser, accounts, name, shown, lang, role, sign_in, sign_out, signed_in):
    hub, provider = accounts
    # The provider speaks the browser's language, the hub that of the address.
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)) if page.url.startswith(hub.url) else None)
    page.goto(f"{hub.url}/?debug=1&view=list&lang={lang}")
    page.get_by_role("link", name=sign_in, exact=True).click()
    page.wait_for_url(re.compile(re.escape(provider.url)))
    log_in(page, provider, name)
    # Asks whether the hub may know who it is; where it was asked before, it goes on by itself.
    agree(page, hub)
    page.get_by_text(signed_in).wait_for()
    assert "login=" not in page.url and "code=" not in page.url and "state=" not in page.url
    assert page.locator("#join-name").input_value() == shown
    # The debug object is there at the page's wish; the login stays.
    page.goto(f"{hub.url}/?debug=1&view=list&lang={lang}")
    page.get_by_text(signed_in).wait_for()
    page.get_by_role("button", name=re.compile("Hub betreten|Enter the hub")).click()
    page.wait_for_function("() => globalThis.hub && hub.store.connection.state === 'online' && hub.store.me.role", polling=100)
    assert page.evaluate("hub.store.me.role") == role
    # Cookies know no ports: the provider's own may be among them.
    assert "hub-" not in page.evaluate("document.cookie"), "no script reads the login's cookie"
    page.goto(f"{hub.url}/?view=list&lang={lang}")
    page.get_by_role("button", name=sign_out, exact=True).click()
    page.get_by_role("link", name=sign_in, exact=True).wait_for()
    page.reload()
    page.get_by_role("link", name=sign_in, exact=True).wait_for()
    assert wrong == []
    context.close()


def agree(page, hub):
    """The provider asks whether it is still the same person, and the first time whether the hub may know who that is."""
    onwards = page.locator("button:visible", has_text=re.compile("Continue|Grant"))
    back = page.locator("#account")
    for _ in range(4):
        onwards.first.or_(back).wait_for()
        if page.url.startswith(hub.url):
            return
        seen = page.inner_text("body")
        onwards.first.click()
        page.wait_for_function("(seen) => document.body.innerText !== seen", arg=seen, polling=50)
    raise AssertionError(page.inner_text("body"))


@pytest.mark.parametrize("lang, text", [("de", "Die Anmeldung ist abgelaufen"), ("en", "That login has expired")])
def test_a_failed_login_is_told_in_both_languages(browser, accounts, lang, text):
    hub, _ = accounts
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{hub.url}/login/callback?code=x&state=unknown")
    page.locator("#account-error").wait_for()
    page.locator(f"#lang-switch [lang={lang}]").click()
    page.get_by_text(text).wait_for()
    context.close()


def test_a_hub_without_a_provider_shows_no_sign_in(browser, hub):
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{hub.url}/?lang=en")
    page.locator("#join-spaces .choice").first.wait_for()
    assert page.locator("#account").is_hidden()
    context.close()
