"""Signing in with an account, against an issuer that lies, stalls and repeats itself."""

from __future__ import annotations

import json
import threading
import time

import pytest

from conftest import start_hub, stop_hub
from hubclient import HubClient
from issuer import Browser, Issuer, Key, token


def accounts(issuer, *more: str) -> list[str]:
    return ["--oidc-issuer", issuer.url, "--oidc-client", issuer.client, "--public-url", "http://127.0.0.1:8080",
            "--oidc-role", "leads=host", "--oidc-role", "runs=operator", *more]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    running = Issuer(tmp_path_factory.mktemp("issuer"))
    yield running
    running.stop()


@pytest.fixture
def fair(issuer):
    """The issuer, after whatever the test before told it."""
    issuer.answer, issuer.delay_seconds, issuer.keys = None, 0.0, [issuer.key]
    issuer.make = lambda claims: token(claims, issuer.key)
    return issuer


@pytest.fixture(scope="module")
def hub(issuer, tmp_path_factory):
    running = start_hub(tmp_path_factory.mktemp("login"), *accounts(issuer), HUB_OIDC_SECRET=issuer.secret)
    yield running
    stop_hub(running)


def sign_in(hub, issuer, **claims) -> tuple[Browser, str]:
    browser = Browser(hub)
    query = browser.begin()
    return browser, browser.back(code=issuer.allow(query, **claims), state=query["state"])


async def test_a_person_signs_in_enters_and_signs_out(hub, fair):
    browser = Browser(hub)
    assert browser.account() == {"signedIn": False}
    query = browser.begin("/login?space=living-lab&lang=en&view=list&next=//evil.example")
    assert browser.sent_to == fair.url + "/authorize"
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert query["redirect_uri"] == "http://127.0.0.1:8080/login/callback"
    code = fair.allow(query)
    assert browser.back(code=code, state=query["state"]) == "/?space=living-lab&view=list&lang=en&login=done"
    account = browser.account()
    assert (account["signedIn"], account["name"], account["role"]) == (True, "Anna Amt", "host")
    one = HubClient(hub.ws, "Anna")
    await one.connect(token=account["token"])
    assert one.welcome["role"] == "host"
    await one.leave()
    # A stranger's page can't sign anybody out, and one of our own can.
    assert browser.ask("/logout", "POST", {"Origin": "https://evil.example"}, b"{}").status == 403
    assert browser.account()["signedIn"]
    assert browser.ask("/logout", "POST", {"Origin": hub.base}, b"{}").status == 204
    assert browser.account() == {"signedIn": False}
    again = HubClient(hub.ws, "Anna")
    await again.open()
    await again.send("hello", protocol=1, name="Anna", token=account["token"])
    assert (await again.expect("error"))["code"] == "bad-token"
    assert await again.closed() == 4004
    said = "\n".join(hub.output)
    for secret in (fair.secret, code, query["state"], query["nonce"], account["token"], "anna-1", "Anna Amt"):
        assert secret not in said


def test_the_page_is_told_that_there_are_accounts(hub):
    assert json.loads(Browser(hub).ask("/api/hub").text)["login"] is True


def test_everybody_else_is_a_participant(hub, fair):
    for roles in (None, [], ["operator"], "runs,leads", {"runs": True}):
        browser, where = sign_in(hub, fair, roles=roles)
        assert (where, browser.account()["role"]) == ("/?login=done", "participant")


def test_no_bad_token_signs_anybody_in(hub, fair, tmp_path):
    stranger = Key(tmp_path, "first")
    now = int(time.time())
    lies = {
        "nonce": {"nonce": "another"}, "no nonce": {"nonce": None}, "audience": {"aud": "other"},
        "two audiences": {"aud": ["hub", "other"]}, "issuer": {"iss": "https://foreign.example"},
        "expired": {"iat": now - 600, "exp": now - 60}, "not yet": {"nbf": now + 600}, "no subject": {"sub": None},
        "party": {"azp": "other"}, "no expiry": {"exp": None}, "at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    }
    makers = {
        "none": lambda claims: token(claims, fair.key, how="none"),
        "none without a key": lambda claims: token(claims, fair.key, {"kid": None}, how="none"),
        "HS256 with the public key": lambda claims: token(claims, fair.key, how="HS256"),
        "RS512": lambda claims: token(claims, fair.key, {"alg": "RS512"}),
        "a stranger's key": lambda claims: token(claims, stranger),
        "a key it brings": lambda claims: token(claims, stranger, {"jwk": stranger.jwk}),
        "an unknown key": lambda claims: token(claims, stranger, {"kid": "nobody's"}),
        "cut": lambda claims: token(claims, fair.key)[:-8],
        "no token": lambda claims: "",
    }
    accepted = []
    for name, change in lies.items():
        browser, where = sign_in(hub, fair, **change)
        accepted += [name] if browser.account()["signedIn"] or where != "/?login=account" else []
    for name, make in makers.items():
        fair.make = make
        browser, where = sign_in(hub, fair)
        accepted += [name] if browser.account()["signedIn"] or where != "/?login=account" else []
    print(f"variants tried {len(lies) + len(makers)}, accepted {len(accepted)}")
    assert accepted == []


def test_only_who_began_comes_back_and_only_once(hub, fair):
    mine, other = Browser(hub), Browser(hub)
    query = mine.begin()
    before = len(fair.asked)
    assert mine.back(code=fair.allow(query), state="A" * 43) == "/?login=expired"
    assert mine.back(code="x") == "/?login=expired"
    # A stranger's code in my browser, or my way back in a stranger's.
    mine.begin()
    assert other.back(code=fair.allow(query), state=query["state"]) == "/?login=browser"
    # Who was turned away has used it up.
    assert mine.back(code=fair.allow(query), state=query["state"]) == "/?login=expired"
    assert len(fair.asked) == before, "the provider was asked for nothing"
    query = mine.begin()
    code = fair.allow(query)
    kept = dict(mine.cookies)
    assert mine.back(code=code, state=query["state"]) == "/?login=done"
    mine.cookies.update(kept)
    assert mine.back(code=code, state=query["state"]) == "/?login=expired"
    # A code that was redeemed before is the provider's to refuse.
    query = other.begin()
    assert other.back(code=code, state=query["state"]) == "/?login=provider"
    query = other.begin()
    assert other.back(error="access_denied", state=query["state"]) == "/?login=denied"
    query = other.begin()
    assert other.back(code=fair.allow(query), state=query["state"], iss="https://mixed-up.example") == "/?login=provider"
    assert not other.account()["signedIn"]


def test_what_the_token_endpoint_answers_wrongly_signs_nobody_in(hub, fair):
    for answer in ((500, b""), (200, b""), (200, b"[]"), (200, b'{"id_token": 1}'), (200, b"x" * 300_000), (302, b""),
                   (200, b"[" * 10_000)):
        fair.answer = answer
        browser, where = sign_in(hub, fair)
        assert (where, browser.account()["signedIn"]) == ("/?login=provider", False), answer[1][:20]


def test_a_new_key_of_the_providers_is_asked_for_and_not_without_end(issuer, fair, tmp_path):
    second = Key(tmp_path, "second")
    hub = start_hub(tmp_path, *accounts(issuer), HUB_OIDC_SECRET=issuer.secret)
    try:
        assert sign_in(hub, fair)[1] == "/?login=done"
        fair.keys = [fair.key, second]
        fair.make = lambda claims: token(claims, second)
        before = fair.asked.count("/keys")
        assert sign_in(hub, fair)[1] == "/?login=done"
        assert fair.asked.count("/keys") == before + 1
        fair.make = lambda claims: token(claims, second, {"kid": "third"})
        for _ in range(3):
            assert sign_in(hub, fair)[1] == "/?login=account"
        assert fair.asked.count("/keys") == before + 1
    finally:
        stop_hub(hub)


def test_a_key_file_holds_instead_of_the_providers_keys(issuer, fair, tmp_path):
    second = Key(tmp_path, "second")
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [second.jwk]}))
    hub = start_hub(tmp_path, *accounts(issuer, "--oidc-keys", str(tmp_path / "keys.json"), "--oidc-role", "*=none"),
                    HUB_OIDC_SECRET=issuer.secret)
    try:
        assert sign_in(hub, fair)[1] == "/?login=account"
        fair.make = lambda claims: token(claims, second)
        assert sign_in(hub, fair)[1] == "/?login=done"
        assert sign_in(hub, fair, roles=["nothing"])[1] == "/?login=account", "who has no role does not get in"
    finally:
        stop_hub(hub)


def test_a_slow_provider_holds_nobody_else_up(hub, fair):
    fair.delay_seconds = 5.5
    found = []
    slow = threading.Thread(target=lambda: found.append(sign_in(hub, fair)[1]))
    slow.start()
    asked = 0
    while slow.is_alive():
        assert Browser(hub).ask("/api/hub").status == 200
        asked += 1
        time.sleep(0.05)
    assert found == ["/?login=provider"]
    assert asked > 3, "the hub answered others meanwhile"


def test_a_provider_that_is_not_there_is_said_and_the_hub_goes_on(issuer, tmp_path):
    gone = Issuer(tmp_path)
    gone.stop()
    hub = start_hub(tmp_path, *accounts(gone), HUB_OIDC_SECRET=issuer.secret)
    try:
        for _ in range(2):
            answer = Browser(hub).ask("/login?lang=de")
            assert (answer.status, answer.headers["Location"]) == (303, "/?lang=de&login=provider")
        assert Browser(hub).ask("/api/hub").status == 200
    finally:
        stop_hub(hub)
